//! The kinds of events and their fields.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::action::{Basis, Command, Outcome, RefusalReason};
use crate::api::{Disposition, ErasureCause, IncidentPlace, Withheld};
use crate::digest::Digest;
use crate::event::controls::Evidence;
use crate::finding::{Finding, FindingCounts, FindingKind, Looked};
use crate::ids::{ActionId, DataIncidentId, GrantId, HoldId, NoteId, ShareId, TokenId};
use crate::timestamp::Timestamp;

/// A kind of event as the registry declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSpec {
    /// The name, such as `session.opened`.
    pub name: &'static str,
    /// The version of its fields.
    pub version: u32,
    /// What it is evidence of.
    pub evidence: &'static [Evidence],
    /// The fields.
    pub fields: &'static [FieldSpec],
}

/// A field of a kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The group it is committed in. `text` holds what a person typed or a machine printed, redacted; such a group can be
    /// withheld or erased. The others hold facts.
    pub group: &'static str,
    /// The field's name.
    pub name: &'static str,
    /// What it may hold.
    pub sensitivity: Sensitivity,
}

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// Ids, numbers, digests, names of things, words of the product.
    Fact,
    /// Names or addresses of people.
    Personal,
    /// What a person typed or a machine printed, redacted.
    Said,
}

/// The stored kind or fields are not what the registry declares.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAnEvent {
    /// No such kind in the registry.
    #[error("unknown event {0} version {1}")]
    UnknownKind(String, u32),
    /// A field is missing or of another type.
    #[error("event {0}: field {1} is missing or malformed")]
    Field(&'static str, &'static str),
}

