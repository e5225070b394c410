//! Receipts: what endpoints signed of how their actions ended, held against what the record says of these actions.
//!
//! A server that keeps the record can write of an action what it likes; it can't sign as the endpoint. So an order, a command, an
//! approved statement, a result or a line of output that is not the endpoint's is found here, whoever wrote it. The bytes are those of
//! `wire::report::Finish`, made again from the leaf; the layout is in `docs/record.md`.
//!
//! Deliberately absent: whose machine has the key. A fingerprint is compared with the one that the machine shows.

use std::collections::BTreeMap;

use domain::digest::Digest;
use domain::fingerprint;
use ed25519_dalek::{Signature, VerifyingKey};

use super::report::Findings;
use crate::leaf::{GroupData, HeaderRef, fields};
use crate::reader::{Reader, digest, members, read_text, strict_hex, text};

type Groups = BTreeMap<String, GroupData>;

/// As `wire::report` has them.
const RECEIPT_PURPOSE: &str = "countersign receipt v1\n";
const RAN_PURPOSE: &str = "countersign receipt v2\n";
const OUTPUT_PURPOSE: &[u8] = b"countersign output v1\n";

/// What the record said of an action before its end. Digests as they stand in the leaves' JSON, empty where nothing was said.
#[derive(Clone, Debug, Default)]
struct Told {
    command: String,
    statement: String,
    order: String,
    output: Output,
}

/// An action's output so far.
#[derive(Clone, Debug)]
enum Output {
    /// All of it is here, and this is its digest.
    Here(Digest),
    /// A piece of it is withheld, erased, or from before pieces said whether they are what the endpoint sent.
    Unknown,
    /// The server took something out of a piece after the endpoint had signed it.
    Redacted,
}

/// How far a receipt could be compared.
#[derive(Clone, Copy, Debug)]
enum Stand {
    Whole,
    FirstProtocol,
    Redacted,
    Unread,
    Without,
}

impl Stand {
    const ALL: [Self; 5] = [
        Self::Whole,
        Self::FirstProtocol,
        Self::Redacted,
        Self::Unread,
        Self::Without,
    ];

    fn sentence(self) -> &'static str {
        match self {
            Self::Whole => "order, command, approved statement, result and output are what it signed",
            Self::FirstProtocol => {
                "order, result and output are what it signed; its agent is of protocol 1 and named no command"
            }
            Self::Redacted => "the server took more out than the endpoint had, so it signed another text than this",
            Self::Unread => "something that it signed is not here",
            Self::Without => "the record is from before it held what a receipt is checked with",
        }
    }
}

/// The receipts of a log or a bundle.
#[derive(Debug)]
pub(super) struct Receipts {
    /// All leaves before an end are here.
    complete: bool,
    /// Digests of the keys that endpoints enrolled with, in order; none where that may have been before what is here.
    enrolled: Option<Vec<Digest>>,
    /// The same of those that signed.
    signers: Vec<Digest>,
    /// Actions that have not ended, by id. A list, as the two above, to keep the browser's module small.
    actions: Vec<(String, Told)>,
    /// How many of each [`Stand`].
    stands: [u64; Stand::ALL.len()],
}

impl Default for Output {
    fn default() -> Self {
        Self::Here(Digest::of(&[OUTPUT_PURPOSE]))
    }
}

impl Receipts {
    /// Of a whole log, of all leaves of a session, or of some leaves.
    pub(super) fn new(whole: bool, session: bool) -> Self {
        Self {
            complete: whole || session,
            enrolled: whole.then(Vec::new),
            signers: Vec::new(),
            actions: Vec::new(),
            stands: [0; Stand::ALL.len()],
        }
    }

