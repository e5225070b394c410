//! Verifying a bundle against the pin of the link that led to it.

use domain::digest::Digest;

use super::leaf_check::{self, Checker, Stored};
use super::precedence::Precedence;
use super::receipts::Receipts;
use super::report::{Findings, Report};
use super::{scope, witnessed};
use crate::bundle::{self, Bundle, BundleError, Pin};
use crate::checkpoint::{Checkpoint, CheckpointError, Vkey, origin_for};
use crate::cosignature::WitnessKey;
use crate::leaf::HeaderRef;
use crate::proof::{ProofError, verify_multiproof};

/// What the reader has from elsewhere than the record's server, to hold the record against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trusted<'a> {
    /// A link's fragment, as [`Pin::of_link`] takes it; empty or `None` where there is none.
    pub fragment: Option<&'a str>,
    /// Witnesses whose cosignatures the record must carry.
    pub witnesses: &'a [WitnessKey],
}

impl<'a> Trusted<'a> {
    /// A link's fragment alone.
    pub fn link(fragment: &'a str) -> Self {
        Self {
            fragment: Some(fragment),
            witnesses: &[],
        }
    }
}

/// Verifies a bundle's bytes.
pub fn verify_bytes(bundle: &[u8], trusted: Trusted<'_>) -> Report {
    let Trusted { fragment, witnesses } = trusted;
    let parsed = match Bundle::parse(bundle) {
        Ok(b) => b,
        Err(e) => return cannot(sentence(&e.to_string())),
    };
    match fragment
        .filter(|s| !s.trim_start_matches('#').is_empty())
        .map(Pin::of_link)
    {
        None => verify_bundle(&parsed, None, witnesses),
        Some(Ok(pin)) => verify_bundle(&parsed, Some(&pin), witnesses),
        Some(Err(e)) => {
            let mut f = Findings::default();
            f.cannot(None, format!("There is nothing to compare with: {e}."));
            examine(&mut f, &parsed, None, witnesses);
            f.report(String::new)
        }
    }
}

/// Verifies a bundle. Without a pin it can be altered but never verified: whoever made the bundle could have made its
/// key too.
pub fn verify_bundle(bundle: &Bundle, pin: Option<&Pin>, witnesses: &[WitnessKey]) -> Report {
    let mut f = Findings::default();
    if pin.is_none() {
        f.cannot(
            None,
            "The link carries no pin (the part after #), so there is nothing to compare this record with.",
        );
    }
    examine(&mut f, bundle, pin, witnesses);
    f.report(|| {
        let (n, size) = (bundle.leaves.len(), bundle.size);
        format!("All {n} leaves here are exactly what was signed at size {size}, and what the link pins.")
    })
}

fn cannot(what: String) -> Report {
    let mut f = Findings::default();
    f.cannot(None, what);
    f.report(String::new)
}

fn examine(f: &mut Findings, b: &Bundle, pin: Option<&Pin>, witnesses: &[WitnessKey]) {
    if b.format != bundle::FORMAT {
        return f.cannot(None, "The file is not a record's bundle.");
    }
    if b.version != bundle::VERSION {
        return f.cannot(None, sentence(&BundleError::Version(b.version.into()).to_string()));
    }
    f.size = Some(pin.map_or(b.size, |p| p.size));
    f.root = Some(pin.map_or(b.root, |p| p.root));
    f.key = pin.map(|p| p.key_hash);
    check_pin(f, b, pin);
    check_signature(f, b, pin);
    let (hashes, headers) = check_leaves(f, b);
    check_tree(f, b, &hashes);
    check_order(f, b, &headers);
    check_receipts(f, b, &headers);
    scope::check(f, b, &headers);
    witnessed::check(f, b, witnesses);
}

fn check_pin(f: &mut Findings, b: &Bundle, pin: Option<&Pin>) {
    let Some(pin) = pin else { return };
    let before = f.problems();
    if b.size != pin.size {
        f.altered(
            None,
            format!("The record is of size {}, and the link pins size {}.", b.size, pin.size),
        );
    }
    if b.root != pin.root {
        f.altered(None, "The record's root is not the one that the link pins.");
    }
    if f.problems() == before {
        f.check(format!(
            "Size {} and root {} are what the link pins.",
            b.size,
            b.root.short()
        ));
    }
}

