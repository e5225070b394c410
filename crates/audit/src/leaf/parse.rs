//! Reading a leaf back: only the bytes that [`super::seal`] would have made.

use std::borrow::Cow;

use domain::digest::Digest;
use domain::timestamp::Timestamp;

use super::{Header, Leaf, LeafError, VERSION, is_group_name};
use crate::reader::{Read, ReadError, Reader, read_all};

/// A leaf as its bytes say it, borrowing from them: what a verifier reads of each.
pub(crate) struct LeafRef<'a> {
    pub(crate) header: HeaderRef<'a>,
    /// Each group's commitment, in order of name.
    pub(crate) groups: Vec<(Cow<'a, str>, Digest)>,
}

/// The same of a [`Header`], whose version is [`VERSION`].
pub(crate) struct HeaderRef<'a> {
    pub(crate) org: Cow<'a, str>,
    pub(crate) index: u64,
    pub(crate) id: Cow<'a, str>,
    pub(crate) time: Timestamp,
    pub(crate) kind: Cow<'a, str>,
    pub(crate) kind_version: u32,
    pub(crate) outcome: Cow<'a, str>,
    /// In order of name.
    pub(crate) refs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl HeaderRef<'_> {
    /// The id of the `name` that the leaf refers to.
    pub(crate) fn reference(&self, name: &str) -> Option<&str> {
        self.refs.iter().find(|(known, _)| known == name).map(|(_, id)| &**id)
    }
}

impl<'a> LeafRef<'a> {
    /// As [`Leaf::parse`].
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, LeafError> {
        read_all(bytes, leaf).map_err(|e| match version(bytes) {
            Some(v) if v != u64::from(VERSION) => LeafError::Version(v),
            _ => LeafError::Malformed(e),
        })
    }
}

impl Leaf {
    /// Reads a leaf back, accepting only canonical bytes.
    ///
    /// # Errors
    /// When the bytes are no leaf, of an unknown version, or not canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        let LeafRef { header: h, groups } = LeafRef::parse(bytes)?;
        let owned = |(name, id): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), id.into_owned());
        let header = Header {
            v: VERSION,
            org: h.org.into_owned(),
            index: h.index,
            id: h.id.into_owned(),
            time: h.time,
            kind: h.kind.into_owned(),
            kind_version: h.kind_version,
            outcome: h.outcome.into_owned(),
            refs: h.refs.into_iter().map(owned).collect(),
        };
        let groups = groups.into_iter().map(|(name, digest)| (name.into_owned(), digest));
        Ok(Self {
            header,
            groups: groups.collect(),
        })
    }
}

/// Members in canonical order.
fn leaf<'a>(r: &mut Reader<'a>) -> Read<LeafRef<'a>> {
    r.expect("{\"groups\":")?;
    let groups = r.pairs(|r| r.hex().map(Digest))?;
    if !groups.iter().all(|(name, _)| is_group_name(name)) {
        return r.fail("a group is badly named");
    }
    let id = member(r, ",\"id\":")?;
    r.expect(",\"index\":")?;
    let index = r.unsigned()?;
    let kind = member(r, ",\"kind\":")?;
    r.expect(",\"kind_version\":")?;
    let kind_version = small(r)?;
    let org = member(r, ",\"org\":")?;
    let outcome = member(r, ",\"outcome\":")?;
    r.expect(",\"refs\":")?;
    let refs = r.pairs(Reader::string)?;
    r.expect(",\"time\":")?;
    let text = r.string()?;
    let Some(time) = time(&text) else {
        return r.fail("expected a time");
    };
    r.expect(",\"v\":1}")?;
    let header = HeaderRef {
        org,
        index,
        id,
        time,
        kind,
        kind_version,
        outcome,
        refs,
    };
    Ok(LeafRef { header, groups })
}

/// A member that must say something.
fn member<'a>(r: &mut Reader<'a>, name: &'static str) -> Read<Cow<'a, str>> {
    r.expect(name)?;
    let value = r.string()?;
    if value.is_empty() {
        r.fail("an empty field")
    } else {
        Ok(value)
    }
}

fn small(r: &mut Reader<'_>) -> Read<u32> {
    let n = r.unsigned()?;
    u32::try_from(n).or_else(|_| r.fail("the number is too large"))
}

/// A leaf of a later version may have other fields: then the version is the reason, not the shape.
fn version(bytes: &[u8]) -> Option<u64> {
    let mut version = None;
    let scanned: Result<(), ReadError> = read_all(bytes, |r| {
        r.object(&mut |r, name| {
            if name == "v" {
                r.unsigned().map(|v| version = Some(v))
            } else {
                r.skip()
            }
        })
    });
    scanned.ok().and(version)
}

/// `2026-03-01T02:47:09.000000042Z` exactly, as [`Timestamp`] is written; a general parser of times would be a good part
/// of the browser's module. Days from the civil date as in H. Hinnant, "chrono-compatible low-level date algorithms".
fn time(s: &str) -> Option<Timestamp> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000000000Z";
    let b = s.as_bytes();
    let fits = |(&c, &shape): (&u8, &u8)| if shape == b'0' { c.is_ascii_digit() } else { c == shape };
    if b.len() != SHAPE.len() || !b.iter().zip(SHAPE).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| b[from..to].iter().fold(0, |n, d| n * 10 + i64::from(d - b'0'));
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let epoch_day = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = epoch_day * 86_400 + hour * 3600 + minute * 60 + second;
    let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(number(20, 29));
    i64::try_from(nanos).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_spellings_of_a_time_are_refused() {
        assert_eq!(time("1970-01-01T00:00:00.000000001Z"), Some(Timestamp(1)));
        for bad in [
            "2026-02-29T00:00:00.000000000Z",
            "2026-03-01T24:00:00.000000000Z",
            "2026-03-01T02:47:60.000000000Z",
            "2026-03-01T02:47:09Z",
            "2026-03-01t02:47:09.000000000Z",
            "2026-03-01T02:47:09.000000000+00:00",
            "2026-13-01T00:00:00.000000000Z",
            "2026-00-01T00:00:00.000000000Z",
            "2026-03-00T00:00:00.000000000Z",
            "9999-03-01T02:47:09.000000000Z",
            "",
        ] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_time_reads_as_domain_wrote_it(nanos in any::<i64>()) {
            let text = Timestamp(nanos).to_string();
            prop_assert_eq!(time(&text), Some(Timestamp(nanos)));
        }
    }
}
