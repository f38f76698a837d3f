//! Parses the memory of the machine and the limit of the control group.
//!
//! A container can see the memory of the whole machine, so the limit is read separately.

/// Parses `MemTotal` of `/proc/meminfo`, in bytes.
#[must_use]
pub fn parse_total(text: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim();
    let kib: u64 = value.strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Parses the limit of a control group: `memory.max` of version 2, `memory.limit_in_bytes` of version 1. `max` is no
/// limit, and so is the page-rounded largest number that version 1 prints.
#[must_use]
pub fn group_limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < 1 << 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo() {
        assert_eq!(parse_total("MemTotal:       24564212 kB\nMemFree:        22041236 kB\n"), Some(24_564_212 * 1024));
        assert_eq!(parse_total("MemFree: 1 kB\n"), None);
        assert_eq!(parse_total("MemTotal: lots\n"), None);
    }

    #[test]
    fn limits_of_both_versions() {
        assert_eq!(group_limit("max\n"), None);
        assert_eq!(group_limit("9223372036854771712\n"), None);
        assert_eq!(group_limit("8589934592\n"), Some(8 << 30));
        assert_eq!(group_limit(""), None);
    }
}
