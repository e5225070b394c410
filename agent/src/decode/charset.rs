//! From bytes to characters: which encoding a stream has, and its characters, whole ones only.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
    WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;

/// A run of bytes that are no ASCII is looked at in pieces of this length.
const LONGEST_RUN: usize = 1024;

/// The decoder of one stream.
pub(super) struct Charset {
    state: State,
    /// Bytes that can't be decided yet: the first ones of the stream, or a run that goes on.
    held: Vec<u8>,
    page: Page,
}

enum State {
    /// Not enough came to tell.
    Start,
    /// UTF-8, with the code page for what is not.
    Text,
    /// UTF-16, or a code page with characters of two bytes from the first byte on that is not UTF-8.
    Other(encoding_rs::Decoder),
}

/// What bytes are that are not UTF-8.
enum Page {
    /// One byte is one character: those of 0x80 to 0xFF. Each run of such bytes, a word mostly, is told apart for itself:
    /// two letters may look like UTF-8, a whole word hardly does.
    Single(Box<[char; 128]>),
    /// Characters of one or two bytes, of which the second may be ASCII. The first run that is not UTF-8 decides for all
    /// that follows.
    Double(&'static Encoding),
    /// Not known here.
    Unknown,
}

/// What the first bytes of a stream say.
enum First {
    NeedsMore,
    Utf16 { encoding: &'static Encoding, mark: usize },
    Text { mark: usize },
}

impl Page {
    fn of(number: u16) -> Self {
        if let Some(table) = DECODING_TABLE_CP_MAP.get(&number) {
            let high = |i: usize| u8::try_from(i + 128).ok().and_then(|b| table.decode_char_checked(b));
            return Self::Single(Box::new(std::array::from_fn(|i| {
                high(i).unwrap_or(char::REPLACEMENT_CHARACTER)
            })));
        }
        let windows = match number {
            932 => return Self::Double(SHIFT_JIS),
            936 => return Self::Double(GBK),
            949 => return Self::Double(EUC_KR),
            950 => return Self::Double(BIG5),
            1250 => WINDOWS_1250,
            1251 => WINDOWS_1251,
            1252 => WINDOWS_1252,
            1253 => WINDOWS_1253,
            1254 => WINDOWS_1254,
            1255 => WINDOWS_1255,
            1256 => WINDOWS_1256,
            1257 => WINDOWS_1257,
            1258 => WINDOWS_1258,
            _ => return Self::Unknown,
        };
        let high = |i: usize| {
            let byte = [u8::try_from(i + 128).unwrap_or(u8::MAX)];
            let (text, _) = windows.decode_without_bom_handling(&byte);
            text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        Self::Single(Box::new(std::array::from_fn(high)))
    }
}

/// A byte order mark, or two characters of ASCII as UTF-16 has them.
fn first(bytes: &[u8]) -> First {
    let utf16 = |encoding, mark| First::Utf16 { encoding, mark };
    match bytes {
        [0xff, 0xfe, ..] => utf16(UTF_16LE, 2),
        [0xfe, 0xff, ..] => utf16(UTF_16BE, 2),
        [0xef, 0xbb, 0xbf, ..] => First::Text { mark: 3 },
        [] | [_] | [0xef, 0xbb] => First::NeedsMore,
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => utf16(UTF_16LE, 0),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => utf16(UTF_16BE, 0),
        [1..=0x7f, 0] | [1..=0x7f, 0, 1..=0x7f] | [0, 1..=0x7f] | [0, 1..=0x7f, 0] => First::NeedsMore,
        [_, _, ..] => First::Text { mark: 0 },
    }
}

impl Charset {
    pub(super) fn new(oem: u16) -> Self {
        Self {
            state: State::Start,
            held: vec![],
            page: Page::of(oem),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut String) {
        if self.held.is_empty() {
            return self.take(bytes, false, out);
        }
        let mut joined = std::mem::take(&mut self.held);
        joined.extend_from_slice(bytes);
        self.take(&joined, false, out);
    }

    pub(super) fn finish(&mut self, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        self.take(&held, true, out);
    }

    fn take(&mut self, mut bytes: &[u8], last: bool, out: &mut String) {
        if matches!(self.state, State::Start) {
            match first(bytes) {
                First::NeedsMore if last => self.state = State::Text,
                First::NeedsMore => return self.held.extend_from_slice(bytes),
                First::Text { mark } => {
                    self.state = State::Text;
                    bytes = &bytes[mark..];
                }
                First::Utf16 { encoding, mark } => {
                    self.state = State::Other(encoding.new_decoder_without_bom_handling());
                    bytes = &bytes[mark..];
                }
            }
        }
        if matches!(self.state, State::Text) {
            bytes = self.take_text(bytes, last, out);
        }
        if let State::Other(decoder) = &mut self.state {
            decode(decoder, bytes, last, out);
        }
    }

    /// Takes UTF-8 and what a single-byte page has between; gives what is left for another decoder.
    fn take_text<'a>(&mut self, mut bytes: &'a [u8], last: bool, out: &mut String) -> &'a [u8] {
        while !bytes.is_empty() {
            // Most text is UTF-8 as a whole.
            if let (Ok(text), true) = (std::str::from_utf8(bytes), last || bytes.ends_with(b"\n")) {
                out.push_str(text);
                return &[];
            }
            // Mostly all of it is ASCII, which is seen many bytes at a time.
            let end = match bytes.is_ascii() {
                true => bytes.len(),
                false => bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len()),
            };
            let (plain, rest) = bytes.split_at(end);
            // Valid as it is: ASCII.
            out.push_str(std::str::from_utf8(plain).unwrap_or_default());
            let len = rest
                .iter()
                .position(u8::is_ascii)
                .unwrap_or(rest.len())
                .min(LONGEST_RUN);
            let run = &rest[..len];
            if len == rest.len() && len < LONGEST_RUN && !last {
                self.held.extend_from_slice(run);
                return &[];
            }
            match self.run(run, out) {
                Some(taken) => bytes = &rest[taken..],
                None => return rest,
            }
        }
        &[]
    }

    /// Takes from a run of bytes that are no ASCII; gives how many. None when a decoder of two-byte characters takes over.
    fn run(&mut self, run: &[u8], out: &mut String) -> Option<usize> {
        let valid = match std::str::from_utf8(run) {
            Ok(_) => run.len(),
            // The run goes on behind this piece of it, and the character with it.
            Err(e) if e.error_len().is_none() && run.len() == LONGEST_RUN => e.valid_up_to(),
            Err(_) => 0,
        };
        if valid > 0 {
            out.push_str(&String::from_utf8_lossy(&run[..valid]));
            return Some(valid);
        }
        match &self.page {
            Page::Single(high) => out.extend(run.iter().map(|b| high[usize::from(b & 0x7f)])),
            Page::Double(encoding) => {
                self.state = State::Other(encoding.new_decoder_without_bom_handling());
                return None;
            }
            Page::Unknown => out.push_str(&String::from_utf8_lossy(run)),
        }
        Some(run.len())
    }
}

fn decode(decoder: &mut encoding_rs::Decoder, mut bytes: &[u8], last: bool, out: &mut String) {
    loop {
        let room = decoder
            .max_utf8_buffer_length(bytes.len())
            .unwrap_or(bytes.len() * 3 + 16);
        out.reserve(room);
        let (result, read, _) = decoder.decode_to_string(bytes, out, last);
        bytes = &bytes[read..];
        match result {
            encoding_rs::CoderResult::InputEmpty => return,
            encoding_rs::CoderResult::OutputFull => {}
        }
    }
}

impl std::fmt::Debug for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Charset(..)")
    }
}
