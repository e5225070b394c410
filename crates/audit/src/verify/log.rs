//! Verifying a whole log as it is stored, leaf by leaf, in constant memory.

use std::collections::{BTreeMap, VecDeque};

use domain::digest::Digest;

use super::erasures::Erasures;
use super::leaf_check::{self, Checker, Stored};
use super::precedence::Precedence;
use super::receipts::Receipts;
use super::report::{Findings, Report};
use crate::bundle::Pin;
use crate::checkpoint::{Checkpoint, CheckpointError, Vkey};
use crate::leaf::GroupData;
use crate::tree::{Frontier, NodeId};

/// Takes a log's leaves in order of index and its checkpoints in order of size, and says what is wrong.
///
/// Give it each checkpoint before the leaf whose index is that checkpoint's size (all of them first will do, at the price
/// of keeping them in memory), each leaf once, stored tree nodes after the leaf that completes them, then ask
/// for the report.
#[derive(Debug)]
pub struct LogVerifier {
    f: Findings,
    vkey: Vkey,
    checker: Checker,
    tree: Tree,
    /// Signed or pinned sizes not yet reached.
    ahead: VecDeque<Expected>,
    last_checkpoint: u64,
    /// The largest size at which a signed root was right.
    good: Option<(u64, Digest)>,
    checkpoints: u64,
    completed: Vec<(NodeId, Digest)>,
    precedence: Precedence,
    erasures: Erasures,
    receipts: Receipts,
}

#[derive(Debug)]
struct Expected {
    size: u64,
    root: Digest,
    source: Source,
}

/// Who says that the log had a size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A checkpoint stored with it.
    Signed,
    /// A link.
    Pinned,
    /// Whoever wrote it.
    Committed,
    /// A checkpoint that was kept elsewhere.
    Kept,
}

/// The tree over the leaves so far.
#[derive(Debug)]
enum Tree {
    /// Over the recomputed hashes; where one differed from the stored one since the last good checkpoint, also over the
    /// stored ones: the next checkpoint tells which of the two were signed.
    Known {
        recomputed: Frontier,
        stored: Option<Frontier>,
    },
    /// A leaf is missing or the last checkpoint didn't match, so no later root can be computed.
    Lost { next: u64 },
}

impl LogVerifier {
    /// A verifier of the log signed with that key. The key must come from somewhere better than the database.
    pub fn new(vkey: Vkey) -> Self {
        let mut f = Findings::default();
        f.key = Some(vkey.fingerprint());
        Self {
            f,
            checker: Checker::new(vkey.name().strip_prefix("countersign/").map(str::to_owned)),
            vkey,
            tree: Tree::Known {
                recomputed: Frontier::new(),
                stored: None,
            },
            ahead: VecDeque::new(),
            last_checkpoint: 0,
            good: None,
            checkpoints: 0,
            completed: Vec::new(),
            precedence: Precedence::new(true, true),
            erasures: Erasures::default(),
            receipts: Receipts::new(true, false),
        }
    }

    /// Leaves taken so far, which is the index that the next one must have.
    pub fn size(&self) -> u64 {
        match &self.tree {
            Tree::Known { recomputed, .. } => recomputed.size(),
            Tree::Lost { next } => *next,
        }
    }

    /// What somebody outside noted earlier, such as a share's pin: the log must still have that root at that size. Give it
    /// before the first leaf.
    pub fn pin(&mut self, pin: &Pin) {
        if pin.key_hash != self.vkey.fingerprint() {
            self.f.altered(
                None,
                "The record is signed with another key than the one that the link pins.",
            );
        }
        self.expect(Expected {
            size: pin.size,
            root: pin.root,
            source: Source::Pinned,
        });
    }

    /// What the caller itself committed last: the log must still have that root at that size. Give it before the first leaf.
    pub fn committed(&mut self, size: u64, root: Digest) {
        self.expect(Expected {
            size,
            root,
            source: Source::Committed,
        });
    }

    /// Checkpoints that somebody kept elsewhere, one note after the other, perhaps of several logs: this log must still have
    /// each that is its own. Give them before the first leaf.
    pub fn kept(&mut self, notes: &str) {
        let origin = self.vkey.name().to_owned();
        let own: Vec<String> = notes_of(notes)
            .filter(|note| note.lines().next() == Some(&*origin))
            .collect();
        if own.is_empty() && !notes.trim().is_empty() {
            self.f.check(
                "None of the checkpoints that were kept is of this record, so there was none to compare it with.",
            );
        }
        for note in own {
            match Checkpoint::verify(&note, &self.vkey) {
                Ok(c) => self.expect(Expected {
                    size: c.size,
                    root: c.root,
                    source: Source::Kept,
                }),
                Err(CheckpointError::NoSignature(_)) => self.f.altered(
                    None,
                    "A checkpoint that was kept is signed with another key than this record's.",
                ),
                Err(e) => self
                    .f
                    .cannot(None, format!("A checkpoint that was kept can't be read: {e}.")),
            }
        }
    }

