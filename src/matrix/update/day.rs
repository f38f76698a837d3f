//! Days of the calendar.
//!
//! The clock gives seconds, and rows hold days in UTC.

/// The UTC day `seconds` after the start of 1970, `YYYY-MM-DD`.
#[must_use]
pub fn day_of(seconds: u64) -> String {
    let mut left = seconds / 86_400;
    let mut year = 1970_u64;
    while left >= days_of_year(year) {
        left -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < days {
            break;
        }
        left -= days;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

fn days_of_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_days() {
        assert_eq!(day_of(0), "1970-01-01");
        assert_eq!(day_of(951_782_400), "2000-02-29");
        assert_eq!(day_of(1_709_164_800), "2024-02-29");
        assert_eq!(day_of(1_795_219_199), "2026-11-20");
        assert_eq!(day_of(1_795_219_200), "2026-11-21");
        assert_eq!(day_of(1_798_675_200), "2026-12-31");
    }
}
