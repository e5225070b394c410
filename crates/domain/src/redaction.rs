//! What an organisation sets about redaction, for all its clients and for one of them.

use serde::{Deserialize, Serialize};

use crate::finding::FindingKind;

/// The most merchant ids or words of one list.
pub const MOST_TERMS: usize = 200;
/// The most own patterns of one list.
pub const MOST_PATTERNS: usize = 50;

/// What is taken out of output, notes and reasons beyond the rules that are always on, and which of those that may be off are.
/// An organisation has one for all its clients; each client may have more, and never less.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactionSettings {
    /// Whether IP addresses are taken out.
    pub ip_addresses: bool,
    /// Whether hardware (MAC) addresses are taken out.
    pub mac_addresses: bool,
    /// Merchant and terminal ids, found wherever they stand as a word, in any letter case.
    pub merchant_ids: Vec<String>,
    /// Names and other terms, found in the same way.
    pub terms: Vec<String>,
    /// The organisation's own patterns.
    pub patterns: Vec<NamedPattern>,
    /// Kinds that are left in. Only those of [`FindingKind::can_be_off`]; only for all clients.
    pub off: Vec<FindingKind>,
}

/// A pattern as people write it, with what they call it. The `redact` crate says what is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPattern {
    /// What they call it: `loyalty card`.
    pub name: String,
    /// The pattern: `LC-########`.
    pub pattern: String,
}

impl RedactionSettings {
    /// These settings, with a client's on top: what either takes out is taken out.
    pub fn with(mut self, client: &Self) -> Self {
        self.ip_addresses |= client.ip_addresses;
        self.mac_addresses |= client.mac_addresses;
        add(&mut self.merchant_ids, &client.merchant_ids);
        add(&mut self.terms, &client.terms);
        add(&mut self.patterns, &client.patterns);
        self
    }

    /// Whether no list is longer than it may be, those of an organisation and a client taken together.
    pub fn fits(&self) -> bool {
        let texts = |list: &[String]| list.len() <= 2 * MOST_TERMS && list.iter().all(|t| t.len() <= 256);
        texts(&self.merchant_ids)
            && texts(&self.terms)
            && self.patterns.len() <= 2 * MOST_PATTERNS
            && self
                .patterns
                .iter()
                .all(|p| p.name.len() <= 256 && p.pattern.len() <= 256)
            && self.off.len() <= FindingKind::ALL.len()
    }
}

fn add<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R32: a client's settings add to the organisation's, and turn nothing off.
    #[test]
    fn a_client_can_only_have_more_taken_out() {
        let all = RedactionSettings {
            ip_addresses: true,
            terms: vec!["Jane Doe".into()],
            off: vec![FindingKind::Email],
            ..RedactionSettings::default()
        };
        let client = RedactionSettings {
            mac_addresses: true,
            terms: vec!["Jane Doe".into(), "Acme".into()],
            merchant_ids: vec!["4711-88".into()],
            off: vec![FindingKind::Phone],
            ..RedactionSettings::default()
        };
        let both = all.with(&client);
        assert!(both.ip_addresses && both.mac_addresses);
        assert_eq!(both.terms, ["Jane Doe", "Acme"]);
        assert_eq!(both.merchant_ids, ["4711-88"]);
        assert_eq!(both.off, [FindingKind::Email]);
    }
}
