//! What the rules share: looking at the neighbourhood of a candidate without leaving its line.

use std::ops::Range;

use crate::fold::LETTER;

/// How far before a candidate a context word counts, in view bytes. Less than what is carried over a cut
/// (`stream::LEFT`), so that a cut changes nothing.
const CONTEXT: usize = 48;

/// The byte at `at`, or a line end outside the text.
pub(crate) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(b'\n')
}

/// The byte before `at`, or a line end at the start.
pub(crate) fn before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(b'\n', |i| byte(bytes, i))
}

/// How many bytes from `at` on are of a class, at most `max`.
pub(crate) fn run(bytes: &[u8], at: usize, max: usize, class: impl Fn(u8) -> bool) -> usize {
    let len = bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take(max)
        .take_while(|b| class(**b))
        .count();
    #[cfg(test)]
    steps::taken(len);
    len
}

/// How many bytes before `at` are of a class, at most `max`.
pub(crate) fn run_back(bytes: &[u8], at: usize, max: usize, class: impl Fn(u8) -> bool) -> usize {
    let len = bytes
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(max)
        .take_while(|b| class(**b))
        .count();
    #[cfg(test)]
    steps::taken(len);
    len
}

/// Context words (small letters, at most 64). A blank in one stands for any joint or none (`tax_id`, `TaxId`), one at its end
/// for the end of a word.
pub(crate) struct Context {
    pub(crate) words: &'static [&'static str],
    /// A bit for each word, by its first letter, which most places don't share.
    starting: [u64; 32],
}

impl Context {
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let mut starting = [0; 32];
        let mut i = 0;
        while i < words.len() {
            starting[(words[i].as_bytes()[0] & 31) as usize] |= 1 << i;
            i += 1;
        }
        Self { words, starting }
    }
}

/// Whether one of the words starts a word, or a part of one as `homePhone` has it, shortly before `at`. Not
/// beyond a bracket: what is in brackets may be a placeholder, and must not lead to different results when a text is redacted
/// again.
pub(crate) fn word_before(bytes: &[u8], at: usize, words: &Context) -> bool {
    near(bytes, at, CONTEXT, words, word_begins)
}

/// The same for words that speak against a value: nearer, and only where they start a word by themselves.
pub(crate) fn word_against(bytes: &[u8], at: usize, words: &Context) -> bool {
    const NEAR: usize = 40;
    near(bytes, at, NEAR, words, |bytes, i| {
        !before(bytes, i).is_ascii_alphabetic()
    })
}

fn near(bytes: &[u8], at: usize, reach: usize, context: &Context, begins: impl Fn(&[u8], usize) -> bool) -> bool {
    // The nearest first: it is the likeliest.
    let places = (at.saturating_sub(reach)..at).rev();
    let mut places = places.take_while(|i| !matches!(bytes[*i], b'\n' | b'[' | b']'));
    places.any(|i| {
        #[cfg(test)]
        steps::taken(1);
        let mut left = context.starting[usize::from(bytes[i] & 31)];
        if left == 0 || !begins(bytes, i) {
            return false;
        }
        while left != 0 {
            if named(&bytes[i..at], context.words[left.trailing_zeros() as usize]) {
                return true;
            }
            left &= left - 1;
        }
        false
    })
}

/// Whether a word, or a part of one that has a capital for it, begins at `at`.
pub(crate) fn word_begins(bytes: &[u8], at: usize) -> bool {
    let prev = before(bytes, at);
    !prev.is_ascii_alphabetic() || prev.is_ascii_lowercase() && bytes[at].is_ascii_uppercase()
}

/// Whether `bytes` starts with a context word. What is no letter of ASCII is any letter.
fn named(bytes: &[u8], word: &str) -> bool {
    if bytes.first().map(|b| b | 0x20) != word.bytes().next() {
        return false;
    }
    let mut at = 0;
    for (i, letter) in word.bytes().enumerate() {
        let next = byte(bytes, at);
        if letter != b' ' {
            if next.to_ascii_lowercase() != letter && next != LETTER {
                return false;
            }
            at += 1;
        } else if i + 1 < word.len() {
            at += usize::from(matches!(next, b' ' | b'_' | b'-' | b'.'));
        } else {
            return !next.is_ascii_alphabetic() || word_begins(bytes, at);
        }
    }
    true
}

/// Whether `word` (small letters) ends at `at`, in any letter case.
pub(crate) fn behind(bytes: &[u8], at: usize, word: &str) -> bool {
    at.checked_sub(word.len())
        .is_some_and(|from| starts(&bytes[from..], word))
}

/// Whether one of `words` (small letters) follows at `at` after at most one space.
pub(crate) fn word_after(bytes: &[u8], at: usize, words: &[&str]) -> bool {
    let rest = &bytes[at.min(bytes.len())..];
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    words
        .iter()
        .any(|w| starts(rest, w) && !byte(rest, w.len()).is_ascii_alphanumeric())
}

