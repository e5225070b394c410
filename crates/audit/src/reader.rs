//! Reads canonical JSON (RFC 8785, as `domain::canonical` writes it) in one pass, and nothing else.
//!
//! One value has exactly one spelling here, so reading is also the check that bytes are canonical: no white space, members
//! in order of UTF-16 code units without duplicates, the shortest escapes, plain integers within ±(2^53 − 1). A general
//! JSON parser would accept more, cost more, and be most of the browser's module.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::canonical::{MAX_INTEGER, order};
use domain::digest::Digest;

/// Values nested deeper than this are refused. `serde_json` refuses the 128th level, and whoever verifies must not take what nobody
/// else can read.
const MAX_DEPTH: u8 = 127;

/// The bytes are not canonical JSON, or not of the expected shape.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{what} at byte {at}")]
pub struct ReadError {
    /// Where, counted from 0.
    pub at: usize,
    /// What was expected or is wrong.
    pub what: &'static str,
}

pub(crate) type Read<T> = Result<T, ReadError>;

/// A position in canonical JSON.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

/// Reads all of `bytes` with `read`.
pub(crate) fn read_all<'a, T>(bytes: &'a [u8], read: impl FnOnce(&mut Reader<'a>) -> Read<T>) -> Read<T> {
    let text = std::str::from_utf8(bytes).map_err(|e| ReadError {
        at: e.valid_up_to(),
        what: "not UTF-8",
    })?;
    read_text(text, read)
}

/// Reads all of `text` with `read`.
pub(crate) fn read_text<'a, T>(text: &'a str, read: impl FnOnce(&mut Reader<'a>) -> Read<T>) -> Read<T> {
    let mut r = Reader { text, at: 0, depth: 0 };
    let value = read(&mut r)?;
    if r.at == text.len() {
        Ok(value)
    } else {
        r.fail("expected the end")
    }
}

/// The values of these members of an object, as they stand there; `None` for those that it lacks, and for all where it is no
/// canonical object.
pub(crate) fn members<'a, const N: usize>(object: &'a str, names: [&str; N]) -> [Option<&'a str>; N] {
    let mut found = [None; N];
    match find(object, &names, &mut found) {
        Ok(()) => found,
        Err(_) => [None; N],
    }
}

/// Not for each number of names anew: the browser's module is small.
fn find<'a>(object: &'a str, names: &[&str], found: &mut [Option<&'a str>]) -> Read<()> {
    read_text(object, |r| {
        r.object(&mut |r, name| {
            let start = r.at;
            r.skip()?;
            for (_, slot) in names.iter().zip(&mut *found).filter(|(wanted, _)| name == *wanted) {
                *slot = Some(&r.text[start..r.at]);
            }
            Ok(())
        })
    })
}

