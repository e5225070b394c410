//! A point in time: UTC, nanoseconds, written as RFC 3339 with nine decimals and `Z`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Nanoseconds since 1970-01-01T00:00:00Z; reaches to the year 2262.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
pub struct Timestamp(pub i64);

/// The text is not an RFC 3339 time within the years 1677 to 2262.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an RFC 3339 time")]
pub struct NotATime;

impl Timestamp {
    /// This time plus `d`, at most the last representable time.
    pub fn plus(self, d: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(d.as_nanos()).unwrap_or(i64::MAX)))
    }

    /// This time minus `d`, at least the first representable time.
    pub fn minus(self, d: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(d.as_nanos()).unwrap_or(i64::MAX)))
    }

    /// Time from `earlier` to this; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// `2026-03-01 02:47:09 UTC`, for people.
    pub fn for_people(self) -> String {
        self.formatted(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
    }

    /// `02:47:09`, for people, where the day stands beside it.
    pub fn clock(self) -> String {
        self.formatted(format_description!("[hour]:[minute]:[second]"))
    }

    /// `2026-03-01`.
    pub fn day(self) -> String {
        self.formatted(format_description!("[year]-[month]-[day]"))
    }

    /// A UTC day (`2026-03-01`) or minute (`2026-03-01T02:47` or with a space), as a date field gives it.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse_minute(s: &str) -> Result<Self, NotATime> {
        let s = s.trim();
        let full = match s.len() {
            10 => format!("{s}T00:00:00Z"),
            16 => format!("{}:00Z", s.replacen(' ', "T", 1)),
            _ => s.to_owned(),
        };
        full.parse()
    }

    fn formatted(self, f: &[time::format_description::BorrowedFormatItem<'_>]) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0))
            .ok()
            .and_then(|t| t.format(f).ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.formatted(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:9]Z"
        )))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(s: &str) -> Result<Self, NotATime> {
        let t = OffsetDateTime::parse(s, &Rfc3339).map_err(|_| NotATime)?;
        i64::try_from(t.unix_timestamp_nanos()).map(Self).map_err(|_| NotATime)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// `3.2 s`, `4 min`, `2 h 5 min`, `3 days`: a duration for people.
pub fn for_people(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0 if d.as_millis() < 1000 => format!("{} ms", d.as_millis()),
        0..10 => format!("{}.{} s", s, d.subsec_millis() / 100),
        10..120 => format!("{s} s"),
        120..7200 => format!("{} min", s / 60),
        7200..172_800 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        _ => format!("{} days", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_with_nine_decimals_and_read_back() {
        let t: Timestamp = "2026-03-01T02:47:09.000000042Z".parse().unwrap();
        assert_eq!(t.to_string(), "2026-03-01T02:47:09.000000042Z");
        assert_eq!(t.for_people(), "2026-03-01 02:47:09 UTC");
        assert_eq!("2026-03-01T03:47:09.000000042+01:00".parse(), Ok(t));
    }

    #[test]
    fn a_minute_field_reads_as_utc() {
        assert_eq!(
            Timestamp::parse_minute("2026-03-01 02:47").unwrap().to_string(),
            "2026-03-01T02:47:00.000000000Z"
        );
        assert_eq!(
            Timestamp::parse_minute("2026-03-01").unwrap().to_string(),
            "2026-03-01T00:00:00.000000000Z"
        );
        assert_eq!(Timestamp::parse_minute("02:47"), Err(NotATime));
    }

    #[test]
    fn durations_read_as_people_say_them() {
        for (ms, text) in [
            (40, "40 ms"),
            (3200, "3.2 s"),
            (61_000, "61 s"),
            (240_000, "4 min"),
            (7_500_000, "2 h 5 min"),
            (259_200_000, "3 days"),
        ] {
            assert_eq!(for_people(Duration::from_millis(ms)), text);
        }
    }
}
