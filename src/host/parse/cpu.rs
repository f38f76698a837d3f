//! Parses the number of logical CPUs.
//!
//! Two files give it: a CPU list such as `0-3,8`, and `/proc/cpuinfo`.

/// Counts a CPU list such as `0-3,8`, the format of `/sys/devices/system/cpu/online`.
#[must_use]
pub fn parse_cpu_list(text: &str) -> Option<u32> {
    let count = |range: &str| -> Option<u32> {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        last.parse::<u32>().ok()?.checked_sub(first.parse().ok()?)?.checked_add(1)
    };
    text.trim().split(',').map(count).try_fold(0, |sum, range| u32::checked_add(sum, range?))
}

/// Counts the `processor` lines of `/proc/cpuinfo`.
#[must_use]
pub fn parse_cpuinfo(text: &str) -> Option<u32> {
    let count = text.lines().filter(|line| line.split(':').next().is_some_and(|key| key.trim() == "processor")).count();
    u32::try_from(count).ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        assert_eq!(parse_cpu_list("0-1\n"), Some(2));
        assert_eq!(parse_cpu_list("0-3,8,10-11\n"), Some(7));
        assert_eq!(parse_cpu_list("0\n"), Some(1));
        for garbage in ["", "\n", "3-1", "a-b", "0-4294967295"] {
            assert_eq!(parse_cpu_list(garbage), None, "{garbage:?}");
        }
    }

    #[test]
    fn processors() {
        assert_eq!(parse_cpuinfo("processor\t: 0\nvendor_id\t: GenuineIntel\n\nprocessor\t: 1\n"), Some(2));
        assert_eq!(parse_cpuinfo("Hardware : BCM2835\n"), None);
    }
}
