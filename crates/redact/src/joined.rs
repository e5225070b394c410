//! What only several lines together tell (R33): a card number wrapped within a table's last column, and the value below a
//! password's element in unattend.xml.
//!
//! Such a group of lines has at most [`LINES`] lines of at most [`LONGEST`] bytes, and a stream is never cut within one, so
//! that it is always seen whole. Deliberately absent: columns other than the last, and text that is not plain ASCII digits.

use std::ops::Range;

use domain::finding::FindingKind;

use crate::classes::Class;
use crate::matches::{Match, Shown};
use crate::rules::card::is_card;
use crate::rules::text::{before, run_back};
use crate::scan::Scan;

/// Most lines of a group.
const LINES: usize = 5;
/// Longest line of a group, in bytes.
const LONGEST: usize = 512;
/// Fewest digits of a number's first part. A column narrower than this would not show a number at all.
const FIRST: usize = 6;

/// What a line can begin.
enum Opening {
    /// A number's first part, in the column that it starts in.
    Column(Range<usize>, usize),
    /// The element of a password.
    Element,
}

/// What is found in lines. `in_line`: whether the text starts within a line, which then is none of a group. `scan`: the first
/// look at `text`, where there was one.
pub(crate) fn find(text: &str, in_line: bool, scan: Option<&Scan>) -> Vec<Match> {
    let mut lines = Lines {
        text,
        done: if in_line { line_end(text, 0) } else { 0 },
        found: Vec::new(),
    };
    match scan {
        Some(scan) => scan.classes.each(Class::Ends, |end| lines.ended(end)),
        None => memchr::memchr_iter(b'\n', text.as_bytes()).for_each(|end| lines.ended(end)),
    }
    lines.found
}

struct Lines<'a> {
    text: &'a str,
    /// Before it no group starts.
    done: usize,
    found: Vec<Match>,
}

impl Lines<'_> {
    /// Looks for a group whose first line has its end at `end`.
    #[inline]
    fn ended(&mut self, end: usize) {
        let bytes = self.text.as_bytes();
        if matches!(before(bytes, end), b'>' | b'0'..=b'9' | b'-' | b'\t'..=b'\r' | b' ') {
            self.may_open(end);
        }
    }

    fn may_open(&mut self, end: usize) {
        let (text, bytes, next) = (self.text, self.text.as_bytes(), end + 1);
        if !goes_on(&text[next..]) {
            return;
        }
        let shown = end - run_back(bytes, end, LONGEST, |b| b.is_ascii_whitespace() && b != b'\n');
        let opens = match before(bytes, shown) {
            b'>' => true,
            b'0'..=b'9' | b'-' => run_back(bytes, shown, FIRST, |b| b.is_ascii_digit() || b == b'-') == FIRST,
            _ => false,
        };
        if !opens {
            return;
        }
        let start = memchr::memrchr(b'\n', &bytes[..end]).map_or(0, |i| i + 1);
        // A line within a group begins none.
        if start < self.done {
            return;
        }
        if let Some(opening) = opening(text, start..next) {
            let (last, matches) = group(text, next, opening);
            self.found.extend(matches);
            self.done = last.max(next);
        }
    }
}

/// Whether lines can belong to an opening before them.
fn goes_on(lines: &str) -> bool {
    lines.starts_with([' ', '\t', '<'])
}

/// Where the group starts that the last of `lines` (complete ones) leave open, if they do; `rest` is what follows them.
pub(crate) fn open_from(lines: &str, rest: &str) -> Option<usize> {
    if !rest.is_empty() && (!goes_on(rest) || line_end(rest, 0) > LONGEST) {
        return None;
    }
    let mut starts = Vec::with_capacity(LINES);
    let mut end = lines.len();
    while end > 0 && starts.len() < LINES {
        let start = memchr::memrchr(b'\n', &lines.as_bytes()[..end - 1]).map_or(0, |i| i + 1);
        starts.push(start);
        end = start;
    }
    starts.into_iter().rev().find(|&start| {
        let end = line_end(lines, start);
        opening(lines, start..end).is_some_and(|opening| match opening {
            Opening::Element => end == lines.len(),
            Opening::Column(part, column) => {
                let mut digits = digits_in(&lines[part]).len();
                let mut at = end;
                for _ in 1..LINES {
                    if at == lines.len() {
                        return digits < 19;
                    }
                    let Some(part) = continuation(lines, at, column) else {
                        return false;
                    };
                    digits += digits_in(&lines[part]).len();
                    at = line_end(lines, at);
                }
                false
            }
        })
    })
}

