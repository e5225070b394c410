//! From bytes, as they come from a pipe, to text.

use std::fmt;

use domain::sensitive::Raw;

use crate::redacted::Redacted;
use crate::settings::Settings;
use crate::stream::Redactor;

/// Decodes UTF-8 that comes in pieces. What is not UTF-8 becomes U+FFFD as `String::from_utf8_lossy` has it, wherever the
/// pieces are cut.
#[derive(Default)]
pub struct Utf8Decoder {
    /// The start of a character whose end has not come, at most 3 bytes.
    partial: Vec<u8>,
}

impl Utf8Decoder {
    /// Decodes the next piece.
    pub fn push(&mut self, bytes: Raw<&[u8]>) -> Raw<String> {
        let bytes = bytes.expose();
        let joined;
        let bytes = if self.partial.is_empty() {
            bytes
        } else {
            self.partial.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.partial);
            &joined
        };
        let complete = bytes.len() - incomplete_tail(bytes);
        self.partial.extend_from_slice(&bytes[complete..]);
        Raw::new(String::from_utf8_lossy(&bytes[..complete]).into_owned())
    }

    /// Ends the stream; a character cut off becomes U+FFFD.
    pub fn finish(self) -> Raw<String> {
        Raw::new(String::from_utf8_lossy(&self.partial).into_owned())
    }
}

impl fmt::Debug for Utf8Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Utf8Decoder(..)")
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

/// A [`Redactor`] that takes bytes.
#[derive(Debug)]
pub struct ByteRedactor {
    decoder: Utf8Decoder,
    redactor: Redactor,
}

impl ByteRedactor {
    /// A redactor at the start of a stream.
    pub fn new(settings: &Settings) -> Self {
        Self {
            decoder: Utf8Decoder::default(),
            redactor: Redactor::new(settings),
        }
    }

    /// Takes the next bytes and gives what can be released.
    pub fn push(&mut self, chunk: Raw<&[u8]>) -> Redacted {
        let text = self.decoder.push(chunk).expose();
        self.redactor.push(Raw::new(&text))
    }

    /// Ends the stream and gives what was held back.
    pub fn finish(self) -> Redacted {
        let Self { decoder, mut redactor } = self;
        let mut out = redactor.push(Raw::new(&decoder.finish().expose()));
        out.append(redactor.finish());
        out
    }

    /// How many bytes of text are held back now: less than 4096 (and up to 3 of a character that is not complete).
    pub fn held(&self) -> usize {
        self.redactor.held()
    }
}
