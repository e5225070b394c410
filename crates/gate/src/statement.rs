//! The statement: what an approver is asked, as canonical JSON (R20, R24).
//!
//! The prompt is rendered from the statement alone ([`Statement::prompt`]), the decision names its digest, and the agent and
//! the verifier can check both. So what is seen is what is decided. Words that are made by this crate (reach and risks) are
//! part of it, because they were shown. Deliberately absent: who may decide, and the decision.

mod prompt;

pub use prompt::{Part, PromptLine};

use domain::action::Command;
use domain::canonical;
use domain::digest::Digest;
use domain::ids::{ActionId, ClientId, EndpointId, OrgId, PersonId, RequestId, SessionId};
use domain::roles::Role;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::name;
use crate::risk;
use crate::scope::Scope;

/// What is put before the digest's bytes, so that no other signed text can pass for a statement.
const DIGEST_PREFIX: &[u8] = b"countersign statement v1\n";

/// The largest statement that is read, in bytes: the longest script, every byte of it escaped, and room for the rest.
const LARGEST: usize = 512 * 1024;

/// What an approver is asked. Made by [`Statement::new`] or [`Statement::parse`], which check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The version of this format: 1.
    pub v: u32,
    /// The request.
    pub request: RequestId,
    /// The org.
    pub org: Org,
    /// The client whose endpoint it is.
    pub client: Client,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Who asks.
    pub requester: Requester,
    /// The session it is asked in.
    pub session: Session,
    /// What is asked.
    pub subject: Subject,
    /// What it reaches, in plain words.
    pub reach: String,
    /// The notes of [`crate::risk`], as sentences.
    pub risks: Vec<String>,
    /// The version of the policy that asks for a person.
    pub policy_version: u32,
    /// The rule in it.
    pub rule: String,
    /// How often an approval may be used.
    pub uses: u32,
    /// When the request was made; an approval is not valid before.
    pub not_before: Timestamp,
    /// When the time to decide ends.
    pub expires: Timestamp,
    /// 16 to 64 random bytes in lower-case hexadecimal, so that no two statements are alike.
    pub nonce: String,
}

/// The org, as named at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Org {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
}

/// The client, as named at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name.
    pub name: String,
}

/// The endpoint, as named at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its name.
    pub name: String,
    /// Its device key's fingerprint.
    pub key: Digest,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// The role in which they ask.
    pub role: Role,
}

/// The session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Why it was opened.
    pub reason: String,
    /// The ticket, if there is one.
    pub ticket: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Subject {
    /// One action, exactly.
    Action {
        /// The action.
        action: ActionId,
        /// What it would do.
        command: Command,
        /// [`Command::digest`] of what runs: of `command`, unless that is redacted.
        digest: Digest,
        /// Whether parts of a script are shown by placeholders here.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        redacted: bool,
    },
    /// Access to everything in a scope, for a time.
    Access {
        /// The scope.
        scope: Scope,
        /// The workflow that asks, such as `file-inspection@1`.
        workflow: Option<String>,
        /// Minutes that the access lives once approved.
        grant_minutes: u32,
    },
}

/// What a new statement is made from; reach, risks and the command's digest are worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The request.
    pub request: RequestId,
    /// The org.
    pub org: Org,
    /// The client.
    pub client: Client,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Who asks.
    pub requester: Requester,
    /// The session.
    pub session: Session,
    /// What is asked.
    pub subject: AskedFor,
    /// The policy's version.
    pub policy_version: u32,
    /// The rule.
    pub rule: String,
    /// How often an approval may be used.
    pub uses: u32,
    /// Now.
    pub not_before: Timestamp,
    /// When the time to decide ends.
    pub expires: Timestamp,
    /// Random bytes, 16 to 64.
    pub nonce: Vec<u8>,
}

/// What is asked, before the rest is worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedFor {
    /// One action, its command in canonical form.
    Action {
        /// The action.
        action: ActionId,
        /// The command that runs.
        command: Command,
        /// The command as it may be shown.
        shown: Command,
    },
    /// Access.
    Access {
        /// The scope.
        scope: Scope,
        /// The workflow that asks.
        workflow: Option<String>,
        /// Minutes that the access lives, 1 to 60.
        grant_minutes: u32,
    },
}

