//! What a client can set about redaction.

use std::fmt;

use domain::finding::FindingKind;
use domain::redaction::RedactionSettings;
use serde::{Deserialize, Serialize};

use crate::own::{OwnPattern, check_merchant_id};

/// What to look for beyond the rules that are always on. Cards, authentication data and credentials have no switch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether IPv4 and IPv6 addresses are redacted. Off by default: most console output would lose its use.
    pub ip_addresses: bool,
    /// The client's merchant and terminal ids, found literally wherever they stand as a word, in any letter case.
    /// Entries that [`check_merchant_id`] refuses are ignored.
    ///
    /// [`check_merchant_id`]: crate::check_merchant_id
    pub merchant_ids: Vec<String>,
    /// Whether hardware (MAC) addresses are redacted.
    pub mac_addresses: bool,
    /// Names and other terms, found wherever they stand as words, in any letter case. Entries that [`check_term`] refuses
    /// are ignored.
    ///
    /// [`check_term`]: crate::check_term
    pub terms: Vec<String>,
    /// The organisation's own patterns.
    pub own: Vec<OwnPattern>,
    /// Kinds that are not to be redacted. Those that can't be turned off (see [`FindingKind::can_be_off`]) are ignored here.
    pub off: Vec<FindingKind>,
    /// The session's key, with which placeholders get their numbers. Without one they have none.
    #[serde(skip)]
    pub session_key: Option<SessionKey>,
}

impl Settings {
    /// What an organisation or client set, with the session's key. A pattern that this engine does not take, such as one that a
    /// newer one did, is left out.
    pub fn of(set: &RedactionSettings, session_key: Option<SessionKey>) -> Self {
        let own = set.patterns.iter();
        Self {
            ip_addresses: set.ip_addresses,
            merchant_ids: set.merchant_ids.clone(),
            mac_addresses: set.mac_addresses,
            terms: set.terms.clone(),
            own: own.filter_map(|p| OwnPattern::new(&p.name, &p.pattern).ok()).collect(),
            off: set.off.clone(),
            session_key,
        }
    }

    /// The same for commands: addresses stay, since most commands on networks are about one.
    pub fn for_commands(mut self) -> Self {
        self.ip_addresses = false;
        self.mac_addresses = false;
        self
    }

    /// The registered ids that are distinctive enough to look for.
    pub(crate) fn usable_ids(&self) -> impl Iterator<Item = &str> {
        self.merchant_ids
            .iter()
            .map(|id| id.trim())
            .filter(|id| check_merchant_id(id).is_ok())
    }
}

/// A key made for one session, known to whoever redacts for it. It tells two values apart in that session and is worth
/// nothing in another.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// A key of 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}
