//! A redactor for bytes, as they come from a pipe.

use domain::sensitive::Raw;

use crate::decode::{Decoder, Encoding};
use crate::redacted::Redacted;
use crate::settings::Settings;
use crate::stream::Redactor;

/// A [`Redactor`] that takes bytes. [`Redacted::sources`] of what it gives are places in these bytes.
#[derive(Debug)]
pub struct ByteRedactor {
    decoder: Decoder,
    redactor: Redactor,
}

impl ByteRedactor {
    /// A redactor at the start of a stream, which finds out whether it is UTF-8 or UTF-16.
    pub fn new(settings: &Settings) -> Self {
        Self::with_encoding(settings, Encoding::Auto)
    }

    /// A redactor at the start of a stream in a known encoding.
    pub fn with_encoding(settings: &Settings, encoding: Encoding) -> Self {
        Self {
            decoder: Decoder::new(encoding),
            redactor: Redactor::new(settings),
        }
    }

    /// Takes the next bytes and gives what can be released.
    pub fn push(&mut self, chunk: Raw<&[u8]>) -> Redacted {
        let text = self.decoder.push(chunk).expose();
        let out = self.redactor.push(Raw::new(&text));
        let out = out.with_sources(|at| self.decoder.place(at));
        self.decoder.forget(self.redactor.decided());
        out
    }

    /// Ends the stream and gives what was held back.
    pub fn finish(self) -> Redacted {
        let Self {
            mut decoder,
            mut redactor,
        } = self;
        let mut out = redactor.push(Raw::new(&decoder.finish().expose()));
        out.append(redactor.finish());
        out.with_sources(|at| decoder.place(at))
    }

    /// How many bytes of text are held back now: less than 4096 (and up to 3 of a character that is not complete).
    pub fn held(&self) -> usize {
        self.redactor.held() + self.decoder.held()
    }
}