/// The lines from `at` on that belong to an opening before them: where they end, and what they hold.
fn group(text: &str, at: usize, opening: Opening) -> (usize, Vec<Match>) {
    match opening {
        Opening::Element => {
            let end = line_end(text, at);
            let value = element_value(text, at..end);
            let found = value.map(|v| Match::new(FindingKind::Password, "password.unattend", v));
            (at, found.into_iter().collect())
        }
        Opening::Column(first, column) => {
            let mut parts = vec![first.clone()];
            let mut digits = digits_in(&text[first]);
            let (mut at, mut best) = (at, None);
            while parts.len() < LINES && at < text.len() {
                let Some(part) = continuation(text, at, column) else {
                    break;
                };
                digits.extend(digits_in(&text[part.clone()]));
                parts.push(part);
                at = line_end(text, at);
                if is_card(&digits) {
                    best = Some((at, parts.clone(), digits.clone()));
                }
            }
            let Some((end, parts, digits)) = best else {
                return (0, vec![]);
            };
            let last_four = digits.last_chunk::<4>().copied();
            let matches = parts.into_iter().enumerate().map(|(n, part)| Match {
                shown: match last_four {
                    Some(digits) if n == 0 => Shown::LastFour(digits),
                    Some(_) | None => Shown::Label,
                },
                ..Match::new(FindingKind::Card, "card.wrapped", part)
            });
            (end, matches.collect())
        }
    }
}

fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |i| at + i + 1)
}

/// What the line at `line` (with its end) begins.
fn opening(text: &str, line: Range<usize>) -> Option<Opening> {
    if line.len() > LONGEST {
        return None;
    }
    let shown = text[line.clone()].trim_end();
    match shown.as_bytes().last()? {
        b'>' => {
            let name = shown.trim_start().strip_prefix('<')?.strip_suffix('>')?;
            let named = name.bytes().all(|b| b.is_ascii_alphanumeric()) && name.ends_with("assword");
            named.then_some(Opening::Element)
        }
        b'0'..=b'9' | b'-' => {
            let len = shown
                .bytes()
                .rev()
                .take_while(|b| b.is_ascii_digit() || *b == b'-')
                .count();
            let start = shown.len() - len;
            let (before, part) = shown.split_at(start);
            let digits = part.bytes().filter(u8::is_ascii_digit).count();
            let fits = (FIRST..19).contains(&digits)
                && matches!(part.as_bytes()[0], b'2'..=b'6' | b'8' | b'9')
                && before.ends_with(' ')
                && !before.trim_start().is_empty()
                && !is_card(&digits_in(part));
            fits.then(|| {
                let column = before.chars().count();
                Opening::Column(line.start + start..line.start + shown.len(), column)
            })
        }
        _ => None,
    }
}

/// The part of a number on the line at `at`, with nothing before it but blanks up to `column`.
fn continuation(text: &str, at: usize, column: usize) -> Option<Range<usize>> {
    // Something is before the column.
    if text.as_bytes().get(at) != Some(&b' ') {
        return None;
    }
    let line = &text[at..line_end(text, at)];
    if line.len() > LONGEST {
        return None;
    }
    let shown = line.trim_end();
    let part = shown.trim_start_matches(' ');
    let start = shown.len() - part.len();
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let fits = start == column && (1..19).contains(&digits) && part.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    fits.then_some(at + start..at + shown.len())
}

fn element_value(text: &str, line: Range<usize>) -> Option<Range<usize>> {
    let shown = text[line.clone()].trim();
    let value = shown.strip_prefix("<Value>")?.strip_suffix("</Value>")?;
    let start = line.start + text[line].find("<Value>")? + "<Value>".len();
    (!value.is_empty() && !value.starts_with('[') && !value.contains(['<', ']'])).then(|| start..start + value.len())
}

fn digits_in(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).collect()
}
