//! The totals of an action's reports so far: what its finish must say.

use domain::digest::Digest;
use domain::finding::FindingCounts;
use domain::ids::ActionId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use wire::{OutputDigest, ReportBody, Stream};

/// Totals of an action's reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// The action.
    pub action: ActionId,
    /// The digest of its order.
    pub order: Digest,
    /// The number the next report gets.
    pub next: u64,
    /// When it started, if it did.
    pub started: Option<Timestamp>,
    /// Whether its last report was made: refused or finished.
    pub ended: bool,
    /// Raw bytes of standard output.
    pub stdout_bytes: u64,
    /// Raw bytes of standard error.
    pub stderr_bytes: u64,
    /// Lines of both.
    pub lines: u64,
    /// Output reports.
    pub chunks: u64,
    /// Findings by kind.
    pub findings: FindingCounts,
    /// Digest over the output.
    pub output: OutputDigest,
}

impl Tally {
    /// Of an action without reports.
    pub fn new(action: ActionId, order: Digest) -> Self {
        Self {
            action,
            order,
            next: 0,
            started: None,
            ended: false,
            stdout_bytes: 0,
            stderr_bytes: 0,
            lines: 0,
            chunks: 0,
            findings: FindingCounts::new(),
            output: OutputDigest::new(),
        }
    }

    /// Counts the next report in.
    pub fn add(&mut self, body: &ReportBody) {
        self.next += 1;
        match body {
            ReportBody::Refused { .. } | ReportBody::Finished(_) => self.ended = true,
            ReportBody::Started { at, .. } => self.started = Some(*at),
            ReportBody::Output {
                stream,
                text,
                raw_bytes,
                lines,
                findings,
            } => {
                match stream {
                    Stream::Stdout => self.stdout_bytes += raw_bytes,
                    Stream::Stderr => self.stderr_bytes += raw_bytes,
                }
                self.lines += lines;
                self.chunks += 1;
                for finding in findings {
                    *self.findings.entry(finding.kind).or_default() += 1;
                }
                self.output.push(*stream, text);
            }
        }
    }
}