/// Why there is no such statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The bytes are not a statement's JSON.
    #[error("the statement can't be read: {0}")]
    Unreadable(String),
    /// The bytes say the same as a statement, but are not its canonical bytes.
    #[error("the statement is not in its canonical form")]
    NotCanonical,
    /// Its parts contradict each other, or are beyond their bounds.
    #[error("the statement does not hold together: {0}")]
    Inconsistent(String),
}

impl Statement {
    /// The statement of a request.
    ///
    /// # Errors
    /// When a part is beyond its bounds, or the command is not canonical.
    pub fn new(asked: Asked) -> Result<Self, StatementError> {
        let (subject, reach, notes) = match asked.subject {
            AskedFor::Action { action, command, shown } => {
                let (reach, notes, digest) = (command.reach(), risk::of_command(&command), command.digest());
                (
                    Subject::Action {
                        action,
                        redacted: shown != command,
                        command: shown,
                        digest,
                    },
                    reach,
                    notes,
                )
            }
            AskedFor::Access {
                scope,
                workflow,
                grant_minutes,
            } => {
                let (reach, notes) = (scope.reach(), risk::of_scope(&scope));
                (
                    Subject::Access {
                        scope,
                        workflow,
                        grant_minutes,
                    },
                    reach,
                    notes,
                )
            }
        };
        let statement = Self {
            v: 1,
            request: asked.request,
            org: asked.org,
            client: asked.client,
            endpoint: asked.endpoint,
            requester: asked.requester,
            session: asked.session,
            subject,
            reach,
            risks: notes.into_iter().map(|n| n.says).collect(),
            policy_version: asked.policy_version,
            rule: asked.rule,
            uses: asked.uses,
            not_before: asked.not_before,
            expires: asked.expires,
            nonce: domain::digest::hex(&asked.nonce),
        };
        statement.check().map_err(StatementError::Inconsistent)?;
        Ok(statement)
    }

    /// Reads a statement from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are not a statement, not canonical, or its parts contradict each other.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > LARGEST {
            return Err(StatementError::Unreadable("it is too large".into()));
        }
        let statement: Self = serde_json::from_slice(bytes).map_err(|e| StatementError::Unreadable(e.to_string()))?;
        if statement.canonical() != bytes {
            return Err(StatementError::NotCanonical);
        }
        statement.check().map_err(StatementError::Inconsistent)?;
        Ok(statement)
    }

    /// The canonical bytes: what is stored and hashed.
    #[expect(
        clippy::missing_panics_doc,
        reason = "can't panic: it holds only strings, 32-bit integers and lists of them"
    )]
    pub fn canonical(&self) -> Vec<u8> {
        canonical::to_vec(self).expect("strings and 32-bit integers always have a canonical form")
    }

    /// What a decision names: SHA-256 of a fixed first line and the canonical bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&[DIGEST_PREFIX, &self.canonical()])
    }

    /// What an approval would authorise at most: the narrowest scope of the action's command, or the scope that is asked.
    pub fn scope(&self) -> Scope {
        match &self.subject {
            Subject::Access { scope, .. } => scope.clone(),
            // The check keeps commands canonical. Were one not, this scope covers nothing that can run.
            Subject::Action {
                digest, redacted: true, ..
            } => Scope(crate::scope::Kind::Script(*digest)),
            Subject::Action { command, digest, .. } => {
                Scope::exactly(command).unwrap_or(Scope(crate::scope::Kind::Script(*digest)))
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.v != 1 {
            return Err(format!("format {} is not known, only 1", self.v));
        }
        match &self.subject {
            Subject::Action {
                command,
                digest,
                redacted,
                ..
            } => {
                name::check_canonical(command).map_err(|e| e.to_string())?;
                if (*digest != command.digest()) != *redacted {
                    return Err("the digest is not the command's".into());
                }
                if *redacted && !matches!(command, Command::Script(_)) {
                    return Err("only scripts are shown redacted".into());
                }
                if self.uses != 1 {
                    return Err("an action is run once".into());
                }
            }
            Subject::Access { grant_minutes, .. } => {
                if !(1..=60).contains(grant_minutes) {
                    return Err("access lives 1 to 60 minutes".into());
                }
                if !(1..=1000).contains(&self.uses) {
                    return Err("access is for 1 to 1000 uses".into());
                }
            }
        }
        if self.expires <= self.not_before {
            return Err("it expires before it is made".into());
        }
        if !(32..=128).contains(&self.nonce.len())
            || !self.nonce.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err("the nonce is not 16 to 64 bytes in lower-case hexadecimal".into());
        }
        Ok(())
    }
}
