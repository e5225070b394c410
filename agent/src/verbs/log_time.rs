//! Which lines of a log file are recent. The scope limits how far back is read, so a line counts only when a time says so:
//! its own, or that of the line before it (stack traces go on over lines).
//!
//! Times are read as ISO 8601 and RFC 5424 write them (`2026-03-01T02:47:09.5+01:00`, also with a space or slashes), as
//! RFC 3164 does (`Mar  1 02:47:09`, the year being the latest that is not in the future), as Apache's error log does
//! (`[Sun Mar 01 02:47:09.5 2026]`) and as the common log format does (`[01/Mar/2026:02:47:09 +0100]`).

use std::time::Duration;

use domain::timestamp::Timestamp;

/// A line without an end is decided about and passed on when it is this long.
const LONGEST_LINE: usize = 1024 * 1024;

/// How far into a line a time may begin.
const REACH: usize = 256;

const DAY: i64 = 86_400;

/// Picks the lines since a moment out of pieces of a file.
#[derive(Debug)]
pub(super) struct Window {
    /// Seconds since the epoch.
    since: i64,
    now: i64,
    /// Seconds that local time is ahead of UTC.
    local: i64,
    inside: bool,
    saw_time: bool,
    saw_line: bool,
    /// Whether the beginning of the current line was passed on.
    continued: bool,
    partial: Vec<u8>,
}

impl Window {
    /// The last `minutes` before `now`, on a system whose clock is `local` seconds ahead of UTC.
    pub(super) fn new(now: Timestamp, minutes: u32, local: i64) -> Self {
        let since = now.minus(Duration::from_secs(u64::from(minutes) * 60));
        let seconds = |t: Timestamp| t.millis().div_euclid(1000);
        let (since, now) = (seconds(since), seconds(now));
        Self {
            since,
            now,
            local,
            inside: false,
            saw_time: false,
            saw_line: false,
            continued: false,
            partial: vec![],
        }
    }

    /// The wanted lines of the next piece; `ended` when nothing follows.
    pub(super) fn pick(&mut self, piece: &[u8], ended: bool) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.partial);
        text.extend_from_slice(piece);
        let mut wanted = vec![];
        let mut rest = &text[..];
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, next) = rest.split_at(end + 1);
            self.line(line, true, &mut wanted);
            rest = next;
        }
        if !rest.is_empty() && (ended || rest.len() >= LONGEST_LINE) {
            self.line(rest, ended, &mut wanted);
            rest = &[];
        }
        self.partial = rest.to_vec();
        wanted
    }

    /// Whether there were lines, but not one with a time.
    pub(super) fn saw_no_time(&self) -> bool {
        self.saw_line && !self.saw_time
    }

    fn line(&mut self, line: &[u8], whole: bool, wanted: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.continued, !whole) {
            self.saw_line = true;
            if let Some(time) = time_in(line, self.now, self.local) {
                self.saw_time = true;
                self.inside = time >= self.since;
            }
        }
        if self.inside {
            wanted.extend_from_slice(line);
        }
    }
}

/// The time that a line begins with, or has in brackets near its beginning, in seconds since the epoch.
fn time_in(line: &[u8], now: i64, local: i64) -> Option<i64> {
    let head = &line[..line.len().min(REACH)];
    // <priority> of RFC 5424, and the version behind it.
    let head = head
        .strip_prefix(b"<")
        .and_then(|r| r.splitn(2, |b| *b == b'>').nth(1))
        .unwrap_or(head);
    let head = head.strip_prefix(b"1 ").unwrap_or(head);
    let start = head.strip_prefix(b"[").unwrap_or(head);
    iso(start, local)
        .or_else(|| named_month(start, now, local))
        .or_else(|| {
            let brackets = head.iter().enumerate().filter(|(_, b)| **b == b'[');
            brackets.map(|(at, _)| &head[at + 1..]).find_map(common_log)
        })
}