/// Whether `bytes` starts with `word` (small letters) in any letter case.
#[inline]
pub(crate) fn starts(bytes: &[u8], word: &str) -> bool {
    // Most don't share even the first character.
    let first = |b: Option<&u8>| b.map(|b| b | 0x20);
    first(bytes.first()) == first(word.as_bytes().first())
        && bytes.get(..word.len()).is_some_and(|b| is_word(b, word.as_bytes()))
}

/// Whether `bytes` are `word` (as long, and in small letters) in any letter case: eight at a time, which
/// `eq_ignore_ascii_case` does not.
fn is_word(bytes: &[u8], word: &[u8]) -> bool {
    debug_assert!(!word.iter().any(u8::is_ascii_uppercase), "in small letters");
    let eight = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
    let same = |(b, w): (&[u8; 8], &[u8; 8])| small(eight(b)) == eight(w);
    if let (Some(last), Some(last_of_word)) = (bytes.last_chunk(), word.last_chunk()) {
        let (chunks, words) = (bytes.as_chunks().0, word.as_chunks().0);
        return chunks.iter().zip(words).all(same) && same((last, last_of_word));
    }
    let ends = |bytes: &[u8]| {
        let four = |bytes: &[u8; 4]| u64::from(u32::from_ne_bytes(*bytes));
        Some(four(bytes.first_chunk()?) << 32 | four(bytes.last_chunk()?))
    };
    match (ends(bytes), ends(word)) {
        (Some(bytes), Some(word)) => small(bytes) == word,
        _ => bytes.eq_ignore_ascii_case(word),
    }
}

/// Eight bytes with small letters for the capitals among them (Warren, "Hacker's Delight", 6-1: bytes compared within a
/// word).
fn small(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = bytes & (EACH * 0x7f);
    let from_a = low + EACH * (0x80 - b'A' as u64);
    let above_z = low + EACH * (0x80 - b'Z' as u64 - 1);
    let capital = (from_a ^ above_z) & !bytes & (EACH * 0x80);
    bytes | capital >> 2
}

/// Skips one of `words` (small letters) in any letter case, the first that fits.
pub(crate) fn skip_word(bytes: &[u8], at: usize, words: &[&str]) -> Option<usize> {
    words
        .iter()
        .find(|w| starts(bytes.get(at..).unwrap_or_default(), w))
        .map(|w| at + w.len())
}

/// What stands between a name and its value.
pub(crate) struct Between {
    /// Where the value starts.
    pub(crate) value: usize,
    /// Whether `:` or `=` or `>` was there.
    pub(crate) assigned: bool,
}

/// Skips what stands between a name that ends at `at` and its value: quotes, blanks, `:` or `=`, an XML tag's end, a
/// registry type. `None` where nothing of that kind is there.
pub(crate) fn between(bytes: &[u8], at: usize) -> Option<Between> {
    const MAX: usize = 48;
    let separator = |b: u8| {
        matches!(
            b,
            b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'>' | b'#' | b'|' | b'\\'
        )
    };
    let mut value = at + run(bytes, at, MAX, separator);
    if let Some(after) = skip_word(bytes, value, &["reg_sz", "reg_qword", "reg_dword", "is "]) {
        value = after + run(bytes, after, MAX, separator);
    }
    let assigned = bytes[at.min(value)..value]
        .iter()
        .any(|b| matches!(b, b':' | b'=' | b'>'));
    (value > at && value < bytes.len()).then_some(Between { value, assigned })
}

/// Whether a number at `range` is a word by itself, not a part of a longer number, name, path or date.
pub(crate) fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let joins = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'\\' | b'#' | b'$' | b'%');
    let (prev, next) = (before(bytes, range.start), byte(bytes, range.end));
    let dotted = next == b'.' && byte(bytes, range.end + 1).is_ascii_digit();
    !joins(prev) && prev != b'.' && prev != b'+' && !joins(next) && !dotted
}

/// Whether what is at `range` is a field of its own: at the start of its line or behind a separator, and at the end of
/// its line or before one. Single blanks don't separate: rows of small numbers have those.
pub(crate) fn fielded(bytes: &[u8], range: &Range<usize>) -> bool {
    let separates = |b: u8| {
        matches!(
            b,
            b'\n' | b'\r' | b'\t' | b':' | b'=' | b',' | b';' | b'|' | b'"' | b'\'' | b'<' | b'>'
        )
    };
    let back = usize::from(before(bytes, range.start) == b' ');
    let on = usize::from(byte(bytes, range.end) == b' ');
    let (prev, next) = (before(bytes, range.start - back), byte(bytes, range.end + on));
    let wide = |blank: usize, b: u8| blank == 1 && b == b' ';
    let sentence = next == b'.' && !byte(bytes, range.end + on + 1).is_ascii_alphanumeric();
    (separates(prev) || wide(back, prev)) && (separates(next) || wide(on, next) || sentence)
}

/// The value of an ASCII digit.
pub(crate) fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

/// The sum of digits each multiplied by its weight.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| value(*d) * w).sum()
}

/// How many bytes rules looked at, counted in tests: the measure of what an input costs, without a clock.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn taken(len: usize) {
        STEPS.set(STEPS.get() + 1 + len);
    }

    /// The steps since the last call.
    pub(crate) fn since() -> usize {
        STEPS.replace(0)
    }
}
