//! What an action's output is redacted with beyond what its order says: the settings of the organisation and the client, and
//! the key of the session's placeholders.

use std::fmt;

use domain::ids::ActionId;
use domain::redaction::RedactionSettings;
use serde::{Deserialize, Serialize};

use crate::signing;

/// The capability of agents that are told of this. To others nothing of it is sent; the server's own pass applies the settings.
pub const REDACTION: &str = "redaction";

/// Sent before the action's order. It stands apart from the order because orders are stored: neither the words that an
/// organisation wants taken out nor the session's key are to lie beside the text that they were taken out of.
///
/// It is not signed. A server that sends other settings than it should could as well store what the agent sends; and the rules
/// that are always on ask nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionRedaction {
    /// For whose output.
    pub action: ActionId,
    /// The key from which placeholders get their numbers: 64 lower-case hexadecimal digits.
    pub session_key: String,
    /// What is taken out beyond what always is.
    pub settings: RedactionSettings,
}

impl ActionRedaction {
    /// Whether every field has its shape and size.
    pub(crate) fn is_well_formed(&self) -> bool {
        signing::is_hex::<32>(&self.session_key) && self.settings.fits()
    }
}

/// Without the key, and without the words.
impl fmt::Debug for ActionRedaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionRedaction")
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}
