//! The numbers in placeholders: `[merchant id #kqzmt]`. The same value has the same number throughout a session, so that a
//! reader can follow it over lines, streams, actions and endpoints; whoever has no key learns nothing from it.
//!
//! A number is taken from a keyed hash (HMAC-SHA-256, RFC 2104) and not counted up: it needs no memory, depends on
//! nothing that was before, so neither the cut of a stream nor the order of two streams can change it. Of 100
//! values of one kind two share a number in one session of 7,000.
//!
//! Deliberately absent: numbers for card data (a CVV has a thousand values, and PCI DSS 3.3 allows no trace of it) and
//! passwords (people choose few), where a leaked key would make a number worth guessing against.

use domain::finding::FindingKind;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::settings::SessionKey;

/// Characters of a number.
const LEN: usize = 5;
/// No vowels, so that no word stands there by chance, and no digits, which a rule could take for an id's.
const ALPHABET: &[u8; 32] = b"bcdfghjklmnpqrstvwxzBCDFGHJKMNPQ";

/// Makes numbers with one session's key.
#[derive(Clone)]
pub(crate) struct Numbers {
    mac: Hmac<Sha256>,
}

impl Numbers {
    pub(crate) fn new(key: &SessionKey) -> Option<Self> {
        Hmac::new_from_slice(key.bytes()).ok().map(|mac| Self { mac })
    }

    /// The number of `value`, as written in the view: spaces and dashes don't count, nor does letter case.
    pub(crate) fn of(&self, kind: FindingKind, value: &str) -> Option<[u8; LEN]> {
        if !is_numbered(kind) {
            return None;
        }
        let mut mac = self.mac.clone();
        mac.update(kind.label().as_bytes());
        mac.update(&[0]);
        for c in value.chars().filter(|c| c.is_alphanumeric() || matches!(c, '@' | '+')) {
            let mut room = [0; 4];
            c.to_lowercase()
                .for_each(|c| mac.update(c.encode_utf8(&mut room).as_bytes()));
        }
        let hash = mac.finalize().into_bytes();
        let mut number = [0; LEN];
        for (to, from) in number.iter_mut().zip(hash) {
            *to = ALPHABET[usize::from(from % 32)];
        }
        Some(number)
    }
}

/// Whether `text` could be a number.
pub(crate) fn is_number(text: &str) -> bool {
    text.len() == LEN && text.bytes().all(|b| ALPHABET.contains(&b))
}

fn is_numbered(kind: FindingKind) -> bool {
    match kind {
        FindingKind::Card | FindingKind::CardAuth | FindingKind::Password | FindingKind::PrivateKey => false,
        FindingKind::Email
        | FindingKind::Phone
        | FindingKind::Ssn
        | FindingKind::IpAddress
        | FindingKind::Secret
        | FindingKind::Jwt
        | FindingKind::MerchantId
        | FindingKind::Iban
        | FindingKind::NationalId
        | FindingKind::HealthId
        | FindingKind::DocumentId
        | FindingKind::MacAddress
        | FindingKind::Term
        | FindingKind::Own => true,
    }
}
