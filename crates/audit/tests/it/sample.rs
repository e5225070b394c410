//! A log as the engine keeps one, small and always the same.

use std::collections::BTreeMap;

use audit::bundle::{Bundle, BundleLeaf, FORMAT, GroupData, Org, PIN_VERSION, Pin, Scope, VERSION};
use audit::checkpoint::{Checkpoint, Vkey, fingerprint, origin_for};
use audit::leaf::{self, Header, Sealed, seal};
use audit::proof::Plan;
use audit::tree::{Frontier, NodeId, Nodes};
use domain::digest::Digest;
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

pub(crate) const ORG: &str = "0198f0c4-0000-7000-8000-000000000001";
pub(crate) const SESSION: &str = "0198f0c4-0000-7000-8000-00000000005e";
pub(crate) const ACTION: &str = "0198f0c4-0000-7000-8000-0000000000ac";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub(crate) fn vkey() -> Vkey {
    Vkey::new(origin_for(ORG), key().verifying_key()).unwrap()
}

/// A log in memory with its tree's stored nodes.
#[derive(Clone, Default)]
pub(crate) struct Log {
    pub(crate) leaves: Vec<Sealed>,
    pub(crate) nodes: Nodes,
    pub(crate) stored: BTreeMap<NodeId, Digest>,
    pub(crate) frontier: Frontier,
}

impl Log {
    /// Seals and appends one event of version 1.
    pub(crate) fn event(&mut self, kind: &str, refs: &[(&str, &str)], groups: &[(&str, Value)]) {
        self.event_of_version(1, kind, refs, groups);
    }

    /// Seals and appends one event.
    pub(crate) fn event_of_version(
        &mut self,
        kind_version: u32,
        kind: &str,
        refs: &[(&str, &str)],
        groups: &[(&str, Value)],
    ) {
        let index = self.leaves.len() as u64;
        let header = Header {
            v: leaf::VERSION,
            org: ORG.into(),
            index,
            id: format!("0198f0c4-0000-7000-9000-{index:012x}"),
            time: Timestamp(1_772_333_229_000_000_042 + index as i64),
            kind: kind.into(),
            kind_version,
            outcome: "ok".into(),
            refs: refs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        };
        let groups = groups.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        let mut n = 0;
        let sealed = seal(header, &groups, || {
            n += 1;
            Digest::of(&[&index.to_be_bytes(), &[n]]).0[..16].try_into().unwrap()
        });
        self.push(sealed.unwrap());
    }

    pub(crate) fn push(&mut self, sealed: Sealed) {
        let index = self.leaves.len() as u64;
        let level_0 = (NodeId { level: 0, index }, sealed.hash);
        for (id, hash) in std::iter::once(level_0).chain(self.frontier.push(sealed.hash)) {
            self.nodes.insert(id, hash);
            self.stored.insert(id, hash);
        }
        self.leaves.push(sealed);
    }

    /// A session with one approved action, and events of the org around it.
    pub(crate) fn story() -> Self {
        let mut log = Self::default();
        let (s, a) = (("session", SESSION), ("action", ACTION));
        let who = ("who", json!({"kind": "person", "name": "Tess Technician"}));
        log.event(
            "org.created",
            &[],
            &[who.clone(), ("what", json!({"name": "Northwind"}))],
        );
        log.event(
            "session.opened",
            &[s],
            &[
                who.clone(),
                ("text", json!({"reason": "failing register", "ticket": "T-1"})),
            ],
        );
        log.event(
            "action.proposed",
            &[s, a],
            &[
                who.clone(),
                ("text", json!({"command": {"path": "HKLM\\SOFTWARE\\Vendor"}})),
            ],
        );
        log.event(
            "sign_in.succeeded",
            &[],
            &[("who", json!({"kind": "person", "name": "Carl Contact"}))],
        );
        log.event(
            "approval.approved",
            &[s, a],
            &[("who", json!({"kind": "person", "name": "Carl Contact"}))],
        );
        log.event("action.authorised", &[s, a], &[("what", json!({"basis": "one_time"}))]);
        log.event("action.dispatched", &[s, a], &[("what", json!({"order": "00"}))]);
        log.event("action.started", &[s, a], &[("what", json!({"resource": "x"}))]);
        log.event(
            "output.chunk",
            &[s, a],
            &[
                ("what", json!({"n": 0})),
                ("text", json!({"text": "a\r\n\u{1b}[1mé\u{1f600}\"\\"})),
            ],
        );
        log.event("action.finished", &[s, a], &[("result", json!({"exit": 0}))]);
        log.event(
            "session.closed",
            &[s],
            &[who, ("what", json!({"leaves": 8, "actions": 1}))],
        );
        log.event("history.searched", &[], &[("what", json!({"found": 1}))]);
        log
    }

