//! Reports: what the agent says about one action, numbered without gaps, kept by it until the server acknowledged them.

use domain::action::{Outcome, RefusalReason};
use domain::canonical::CanonicalError;
use domain::digest::Digest;
use domain::finding::{Finding, FindingCounts};
use domain::ids::ActionId;
use domain::timestamp::Timestamp;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::signing;

const RECEIPT_PURPOSE: &str = "countersign receipt v1\n";
const RAN_PURPOSE: &str = "countersign receipt v2\n";
const OUTPUT_PURPOSE: &[u8] = b"countersign output v1\n";

/// One thing the agent says about an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The action.
    pub action: ActionId,
    /// Its place among the action's reports: 0, 1, 2 …
    pub n: u64,
    /// What is said.
    pub body: ReportBody,
}

/// What a report says. The first of an action is `Refused` (and then the only one) or `Started`; the last is `Refused` or
/// `Finished`. An action that the agent never started because it died is `Refused` with [`RefusalReason::NotRun`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReportBody {
    /// It did not run, and will not.
    Refused {
        /// Why.
        reason: RefusalReason,
        /// More for a person; never raw output.
        detail: String,
    },
    /// It is about to run.
    Started {
        /// When, by the endpoint's clock.
        at: Timestamp,
        /// What it acts on, in the form found on the live system: a canonical path, `host:port`, a shell's path …
        resource: String,
    },
    /// A piece of its output.
    Output {
        /// Which stream.
        stream: Stream,
        /// The text, redacted at the endpoint.
        text: String,
        /// Raw bytes read from the stream since the one before it; they sum up to the stream's size.
        raw_bytes: u64,
        /// Lines that begin in this piece; they sum up to the number of lines, an unterminated last one included.
        lines: u64,
        /// What was taken out, with places counted from the start of this `text`.
        findings: Vec<Finding>,
    },
    /// It ended.
    Finished(Finish),
}

/// The stream a piece of output belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output, and what verbs say.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How an action ended, with the totals that its output must add up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// How it ended.
    pub outcome: Outcome,
    /// The exit code, where there is one: none for verbs without a process, and when the end is not known.
    pub exit: Option<i64>,
    /// When it started, by the endpoint's clock.
    pub started: Timestamp,
    /// When it ended, by the endpoint's clock.
    pub finished: Timestamp,
    /// How long it ran, in milliseconds, by a clock that nobody sets.
    pub duration_ms: u64,
    /// Raw bytes of standard output.
    pub stdout_bytes: u64,
    /// Raw bytes of standard error.
    pub stderr_bytes: u64,
    /// Lines of both.
    pub lines: u64,
    /// How many output reports there were.
    pub chunks: u64,
    /// What was taken out, by kind.
    pub findings: FindingCounts,
    /// [`OutputDigest`] over all output reports, in order.
    pub output: Digest,
    /// More for a person: why it failed, or what is not known. Redacted.
    pub note: String,
    /// The device key's signature (128 hexadecimal digits) over the action, the order's digest and all of the above.
    pub receipt: String,
    /// What was run, and by what: from protocol 2 on. Its own signature covers it and the rest, so that without it the first
    /// receipt still stands; that is how a peer of protocol 1 gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<Box<Ran>>,
}

/// What an action's end says of what was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ran {
    /// The digest of the command that was run.
    pub command: Digest,
    /// Digest of the statement that a person approved; none where a rule allowed it.
    pub statement: Option<Digest>,
    /// The version of the agent that ran it; at most 1024 bytes.
    pub agent_version: String,
    /// The device key's signature (128 hexadecimal digits) over the action, the order's digest and the whole end, the first
    /// receipt and the fields above included.
    pub receipt: String,
}

/// The digest of an action's output as it was sent.
///
/// D(0) = SHA-256("countersign output v1\n"); D(i+1) = SHA-256(D(i) ‖ s ‖ len ‖ text), where s is one byte (1 for standard
/// output, 2 for standard error) and len is the text's length in bytes, 8 bytes big-endian. As a chain it can be carried on
/// from where it stood, after a restart as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutputDigest(Digest);

#[derive(Serialize)]
struct ReceiptToSign<'a> {
    action: ActionId,
    order: &'a Digest,
    finish: &'a Finish,
}

impl Stream {
    /// The word, as sent and stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

impl OutputDigest {
    /// Of no output.
    pub fn new() -> Self {
        Self(Digest::of(&[OUTPUT_PURPOSE]))
    }

    /// Carried on from where [`OutputDigest::digest`] stood.
    pub fn resume(digest: Digest) -> Self {
        Self(digest)
    }

