//! What the tests share.

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

/// Every finding points at a placeholder of its kind, in order, none overlapping.
pub(crate) fn check_findings(redacted: &Redacted) {
    let mut end = 0;
    for f in redacted.findings() {
        let (start, len) = (
            usize::try_from(f.start).expect("an offset"),
            usize::try_from(f.len).expect("a length"),
        );
        assert!(start >= end, "findings are in order");
        let placeholder = redacted
            .text()
            .get(start..start + len)
            .expect("a finding lies within the text");
        let label = f.kind.label();
        let card = placeholder.starts_with("[card •••• ") && placeholder.ends_with(']') && label == "card";
        let numbered = placeholder.starts_with(&format!("[{label} #")) && placeholder.len() == label.len() + 9;
        assert!(
            card || numbered || placeholder == format!("[{label}]"),
            "{placeholder} for {label}"
        );
        assert!(!f.rule.is_empty() && f.engine == redact::ENGINE_VERSION);
        end = start + len;
    }
    assert_eq!(redacted.sources().len(), redacted.findings().len());
    assert!(
        redacted.sources().windows(2).all(|s| s[0].end <= s[1].start),
        "places are in order"
    );
}
