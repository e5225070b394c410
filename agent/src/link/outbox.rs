//! Which reports go out next on this connection: each action's in order, and of the actions always one that has had least of
//! the connection. So an action that says little waits for no other's flood.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use domain::ids::ActionId;
use wire::{Report, ReportBody};

use crate::spool::{Place, Spool};

/// Reports are read from the spool in pieces of about this many bytes per action.
const PIECE: usize = 128 * 1024;

/// What a report counts beside its text, so that many small ones are no way past the others.
const FRAME: u64 = 256;

/// What this connection has sent.
#[derive(Debug)]
pub(super) struct Outbox {
    spool: Arc<Spool>,
    lanes: BTreeMap<ActionId, Lane>,
    /// Where the lane that was served last stood before.
    turn: u64,
    /// Whether the spool may hold more than was read.
    look: bool,
}

/// One action's way out.
#[derive(Debug, Default)]
struct Lane {
    place: Place,
    ready: VecDeque<Report>,
    /// The last report that went out.
    sent: Option<u64>,
    /// What it has had of the connection, in bytes; what others had while it had nothing to say counts as well, so that it
    /// gets no more than they from then on.
    had: u64,
}

impl Outbox {
    /// A new connection sends everything that is not acknowledged.
    pub(super) fn new(spool: Arc<Spool>) -> Self {
        Self {
            spool,
            lanes: BTreeMap::new(),
            turn: 0,
            look: true,
        }
    }

    /// Something was added to the spool.
    pub(super) fn grown(&mut self) {
        self.look = true;
    }

    /// Whether the server can have report `n` from this connection.
    pub(super) fn has_sent(&self, action: ActionId, n: u64) -> bool {
        self.lanes.get(&action).is_some_and(|lane| lane.sent >= Some(n))
    }

    /// The next report; none when all were sent.
    ///
    /// # Errors
    /// When the spool can't be read.
    pub(super) async fn next(&mut self) -> io::Result<Option<Report>> {
        if self.look || self.lanes.values().all(|lane| lane.ready.is_empty()) {
            self.refill().await?;
        }
        let waiting = self.lanes.values_mut().filter(|lane| !lane.ready.is_empty());
        let Some(lane) = waiting.min_by_key(|lane| lane.had) else {
            return Ok(None);
        };
        let next = lane.ready.pop_front();
        lane.sent = next.as_ref().map(|report| report.n);
        self.turn = lane.had;
        lane.had += next.as_ref().map_or(0, size);
        Ok(next)
    }

    /// Reads what the lanes that are empty have in the spool.
    async fn refill(&mut self) -> io::Result<()> {
        self.look = false;
        let turn = self.turn;
        let spool = Arc::clone(&self.spool);
        let mut lanes = std::mem::take(&mut self.lanes);
        let read = move || {
            let actions = spool.actions();
            lanes.retain(|action, _| actions.contains(action));
            for action in actions {
                let lane: &mut Lane = lanes.entry(action).or_default();
                if lane.ready.is_empty() {
                    lane.had = lane.had.max(turn);
                    lane.ready = spool.read(action, &mut lane.place, PIECE)?.into();
                }
            }
            Ok::<_, io::Error>(lanes)
        };
        self.lanes = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
        Ok(())
    }
}

/// About how many bytes a report takes.
fn size(report: &Report) -> u64 {
    FRAME
        + match &report.body {
            ReportBody::Output { text, .. } => text.len() as u64,
            ReportBody::Refused { .. } | ReportBody::Started { .. } | ReportBody::Finished(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::digest::Digest;
    use domain::timestamp::Timestamp;
    use wire::Stream;

    fn id(n: u32) -> ActionId {
        format!("01890000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn said(text: &str) -> ReportBody {
        ReportBody::Output {
            stream: Stream::Stdout,
            text: text.into(),
            raw_bytes: text.len() as u64,
            lines: 1,
            findings: vec![],
        }
    }

    /// R72: what comes while a flood is under way goes out next, in its order; the flood loses nothing.
    #[tokio::test]
    async fn a_flood_holds_nobody_up_and_comes_whole() {
        let dir = tempfile::tempdir().unwrap();
        let key = crate::spool::SpoolKey::of(&ed25519_dalek::SigningKey::from_bytes(&[5; 32]));
        let spool = Arc::new(Spool::open(&dir.path().join("spool"), u64::MAX, key).unwrap());
        let (flood, quick) = (id(1), id(2));
        let bodies: Vec<_> = (0..40).map(|n| said(&format!("{n} ").repeat(2000))).collect();
        spool.append(flood, Digest::of(&[]), &bodies).unwrap();
        let mut outbox = Outbox::new(Arc::clone(&spool));
        for n in 0..5 {
            let report = outbox.next().await.unwrap().unwrap();
            assert_eq!((report.action, report.n), (flood, n));
        }
        assert!(outbox.has_sent(flood, 4) && !outbox.has_sent(flood, 5) && !outbox.has_sent(quick, 0));
        let started = ReportBody::Started {
            at: Timestamp::default(),
            resource: String::new(),
        };
        spool.append(quick, Digest::of(&[]), &[started, said("quick")]).unwrap();
        outbox.grown();
        let mut order = vec![];
        while let Some(report) = outbox.next().await.unwrap() {
            order.push((report.action, report.n));
        }
        let place = |what| order.iter().position(|o| *o == what).unwrap();
        assert!(place((quick, 0)) <= 1 && place((quick, 1)) <= 2, "{order:?}");
        let rest: Vec<u64> = order.iter().filter(|(a, _)| *a == flood).map(|(_, n)| *n).collect();
        assert_eq!(rest, (5..40).collect::<Vec<_>>());
    }
}