    /// Takes the next leaf.
    pub(super) fn leaf(&mut self, f: &mut Findings, header: &HeaderRef<'_>, groups: &Groups) {
        let what = |name| fields(groups, "what", [name])[0];
        if header.kind == "endpoint.enrolled"
            && let Some(known) = &mut self.enrolled
            && let Some(key) = what("key").and_then(digest)
        {
            add(known, key);
        }
        let Some(action) = header.reference("action") else {
            return;
        };
        let place = self.actions.iter().rposition(|(id, _)| id == action);
        if matches!(&*header.kind, "action.finished" | "action.refused") {
            let told = place.map(|at| self.actions.swap_remove(at).1).unwrap_or_default();
            if header.kind == "action.finished" {
                match self.end(header, action, &told, groups) {
                    Ok(stand) => self.stands[stand as usize] += 1,
                    Err(what) => f.altered(Some(header.index), format!("Leaf {}: {what}", header.index)),
                }
            }
            return;
        }
        let at = place.unwrap_or_else(|| {
            self.actions.push((action.to_owned(), Told::default()));
            self.actions.len() - 1
        });
        let told = &mut self.actions[at].1;
        let (slot, name) = match &*header.kind {
            "action.proposed" => (&mut told.command, "digest"),
            "approval.approved" | "approval.narrowed" => (&mut told.statement, "statement"),
            "action.dispatched" => (&mut told.order, "order"),
            "output.chunk" => {
                let said = fields(groups, "text", ["text"])[0];
                return told.output.push(what("as_sent"), what("stream"), said);
            }
            _ => return,
        };
        *slot = what(name).unwrap_or_default().to_owned();
    }

    /// An action's end against what was told of it before.
    fn end(
        &mut self,
        header: &HeaderRef<'_>,
        action: &str,
        told: &Told,
        groups: &Groups,
    ) -> Result<Stand, &'static str> {
        if header.kind_version < 3 {
            return Ok(Stand::Without);
        }
        let Some(GroupData::Open { json, .. }) = groups.get("result") else {
            return Ok(Stand::Unread);
        };
        let [key, as_signed, order, command, statement, output] =
            members(json, ["key", "as_signed", "order", "command", "statement", "output"]);
        if as_signed != Some("true") {
            return Ok(Stand::Redacted);
        }
        let key = key.and_then(text).and_then(strict_hex::<32>).unwrap_or_default();
        if !signed(action, json).is_some_and(|(bytes, signature)| verifies(&key, &bytes, signature)) {
            return Err("its receipt is not signed with the key of its endpoint.");
        }
        let key = Digest::of(&[&key]);
        let other = |who: Digest| who != key;
        let unknown = |known: &Vec<Digest>| known.binary_search(&key).is_err();
        if fields(groups, "who", ["key"])[0].and_then(digest).is_some_and(other)
            || self.enrolled.as_ref().is_some_and(unknown)
        {
            return Err("its receipt is signed with a key that is not its endpoint's.");
        }
        // What is not here can't be compared; where all should be here, its absence is the difference.
        let differs = |told: &str, signed: Option<&str>| match told {
            "" => self.complete && signed != Some("null"),
            told => signed != Some(told),
        };
        if differs(&told.order, order) {
            return Err("its endpoint signed for another order than the one that was dispatched.");
        }
        // A receipt of protocol 1 names neither.
        let names = command != Some("null");
        if names && differs(&told.command, command) {
            return Err("its endpoint signed for another command than the one that was proposed.");
        }
        if names && differs(&told.statement, statement) {
            return Err("its endpoint signed for another statement than the one that was decided on.");
        }
        let stand = match told.output {
            Output::Here(here) if output.and_then(digest) == Some(here) => match names {
                true => Stand::Whole,
                false => Stand::FirstProtocol,
            },
            Output::Here(_) if self.complete => {
                return Err("the output of its action is not what its endpoint signed.");
            }
            Output::Here(_) | Output::Unknown => Stand::Unread,
            Output::Redacted => Stand::Redacted,
        };
        add(&mut self.signers, key);
        Ok(stand)
    }

    /// Says what was found in order, and of how many ends not all could be compared.
    pub(super) fn finish(&self, f: &mut Findings) {
        let total: u64 = self.stands.iter().sum();
        if total == 0 {
            return;
        }
        let mut told = format!("Endpoints' receipts of {total} ended actions");
        match &*self.signers {
            [] => {}
            [key] => told.push_str(&format!(", signed with the key {}", fingerprint::of_digest(key))),
            keys => told.push_str(&format!(", signed with {} keys", keys.len())),
        }
        let mut mark = ':';
        for stand in Stand::ALL {
            let n = self.stands[stand as usize];
            if n > 0 {
                told.push_str(&format!("{mark} of {n}, {}", stand.sentence()));
                mark = ';';
            }
        }
        f.check(told + ".");
    }
}

