//! One file of an action's spool: a tally, then reports.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use wire::Report;

use super::frame::{self, Found};
use super::tally::Tally;

/// A segment's whereabouts and extent.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) seq: u64,
    /// Number of the first report in it.
    pub(super) first: u64,
    /// Where the first report starts.
    pub(super) body: u64,
    /// Durable bytes.
    pub(super) len: u64,
}

/// What a segment held when it was read back.
pub(super) struct Recovered {
    pub(super) segment: Segment,
    pub(super) tally: Tally,
    /// Whether what follows the last whole record is torn.
    pub(super) torn: bool,
}

/// The segment's file name; fixed width, so that names sort as numbers do.
pub(super) fn path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:010}.seg"))
}

/// Reads a segment back. None when not even its tally is whole: a crash while it was being begun.
///
/// # Errors
/// As the system says.
pub(super) fn recover(path: &Path, seq: u64) -> io::Result<Option<Recovered>> {
    let mut from = BufReader::new(File::open(path)?);
    let Found::Record(head) = frame::read(&mut from)? else {
        return Ok(None);
    };
    let Ok(mut tally) = serde_json::from_slice::<Tally>(&head) else {
        return Ok(None);
    };
    let body = frame::HEAD + head.len() as u64;
    let mut segment = Segment {
        path: path.to_owned(),
        seq,
        first: tally.next,
        body,
        len: body,
    };
    loop {
        let payload = match frame::read(&mut from)? {
            Found::Record(payload) => payload,
            Found::End => {
                return Ok(Some(Recovered {
                    segment,
                    tally,
                    torn: false,
                }));
            }
            Found::Torn => {
                return Ok(Some(Recovered {
                    segment,
                    tally,
                    torn: true,
                }));
            }
        };
        let report = serde_json::from_slice::<Report>(&payload)
            .ok()
            .filter(|r| r.n == tally.next && r.action == tally.action);
        let Some(report) = report else {
            return Ok(Some(Recovered {
                segment,
                tally,
                torn: true,
            }));
        };
        tally.add(&report.body);
        segment.len += frame::HEAD + payload.len() as u64;
    }
}

impl Segment {
    /// Reports from byte `at` on until about `most` bytes; gives the byte behind them.
    ///
    /// # Errors
    /// When the segment can't be read, or holds something else than what was written.
    pub(super) fn read(&self, at: u64, most: usize, into: &mut Vec<Report>) -> io::Result<u64> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(at))?;
        let mut from = BufReader::with_capacity(64 * 1024, file);
        let mut at = at;
        let mut taken = 0;
        while at < self.len && taken < most {
            let Found::Record(payload) = frame::read(&mut from)? else {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a segment of the spool is damaged",
                ));
            };
            into.push(serde_json::from_slice(&payload)?);
            at += frame::HEAD + payload.len() as u64;
            taken += payload.len();
        }
        Ok(at)
    }
}
