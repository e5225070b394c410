//! From bytes to text, in pieces cut anywhere, with the way back from a place in the text to the place in the bytes.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use domain::sensitive::Raw;

/// How text is written in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-16 where the first bytes say so (a byte order mark, or two characters of ASCII), UTF-8 otherwise.
    #[default]
    Auto,
    /// UTF-8; what is none becomes U+FFFD as `String::from_utf8_lossy` has it.
    Utf8,
    /// UTF-16, low byte first, as Windows programs write it.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// The OEM code page of the United States.
    Cp437,
    /// The OEM code page of western Europe.
    Cp850,
    /// The ANSI code page of western Europe.
    Windows1252,
}

impl Encoding {
    /// Every encoding with its name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("auto", Self::Auto),
        ("utf-8", Self::Utf8),
        ("utf-16le", Self::Utf16Le),
        ("utf-16be", Self::Utf16Be),
        ("cp437", Self::Cp437),
        ("cp850", Self::Cp850),
        ("windows-1252", Self::Windows1252),
    ];

    /// The upper half of a code page, or `None` where a character can take several bytes.
    fn page(self) -> Option<&'static str> {
        match self {
            Self::Auto | Self::Utf8 | Self::Utf16Le | Self::Utf16Be => None,
            Self::Cp437 => Some(concat!(
                "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
                "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
            )),
            Self::Cp850 => Some(concat!(
                "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
                "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}"
            )),
            Self::Windows1252 => Some(concat!(
                "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿",
                "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ"
            )),
        }
    }
}

impl FromStr for Encoding {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        known.map(|(_, encoding)| *encoding).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            format!("There is no encoding of this name. Use one of {names}.")
        })
    }
}

/// Characters in a row that take the same number of bytes, in the text and in the bytes.
#[derive(Clone, Copy)]
struct Run {
    text: u64,
    byte: u64,
    text_step: u64,
    byte_step: u64,
}

/// Decodes bytes that come in pieces, to the same text wherever they are cut.
pub struct Decoder {
    encoding: Encoding,
    /// The upper half of the code page.
    page: Vec<char>,
    /// The start of a character whose end has not come, or of a stream whose encoding is not known yet; at most 3 bytes.
    partial: Vec<u8>,
    runs: VecDeque<Run>,
    text: u64,
    byte: u64,
}