    /// Adds one output report's text.
    pub fn push(&mut self, stream: Stream, text: &str) {
        let tag = match stream {
            Stream::Stdout => [1],
            Stream::Stderr => [2],
        };
        let len = (text.len() as u64).to_be_bytes();
        self.0 = Digest::of(&[self.0.as_bytes(), &tag, &len, text.as_bytes()]);
    }

    /// The digest up to here.
    pub fn digest(&self) -> Digest {
        self.0
    }
}

impl Default for OutputDigest {
    fn default() -> Self {
        Self::new()
    }
}

impl Finish {
    /// Fills in the receipts: `key` is the device's, `order` the digest of the signed order that was run.
    ///
    /// # Errors
    /// When a number is beyond what canonical JSON holds (2^53 − 1).
    pub fn sign(mut self, action: ActionId, order: &Digest, key: &SigningKey) -> Result<Self, CanonicalError> {
        self.receipt = signing::sign(key, &self.bytes_to_sign(action, order)?);
        if self.ran.is_some() {
            let receipt = signing::sign(key, &self.ran_bytes(action, order)?);
            self.ran = self.ran.map(|ran| Box::new(Ran { receipt, ..*ran }));
        }
        Ok(self)
    }

    /// Whether the receipts are `key`'s for this action, order and end. That [`Ran`] names what the order names is the
    /// caller's to check.
    pub fn verify_receipt(&self, action: ActionId, order: &Digest, key: &VerifyingKey) -> bool {
        let holds = |bytes: Result<Vec<u8>, CanonicalError>, receipt: &str| {
            bytes.is_ok_and(|bytes| signing::verifies(key, &bytes, receipt))
        };
        holds(self.bytes_to_sign(action, order), &self.receipt)
            && self
                .ran
                .as_ref()
                .is_none_or(|ran| holds(self.ran_bytes(action, order), &ran.receipt))
    }

    fn bytes_to_sign(&self, action: ActionId, order: &Digest) -> Result<Vec<u8>, CanonicalError> {
        // Signed with the receipt left empty and without what protocol 2 adds.
        let finish = &Self {
            receipt: String::new(),
            ran: None,
            findings: self.findings.clone(),
            note: self.note.clone(),
            ..*self
        };
        signing::bytes_to_sign(RECEIPT_PURPOSE, &ReceiptToSign { action, order, finish })
    }

    fn ran_bytes(&self, action: ActionId, order: &Digest) -> Result<Vec<u8>, CanonicalError> {
        let ran = self.ran.clone().map(|ran| {
            Box::new(Ran {
                receipt: String::new(),
                ..*ran
            })
        });
        let finish = &Self { ran, ..self.clone() };
        signing::bytes_to_sign(RAN_PURPOSE, &ReceiptToSign { action, order, finish })
    }
}

impl Report {
    /// The report as a peer of `protocol` may read it: to protocol 1 an end says nothing of [`Ran`].
    #[must_use]
    pub fn for_protocol(mut self, protocol: u32) -> Self {
        if let (ReportBody::Finished(finish), 0..2) = (&mut self.body, protocol) {
            finish.ran = None;
        }
        self
    }

    /// Whether a peer of `protocol` can read it.
    pub(crate) fn fits(&self, protocol: u32) -> bool {
        protocol >= 2 || !matches!(&self.body, ReportBody::Finished(Finish { ran: Some(_), .. }))
    }

    /// Whether the numbers in it can be signed and stored (at most 2^53 − 1).
    pub(crate) fn is_well_formed(&self) -> bool {
        let most = domain::canonical::MAX_INTEGER.unsigned_abs();
        self.n <= most
            && match &self.body {
                ReportBody::Refused { .. } | ReportBody::Started { .. } => true,
                ReportBody::Output {
                    text,
                    raw_bytes,
                    lines,
                    findings,
                    ..
                } => {
                    let size = text.len() as u64;
                    let within = |f: &Finding| f.start.checked_add(u64::from(f.len)).is_some_and(|end| end <= size);
                    *raw_bytes <= most && *lines <= size && findings.iter().all(within)
                }
                ReportBody::Finished(f) => {
                    [f.duration_ms, f.stdout_bytes, f.stderr_bytes, f.lines, f.chunks]
                        .iter()
                        .all(|n| *n <= most)
                        && f.exit.is_none_or(|e| e.unsigned_abs() <= most)
                        && f.findings.values().all(|n| *n <= most)
                        && f.ran.as_ref().is_none_or(|r| r.agent_version.len() <= 1024)
                }
            }
    }
}
