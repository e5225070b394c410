//! Raw text in, [`Redacted`] out. The only crate that can make a [`Redacted`], used by the agent before anything leaves
//! the endpoint and by the server before anything is stored (R30).
//!
//! # How it works
//!
//! [`Redactor`] cuts a stream into *units* whose borders depend on the characters alone, never on how they arrived (R31):
//! runs of complete lines, or, where a line is longer than 4 KiB, windows of it. Each unit is matched over a normalised
//! view (escape sequences dropped, full-width digits folded …, R33) whose positions lead back to the original, so
//! that what is shown keeps its shape. One pass over all bytes (`vector`) makes bitmaps of character classes and of where
//! words may start (`classes`); from these come the candidates (`candidates`, `literals`), and rules look only at candidates
//! (`find`). A line in which something was found is looked at again until nothing more is found, so that redacting twice adds
//! nothing.
//!
//! What makes it fast: nothing is done for each byte but in vector code; candidates are turned away by what most of them
//! lack before anything else is asked; and buffers are made once for a stream ([`scan`]).
//!
//! Each family of rules says in a table what it checks, with examples that the tests run ([`rules`]). How sure a rule is
//! ([`Confidence`]) belongs to the rule, so a stored finding has it by its rule's name.
//!
//! # Deliberately absent
//!
//! Storage, transport, counting per session (`domain::finding::count`) and what a finding leads to (incidents). A second
//! layer of encoding. Rules that look across lines, other than private keys and the two in `joined`. Regular expressions:
//! an organisation's own patterns are a smaller language, so that none can be slow.

mod again;
mod bytes;
mod candidates;
mod classes;
mod decode;
mod encoded;
mod find;
mod fixpoint;
mod fold;
mod groups;
mod joined;
mod literals;
mod matches;
mod number;
mod overlay;
mod own;
mod redacted;
mod rule;
mod rules;
mod scan;
mod settings;
mod stream;
mod vector;
mod view;

use domain::sensitive::Raw;

pub use again::{Again, Ready, again};
pub use bytes::ByteRedactor;
pub use decode::{Decoder, Encoding};
pub use own::{OwnPattern, Refused, check_merchant_id, check_term};
pub use redacted::Redacted;
pub use rule::{Confidence, Rule, rule, rules};
pub use settings::{SessionKey, Settings};
pub use stream::Redactor;

/// For each kind of credential that names itself by a prefix its regular expression: what other programs would search for.
pub fn credential_patterns() -> impl Iterator<Item = String> {
    rules::keys::patterns()
}

/// Version of the rules and of how they are applied, stored with each finding. Raised whenever the same text could come
/// out differently.
pub const ENGINE_VERSION: u32 = 6;

/// Redacts a whole text: commands, notes, search queries, file names (R36).
pub fn redact(settings: &Settings, text: Raw<&str>) -> Redacted {
    let mut redactor = Redactor::new(settings);
    let mut out = redactor.push(text);
    out.append(redactor.finish());
    out
}
