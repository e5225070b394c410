//! Verifying offline: a whole log as `countersign verify --database` goes over it, and the JSON of a share; each against bare RFC 6962
//! hashing of the same bytes, which is each leaf, each group with its salt, and the tree.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use audit::bundle::{Bundle, BundleLeaf, FORMAT, GroupData, Org, Scope, VERSION};
use audit::checkpoint::{Checkpoint, Vkey, origin_for};
use audit::leaf::{self, Header, Sealed, commitment};
use audit::proof::Plan;
use audit::tree::{Frontier, NodeId, Nodes};
use audit::verify::{LogVerifier, Trusted, Verdict, verify_bytes};
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use serde_json::json;

use crate::Row;

const ORG: &str = "01890000-0000-7000-8000-000000000001";
const SESSION: &str = "01890000-0000-7000-8000-000000000002";
/// As many as the share that a browser is to verify within a second.
const LEAVES: u64 = 10_000;
/// The measurements take turns, and of each the fastest of so many counts: the others were disturbed.
const TRIES: u32 = 15;

/// A log of one session.
struct Log {
    leaves: Vec<Sealed>,
    groups: Vec<BTreeMap<String, GroupData>>,
    nodes: Nodes,
    stored: BTreeMap<NodeId, domain::digest::Digest>,
    frontier: Frontier,
}

fn log() -> Result<Log> {
    let mut log = Log {
        leaves: Vec::new(),
        groups: Vec::new(),
        nodes: Nodes::new(),
        stored: BTreeMap::new(),
        frontier: Frontier::new(),
    };
    for index in 0..LEAVES {
        let (kind, what) = match index {
            0 => ("session.opened", json!({"action": "none"})),
            n if n == LEAVES - 1 => ("session.closed", json!({"actions": 0, "leaves": n})),
            n => (
                "session.note_added",
                json!({"note": format!("01890000-0000-7000-8000-{n:012x}")}),
            ),
        };
        let groups = [
            ("authorisation", json!({"kind": "permission", "permission": "initiate"})),
            (
                "target",
                json!({"client": {"id": ORG, "name": "Harbour Books"}, "endpoint": {"id": ORG, "name": "POS-REGISTER-07"},
                       "object": {"id": SESSION, "name": "session on POS-REGISTER-07"}, "type": "session"}),
            ),
            (
                "text",
                json!({"text": format!("{index}: checked the cable, the switch port and the gateway; the register answers again.")}),
            ),
            ("what", what),
            (
                "who",
                json!({"address": "203.0.113.7", "id": ORG, "kind": "person", "name": "Tim Technician"}),
            ),
        ];
        let header = Header {
            v: leaf::VERSION,
            org: ORG.into(),
            index,
            id: format!("01890000-0000-7000-9000-{index:012x}"),
            time: Timestamp(1_772_333_229_000_000_000),
            kind: kind.into(),
            kind_version: 1,
            outcome: "success".into(),
            refs: [("session".to_owned(), SESSION.to_owned())].into(),
        };
        let groups = groups
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let sealed = leaf::seal(header, &groups, || [7; 16])?;
        let leaf = (NodeId { level: 0, index }, sealed.hash);
        for (id, hash) in std::iter::once(leaf).chain(log.frontier.push(sealed.hash)) {
            log.nodes.insert(id, hash);
            log.stored.insert(id, hash);
        }
        let open = sealed.groups.iter().cloned().map(|g| (g.name.clone(), g.into()));
        log.groups.push(open.collect());
        log.leaves.push(sealed);
    }
    Ok(log)
}

pub(crate) fn measure() -> Result<Vec<Row>> {
    let log = log()?;
    let key = SigningKey::from_bytes(&[7; 32]);
    let origin = origin_for(ORG);
    let vkey = Vkey::new(&*origin, key.verifying_key())?;
    let state = Checkpoint {
        origin,
        size: LEAVES,
        root: log.frontier.root(),
    };
    let note = state.sign(&key)?;
    let indexes: Vec<u64> = (0..LEAVES).collect();
    let open = |(i, sealed): (usize, &Sealed)| BundleLeaf::open(i as u64, sealed);
    let bundle = Bundle {
        format: FORMAT.into(),
        version: VERSION,
        org: Org {
            id: ORG.into(),
            name: "Bench".into(),
        },
        title: "Bench".into(),
        scope: Scope {
            text: "Bench".into(),
            session: Some(SESSION.into()),
            whole: false,
        },
        vkey: vkey.to_string(),
        size: LEAVES,
        root: state.root,
        checkpoint: note.clone(),
        leaves: log.leaves.iter().enumerate().map(open).collect(),
        proof: Plan::multiproof(&indexes, LEAVES)?.assemble(&log.nodes)?,
        witnessed: None,
    };
    let (json, pin) = (bundle.to_json()?, bundle.pin(vkey.fingerprint()).to_string());

    let mut whole = || {
        let mut verifier = LogVerifier::new(vkey.clone());
        verifier.checkpoint(LEAVES, &note);
        for (index, (sealed, groups)) in (0..).zip(log.leaves.iter().zip(&log.groups)) {
            verifier.leaf(index, &sealed.leaf, &sealed.hash, groups);
            for (id, _) in verifier.completed().to_vec() {
                verifier.node(id, log.stored.get(&id));
            }
        }
        let report = verifier.finish();
        ensure!(report.verdict == Verdict::Verified, "{}", report.sentence);
        Ok(())
    };
    let mut share = || {
        let report = verify_bytes(json.as_bytes(), Trusted::link(&pin));
        ensure!(report.verdict == Verdict::Verified, "{}", report.sentence);
        Ok(())
    };
    let [hashed, whole, share] = fastest([&mut || hash(&log), &mut whole, &mut share])?;
    let per_second = |took: Duration| LEAVES as f64 / took.as_secs_f64();
    let row = |what, took| Row {
        what,
        ours: per_second(took),
        baseline: per_second(hashed),
        unit: "leaves/s",
        against: "bare RFC 6962 hashing",
    };
    Ok(vec![
        row("verifying a log, 10,000 leaves", whole),
        row("verifying a share's JSON, 10,000 leaves", share),
    ])
}

/// Everything that any verifier has to hash, and nothing else.
fn hash(log: &Log) -> Result<()> {
    let mut frontier = Frontier::new();
    for sealed in &log.leaves {
        for g in &sealed.groups {
            std::hint::black_box(commitment(&g.salt, &g.json));
        }
        frontier.push(leaf::hash(&sealed.leaf));
    }
    ensure!(frontier.root() == log.frontier.root(), "another root");
    Ok(())
}

fn fastest<const N: usize>(mut works: [&mut dyn FnMut() -> Result<()>; N]) -> Result<[Duration; N]> {
    let mut fastest = [Duration::MAX; N];
    for _ in 0..TRIES {
        for (work, fastest) in works.iter_mut().zip(&mut fastest) {
            let started = Instant::now();
            work()?;
            *fastest = started.elapsed().min(*fastest);
        }
    }
    Ok(fastest)
}