/// A field's own, else its group's.
macro_rules! sensitivity {
    (text) => {
        Sensitivity::Said
    };
    ($group:ident) => {
        Sensitivity::Fact
    };
    ($group:ident $own:ident) => {
        Sensitivity::$own
    };
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $version:literal as $($evidence:ident)|+ {
        $($group:ident { $($(#[$fdoc:meta])* $(@$sensitivity:ident)? $field:ident: $ty:ty),* $(,)? })*
    })*) => {
        /// What happened, with the fields that only this kind of event has.
        #[expect(missing_docs, reason = "the fields of an event are named for what they hold")]
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $variant { $($($(#[$fdoc])* $field: $ty,)*)* },)*
        }

        /// Every kind of event that the record can hold.
        pub const REGISTRY: &[EventSpec] = &[
            $(EventSpec {
                name: $name,
                version: $version,
                evidence: &[$(Evidence::$evidence),+],
                fields: &[$($(FieldSpec {
                    group: stringify!($group),
                    name: stringify!($field),
                    sensitivity: sensitivity!($group $($sensitivity)?),
                },)*)*],
            },)*
        ];

        impl Event {
            /// The kind's name and version.
            pub fn kind(&self) -> (&'static str, u32) {
                match self { $(Self::$variant { .. } => ($name, $version),)* }
            }

            /// The fields by group.
            pub fn groups(&self) -> BTreeMap<String, Value> {
                #[allow(unused_mut, clippy::allow_attributes, reason = "an event without fields mutates nothing")]
                let mut groups = BTreeMap::new();
                match self {
                    $(Self::$variant { $($($field,)*)* } => {
                        $(
                            let mut group = Map::new();
                            $(group.insert(stringify!($field).to_owned(), serde_json::to_value($field).unwrap_or_default());)*
                            groups.insert(stringify!($group).to_owned(), Value::Object(group));
                        )*
                    })*
                }
                groups
            }

            /// The event that `groups` hold.
            ///
            /// # Errors
            /// When the registry has no such kind, or a field is missing or malformed.
            pub fn read(name: &str, version: u32, groups: &BTreeMap<String, Value>) -> Result<Self, NotAnEvent> {
                match (name, version) {
                    $(($name, $version) => Ok(Self::$variant {
                        $($($field: field(groups, $name, stringify!($group), stringify!($field))?,)*)*
                    }),)*
                    _ => Err(NotAnEvent::UnknownKind(name.to_owned(), version)),
                }
            }
        }
    };
}

fn field<T: DeserializeOwned>(
    groups: &BTreeMap<String, Value>,
    event: &'static str,
    group: &'static str,
    name: &'static str,
) -> Result<T, NotAnEvent> {
    groups
        .get(group)
        .and_then(|g| g.get(name))
        .and_then(|v| serde_json::from_value(v.clone()).ok())
        .ok_or(NotAnEvent::Field(event, name))
}

events! {
    /// The org and its record began.
    OrgCreated = "org.created", 1 as SystemObject { what { name: String } }
    /// The server started (the log's own life).
    ServerStarted = "server.started", 1 as LogLife { what { version: String } }
    /// The record can be written again; meanwhile this many writes were refused.
    RecordResumed = "record.resumed", 1 as LogLife { what { since: Timestamp, refused: u64 } }

    /// The whole record was computed anew and is what was signed.
    RecordChecked = "record.checked", 1 as LogIntegrity { what { size: u64, root: Digest } }
    /// The whole record was computed anew and is not what was signed.
    RecordAlarmed = "record.alarmed", 1 as LogIntegrity { what { size: u64, leaf: Option<u64>, why: String } }
    /// The checkpoint of this size was fetched, to read the record up to there as tiles.
    RecordRead = "record.read", 1 as LogAccess { what { size: u64 } }

    /// What was typed and printed in a session, or in a month outside of sessions, was erased: the key of these texts is gone.
    /// The subject is the session's id, or the month such as `2026-11`.
    TextErased = "text.erased", 1 as Retention | AdminAction { what { subject: String, leaves: u64, cause: ErasureCause } text { reason: String } }
    /// An erasure was asked for and a legal hold forbids it.
    ErasureRefused = "text.erasure_refused", 1 as Retention | InvalidAccess { what { subject: String, hold: HoldId } }
    /// Texts were put under a legal hold: nothing of the target is erased while it lasts.
    HoldPlaced = "legal_hold.placed", 1 as Retention | AdminAction { what { hold: HoldId } text { reason: String } }
    /// A legal hold ended.
    HoldReleased = "legal_hold.released", 1 as Retention | AdminAction { what { hold: HoldId } text { reason: String } }
    /// How long texts are kept was set, for all clients or for the one that is the target; none: as for all.
    RetentionChanged = "retention.changed", 1 as Retention | AdminAction { what { before: Option<u32>, days: Option<u32> } }

    /// A person was added, with a one-time link to set a password.
    PersonInvited = "person.invited", 1 as Credentials | AdminAction { what { roles: String } text { @Personal name: String, @Personal email: String } }
    /// A person's roles or state changed.
    PersonChanged = "person.changed", 1 as Credentials | AdminAction { what { before: String, after: String } }
    /// Somebody signed in.
    SignedIn = "sign_in.succeeded", 1 as SignIn { what { method: String } }
    /// Somebody tried to sign in and failed.
    SignInFailed = "sign_in.failed", 1 as InvalidAccess { what { method: String, reason: String } }
    /// Somebody signed out.
    SignedOut = "signed_out", 1 as SignIn { what { everywhere: bool } }
    /// A signed-in person tried what their roles don't allow.
    AccessRefused = "access.refused", 1 as InvalidAccess { what { permission: String } }

    /// A client was added.
    ClientCreated = "client.created", 1 as SystemObject | AdminAction { what { tags: String, registered_hosts: String } text { name: String } }
    /// A client's contacts changed.
    ContactsChanged = "client.contacts_changed", 1 as Authorisation | AdminAction { what { @Personal contacts: Vec<String> } }

    /// What is taken out of output was set, for all clients or for the one that is the target. Lists are told by their length:
    /// what they hold is what is not to be stored.
    RedactionChanged = "redaction.changed", 1 as AdminAction {
        what { ip_addresses: bool, mac_addresses: bool, off: Vec<FindingKind>, patterns: Vec<String>, merchant_ids: u64, terms: u64, cards_expected: bool }
    }
    /// Card data was found where none is expected.
    IncidentOpened = "incident.opened", 1 as Incident { what { incident: DataIncidentId, place: IncidentPlace, kinds: Vec<FindingKind>, @Personal told: Vec<String> } }
    /// A mail server took the letter on it to one of those who were told.
    IncidentMailed = "incident.mailed", 1 as Incident { what { incident: DataIncidentId, @Personal to: String } }
    /// Somebody said what became of it.
    IncidentClosed = "incident.closed", 1 as Incident { what { incident: DataIncidentId, disposition: Disposition } text { note: String } }

    /// An enrolment token was made, for one use: so until tokens had properties.
    TokenCreatedV1 = "enrolment_token.created", 1 as Credentials | AdminAction { what { expires: Timestamp } }
    /// An enrolment token was made; `replaces` is the one whose command it stopped. No host name: for any machine.
    TokenCreated = "enrolment_token.created", 2 as Credentials | AdminAction {
        what { token: TokenId, expires: Timestamp, uses: u32, hostname: Option<String>, confirmation: bool, replaces: Option<TokenId> }
    }
    /// An enrolment token was revoked, or replaced by another; `left` uses were not used.
    TokenRevoked = "enrolment_token.revoked", 1 as Credentials | AdminAction { what { token: TokenId, left: u32, replaced: bool } }
    /// An enrolment token was tried in vain.
    EnrolmentRefused = "enrolment.refused", 1 as InvalidAccess { what { reason: String } }
    /// An endpoint enrolled: its key is known; it is pending until it proves that key on a connection.
    EndpointEnrolled = "endpoint.enrolled", 1 as SystemObject | Credentials { what { hostname: String, os: String, agent_version: String, key: Digest } }
    /// A machine whose enrolment's answer was lost asked again with the same key and token, and got the same endpoint back.
    EnrolmentRepeated = "enrolment.repeated", 1 as Credentials { what { key: Digest } }
    /// A person compared the machine's fingerprint and confirmed it.
    EndpointConfirmed = "endpoint.confirmed", 1 as Credentials | AdminAction { what { fingerprint: String, after_clone: bool } }
    /// An endpoint proved its key and is connected: so before clocks were compared.
    EndpointConnectedV1 = "endpoint.connected", 1 as RemoteAccess { what { agent_version: String, first: bool } }
    /// An endpoint proved its key and is connected. The skew is the endpoint's clock minus the server's.
    EndpointConnected = "endpoint.connected", 2 as RemoteAccess {
        what { agent_version: String, first: bool, protocol: u32, clock_skew_ms: i64, instance: Option<String> }
    }
    /// Two machines with one key were connected at the same time; both were stopped.
    CloneDetected = "endpoint.clone_detected", 1 as InvalidAccess {
        what { @Personal first_address: String, first_instance: String, @Personal second_address: String, second_instance: String }
    }
    /// The endpoint has pinned this generation of the order key.
    OrderKeyPinned = "endpoint.order_key_pinned", 1 as Credentials { what { generation: u32 } }
    /// The org's orders get a new key; the statement is signed with the one before.
    OrderKeyRotated = "order_key.rotated", 1 as Credentials | AdminAction { what { generation: u32, order_key: String, not_before: Timestamp, signature: String } }
    /// An endpoint's connection ended.
    EndpointDisconnected = "endpoint.disconnected", 1 as RemoteAccess { what { reason: String } }
    /// A connection was refused: wrong key, removed endpoint, wrong protocol.
    EndpointConnectionRefused = "endpoint.connection_refused", 1 as InvalidAccess { what { reason: String } }
    /// A report of an endpoint can't be true and was not taken: which one, and what was wrong with it.
    ReportRefused = "endpoint.report_refused", 1 as InvalidAccess { what { action: ActionId, report: u64, why: String } }
    /// An admin asked for an endpoint's agent to be updated; the release is named by its manifest's digest and its program's.
    AgentUpdateAsked = "agent.update_asked", 1 as Change | AdminAction { what { from: String, to: String, release: Digest, program: Digest } }
    /// An agent said how far an update is: `refused`, `staged`, `started`, `committed` or `rolled_back`.
    AgentUpdateReported = "agent.update_reported", 1 as Change {
        what { stage: String, from: String, to: String, release: Digest, program: Digest }
        text { detail: String }
    }
    /// An endpoint is to be removed, once its agent has ended what runs and reported it.
    EndpointRemoving = "endpoint.removing", 1 as SystemObject | AdminAction { what { had_state: String } }
    /// An endpoint was removed.
    EndpointRemoved = "endpoint.removed", 1 as SystemObject | AdminAction { what { had_state: String } }

    /// A session was opened.
    SessionOpened = "session.opened", 1 as RemoteAccess | UserAccess { text { reason: String, ticket: String } }
    /// A note was added.
    NoteAdded = "session.note_added", 1 as UserAccess { what { note: NoteId } text { text: String } }
    /// A session was closed.
    SessionClosed = "session.closed", 1 as RemoteAccess | UserAccess { what { leaves: u64, actions: u64 } text { reason: String } }
    /// A session's page was opened by somebody else than its technician.
    SessionViewed = "session.viewed", 1 as LogAccess { what { at_leaf: u64 } }

    /// An action was proposed: so until scripts could be proposed of which the record shows a redacted form.
    ActionProposedV1 = "action.proposed", 1 as UserAccess | Change { what { number: u64, verb: String, digest: Digest, workflow: Option<String> } text { command: Command } }
    /// An action was proposed. The digest is the exact command's; the command is as it may be shown, which differs where
    /// something was found in it.
    ActionProposed = "action.proposed", 2 as UserAccess | Change {
        what { number: u64, verb: String, digest: Digest, workflow: Option<String>, looked: Looked }
        text { command: Command }
    }
    /// What was proposed was refused before it became an action (limits, sensitive values).
    ProposalRefused = "action.proposal_refused", 1 as InvalidAccess { what { reason: String } }
    /// An action was allowed.
    ActionAuthorised = "action.authorised", 1 as Authorisation | Change { what { basis: Basis, rule: String, trace: Vec<String> } }
    /// An action was refused: by policy, by a person, by time, by the agent.
    ActionRefused = "action.refused", 1 as Authorisation | InvalidAccess { what { reason: RefusalReason, by_agent: bool, @Said detail: String } }
    /// The order is signed and durable, about to be sent.
    ActionDispatched = "action.dispatched", 1 as UserAccess | AdminAction { what { order: Digest, expires: Timestamp } }
    /// The agent started it.
    ActionStarted = "action.started", 1 as UserAccess | AdminAction { what { agent_time: Timestamp, @Said resource: String } }
    /// A piece of output, redacted: so before it said whether the server had taken out more than the endpoint.
    OutputChunkV1 = "output.chunk", 1 as UserAccess {
        what { n: u64, stream: String, raw_bytes: u64, lines: u64, findings: Vec<Finding> }
        text { text: String }
    }
    /// A piece of output, redacted. `as_sent`: the text is the endpoint's to the byte, which is what its receipt signs; the
    /// server found nothing more in it.
    OutputChunk = "output.chunk", 2 as UserAccess {
        what { n: u64, stream: String, raw_bytes: u64, lines: u64, findings: Vec<Finding>, as_sent: bool }
        text { text: String }
    }
    /// Somebody asked for it to be cancelled.
    CancelRequested = "action.cancel_requested", 1 as UserAccess { what { state: String } }
    /// The action ended; its receipt names the order alone, as agents of protocol 1 made it.
    ActionFinishedV1 = "action.finished", 1 as UserAccess | AdminAction {
        result { outcome: Outcome, exit: Option<i64>, agent_started: Timestamp, agent_finished: Timestamp, duration_ms: u64,
            stdout_bytes: u64, stderr_bytes: u64, lines: u64, chunks: u64, findings: FindingCounts, output: Digest, @Said note: String, order: Digest, receipt: String }
    }
    /// The action ended; its second receipt names command, statement and agent version as well. So before a leaf held what
    /// a stranger needs to check its receipts.
    ActionFinishedV2 = "action.finished", 2 as UserAccess | AdminAction {
        result { outcome: Outcome, exit: Option<i64>, agent_started: Timestamp, agent_finished: Timestamp, duration_ms: u64,
            stdout_bytes: u64, stderr_bytes: u64, lines: u64, chunks: u64, findings: FindingCounts, output: Digest, @Said note: String, order: Digest, receipt: String,
            command: Digest, statement: Option<Digest>, agent_version: String, ran_receipt: String }
    }
    /// The action ended, with the endpoint's receipts and the public key (64 hexadecimal digits) that they are checked with.
    /// An agent of protocol 1 gives one receipt, which names no command, statement or agent version.
    ///
    /// `endpoint_findings` is what the endpoint counted, `findings` what is in the record. `as_signed`: note and agent
    /// version are the endpoint's to the byte; else the server took something out of them, and no receipt can be checked here.
    ActionFinished = "action.finished", 3 as UserAccess | AdminAction {
        result { outcome: Outcome, exit: Option<i64>, agent_started: Timestamp, agent_finished: Timestamp, duration_ms: u64,
            stdout_bytes: u64, stderr_bytes: u64, lines: u64, chunks: u64, findings: FindingCounts, endpoint_findings: FindingCounts,
            output: Digest, @Said note: String, order: Digest, receipt: String,
            command: Option<Digest>, statement: Option<Digest>, agent_version: Option<String>, ran_receipt: Option<String>,
            key: String, as_signed: bool }
    }

    /// A person was asked to decide.
    ApprovalRequested = "approval.requested", 1 as Authorisation {
        what { statement: Digest, expires: Timestamp, @Personal asked: Vec<String>, rule: String }
        text { statement_text: String }
    }
    /// The approver was shown the statement.
    ApprovalViewed = "approval.viewed", 1 as Authorisation { what { statement: Digest } }
    /// The request was approved, whole.
    ApprovalApproved = "approval.approved", 1 as Authorisation { what { statement: Digest, scope: String, grant: Option<GrantId>, uses: u32, until: Timestamp } }
    /// The request was approved, narrowed.
    ApprovalNarrowed = "approval.narrowed", 1 as Authorisation { what { statement: Digest, asked: String, scope: String, grant: Option<GrantId>, uses: u32, until: Timestamp } }
    /// The request was denied.
    ApprovalDenied = "approval.denied", 1 as Authorisation { what { statement: Digest } text { reason: String } }
    /// Nobody decided in time.
    ApprovalExpired = "approval.expired", 1 as Authorisation { what { statement: Digest } }
    /// The technician took it back.
    ApprovalWithdrawn = "approval.withdrawn", 1 as Authorisation { what { statement: Digest } }
    /// A decision was tried that is not valid: self-approval, stale statement, too late, not an approver.
    DecisionRefused = "approval.decision_refused", 1 as Authorisation | InvalidAccess { what { reason: RefusalReason, tried: String } }
    /// A live grant was revoked.
    GrantRevoked = "grant.revoked", 1 as Authorisation { what { grant: GrantId, scope: String } }

    /// The history was searched.
    HistorySearched = "history.searched", 1 as LogAccess { what { found: u64 } text { filter: String } }
    /// Rows were exported.
    ExportMade = "export.made", 1 as LogAccess { what { format: String, rows: u64 } text { filter: String } }
    /// A reviewer confirmed a transcript for sharing, and the share was made: so before shares could expire.
    ShareCreatedV1 = "share.created", 1 as LogAccess { what { size: u64, root: Digest, leaves: u64, reviewed: bool } }
    /// A reviewer confirmed a transcript for sharing, and the share was made: so before something could be withheld, and before passcodes.
    ShareCreatedV2 = "share.created", 2 as LogAccess { what { size: u64, root: Digest, leaves: u64, reviewed: bool, expires: Option<Timestamp> } }
    /// A reviewer confirmed a transcript for sharing, and the share was made: so before shares had versions.
    ShareCreatedV3 = "share.created", 3 as LogAccess { what { size: u64, root: Digest, leaves: u64, reviewed: bool, expires: Option<Timestamp>, withheld: Withheld, passcode: bool } }
    /// A reviewer confirmed a transcript for sharing, and the share was made: on its own, or as a new version of an earlier one.
    ShareCreated = "share.created", 4 as LogAccess { what { size: u64, root: Digest, leaves: u64, reviewed: bool, expires: Option<Timestamp>, withheld: Withheld, passcode: bool, version: u32, replaces: Option<ShareId> } }
    /// Who has a share's link gave its passcode.
    ShareUnlocked = "share.unlocked", 1 as LogAccess { what { until: Timestamp } }
    /// Who has a share's link gave another passcode, or too many.
    SharePasscodeRefused = "share.passcode_refused", 1 as LogAccess | InvalidAccess { what { reason: String } }
    /// A share was revoked.
    ShareRevoked = "share.revoked", 1 as LogAccess { what { views: u64 } }
    /// A share's page was opened.
    ShareViewed = "share.viewed", 1 as LogAccess { what { part: String } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_fields_are_in_known_groups() {
        let mut names = std::collections::BTreeSet::new();
        for spec in REGISTRY {
            assert!(
                names.insert((spec.name, spec.version)),
                "{} is declared twice",
                spec.name
            );
            assert!(!spec.fields.is_empty(), "{} says nothing", spec.name);
            for f in spec.fields {
                assert!(
                    ["what", "result", "text"].contains(&f.group),
                    "{}.{}: unknown group {}",
                    spec.name,
                    f.name,
                    f.group
                );
            }
        }
    }

    /// R4: what an older server wrote is read as ever.
    #[test]
    fn the_older_version_of_an_event_is_still_read() {
        let old = Event::EndpointConnectedV1 {
            agent_version: "0.1.0".into(),
            first: true,
        };
        assert_eq!(old.kind(), ("endpoint.connected", 1));
        assert_eq!(Event::read("endpoint.connected", 1, &old.groups()), Ok(old.clone()));
        assert_eq!(
            Event::read("endpoint.connected", 2, &old.groups()),
            Err(NotAnEvent::Field("endpoint.connected", "protocol"))
        );
    }

    #[test]
    fn an_event_reads_back_from_its_groups() {
        let e = Event::NoteAdded {
            note: NoteId(uuid::Uuid::nil()),
            text: "checked the cable".into(),
        };
        let (name, version) = e.kind();
        assert_eq!(Event::read(name, version, &e.groups()), Ok(e.clone()));
        assert_eq!(
            Event::read(name, 9, &e.groups()),
            Err(NotAnEvent::UnknownKind(name.into(), 9))
        );
        let mut groups = e.groups();
        groups.remove("text");
        assert_eq!(
            Event::read(name, version, &groups),
            Err(NotAnEvent::Field(name, "text"))
        );
    }
}
