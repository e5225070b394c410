//! Notes on keys of the registry: what a key, or a scope of keys, touches.

use super::{Kind, Note, known_keys, note, text};
use crate::scope::Scope;

/// The notes on a scope of `registry.read` or `registry.write`; none on others.
pub(super) fn of_scope(scope: &Scope) -> Vec<Note> {
    let writes = match scope.verb() {
        "registry.read" => false,
        "registry.write" => true,
        _ => return vec![],
    };
    let touched = |table: &'static [(&'static str, &'static [&'static str])]| {
        table
            .iter()
            .filter(|(_, keys)| touches(scope, keys))
            .map(|(what, _)| *what)
    };
    let mut notes: Vec<Note> = touched(known_keys::SECRET_KEYS)
        .map(|what| note(Kind::Secrets, format!("It covers {what}.")))
        .collect();
    if writes {
        notes.extend(touched(known_keys::LASTING_KEYS).map(|what| {
            note(
                Kind::Persists,
                format!("What is written there stays and takes effect later: {what}."),
            )
        }));
        notes.extend(touched(known_keys::PROTECTING_KEYS).map(|what| {
            note(
                Kind::Disables,
                format!("What is written there can weaken protection: {what}."),
            )
        }));
    }
    for target in scope.targets() {
        let lower = target.to_lowercase();
        if let Some(word) = known_keys::SECRET_WORDS.iter().find(|word| lower.contains(**word)) {
            notes.push(note(
                Kind::Secrets,
                format!("Keys with \"{word}\" often hold passwords, keys or the like."),
            ));
        }
        if lower.ends_with(r"\**") && lower.matches('\\').count() < 3 {
            notes.push(note(Kind::Wide, "It covers a large part of the registry."));
        }
        if text::mixes_alphabets(&target) {
            notes.push(note(
                Kind::Deceives,
                "A name mixes letters of different alphabets that look alike.",
            ));
        }
    }
    notes
}

/// Whether the scope touches a key of `keys`.
fn touches(scope: &Scope, keys: &[&str]) -> bool {
    Scope::of(scope.verb(), keys, None).is_ok_and(|known| known.overlaps(scope))
}
