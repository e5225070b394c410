//! What the tests share.

pub(crate) use crate::decoding::check_findings;
use domain::sensitive::Raw;
use redact::{Redacted, Redactor, Settings};

/// The text at once.
pub(crate) fn whole(settings: &Settings, text: &str) -> Redacted {
    redact::redact(settings, Raw::new(text))
}

/// The text in pieces.
pub(crate) fn pieces<'a>(settings: &Settings, chunks: impl IntoIterator<Item = &'a str>) -> Redacted {
    let mut redactor = Redactor::new(settings);
    let mut out = Redacted::default();
    for chunk in chunks {
        out.append(redactor.push(Raw::new(chunk)));
        assert!(redactor.held() < 4096, "at most a window is held back");
    }
    out.append(redactor.finish());
    out
}

/// The text one character at a time.
pub(crate) fn single_characters(settings: &Settings, text: &str) -> Redacted {
    pieces(settings, text.char_indices().map(|(i, c)| &text[i..i + c.len_utf8()]))
}
