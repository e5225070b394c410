//! Which reports go out next on this connection: each action's in order, and of the actions always one that has had least of
//! the connection. So an action that says little waits for no other's flood; where the network is slow, long reports go out in
//! parts, and what is short goes out between them.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;

use domain::ids::ActionId;
use wire::{AgentMessage, Cut, PART, Report, ReportBody};

use crate::spool::{Place, Spool};

/// Reports are read from the spool in pieces of about this many bytes per action.
const PIECE: usize = 128 * 1024;

/// What a frame counts beside its text, so that many small ones are no way past the others.
const FRAME: u64 = 256;

/// What this connection has sent.
#[derive(Debug)]
pub(super) struct Outbox {
    spool: Arc<Spool>,
    lanes: BTreeMap<ActionId, Lane>,
    /// The report that is on its way in parts.
    cut: Option<Cut>,
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
    /// The last report that went out, with all of its parts.
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
            cut: None,
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

    /// What to say next; nothing when all was said. A report is as `protocol` has it, and cut where it is long and to go
    /// `in_parts`.
    ///
    /// # Errors
    /// When the spool can't be read.
    pub(super) async fn next(&mut self, protocol: u32, in_parts: bool) -> io::Result<Option<AgentMessage>> {
        let begun = self.cut.as_ref().map(Cut::action);
        if self.look || (begun.is_none() && self.lanes.values().all(|lane| lane.ready.is_empty())) {
            self.refill().await?;
        }
        // One report at a time goes in parts, as the server puts them together.
        let may_go = |action: ActionId, report: &Report| match begun {
            Some(begun) => action != begun && size(report) <= FRAME + PART as u64,
            None => true,
        };
        let waiting = self.lanes.iter().filter(|(action, lane)| {
            let next = lane.ready.front();
            next.is_some_and(|report| may_go(**action, report))
        });
        let least = waiting.min_by_key(|(_, lane)| lane.had);
        let had = begun.and_then(|begun| self.lanes.get(&begun)).map(|lane| lane.had);
        let next = least.filter(|(_, lane)| had.is_none_or(|had| lane.had <= had));
        let Some(action) = next.map(|(action, _)| *action) else {
            return Ok(self.cut.take().map(|cut| self.go_on(cut)));
        };
        let lane = self.lanes.entry(action).or_default();
        let Some(report) = lane.ready.pop_front() else {
            return Ok(None);
        };
        if in_parts && report.is_long() {
            return Ok(Some(self.go_on(Cut::new(report))));
        }
        lane.sent = Some(report.n);
        self.turn = lane.had;
        lane.had += size(&report);
        Ok(Some(AgentMessage::Report(report.for_protocol(protocol))))
    }