    /// A stored checkpoint: the size it is stored under and its note.
    pub fn checkpoint(&mut self, size: u64, note: &str) {
        let c = match Checkpoint::verify(note, &self.vkey) {
            Ok(c) => c,
            // By another key: perhaps this verifier was given the wrong one.
            Err(e @ (CheckpointError::NoSignature(_) | CheckpointError::NotAKey)) => {
                return self.f.cannot(None, format!("Stored at size {size}: {e}."));
            }
            Err(e) => return self.f.altered(None, format!("Stored at size {size}: {e}.")),
        };
        if c.size != size || c.origin != self.vkey.name() {
            return self.f.altered(
                None,
                format!("The checkpoint at size {size} is of another size or another record."),
            );
        }
        if size < self.last_checkpoint || size < self.size() {
            return self
                .f
                .altered(None, format!("The checkpoint at size {size} is out of order."));
        }
        self.last_checkpoint = size;
        self.expect(Expected {
            size,
            root: c.root,
            source: Source::Signed,
        });
    }

    fn expect(&mut self, e: Expected) {
        let at = self.ahead.partition_point(|other| other.size <= e.size);
        self.ahead.insert(at, e);
    }

    /// The next stored leaf: the index it is stored under, its bytes, the hash stored beside it and its groups.
    pub fn leaf(&mut self, index: u64, leaf: &[u8], stored_hash: &Digest, groups: &BTreeMap<String, GroupData>) {
        self.reach();
        let expected = self.size();
        if index > expected {
            let last = index - 1;
            let which = if last == expected {
                format!("Leaf {expected}: it is")
            } else {
                format!("Leaves {expected} to {last}: they are")
            };
            self.f.altered_within(expected, last, format!("{which} missing."));
            self.tree = Tree::Lost { next: index };
        } else if index < expected {
            self.f
                .altered(Some(index), format!("Leaf {index}: it is there twice or out of order."));
        }
        let stored = Stored {
            index,
            leaf,
            claimed: stored_hash,
            groups,
        };
        let erased = self.f.erased;
        let (hash, parsed) = leaf_check::check(&mut self.f, &mut self.checker, &stored);
        if let Some(leaf) = parsed {
            self.precedence.leaf(&mut self.f, &leaf.header);
            self.erasures.leaf(&leaf.header, groups, self.f.erased > erased);
            self.receipts.leaf(&mut self.f, &leaf.header, groups);
        }
        if index >= expected {
            self.completed = self.tree.push(hash, *stored_hash);
        }
    }

    /// The nodes at levels 8, 16, 24 … that the last leaf completed: what the store must hold.
    pub fn completed(&self) -> &[(NodeId, Digest)] {
        &self.completed
    }

    /// A stored node that the last leaf completed, to be compared. `None` when the store has none.
    pub fn node(&mut self, id: NodeId, stored: Option<&Digest>) {
        let computed = self
            .completed
            .iter()
            .find(|(other, _)| *other == id)
            .map(|(_, hash)| hash);
        if computed.is_some() && computed != stored {
            let (first, last) = (id.index << id.level, ((id.index + 1) << id.level) - 1);
            self.f.altered(
                None,
                format!("The stored hash over leaves {first} to {last} is not the one that they lead to."),
            );
        }
    }

    /// A leaf beyond those that are verified says that this was erased: a log that grows meanwhile may have erased what is no
    /// longer found in its earlier part.
    pub fn erased_later(&mut self, subject: &str) {
        self.erasures.told(u64::MAX, subject.to_owned());
    }

    /// The report, once everything was given.
    pub fn finish(mut self) -> Report {
        self.reach();
        self.erasures.finish(&mut self.f);
        let size = self.size();
        if let Some(beyond) = self.ahead.back() {
            let (signed, last) = (beyond.size, beyond.size - 1);
            let kind = match beyond.source {
                Source::Signed => "was signed",
                Source::Pinned => "is pinned",
                Source::Committed => "was committed",
                Source::Kept => "was signed in a checkpoint that was kept",
            };
            let what = format!("Leaf {size}: the record ends before it, and a size of {signed} {kind}.");
            self.f.altered_within(size, last, what);
        }
        if self.checkpoints == 0 && self.ahead.is_empty() {
            self.f.cannot(
                None,
                "No checkpoint is signed, so there is nothing to compare the record with.",
            );
        }
        self.summarise(size);
        let signed = self.f.size.unwrap_or(0);
        self.f
            .report(|| format!("All {size} leaves are in order, and the first {signed} are exactly what was signed."))
    }