/// Reads off the front of a text.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.0 = rest;
        Some(digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    }

    fn any_of(&mut self, set: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        set.contains(first).then(|| self.0 = rest).map(|()| *first)
    }

    fn word(&mut self, words: &[&str]) -> Option<i64> {
        let at = words.iter().position(|w| self.0.starts_with(w.as_bytes()))?;
        self.0 = &self.0[words[at].len()..];
        i64::try_from(at).ok()
    }

    fn clock(&mut self) -> Option<i64> {
        let (h, _, m, _, s) = (
            self.digits(2)?,
            self.any_of(b":")?,
            self.digits(2)?,
            self.any_of(b":")?,
            self.digits(2)?,
        );
        if self.any_of(b".,").is_some() {
            while self.digits(1).is_some() {}
        }
        (h < 24 && m < 60 && s <= 60).then_some(h * 3600 + m * 60 + s)
    }

    /// `Z`, `+01:00`, `+0100`; how far ahead of UTC.
    fn zone(&mut self) -> Option<i64> {
        if self.any_of(b"Z").is_some() {
            return Some(0);
        }
        let sign = if self.any_of(b"+-")? == b'+' { 1 } else { -1 };
        let hours = self.digits(2)?;
        let _ = self.any_of(b":");
        Some(sign * (hours * 3600 + self.digits(2)? * 60))
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "];

fn iso(text: &[u8], local: i64) -> Option<i64> {
    let mut r = Reader(text);
    let (year, _, month, _, day) = (
        r.digits(4)?,
        r.any_of(b"-/")?,
        r.digits(2)?,
        r.any_of(b"-/")?,
        r.digits(2)?,
    );
    r.any_of(b"T ")?;
    let clock = r.clock()?;
    let mut spaced = Reader(r.0.strip_prefix(b" ").unwrap_or(r.0));
    let zone = r.zone().or_else(|| spaced.zone()).unwrap_or(local);
    Some(days(year, month, day)? * DAY + clock - zone)
}

fn named_month(text: &[u8], now: i64, local: i64) -> Option<i64> {
    let mut r = Reader(text);
    let _ = r.word(&WEEKDAYS);
    let month = r.word(&MONTHS)? + 1;
    r.any_of(b" ")?;
    let day = if r.any_of(b" ").is_some() {
        r.digits(1)?
    } else {
        r.digits(2)?
    };
    r.any_of(b" ")?;
    let clock = r.clock()?;
    let mut year = Reader(r.0.strip_prefix(b" ").unwrap_or_default());
    let seconds = |year: i64| Some(days(year, month, day)? * DAY + clock - local);
    match year.digits(4) {
        Some(year) if year > 1970 => seconds(year),
        Some(_) | None => {
            let this_year = 1970 + now / (DAY * 365 + DAY / 4);
            (this_year - 4..=this_year + 1)
                .rev()
                .filter_map(seconds)
                .find(|t| *t <= now + DAY)
        }
    }
}

fn common_log(text: &[u8]) -> Option<i64> {
    let mut r = Reader(text);
    let (day, _, month, _, year) = (
        r.digits(2)?,
        r.any_of(b"/")?,
        r.word(&MONTHS)? + 1,
        r.any_of(b"/")?,
        r.digits(4)?,
    );
    r.any_of(b":")?;
    let clock = r.clock()?;
    r.any_of(b" ")?;
    Some(days(year, month, day)? * DAY + clock - r.zone()?)
}

/// Days since the epoch of a date in the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms",
/// `days_from_civil`); none for a date that does not exist.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T02:47:00Z".parse().unwrap()
    }

    fn read(line: &str) -> Option<String> {
        let seconds = time_in(line.as_bytes(), now().millis() / 1000, 3600)?;
        Some(
            Timestamp::default()
                .plus(Duration::from_secs(u64::try_from(seconds).unwrap()))
                .for_people(),
        )
    }

    #[test]
    fn times_are_read_as_logs_write_them() {
        for (line, time) in [
            ("2026-03-01T02:47:09.123456+02:00 host x: y", "2026-03-01 00:47:09 UTC"),
            ("2026-03-01T02:47:09Z x", "2026-03-01 02:47:09 UTC"),
            ("2026-03-01 02:47:09,5 INFO", "2026-03-01 01:47:09 UTC"),
            ("2026-03-01 02:47:09 +0000 INFO", "2026-03-01 02:47:09 UTC"),
            ("2026/02/28 23:59:59 [error] 1#1", "2026-02-28 22:59:59 UTC"),
            ("<34>1 2026-03-01T02:47:09Z host", "2026-03-01 02:47:09 UTC"),
            ("Mar  1 02:47:09 host x[1]: y", "2026-03-01 01:47:09 UTC"),
            ("Dec 31 23:00:00 host x", "2025-12-31 22:00:00 UTC"),
            ("[Sun Mar 01 02:47:09.5 2026] [core:notice]", "2026-03-01 01:47:09 UTC"),
            (
                "192.0.2.1 - - [01/Mar/2026:02:47:09 +0100] \"GET /\"",
                "2026-03-01 01:47:09 UTC",
            ),
            (
                "E [01/Mar/2026:02:47:09 +0100] [Job 1] failed",
                "2026-03-01 01:47:09 UTC",
            ),
        ] {
            assert_eq!(read(line).as_deref(), Some(time), "{line}");
        }
        for line in [
            "",
            "no time",
            "2026-02-30 00:00:00",
            "2026-03-01",
            "[  12.345678] usb",
            "99:99:99",
            "\u{e9}\u{e9}",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    /// R10: no line from before the window, however the file is cut into pieces.
    #[test]
    fn only_lines_of_the_window_are_picked() {
        let log = "started long ago\n2026-03-01 00:00:00Z old\n  old trace\n2026-03-01 02:40:00Z new\n  new trace\n2026-03-01 02:46:00Z last";
        for size in [1, 2, 7, 1000] {
            let mut window = Window::new(now(), 10, 0);
            let mut picked: Vec<u8> = log
                .as_bytes()
                .chunks(size)
                .flat_map(|c| window.pick(c, false))
                .collect();
            picked.extend(window.pick(&[], true));
            assert_eq!(
                String::from_utf8(picked).unwrap(),
                "2026-03-01 02:40:00Z new\n  new trace\n2026-03-01 02:46:00Z last",
                "pieces of {size}"
            );
            assert!(!window.saw_no_time());
        }
        let mut window = Window::new(now(), 10, 0);
        assert!(window.pick(b"a\nb\n", true).is_empty() && window.saw_no_time());
    }

    proptest! {
        /// R10: any bytes, cut anywhere, give the same lines, and no other than are there.
        #[test]
        fn cuts_change_nothing_of_any_bytes(
            lines in prop::collection::vec(prop_oneof![
                prop::sample::select(vec![
                    "2026-03-01T02:46:00.5+01:00 x", "2026-03-01 02:46:00", "Mar  1 02:46:00 x", "Dec 31 23:59:60", "<34>1 2026-03-01T02:46:00Z",
                    "[Sun Mar 01 02:46:09.5 2026] x", "x [01/Mar/2026:02:46:09 +0100]", "9999-12-31 23:59:59-99:99", "0000-00-00T00:00:00Z",
                ]).prop_map(|l| l.as_bytes().to_vec()),
                prop::collection::vec(prop_oneof![any::<u8>(), b'0'..=b':', Just(b'['), Just(b' ')], 0..40),
            ], 0..8),
            flip in any::<(usize, u8)>(),
            size in 1..40_usize,
        ) {
            let mut bytes = lines.join(&b'\n');
            if let Some(len) = std::num::NonZeroUsize::new(bytes.len()) {
                bytes[flip.0 % len] ^= flip.1;
            }
            let picked = |size: usize| {
                let mut window = Window::new(now(), 10, 3600);
                let mut picked: Vec<u8> = bytes.chunks(size).flat_map(|c| window.pick(c, false)).collect();
                picked.extend(window.pick(&[], true));
                picked
            };
            let whole = picked(usize::MAX);
            prop_assert_eq!(&picked(size), &whole);
            let mut there = bytes.split(|b| *b == b'\n');
            for line in whole.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
                prop_assert!(there.any(|l| l == line), "{:?} is not there, or not there any more", line);
            }
        }
    }

    #[test]
    fn an_endless_line_is_not_gathered_for_ever() {
        let mut window = Window::new(now(), 10, 0);
        let mut picked = window.pick(b"2026-03-01 02:46:00Z ", false).len();
        for _ in 0..40 {
            picked += window.pick(&[b'x'; 64 * 1024], false).len();
            assert!(window.partial.len() < LONGEST_LINE + 64 * 1024);
        }
        picked += window
            .pick(b"\nno time, belongs to it\n2026-03-01 00:00:00Z old\n", true)
            .len();
        assert_eq!(picked, 21 + 40 * 64 * 1024 + 1 + "no time, belongs to it\n".len());
    }
}