/// What a string without escapes says.
pub(crate) fn text(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

/// The digest that a string holds.
pub(crate) fn digest(value: &str) -> Option<Digest> {
    text(value).and_then(strict_hex).map(Digest)
}

impl<'a> Reader<'a> {
    pub(crate) fn fail<T>(&self, what: &'static str) -> Read<T> {
        Err(ReadError { at: self.at, what })
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes `byte` when it is next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn literal(&mut self, word: &'static str) -> bool {
        let here = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if here { word.len() } else { 0 };
        here
    }

    /// Takes exactly `text`, such as `{"id":`: how fixed members are read, as their order is fixed too.
    pub(crate) fn expect(&mut self, text: &'static str) -> Read<()> {
        if self.literal(text) { Ok(()) } else { self.fail(text) }
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        match self.peek() {
            Some(b't') if self.literal("true") => Ok(true),
            Some(b'f') if self.literal("false") => Ok(false),
            _ => self.fail("expected true or false"),
        }
    }

    /// An integer within ±(2^53 − 1), without a needless zero or sign.
    pub(crate) fn integer(&mut self) -> Read<i64> {
        let start = self.at;
        let negative = self.take(b'-');
        let digits = self.at;
        let mut value: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value * 10 + i64::from(digit - b'0');
            if value > MAX_INTEGER {
                return self.fail("the number is too large");
            }
            self.at += 1;
        }
        let length = self.at - digits;
        if length == 0
            || (value == 0 && (negative || length > 1))
            || (value != 0 && self.text.as_bytes()[digits] == b'0')
        {
            self.at = start;
            return self.fail("expected an integer");
        }
        Ok(if negative { -value } else { value })
    }

    /// A whole number from 0.
    pub(crate) fn unsigned(&mut self) -> Read<u64> {
        let at = self.at;
        u64::try_from(self.integer()?).map_err(|_| ReadError {
            at,
            what: "expected a number from 0",
        })
    }

    /// A string; borrowed where it holds no escape.
    pub(crate) fn string(&mut self) -> Read<Cow<'a, str>> {
        let mut whole = String::new();
        let last = self.runs(&mut |run, escaped| {
            whole.push_str(run);
            whole.push(escaped);
        })?;
        Ok(if whole.is_empty() {
            Cow::Borrowed(last)
        } else {
            Cow::Owned(whole + last)
        })
    }

    /// Takes a string: each run of plain characters with the escaped one behind it, and gives the last run.
    #[inline]
    fn runs(&mut self, each: &mut impl FnMut(&'a str, char)) -> Read<&'a str> {
        if !self.take(b'"') {
            return self.fail("expected a string");
        }
        loop {
            let start = self.at;
            self.at += plain(&self.text.as_bytes()[start..]);
            if self.peek().is_none() {
                self.at = start;
                return self.fail("the string has no end");
            }
            let run = &self.text[start..self.at];
            if self.take(b'"') {
                return Ok(run);
            }
            each(run, self.escape()?);
        }
    }

    /// The one spelling of a character that must be escaped.
    fn escape(&mut self) -> Read<char> {
        if !self.take(b'\\') {
            return self.fail("a control character is not escaped");
        }
        const SHORT: [(u8, char); 7] = [
            (b'"', '"'),
            (b'\\', '\\'),
            (b'b', '\u{8}'),
            (b't', '\t'),
            (b'n', '\n'),
            (b'f', '\u{c}'),
            (b'r', '\r'),
        ];
        if let Some((_, c)) = SHORT.into_iter().find(|(letter, _)| self.take(*letter)) {
            return Ok(c);
        }
        if !self.literal("u00") {
            return self.fail("a needless escape");
        }
        let high = match self.peek() {
            Some(b'0') => 0,
            Some(b'1') => 16,
            _ => return self.fail("a needless escape"),
        };
        self.at += 1;
        let low = match self.peek() {
            Some(digit @ b'0'..=b'9') => digit - b'0',
            Some(digit @ b'a'..=b'f') => digit - b'a' + 10,
            _ => return self.fail("expected a hexadecimal digit"),
        };
        let c = char::from(high + low);
        if SHORT.iter().any(|(_, short)| *short == c) {
            return self.fail("the escape has a shorter form");
        }
        self.at += 1;
        Ok(c)
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth == MAX_DEPTH {
            return self.fail("nested too deeply");
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    /// An object, `member` reading each value by its name.
    pub(crate) fn object(&mut self, member: &mut dyn FnMut(&mut Self, &Cow<'a, str>) -> Read<()>) -> Read<()> {
        self.nested(|r| {
            if !r.take(b'{') {
                return r.fail("expected an object");
            }
            let mut previous: Option<Cow<'a, str>> = None;
            while !(previous.is_none() && r.take(b'}')) {
                let name = r.string()?;
                if previous.is_some_and(|p| order(&p, &name).is_ge()) {
                    return r.fail("members are out of order");
                }
                r.expect(":")?;
                member(r, &name)?;
                previous = Some(name);
                if r.take(b'}') {
                    break;
                }
                r.expect(",")?;
            }
            Ok(())
        })
    }

    /// An array, `item` reading each value.
    pub(crate) fn array(&mut self, item: &mut dyn FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.nested(|r| {
            if !r.take(b'[') {
                return r.fail("expected a list");
            }
            if r.take(b']') {
                return Ok(());
            }
            loop {
                item(r)?;
                if r.take(b']') {
                    return Ok(());
                }
                r.expect(",")?;
            }
        })
    }

    /// An object of names to values read by `value`.
    pub(crate) fn map<T>(&mut self, value: fn(&mut Self) -> Read<T>) -> Read<BTreeMap<String, T>> {
        let mut map = BTreeMap::new();
        self.object(&mut |r, name| {
            map.insert(name.clone().into_owned(), value(r)?);
            Ok(())
        })?;
        Ok(map)
    }

    /// The same, as it stands there: in order of name, and borrowed.
    pub(crate) fn pairs<T>(&mut self, value: fn(&mut Self) -> Read<T>) -> Read<Vec<(Cow<'a, str>, T)>> {
        let mut pairs = Vec::with_capacity(8);
        self.object(&mut |r, name| {
            pairs.push((name.clone(), value(r)?));
            Ok(())
        })?;
        Ok(pairs)
    }

    /// A list of values read by `item`.
    pub(crate) fn list<T>(&mut self, item: fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut list = Vec::new();
        self.array(&mut |r| {
            list.push(item(r)?);
            Ok(())
        })?;
        Ok(list)
    }

    /// Any value.
    pub(crate) fn skip(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'{') => self.object(&mut |r, _| r.skip()),
            Some(b'[') => self.array(&mut Self::skip),
            Some(b'"') => self.runs(&mut |_, _| ()).map(drop),
            Some(b'n') => self.expect("null"),
            Some(b't' | b'f') => self.bool().map(drop),
            _ => self.integer().map(drop),
        }
    }

    /// Lower-case hexadecimal of `N` bytes, in quotes.
    pub(crate) fn hex<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (start, end) = (self.at + 1, self.at + 1 + 2 * N);
        let quoted = self.peek() == Some(b'"') && self.text.as_bytes().get(end) == Some(&b'"');
        match self.text.get(start..end).and_then(strict_hex) {
            Some(value) if quoted => {
                self.at = end + 1;
                Ok(value)
            }
            _ => self.fail("expected lower-case hexadecimal"),
        }
    }
}

/// How many bytes come before the first that ends a string or a run of it: a quote, a backslash or a control character. Eight at a time:
/// the lowest byte of `found` with its highest bit set is the first of the three in the word (S. E. Anderson, "Bit Twiddling Hacks",
/// "Determine if a word has a byte less than n": what it finds wrongly comes after what it finds rightly).
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let below = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word & (ONES * 128);
    let special = |b: &u8| *b == b'"' || *b == b'\\' || *b < 0x20;
    let mut at = 0;
    for word in bytes.chunks_exact(8) {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        let found = below(word, 0x20) | is(b'"') | is(b'\\');
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().position(special).unwrap_or(bytes.len() - at)
}

/// `N` bytes, a multiple of four, from exactly `2 N` lower-case hexadecimal digits: one value, one spelling.
pub(crate) fn strict_hex<const N: usize>(s: &str) -> Option<[u8; N]> {
    const { assert!(N.is_multiple_of(4)) };
    let mut out = [0; N];
    if s.len() != 2 * N {
        return None;
    }
    // What is no digit is looked for once at the end: five commitments of a leaf are most of its bytes.
    let mut wrong = 0;
    for (four, digits) in out.chunks_exact_mut(4).zip(s.as_bytes().chunks_exact(8)) {
        let (value, bad) = eight_digits(u64::from_le_bytes(digits.try_into().unwrap_or_default()));
        four.copy_from_slice(&value.to_le_bytes());
        wrong |= bad;
    }
    (wrong == 0).then_some(out)
}

/// Four bytes from eight hexadecimal digits, one in each byte, the first in the lowest; and zero where all are lower-case digits. No sum
/// below carries from one byte to the next: the largest is 0x6f.
fn eight_digits(digits: u64) -> (u32, u64) {
    const ONES: u64 = u64::MAX / 255;
    let letter = digits >> 6 & ONES;
    let value = (digits & (ONES * 0x0f)) + letter * 9;
    // The digit of this value, and whether ten or more is a letter and less is none.
    let differs = (value + ONES * 0x30 + letter * 0x27) ^ digits;
    let misplaced = (value + ONES * 6) >> 4 & ONES ^ letter;
    let pairs = (value << 4 | value >> 8) & 0x00ff_00ff_00ff_00ff;
    let pairs = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    let four = (pairs | pairs >> 16) & 0xffff_ffff;
    (four as u32, differs | misplaced | (value & (ONES * 0x10)))
}

#[cfg(test)]
mod tests;
