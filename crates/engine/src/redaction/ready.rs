//! Clients' redaction made ready: what is set for a client is compiled once, and not again with each piece of its output.
//!
//! Deliberately absent: any way to be told that settings changed. They are read anew for each piece, in its transaction, and
//! what was compiled from others is not used.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::ClientId;
use redact::{Ready, Settings};

use super::settings::stored;
use crate::error::Failure;

/// How many clients' are kept. One with the longest lists that may be set takes some megabytes.
const MOST: usize = 64;

/// What was set, as it is stored: for the organisation and for the client.
type Set = (String, String);

/// What is ready, by client.
#[derive(Debug, Default)]
pub(crate) struct ReadyRedaction(Mutex<BTreeMap<ClientId, (Set, Arc<Ready>)>>);

impl ReadyRedaction {
    /// The redaction of a client for which `set` is stored.
    pub(super) fn of(&self, client: ClientId, set: Set) -> Result<Arc<Ready>, Failure> {
        if let Some((of, ready)) = self.kept().get(&client)
            && *of == set
        {
            return Ok(ready.clone());
        }
        let both = stored(&set.0)?.with(&stored(&set.1)?);
        let ready = Arc::new(Ready::new(&Settings::of(&both, None)));
        let mut kept = self.kept();
        if kept.len() >= MOST && !kept.contains_key(&client) {
            kept.pop_first();
        }
        kept.insert(client, (set, ready.clone()));
        Ok(ready)
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<ClientId, (Set, Arc<Ready>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::redaction::RedactionSettings;

    use super::*;

    fn client(n: u128) -> ClientId {
        ClientId(uuid::Uuid::from_u128(n))
    }

    /// What is stored where one term is set.
    fn term(word: &str) -> String {
        let set = RedactionSettings {
            terms: vec![word.to_owned()],
            ..RedactionSettings::default()
        };
        serde_json::to_string(&set).unwrap()
    }

    fn shown(ready: &Ready, text: &str) -> String {
        let out = redact::Again::resume(ready, "").last(text, vec![]);
        out.into_parts().0
    }

    /// R34: what was compiled is used again, but never once the settings are others, for the client or for all.
    #[test]
    fn settings_count_from_the_next_piece_on() {
        let all = ReadyRedaction::default();
        let client = client(1);
        let text = "Ada and Grace";
        let first = all.of(client, (String::new(), term("Ada"))).unwrap();
        assert_eq!(shown(&first, text), "[term] and Grace");
        assert!(Arc::ptr_eq(
            &first,
            &all.of(client, (String::new(), term("Ada"))).unwrap()
        ));
        let own = all.of(client, (String::new(), term("Grace"))).unwrap();
        assert_eq!(shown(&own, text), "Ada and [term]");
        let both = all.of(client, (term("Ada"), term("Grace"))).unwrap();
        assert_eq!(shown(&both, text), "[term] and [term]");
        let none = all.of(client, Default::default()).unwrap();
        assert_eq!(shown(&none, text), text);
        assert!(all.of(client, ("{".to_owned(), String::new())).is_err());
    }

    /// Many clients take the room of some, and each has its own settings.
    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let all = ReadyRedaction::default();
        for n in (0..2 * MOST).chain(0..2 * MOST) {
            let name = format!("name{n}x");
            let ready = all.of(client(n as u128), (String::new(), term(&name))).unwrap();
            assert_eq!(shown(&ready, &name), "[term]");
        }
        assert_eq!(all.kept().len(), MOST);
    }
}