impl Output {
    fn push(&mut self, as_sent: Option<&str>, stream: Option<&str>, said: Option<&str>) {
        let Self::Here(so_far) = self else { return };
        let tag: &[u8] = match stream {
            Some("\"stdout\"") => &[1],
            _ => &[2],
        };
        let said = said.and_then(|raw| read_text(raw, Reader::string).ok());
        *self = match (as_sent, said) {
            (Some("true"), Some(said)) => {
                let length = (said.len() as u64).to_be_bytes();
                Self::Here(Digest::of(&[so_far.as_bytes(), tag, &length, said.as_bytes()]))
            }
            (Some("false"), _) => Self::Redacted,
            _ => Self::Unknown,
        };
    }
}

/// Puts an item into a list in order, once.
fn add<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(at) = list.binary_search(&item) {
        list.insert(at, item);
    }
}

/// The bytes that the endpoint signed and its signature, from the group `result` of an end: the second receipt where there is one, since
/// it covers the first.
fn signed<'a>(action: &str, result: &'a str) -> Option<(String, &'a str)> {
    // The members of what is signed, in canonical order, and those of the leaf that they are.
    const FINISH: [[&str; 2]; 12] = [
        ["{\"chunks\":", "chunks"],
        [",\"duration_ms\":", "duration_ms"],
        [",\"exit\":", "exit"],
        [",\"findings\":", "endpoint_findings"],
        [",\"finished\":", "agent_finished"],
        [",\"lines\":", "lines"],
        [",\"note\":", "note"],
        [",\"outcome\":", "outcome"],
        [",\"output\":", "output"],
        [",\"started\":", "agent_started"],
        [",\"stderr_bytes\":", "stderr_bytes"],
        [",\"stdout_bytes\":", "stdout_bytes"],
    ];
    /// `ran` and `receipt` come before this one.
    const AFTER: usize = 9;
    let [order, receipt, version, command, statement, second] = members(
        result,
        [
            "order",
            "receipt",
            "agent_version",
            "command",
            "statement",
            "ran_receipt",
        ],
    )
    .map(Option::unwrap_or_default);
    let first_only = second == "null";
    if first_only && [command, statement, version] != ["null"; 3] {
        return None;
    }
    let purpose = if first_only { RECEIPT_PURPOSE } else { RAN_PURPOSE };
    let mut bytes = [purpose, "{\"action\":\"", action, "\",\"finish\":"].concat();
    let values = members(result, FINISH.map(|[_, name]| name));
    for (at, ([member, _], value)) in FINISH.into_iter().zip(values).enumerate() {
        if at == AFTER && first_only {
            bytes += ",\"receipt\":\"\"";
        } else if at == AFTER {
            let ran = [
                ",\"ran\":{\"agent_version\":",
                version,
                ",\"command\":",
                command,
                ",\"receipt\":\"\",\"statement\":",
                statement,
                "},\"receipt\":",
                receipt,
            ];
            bytes += &ran.concat();
        }
        bytes += member;
        bytes += value?;
    }
    bytes += &["},\"order\":", order, "}"].concat();
    Some((bytes, text(if first_only { receipt } else { second })?))
}

fn verifies(key: &[u8; 32], bytes: &str, signature: &str) -> bool {
    let checked = || {
        let signature = Signature::from_bytes(&strict_hex::<64>(signature)?);
        let key = VerifyingKey::from_bytes(key).ok()?;
        key.verify_strict(bytes.as_bytes(), &signature).ok()
    };
    checked().is_some()
}