fn check_signature(f: &mut Findings, b: &Bundle, pin: Option<&Pin>) {
    let Ok(vkey) = b.vkey.parse::<Vkey>() else {
        return f.cannot(None, "The log's public key can't be read.");
    };
    let fingerprint = vkey.fingerprint();
    f.key.get_or_insert(fingerprint);
    if pin.is_some_and(|p| p.key_hash != fingerprint) {
        f.altered(
            None,
            "The record is signed with another key than the one that the link pins.",
        );
    }
    let checkpoint = match Checkpoint::verify(&b.checkpoint, &vkey) {
        Ok(c) => c,
        Err(e @ CheckpointError::BadSignature(_)) => return f.altered(None, sentence(&e.to_string())),
        Err(e) => return f.cannot(None, sentence(&e.to_string())),
    };
    let origin = origin_for(&b.org.id);
    if checkpoint.origin != origin || vkey.name() != origin {
        f.altered(None, "The signed checkpoint is of another organisation's record.");
    } else if checkpoint.size != b.size || checkpoint.root != b.root {
        f.altered(None, "The signed checkpoint says another size or root than the record.");
    } else {
        f.check(format!("The checkpoint is signed by the key {}.", fingerprint.short()));
    }
}

/// An error's words as a sentence. They begin in ASCII; other letters' capitals would be a tenth of the browser's module.
fn sentence(words: &str) -> String {
    let mut sentence = words.to_owned() + ".";
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// Each leaf by itself and its place among the others: recomputed hashes with indexes, and the headers that could be read.
fn check_leaves<'b>(f: &mut Findings, b: &'b Bundle) -> (Vec<(u64, Digest)>, Vec<HeaderRef<'b>>) {
    if b.leaves.is_empty() {
        f.cannot(None, "The record holds no leaves.");
    }
    let before = f.problems();
    let mut checker = Checker::new(Some(b.org.id.clone()));
    let (mut hashes, mut headers) = (Vec::with_capacity(b.leaves.len()), Vec::with_capacity(b.leaves.len()));
    for leaf in &b.leaves {
        let index = leaf.index;
        if hashes.last().is_some_and(|&(previous, _)| previous >= index) {
            f.altered(Some(index), format!("Leaf {index}: it is out of order."));
        }
        if index >= b.size {
            f.altered(
                Some(index),
                format!("Leaf {index}: it is beyond the record's size of {}.", b.size),
            );
        }
        let stored = Stored {
            index,
            leaf: leaf.leaf.as_bytes(),
            claimed: &leaf.leaf_hash,
            groups: &leaf.groups,
        };
        let (hash, parsed) = leaf_check::check(f, &mut checker, &stored);
        hashes.push((index, hash));
        headers.extend(parsed.map(|l| l.header));
    }
    if f.problems() == before {
        f.check(format!("{} leaves: bytes, place and organisation are right.", f.leaves));
        f.check(f.groups_in_order());
    }
    (hashes, headers)
}

fn check_tree(f: &mut Findings, b: &Bundle, hashes: &[(u64, Digest)]) {
    match verify_multiproof(hashes, b.size, &b.proof, &b.root) {
        Ok(()) => {
            let n = b.proof.len();
            f.check(format!(
                "The leaves and {n} hashes of the rest of the record lead to the root."
            ));
        }
        // Already said, naming the leaf.
        Err(ProofError::Order(_) | ProofError::Beyond { .. }) => {}
        Err(ProofError::Root) => f.altered(
            None,
            "The leaves and their proof lead to another root than the signed one.",
        ),
        Err(ProofError::Length | ProofError::MissingNode(_)) => {
            f.altered(
                None,
                "The leaves do not fit their proof: a leaf or a hash was added or removed.",
            );
        }
    }
}

fn check_order(f: &mut Findings, b: &Bundle, headers: &[HeaderRef<'_>]) {
    let before = f.problems();
    let mut precedence = Precedence::new(b.scope.whole || b.scope.session.is_some(), false);
    headers.iter().for_each(|h| precedence.leaf(f, h));
    if f.problems() == before && precedence.compared > 0 {
        f.check(format!(
            "{} actions: decision before dispatch before start before end, by position.",
            precedence.compared
        ));
    }
}

/// Headers are of those leaves that could be read, in the same order.
fn check_receipts(f: &mut Findings, b: &Bundle, headers: &[HeaderRef<'_>]) {
    let mut receipts = Receipts::new(b.scope.whole, b.scope.session.is_some());
    let mut leaves = b.leaves.iter();
    for header in headers {
        if let Some(leaf) = leaves.find(|leaf| leaf.index == header.index) {
            receipts.leaf(f, header, &leaf.groups);
        }
    }
    receipts.finish(f);
}
