//! What a script says that the record must not hold (R36): the row, the statement and every leaf have it with placeholders; the
//! exact text is sealed until it is sent, and gone when the action has ended.
//!
//! The key is derived from the server's secret for the one action, so that a copy of the database opens nothing. Card data is
//! never sealed: a command with some is refused. Verbs are not redacted either: one whose argument is sensitive is refused,
//! since with a placeholder it would be another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::action::{Command, Script};
use domain::finding::{Looked, count};
use domain::ids::{ActionId, OrgId};
use domain::sensitive::Raw;
use redact::Settings;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::error::Failure;
use crate::keys::Keys;
use crate::store::entity::action;

/// What stands in the row's order once its action has ended.
pub(crate) const GONE: &str = "sealed: gone";
/// Begins a sealed order.
const SEALED: &str = "sealed:";

/// A command as the record shows it.
pub(crate) struct Shown {
    /// With placeholders.
    pub(crate) command: Command,
    /// By which engine, and what was found.
    pub(crate) looked: Looked,
}

/// The command as the record shows it.
pub(crate) fn shown(settings: &Settings, command: &Command) -> Shown {
    let Command::Script(script) = command else {
        return Shown {
            command: command.clone(),
            looked: Looked {
                engine: redact::ENGINE_VERSION,
                counts: count(&[]),
            },
        };
    };
    let redacted = redact::redact(settings, Raw::new(&script.text));
    let looked = redacted.looked();
    // Where nothing was found the text is the text, to the byte: it is what runs.
    let text = if looked.total() == 0 {
        script.text.clone()
    } else {
        redacted.into_parts().0
    };
    Shown {
        command: Command::Script(Script {
            shell: script.shell,
            text,
        }),
        looked,
    }
}

/// What is sealed of an action.
#[derive(Clone, Copy)]
enum What {
    Command,
    Order,
}

/// Seals and opens what belongs to one action.
pub(crate) struct Seal<'a> {
    keys: &'a Keys,
    org: OrgId,
    action: ActionId,
}

impl<'a> Seal<'a> {
    pub(crate) fn of(keys: &'a Keys, org: OrgId, action: ActionId) -> Self {
        Self { keys, org, action }
    }

    /// A command, sealed.
    pub(crate) fn command(&self, nonce: [u8; NONCE_LEN], command: &Command) -> Result<String, Failure> {
        let text = domain::canonical::to_string(command)?;
        self.seal(What::Command, nonce, &text)
    }

    /// A signed order's text, sealed.
    pub(crate) fn order(&self, nonce: [u8; NONCE_LEN], order: &str) -> Result<String, Failure> {
        Ok(format!("{SEALED}{}", self.seal(What::Order, nonce, order)?))
    }

    fn key(&self, what: What) -> Result<LessSafeKey, Failure> {
        let purpose = match what {
            What::Command => "countersign sealed command v1",
            What::Order => "countersign sealed order v1",
        };
        let key = self.keys.sealing(purpose, self.org, self.action);
        let key = UnboundKey::new(&CHACHA20_POLY1305, &*key).map_err(Failure::stored)?;
        Ok(LessSafeKey::new(key))
    }

    fn seal(&self, what: What, nonce: [u8; NONCE_LEN], text: &str) -> Result<String, Failure> {
        let mut bytes = text.as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.key(what)?
            .seal_in_place_append_tag(unique, Aad::empty(), &mut bytes)
            .map_err(Failure::stored)?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &bytes].concat()))
    }

    fn open(&self, what: What, sealed: &str) -> Result<String, Failure> {
        let mut bytes = STANDARD_NO_PAD.decode(sealed).map_err(Failure::stored)?;
        let Some((nonce, rest)) = bytes.split_first_chunk_mut::<NONCE_LEN>() else {
            return Err(Failure::stored("a sealed text without a nonce"));
        };
        let unique = Nonce::assume_unique_for_key(*nonce);
        let text = self
            .key(what)?
            .open_in_place(unique, Aad::empty(), rest)
            .map_err(Failure::stored)?;
        String::from_utf8(text.to_vec()).map_err(Failure::stored)
    }
}

/// The command that runs.
pub(super) fn command(keys: &Keys, row: &action::Model) -> Result<Command, Failure> {
    let Some(sealed) = &row.sealed else {
        return super::store::command(row);
    };
    let text = Seal::of(keys, row.org_id, row.id).open(What::Command, sealed)?;
    serde_json::from_str(&text).map_err(Failure::stored)
}

/// The order that is sent, as its row holds it.
pub(crate) fn order(keys: &Keys, row: &action::Model) -> Result<wire::SignedOrder, Failure> {
    let stored = row.signed_order.as_deref().unwrap_or_default();
    match stored.strip_prefix(SEALED) {
        Some(sealed) => {
            let text = Seal::of(keys, row.org_id, row.id).open(What::Order, sealed)?;
            serde_json::from_str(&text).map_err(Failure::stored)
        }
        None => serde_json::from_str(stored).map_err(Failure::stored),
    }
}

#[cfg(test)]
mod tests {
    use domain::action::{Shell, Verb};

    use super::*;
    use crate::deps::Deps;

    fn script(text: &str) -> Command {
        Command::Script(Script {
            shell: Shell::Sh,
            text: text.into(),
        })
    }

    /// R36: what is shown has placeholders, and is the very text where there is nothing to hide.
    #[test]
    fn what_is_shown_is_redacted() {
        let settings = Settings::default();
        let hidden = shown(&settings, &script("mysql -u root --password=Tr0ub4dor3 -e 'select 1'"));
        assert_eq!(hidden.looked.total(), 1);
        let Command::Script(s) = &hidden.command else {
            panic!("a script")
        };
        assert!(
            s.text.contains("[password]") && !s.text.contains("Tr0ub4dor3"),
            "{}",
            s.text
        );
        let plain = script("id\r\nuname -a\r\n");
        let same = shown(&settings, &plain);
        assert_eq!((same.command, same.looked.total()), (plain, 0));
        let verb = Command::Verb(Verb::FileRead {
            path: "/etc/hosts".into(),
        });
        assert_eq!(shown(&settings, &verb).command, verb);
    }

    /// What is sealed opens with the same secret, for the same action and as what it is, and holds nothing readable.
    #[test]
    fn a_sealed_text_opens_for_its_action_alone() {
        let deps = Deps::system();
        let (org, action) = (OrgId(deps.uuid()), ActionId(deps.uuid()));
        let keys = Keys::of([7; 32]);
        let seal = Seal::of(&keys, org, action);
        let sealed = seal.seal(What::Command, deps.bytes(), "password=Tr0ub4dor3").unwrap();
        assert!(!sealed.contains("Tr0ub4dor3"));
        assert_eq!(seal.open(What::Command, &sealed).unwrap(), "password=Tr0ub4dor3");
        assert!(seal.open(What::Order, &sealed).is_err());
        assert!(
            Seal::of(&keys, org, ActionId(deps.uuid()))
                .open(What::Command, &sealed)
                .is_err()
        );
        assert!(
            Seal::of(&keys, OrgId(deps.uuid()), action)
                .open(What::Command, &sealed)
                .is_err()
        );
        let mut changed = sealed.into_bytes();
        changed[20] ^= 1;
        assert!(seal.open(What::Command, &String::from_utf8(changed).unwrap()).is_err());
    }
}
