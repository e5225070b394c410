//! Carriage returns as a terminal reads them: what comes after one is written over the start of its line (R33).
//!
//! The parts of a number that only the screen shows whole are found here, and each part is taken out where it stands. A
//! line with a placeholder in it is left alone, so that a second look finds no more than the first.

use std::ops::Range;

use crate::find::Finder;
use crate::matches::{Match, Shown, placeholder_at};

/// Longest line that is looked at, in bytes.
const LONGEST: usize = 4096;

/// Adds what a screen would show of lines with carriage returns in them.
pub(crate) fn find(finder: &Finder, bytes: &[u8], found: &mut Vec<Match>) {
    let mut done = 0;
    for at in memchr::memchr_iter(b'\r', bytes) {
        if at < done || matches!(bytes.get(at + 1), Some(b'\n') | None) {
            continue;
        }
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |i| i + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        done = end;
        if end - start <= LONGEST && (start..end).all(|i| bytes[i] != b'[' || placeholder_at(bytes, i).is_none()) {
            line(finder, bytes, start..end, found);
        }
    }
}

fn line(finder: &Finder, bytes: &[u8], range: Range<usize>, found: &mut Vec<Match>) {
    let mut shown: Vec<u8> = Vec::new();
    let mut origins: Vec<usize> = Vec::new();
    let mut column = 0;
    for at in range {
        let b = bytes[at];
        if b == b'\r' {
            column = 0;
            continue;
        }
        match shown.get_mut(column) {
            Some(place) => (*place, origins[column]) = (b, at),
            None => {
                shown.push(b);
                origins.push(at);
            }
        }
        column += 1;
    }
    for m in finder.find_decoded(&shown) {
        let mut parts = parts(&origins[m.start..m.end]);
        // What stands together was found, or left alone, where it stands.
        if parts.len() < 2 {
            continue;
        }
        parts.sort_by_key(|p| p.start);
        found.extend(parts.into_iter().enumerate().map(|(n, part)| Match {
            shown: if n == 0 { m.shown.clone() } else { Shown::Label },
            ..Match::new(m.kind, m.rule, part)
        }));
    }
}

/// Stretches of places that follow each other.
fn parts(origins: &[usize]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for &at in origins {
        match parts.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => parts.push(at..at + 1),
        }
    }
    parts
}
