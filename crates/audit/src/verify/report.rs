//! What the verifier says.

use domain::digest::Digest;
use serde::{Deserialize, Serialize};

/// Problems listed one by one; beyond them only their number is kept, so that a report stays small.
const LISTED: usize = 50;

/// The outcome of verifying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was there and agreed.
    Verified,
    /// Something needed was missing or unreadable.
    CannotVerify,
    /// Something contradicts something else.
    Altered,
}

impl Verdict {
    /// The exit code of `countersign verify`: 0 verified, 1 altered, 2 cannot verify.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Altered => 1,
            Self::CannotVerify => 2,
        }
    }

    /// The verdict as a page or a terminal shows it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Verified => "VERIFIED",
            Self::Altered => "ALTERED",
            Self::CannotVerify => "CANNOT VERIFY",
        }
    }
}

/// The first leaf that is wrong, as exactly as the evidence allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The leaf's index.
    pub index: u64,
    /// The same, or the last leaf of the range in which one is wrong where nothing tells which.
    pub last: u64,
    /// What differs, in plain words.
    pub what: String,
}

/// One thing that speaks against VERIFIED.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What it leads to: altered or cannot verify.
    pub verdict: Verdict,
    /// The leaf it concerns, where it concerns one.
    pub index: Option<u64>,
    /// In plain words.
    pub what: String,
}

/// What was verified and with what result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The outcome.
    pub verdict: Verdict,
    /// The outcome in one sentence.
    pub sentence: String,
    /// The first wrong leaf, where the evidence names one.
    pub first_wrong: Option<Wrong>,
    /// Up to 50 problems, in the order found.
    pub problems: Vec<Problem>,
    /// How many problems there were.
    pub problems_total: u64,
    /// The tree's size that was verified against: the pin's, else the signed checkpoint's.
    pub size: Option<u64>,
    /// The root that was verified against.
    pub root: Option<Digest>,
    /// SHA-256 of the log's public key.
    pub key: Option<Digest>,
    /// Leaves read.
    pub leaves_checked: u64,
    /// Groups whose fields were compared with their commitments.
    pub groups_checked: u64,
    /// Groups kept back, of which only the commitment is here.
    pub groups_withheld: u64,
    /// Groups that were erased, of which only the commitment is left.
    pub groups_erased: u64,
    /// What was found in order, in plain words.
    pub checks: Vec<String>,
    /// Who cosigned, by the names on a checkpoint that comes with the record.
    pub cosigners: Vec<Cosigner>,
}

/// A witness that a record names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cosigner {
    /// The witness's name.
    pub name: String,
    /// When it cosigned, in seconds since 1970; `None` where this verifier doesn't know its key, so that nothing was checked.
    pub time: Option<u64>,
}

/// A report in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    first_wrong: Option<Wrong>,
    problems: Vec<Problem>,
    total: u64,
    worst: Option<Verdict>,
    pub(crate) size: Option<u64>,
    pub(crate) root: Option<Digest>,
    pub(crate) key: Option<Digest>,
    pub(crate) leaves: u64,
    pub(crate) groups: u64,
    pub(crate) withheld: u64,
    pub(crate) erased: u64,
    checks: Vec<String>,
    pub(crate) cosigners: Vec<Cosigner>,
}

impl Findings {
    /// A contradiction, at a leaf where it is one leaf's.
    pub(crate) fn altered(&mut self, index: Option<u64>, what: impl Into<String>) {
        let what = what.into();
        if let Some(index) = index {
            self.wrong(index, index, &what);
        }
        self.problem(Verdict::Altered, index, what);
    }

    /// A contradiction somewhere in a range of leaves.
    pub(crate) fn altered_within(&mut self, index: u64, last: u64, what: impl Into<String>) {
        let what = what.into();
        self.wrong(index, last, &what);
        self.problem(Verdict::Altered, Some(index), what);
    }

    /// Something missing or unreadable.
    pub(crate) fn cannot(&mut self, index: Option<u64>, what: impl Into<String>) {
        self.problem(Verdict::CannotVerify, index, what.into());
    }

    /// Something in order.
    pub(crate) fn check(&mut self, what: impl Into<String>) {
        self.checks.push(what.into());
    }

    /// How many groups are what their leaves commit to, and how many can't be looked at.
    pub(crate) fn groups_in_order(&self) -> String {
        let mut told = format!("{} groups of fields are what their leaves commit to", self.groups);
        for (n, how) in [(self.withheld, "withheld"), (self.erased, "erased")] {
            if n > 0 {
                told.push_str(&format!("; {n} are {how}"));
            }
        }
        told + "."
    }

    /// Problems so far.
    pub(crate) fn problems(&self) -> u64 {
        self.total
    }

    /// Keeps the lower of two; a range never hides a leaf inside it that was named exactly.
    fn wrong(&mut self, index: u64, last: u64, what: &str) {
        if self.first_wrong.as_ref().is_none_or(|w| last < w.index) {
            self.first_wrong = Some(Wrong {
                index,
                last,
                what: what.to_owned(),
            });
        }
    }

    fn problem(&mut self, verdict: Verdict, index: Option<u64>, what: String) {
        self.total += 1;
        // The first contradiction is always listed, however many lacks came before it.
        if self.problems.len() < LISTED || self.worst < Some(verdict) {
            self.problems.push(Problem { verdict, index, what });
        }
        self.worst = self.worst.max(Some(verdict));
    }

    /// The finished report; `verified` is its sentence when nothing spoke against it.
    pub(crate) fn report(self, verified: impl FnOnce() -> String) -> Report {
        let verdict = self.worst.unwrap_or(Verdict::Verified);
        let first = self
            .problems
            .iter()
            .find(|p| p.verdict == verdict)
            .map(|p| p.what.clone());
        let named = self.first_wrong.as_ref().map(|w| w.what.clone());
        Report {
            verdict,
            sentence: named.or(first).unwrap_or_else(verified),
            first_wrong: self.first_wrong,
            problems: self.problems,
            problems_total: self.total,
            size: self.size,
            root: self.root,
            key: self.key,
            leaves_checked: self.leaves,
            groups_checked: self.groups,
            groups_withheld: self.withheld,
            groups_erased: self.erased,
            checks: self.checks,
            cosigners: self.cosigners,
        }
    }
}
