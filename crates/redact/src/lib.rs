//! Raw text in, [`Redacted`] out. The only crate that can make a [`Redacted`], used by the agent before anything leaves
//! the endpoint and by the server before anything is stored (R30).
//!
//! # How it works
//!
//! [`Redactor`] cuts a stream into *units* whose borders depend on the characters alone, never on how they arrived (R31):
//! runs of complete lines, or, where a line is longer than 4 KiB, windows of it. Each unit is matched over a normalised
//! view (escape sequences dropped, full-width digits folded …, R33) whose positions lead back to the original, so
//! that what is shown keeps its shape. Candidates are found by three fast passes (digit groups, a set of literals,
//! `@` and `+`); rules look only at candidates. A line in which something was found is looked at again until nothing more
//! is found, so that redacting twice adds nothing.
//!
//! # Deliberately absent
//!
//! Storage, transport, counting per session (`domain::finding::count`) and what a finding leads to (incidents). Rules that
//! need to look across lines, other than private keys: a rule sees one line. Decoding of anything but UTF-8.

mod again;
mod bytes;
mod find;
mod fixpoint;
mod fold;
mod literals;
mod matches;
mod redacted;
mod rules;
mod scan;
mod settings;
mod stream;
mod view;

use domain::sensitive::Raw;

pub use again::{Again, again};
pub use bytes::{ByteRedactor, Utf8Decoder};
pub use redacted::Redacted;
pub use settings::Settings;
pub use stream::Redactor;

/// Version of the rules and of how they are applied, stored with each finding. Raised whenever the same text could come
/// out differently.
pub const ENGINE_VERSION: u32 = 1;

/// Redacts a whole text: commands, notes, search queries, file names (R36).
pub fn redact(settings: &Settings, text: Raw<&str>) -> Redacted {
    let mut redactor = Redactor::new(settings);
    let mut out = redactor.push(text);
    out.append(redactor.finish());
    out
}