impl Decoder {
    /// At the start of a stream.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            page: encoding.page().map(|p| p.chars().collect()).unwrap_or_default(),
            partial: Vec::new(),
            runs: VecDeque::new(),
            text: 0,
            byte: 0,
        }
    }

    /// Decodes the next piece.
    pub fn push(&mut self, bytes: Raw<&[u8]>) -> Raw<String> {
        Raw::new(self.decode(bytes.expose(), false))
    }

    /// Ends the stream; a character cut off becomes U+FFFD.
    pub fn finish(&mut self) -> Raw<String> {
        Raw::new(self.decode(&[], true))
    }

    /// Where in the bytes the place `text` of the text is, both counted from the start of the stream.
    pub(crate) fn place(&self, text: u64) -> u64 {
        let after = self.runs.partition_point(|r| r.text <= text);
        let run = after.checked_sub(1).and_then(|i| self.runs.get(i));
        run.map_or(text, |r| r.byte + (text - r.text) / r.text_step * r.byte_step)
    }

    /// Says that places before `text` won't be asked for.
    pub(crate) fn forget(&mut self, text: u64) {
        while self.runs.get(1).is_some_and(|second| second.text <= text) {
            self.runs.pop_front();
        }
    }

    /// How many bytes wait for what makes them a character.
    pub(crate) fn held(&self) -> usize {
        self.partial.len()
    }

    fn decode(&mut self, bytes: &[u8], last: bool) -> String {
        let joined;
        let bytes = if self.partial.is_empty() {
            bytes
        } else {
            self.partial.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.partial);
            &joined
        };
        if self.encoding == Encoding::Auto {
            match detected(bytes, last) {
                Some(encoding) => self.encoding = encoding,
                None => {
                    self.partial.extend_from_slice(bytes);
                    return String::new();
                }
            }
        }
        let mut out = String::with_capacity(bytes.len());
        match self.encoding {
            Encoding::Auto | Encoding::Utf8 => self.utf8(bytes, last, &mut out),
            Encoding::Utf16Le => self.utf16(bytes, last, u16::from_le_bytes, &mut out),
            Encoding::Utf16Be => self.utf16(bytes, last, u16::from_be_bytes, &mut out),
            Encoding::Cp437 | Encoding::Cp850 | Encoding::Windows1252 => {
                for &b in bytes {
                    let upper = usize::from(b).checked_sub(0x80).and_then(|i| self.page.get(i));
                    self.character(upper.copied().unwrap_or(char::from(b)), 1, &mut out);
                }
            }
        }
        out
    }

    fn utf8(&mut self, bytes: &[u8], last: bool, out: &mut String) {
        let complete = if last {
            bytes.len()
        } else {
            bytes.len() - incomplete_tail(bytes)
        };
        self.partial.extend_from_slice(&bytes[complete..]);
        let complete = &bytes[..complete];
        // Mostly all of it is, which is seen many bytes at a time.
        if let Ok(text) = std::str::from_utf8(complete) {
            if !text.is_empty() {
                self.run(1, 1, text.len() as u64);
                out.push_str(text);
            }
            return;
        }
        for chunk in complete.utf8_chunks() {
            if !chunk.valid().is_empty() {
                self.run(1, 1, chunk.valid().len() as u64);
                out.push_str(chunk.valid());
            }
            if !chunk.invalid().is_empty() {
                self.character(char::REPLACEMENT_CHARACTER, chunk.invalid().len(), out);
            }
        }
    }

    fn utf16(&mut self, bytes: &[u8], last: bool, unit: fn([u8; 2]) -> u16, out: &mut String) {
        let mut at = 0;
        while at < bytes.len() {
            let (first, second) = (units(bytes, at, unit), units(bytes, at + 2, unit));
            let (c, used) = match (first, second) {
                (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                    let code = 0x1_0000 + ((u32::from(high) & 0x3ff) << 10 | u32::from(low) & 0x3ff);
                    (char::from_u32(code), 4)
                }
                (Some(0xd800..0xdc00) | None, None) if !last => break,
                (Some(one), _) => (char::from_u32(u32::from(one)), 2),
                (None, _) => (None, 1),
            };
            self.character(c.unwrap_or(char::REPLACEMENT_CHARACTER), used, out);
            at += used;
        }
        self.partial.extend_from_slice(&bytes[at.min(bytes.len())..]);
    }

    fn character(&mut self, c: char, bytes: usize, out: &mut String) {
        self.run(c.len_utf8() as u64, bytes as u64, 1);
        out.push(c);
    }

    /// Notes `count` characters that take so many bytes each.
    fn run(&mut self, text_step: u64, byte_step: u64, count: u64) {
        let goes_on = self
            .runs
            .back()
            .is_some_and(|r| (r.text_step, r.byte_step) == (text_step, byte_step));
        if !goes_on {
            self.runs.push_back(Run {
                text: self.text,
                byte: self.byte,
                text_step,
                byte_step,
            });
        }
        self.text += text_step * count;
        self.byte += byte_step * count;
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}

fn units(bytes: &[u8], at: usize, unit: fn([u8; 2]) -> u16) -> Option<u16> {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map(unit)
}

/// The encoding by the first bytes, as soon as they tell. Ordinary text tells with its second byte.
fn detected(bytes: &[u8], last: bool) -> Option<Encoding> {
    if bytes.len() < 2 && !last {
        return None;
    }
    match bytes {
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    // The first two characters, of which each has one byte that is zero.
    let zero = |i: usize| bytes.get(i).map(|b| *b == 0);
    match [zero(0), zero(1), zero(2), zero(3)] {
        [Some(false), Some(true), Some(false), Some(true)] => Some(Encoding::Utf16Le),
        [Some(true), Some(false), Some(true), Some(false)] => Some(Encoding::Utf16Be),
        [Some(a), Some(b), _, None] if a != b && !last => None,
        _ => Some(Encoding::Utf8),
    }
}

/// How many bytes at the end could become a character with what follows.
fn incomplete_tail(bytes: &[u8]) -> usize {
    (1..=bytes.len().min(3))
        .find(|&n| bytes[bytes.len() - n] & 0xc0 != 0x80)
        .filter(|&n| {
            let tail = &bytes[bytes.len() - n..];
            std::str::from_utf8(tail).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
        })
        .unwrap_or(0)
}
