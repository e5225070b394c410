//! One file of an action's spool: its id, then sealed records: a tally, then reports.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use domain::ids::ActionId;
use wire::Report;

use super::seal::{self, Found, Seal, SpoolKey};
use super::tally::Tally;

const BUFFER: usize = 64 * 1024;

/// A segment's whereabouts and extent.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) seq: u64,
    /// Number of the first report in it.
    pub(super) first: u64,
    /// Where the first report starts.
    pub(super) body: u64,
    /// Durable bytes.
    pub(super) len: u64,
    pub(super) seal: Seal,
}

/// What a segment held when it was read back.
pub(super) struct Recovered {
    pub(super) segment: Segment,
    pub(super) tally: Tally,
    /// What follows the last record that opens.
    pub(super) rest: Rest,
}

/// What follows the last record that opens, in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing.
    Nothing,
    /// The beginning of one record: what a crash leaves.
    Torn,
    /// This many bytes that can't be read back.
    Damaged(u64),
}

/// The segment's file name; fixed width, so that names sort as numbers do.
pub(super) fn path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:010}.seg"))
}

impl Segment {
    /// The number of the record that holds report `n`; the tally is record 0.
    pub(super) fn record_of(&self, n: u64) -> u64 {
        n.saturating_sub(self.first).saturating_add(1)
    }

    /// Reports from number `n`, which stands at byte `at`, until about `most` bytes; gives the byte behind them.
    ///
    /// # Errors
    /// When the segment can't be read, or holds something else than what was written.
    pub(super) fn read(&self, n: u64, at: u64, most: usize, into: &mut Vec<Report>) -> io::Result<u64> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a segment of the spool is damaged");
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(at))?;
        let mut from = BufReader::with_capacity(BUFFER, file);
        let (mut at, mut taken, mut record) = (at, 0, self.record_of(n));
        while at < self.len && taken < most {
            let Found::Record(text) = self.seal.read(record, &mut from)? else {
                return Err(damaged());
            };
            into.push(serde_json::from_slice(&text)?);
            record += 1;
            at += seal::AROUND + text.len() as u64;
            taken += text.len();
        }
        Ok(at)
    }
}

/// Reads a segment back. None when not even its tally opens, which no crash leaves: a segment gets its name when its tally
/// is durable.
///
/// # Errors
/// As the system says.
pub(super) fn recover(path: &Path, key: &SpoolKey, action: ActionId, seq: u64) -> io::Result<Option<Recovered>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut from = BufReader::with_capacity(BUFFER, file);
    let mut id = [0; seal::ID];
    if seal::read_full(&mut from, &mut id)? < id.len() {
        return Ok(None);
    }
    let seal = key.segment(action, seq, &id)?;
    let Found::Record(head) = seal.read(0, &mut from)? else {
        return Ok(None);
    };
    let Ok(tally) = serde_json::from_slice::<Tally>(&head) else {
        return Ok(None);
    };
    let body = seal::ID as u64 + seal::AROUND + head.len() as u64;
    let segment = Segment {
        path: path.to_owned(),
        seq,
        first: tally.next,
        body,
        len: body,
        seal,
    };
    let mut found = Recovered {
        segment,
        tally,
        rest: Rest::Nothing,
    };
    found.rest = found.take_reports(&mut from, size)?;
    Ok(Some(found))
}

impl Recovered {
    fn take_reports(&mut self, from: &mut impl Read, size: u64) -> io::Result<Rest> {
        loop {
            let record = self.segment.record_of(self.tally.next);
            let text = match self.segment.seal.read(record, from)? {
                Found::Record(text) => text,
                Found::End => return Ok(Rest::Nothing),
                Found::Bad(seen) => {
                    let left = size.saturating_sub(self.segment.len);
                    return Ok(if seen == left { Rest::Torn } else { Rest::Damaged(left) });
                }
            };
            let report = serde_json::from_slice::<Report>(&text)
                .ok()
                .filter(|r| r.n == self.tally.next && r.action == self.tally.action);
            let Some(report) = report else {
                return Ok(Rest::Damaged(size.saturating_sub(self.segment.len)));
            };
            self.tally.add(&report.body);
            self.segment.len += seal::AROUND + text.len() as u64;
        }
    }
}
