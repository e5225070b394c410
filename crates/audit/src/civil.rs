//! Civil dates from seconds. A library's formatting of times would be a good part of the browser's module.

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

/// Seconds since 1970 as `2026-03-01 02:47:09 UTC`, as `Timestamp::for_people` writes them. Days to a date as in H. Hinnant,
/// "chrono-compatible low-level date algorithms".
pub(crate) fn utc(seconds: u64) -> String {
    let seconds = seconds.min(LAST);
    let (days, of_day) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March.
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use domain::timestamp::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_at_the_edges() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (LAST, "9999-12-31 23:59:59 UTC"),
            (u64::MAX, "9999-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }

    proptest! {
        #[test]
        fn it_writes_what_times_are_written_as_elsewhere(seconds in 0..9_000_000_000_i64) {
            prop_assert_eq!(utc(seconds as u64), Timestamp(seconds * 1_000_000_000).for_people());
        }
    }
}
