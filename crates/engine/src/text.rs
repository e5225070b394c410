//! What people type, before it is stored (R36): notes and reasons are redacted, commands with sensitive values refused.

use domain::api::{ApiError, Field};
use domain::sensitive::Raw;

/// A free text of at most `most` characters, trimmed. Empty is an error where `needed`. It is not redacted yet.
pub(crate) fn free(field: Field, text: &str, most: usize, needed: Option<&str>) -> Result<Raw<String>, ApiError> {
    let text = text.trim();
    if text.is_empty()
        && let Some(message) = needed
    {
        return Err(ApiError::invalid(field, message));
    }
    if text.chars().count() > most {
        return Err(ApiError::invalid(
            field,
            format!("That is longer than {most} characters."),
        ));
    }
    Ok(Raw::new(text.to_owned()))
}

/// A text that an agent says of its own: trimmed, redacted as its client has it, and cut to `most` characters. Never an error: a report that is
/// not taken would be sent again for ever.
pub(crate) fn from_agent(settings: &redact::Settings, text: &str, most: usize) -> String {
    let (text, _) = redact::redact(settings, Raw::new(text.trim())).into_parts();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Refuses a text that holds a value which is never stored. For commands and names, which can't be redacted without
/// becoming something else.
pub(crate) fn nothing_sensitive(settings: &redact::Settings, text: &str) -> Result<(), ApiError> {
    match redact::redact(settings, Raw::new(text)).findings().first() {
        Some(finding) => Err(ApiError::Sensitive { kind: finding.kind }),
        None => Ok(()),
    }
}

/// Refuses a text that holds card data, for lists of what else is not to be stored.
pub(crate) fn no_card_data(text: &str) -> Result<(), ApiError> {
    let redacted = redact::redact(&redact::Settings::default(), Raw::new(text));
    match redacted.findings().iter().find(|f| f.kind.is_card_data()) {
        Some(finding) => Err(ApiError::Sensitive { kind: finding.kind }),
        None => Ok(()),
    }
}

/// Words separated by commas, spaces or line breaks, without repetition, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for w in text.split([',', ' ', '\n', '\r', '\t']).filter(|w| !w.is_empty()) {
        if !words.iter().any(|known| known == w) {
            words.push(w.to_owned());
        }
    }
    words
}