    /// The next part of a report, or its rest.
    fn go_on(&mut self, mut cut: Cut) -> AgentMessage {
        let lane = self.lanes.entry(cut.action()).or_default();
        self.turn = lane.had;
        if let Some(part) = cut.part() {
            lane.had += FRAME + part.text.len() as u64;
            self.cut = Some(cut);
            return AgentMessage::ReportPart(part);
        }
        let rest = cut.rest();
        lane.sent = Some(rest.n);
        lane.had += size(&rest);
        AgentMessage::ReportRest(rest)
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

    /// A spool with a flood of 40 reports, and room for what a quick action says.
    fn flooded(dir: &tempfile::TempDir) -> (Arc<Spool>, ActionId, ActionId) {
        let key = crate::spool::SpoolKey::of(&ed25519_dalek::SigningKey::from_bytes(&[5; 32]));
        let spool = Arc::new(Spool::open(&dir.path().join("spool"), u64::MAX, key).unwrap());
        let bodies: Vec<_> = (0..40).map(|n| said(&format!("é{n} ").repeat(3000))).collect();
        spool.append(id(1), Digest::of(&[]), &bodies).unwrap();
        (spool, id(1), id(2))
    }

    fn started() -> ReportBody {
        ReportBody::Started {
            at: Timestamp::default(),
            resource: String::new(),
        }
    }

    /// R72: what comes while a flood is under way goes out next, in its order; the flood loses nothing.
    #[tokio::test]
    async fn a_flood_holds_nobody_up_and_comes_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (spool, flood, quick) = flooded(&dir);
        let mut outbox = Outbox::new(Arc::clone(&spool));
        let mut next = async || match outbox.next(2, false).await.unwrap() {
            Some(AgentMessage::Report(report)) => Some((report.action, report.n)),
            other => {
                assert!(other.is_none(), "{other:?}");
                None
            }
        };
        for n in 0..5 {
            assert_eq!(next().await, Some((flood, n)));
        }
        assert!(outbox.has_sent(flood, 4) && !outbox.has_sent(flood, 5) && !outbox.has_sent(quick, 0));
        spool
            .append(quick, Digest::of(&[]), &[started(), said("quick")])
            .unwrap();
        outbox.grown();
        let mut order = vec![];
        while let Some(AgentMessage::Report(report)) = outbox.next(2, false).await.unwrap() {
            order.push((report.action, report.n));
        }
        let place = |what| order.iter().position(|o| *o == what).unwrap();
        assert!(place((quick, 0)) <= 1 && place((quick, 1)) <= 2, "{order:?}");
        let rest: Vec<u64> = order.iter().filter(|(a, _)| *a == flood).map(|(_, n)| *n).collect();
        assert_eq!(rest, (5..40).collect::<Vec<_>>());
    }

    /// R72: in parts it waits for one part, not for the report that the part belongs to. Between parts nothing goes out that
    /// would have to be put together as well, and what was said in parts was sent once the rest is out.
    #[tokio::test]
    async fn what_is_short_goes_out_between_the_parts_of_what_is_long() {
        let dir = tempfile::tempdir().unwrap();
        let (spool, flood, quick) = flooded(&dir);
        let long = id(3);
        let mut outbox = Outbox::new(Arc::clone(&spool));
        let mut frames: Vec<AgentMessage> = vec![];
        for _ in 0..2 {
            frames.extend(outbox.next(2, true).await.unwrap());
        }
        assert!(frames.iter().all(|f| f.name() == "report_part"), "{frames:?}");
        assert!(!outbox.has_sent(flood, 0));
        let bodies = [started(), said("quick"), said("quick again")];
        spool.append(quick, Digest::of(&[]), &bodies).unwrap();
        spool
            .append(long, Digest::of(&[]), &[said(&"long ".repeat(3000))])
            .unwrap();
        outbox.grown();
        for n in 0..3 {
            let next = outbox.next(2, true).await.unwrap();
            let Some(AgentMessage::Report(report)) = next else {
                panic!("{next:?}")
            };
            assert_eq!((report.action, report.n), (quick, n));
        }
        while let Some(frame) = outbox.next(2, true).await.unwrap() {
            frames.push(frame);
        }
        assert!(outbox.has_sent(flood, 39) && outbox.has_sent(long, 0));
        let mut on_its_way: Option<(ActionId, String)> = None;
        let mut texts: BTreeMap<ActionId, Vec<String>> = BTreeMap::new();
        for frame in frames {
            if let AgentMessage::ReportPart(part) = frame {
                let (action, text) = on_its_way.get_or_insert((part.action, String::new()));
                assert_eq!(*action, part.action, "one at a time");
                assert!((4090..=PART).contains(&part.text.len()));
                text.push_str(&part.text);
                continue;
            }
            let AgentMessage::ReportRest(report) = frame else {
                panic!("{frame:?}")
            };
            let (action, mut text) = on_its_way.take().unwrap();
            assert_eq!(action, report.action);
            let ReportBody::Output { text: rest, .. } = report.body else {
                panic!("{report:?}")
            };
            text.push_str(&rest);
            texts.entry(action).or_default().push(text);
        }
        let whole: Vec<String> = (0..40).map(|n| format!("é{n} ").repeat(3000)).collect();
        assert_eq!(texts.remove(&flood).unwrap(), whole);
        assert_eq!(texts.remove(&long).unwrap(), ["long ".repeat(3000)]);
    }
}