    /// A log of `n` leaves of no particular meaning.
    pub(crate) fn of(n: u64) -> Self {
        let mut log = Self::default();
        (0..n).for_each(|i| log.event("share.viewed", &[], &[("what", json!({"part": "page", "n": i}))]));
        log
    }

    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The signed note at a size.
    pub(crate) fn note(&self, size: u64) -> String {
        let mut frontier = Frontier::new();
        self.leaves[..size as usize]
            .iter()
            .for_each(|l| drop(frontier.push(l.hash)));
        Checkpoint {
            origin: origin_for(ORG),
            size,
            root: frontier.root(),
        }
        .sign(&key())
        .unwrap()
    }

    /// The bundle of some leaves at the log's size.
    pub(crate) fn bundle(&self, indexes: &[u64], scope: Scope) -> Bundle {
        self.bundle_at(self.size(), indexes, scope)
    }

    /// The bundle of some leaves at an earlier size.
    pub(crate) fn bundle_at(&self, size: u64, indexes: &[u64], scope: Scope) -> Bundle {
        let mut frontier = Frontier::new();
        for leaf in &self.leaves[..size as usize] {
            frontier.push(leaf.hash);
        }
        Bundle {
            format: FORMAT.into(),
            version: VERSION,
            org: Org {
                id: ORG.into(),
                name: "Northwind".into(),
            },
            title: "POS-REGISTER-07".into(),
            scope,
            vkey: vkey().to_string(),
            size,
            root: frontier.root(),
            checkpoint: self.note(size),
            leaves: indexes
                .iter()
                .map(|&i| BundleLeaf::open(i, &self.leaves[i as usize]))
                .collect(),
            proof: Plan::multiproof(indexes, size).unwrap().assemble(&self.nodes).unwrap(),
            witnessed: None,
        }
    }

    /// The bundle of the story's session.
    pub(crate) fn session_bundle(&self) -> Bundle {
        let scope = Scope {
            text: "failing register".into(),
            session: Some(SESSION.into()),
            whole: false,
        };
        self.bundle(&[1, 2, 4, 5, 6, 7, 8, 9, 10], scope)
    }

    /// The bundle of everything.
    pub(crate) fn whole_bundle(&self) -> Bundle {
        let all: Vec<u64> = (0..self.size()).collect();
        self.bundle(
            &all,
            Scope {
                text: "everything".into(),
                session: None,
                whole: true,
            },
        )
    }

    /// What a link to this log at its present size pins.
    pub(crate) fn pin(&self) -> Pin {
        let key_hash = fingerprint(&key().verifying_key());
        Pin {
            version: PIN_VERSION,
            size: self.size(),
            root: self.frontier.root(),
            key_hash,
        }
    }
}

/// A sealed leaf's groups as a store gives them.
pub(crate) fn groups(sealed: &Sealed) -> BTreeMap<String, GroupData> {
    sealed
        .groups
        .iter()
        .cloned()
        .map(|g| (g.name.clone(), g.into()))
        .collect()
}
