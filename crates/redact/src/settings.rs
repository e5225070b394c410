//! What a client can set about redaction.

use serde::{Deserialize, Serialize};

/// What to look for beyond the rules that are always on. Cards and authentication data have no switch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether IPv4 and IPv6 addresses are redacted. Off by default: most console output would lose its use.
    pub ip_addresses: bool,
    /// The client's merchant and terminal ids, found literally wherever they stand as a word, in any letter case.
    /// Entries that could not be told from ordinary text (fewer than 6 characters, or no digit) are ignored.
    pub merchant_ids: Vec<String>,
}

impl Settings {
    /// The registered ids that are distinctive enough to look for.
    pub(crate) fn usable_ids(&self) -> impl Iterator<Item = &str> {
        self.merchant_ids.iter().map(|id| id.trim()).filter(|id| {
            id.len() >= 6
                && id.bytes().any(|b| b.is_ascii_digit())
                && id.bytes().all(|b| b.is_ascii_graphic())
                && !id.contains(['[', ']'])
        })
    }
}