    fn summarise(&mut self, size: u64) {
        (self.f.size, self.f.root) = self.good.unzip();
        let (f, good) = (&mut self.f, self.good.map_or(0, |g| g.0));
        if f.problems() > 0 {
            return f.check(format!("The hashes lead to the signed root up to size {good}."));
        }
        f.check(format!(
            "{} leaves: bytes, hashes, places and organisation are right, without a gap.",
            f.leaves
        ));
        f.check(f.groups_in_order());
        f.check(format!(
            "{} signed checkpoints have the root that the leaves lead to.",
            self.checkpoints
        ));
        f.check(format!(
            "{} actions: decision before dispatch before start before end, by position.",
            self.precedence.compared
        ));
        self.receipts.finish(f);
        if size > good {
            f.check(format!(
                "{} leaves at the end are newer than the last checkpoint: no signature covers them yet.",
                size - good
            ));
        }
    }

    /// Compares the roots of the sizes just reached.
    fn reach(&mut self) {
        let size = self.size();
        while self.ahead.front().is_some_and(|e| e.size <= size) {
            let Some(e) = self.ahead.pop_front() else { return };
            self.compare(&e);
        }
    }

    fn compare(&mut self, e: &Expected) {
        let Tree::Known { recomputed, stored } = &mut self.tree else {
            return;
        };
        if recomputed.size() != e.size {
            return;
        }
        if e.source != Source::Signed {
            if recomputed.root() != e.root && stored.as_ref().is_none_or(|s| s.root() != e.root) {
                let whose = match e.source {
                    Source::Kept => "of a checkpoint that was kept",
                    Source::Committed => "that were committed",
                    Source::Signed | Source::Pinned => "that the link pins",
                };
                let what = format!("The record's first {} leaves are not those {whose}.", e.size);
                self.f.altered_within(0, e.size.max(1) - 1, what);
            }
            return;
        }
        if recomputed.root() == e.root {
            *stored = None;
        } else if self.good.is_some_and(|(size, _)| size == e.size) {
            let what = format!(
                "Two checkpoints of size {} with different roots are signed: the record was forked.",
                e.size
            );
            return self.f.altered(None, what);
        } else if stored.as_ref().is_some_and(|s| s.root() == e.root) {
            // The stored hashes are the signed ones; the leaves whose bytes differ were named when they came.
            if let Some(signed) = stored.take() {
                *recomputed = signed;
            }
        } else {
            return self.fork(e);
        }
        self.checkpoints += 1;
        self.good = Some((e.size, e.root));
    }

    /// The leaves lead to another root than the signed one: one of those since the last right one is wrong.
    fn fork(&mut self, e: &Expected) {
        let from = self.good.map_or(0, |g| g.0);
        let last = e.size.max(from + 1) - 1;
        let what = format!(
            "Leaves {from} to {last}: one of them was replaced. They lead to another root than the signed one at size {}.",
            e.size
        );
        self.f.altered_within(from, last, what);
        self.tree = Tree::Lost { next: e.size };
    }
}

impl Tree {
    fn push(&mut self, recomputed_hash: Digest, stored_hash: Digest) -> Vec<(NodeId, Digest)> {
        match self {
            Self::Known { recomputed, stored } => {
                if stored.is_none() && recomputed_hash != stored_hash {
                    *stored = Some(recomputed.clone());
                }
                if let Some(stored) = stored {
                    stored.push(stored_hash);
                }
                recomputed.push(recomputed_hash)
            }
            Self::Lost { next } => {
                *next += 1;
                Vec::new()
            }
        }
    }
}

/// Notes that stand one after the other, with an empty line or more between them: a text, an empty line, signature lines.
fn notes_of(text: &str) -> impl Iterator<Item = String> {
    let mut notes: Vec<String> = Vec::new();
    let mut signed = true;
    for line in text.lines() {
        let signature = line.starts_with('\u{2014}');
        // A note that was not written whole ends where the next one begins.
        if (signed && !signature) || line.starts_with("countersign/") {
            if line.is_empty() {
                continue;
            }
            notes.push(String::new());
        }
        signed = signature;
        if let Some(note) = notes.last_mut() {
            note.push_str(line);
            note.push('\n');
        }
    }
    notes.into_iter()
}
