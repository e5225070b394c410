//! One action's spool: its segments in order, and how far they are acknowledged.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use domain::digest::Digest;
use domain::ids::ActionId;
use wire::{Report, ReportBody};

use super::segment::{self, Segment};
use super::tally::Tally;
use super::{Standing, frame};
use crate::{clock, service};

/// A new segment is begun when the last one has this many bytes.
#[cfg(not(test))]
const SEGMENT: u64 = 4 * 1024 * 1024;
#[cfg(test)]
const SEGMENT: u64 = 2048;

/// How far a reader came: the number of the next report and, once known, where it stands. An action that left the spool and
/// came back (an order that is refused each time it comes) begins anew, so a place says in which life of it it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    life: u64,
    next: u64,
    /// Segment and byte.
    at: Option<(u64, u64)>,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// No other entry of this process has the same.
    life: u64,
    dir: PathBuf,
    segments: VecDeque<Segment>,
    /// The last segment, open for appending.
    file: Option<File>,
    tally: Tally,
    /// Number of the first report that is not acknowledged.
    unacknowledged: u64,
    torn: bool,
}

/// Places start with life 0, which no entry has.
fn next_life() -> u64 {
    static LIVES: AtomicU64 = AtomicU64::new(1);
    LIVES.fetch_add(1, Ordering::Relaxed)
}

impl Entry {
    pub(super) fn new(action: ActionId, order: Digest, dir: PathBuf) -> Self {
        Self {
            life: next_life(),
            dir,
            segments: VecDeque::new(),
            file: None,
            tally: Tally::new(action, order),
            unacknowledged: 0,
            torn: false,
        }
    }

    /// What a former run left of an action; none (and the folder removed) when there is no whole report.
    pub(super) fn recover(action: ActionId, dir: &Path) -> io::Result<Option<Self>> {
        let mut numbers: Vec<u64> = std::fs::read_dir(dir)?
            .filter_map(|f| f.ok()?.file_name().to_str()?.strip_suffix(".seg")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let mut segments = VecDeque::new();
        let mut last: Option<Tally> = None;
        let mut torn = false;
        for seq in numbers {
            let path = segment::path(dir, seq);
            // Behind a torn place nothing can be numbered; and a segment that was only begun holds nothing yet.
            let found = if torn { None } else { segment::recover(&path, seq)? };
            let Some(found) = found.filter(|f| {
                f.tally.action == action && f.segment.first == last.as_ref().map_or(f.segment.first, |t| t.next)
            }) else {
                torn |= last.is_some();
                std::fs::remove_file(&path)?;
                continue;
            };
            if found.torn {
                torn = true;
                let file = File::options().write(true).open(&path)?;
                file.set_len(found.segment.len)?;
                file.sync_all()?;
            }
            last = Some(found.tally);
            segments.push_back(found.segment);
        }
        let (Some(tally), Some(first)) = (last.filter(|t| t.next > 0), segments.front()) else {
            std::fs::remove_dir_all(dir)?;
            return Ok(None);
        };
        let unacknowledged = first.first;
        let file = segments
            .back()
            .map(|s: &Segment| File::options().append(true).open(&s.path))
            .transpose()?;
        Ok(Some(Self {
            life: next_life(),
            dir: dir.to_owned(),
            segments,
            file,
            tally,
            unacknowledged,
            torn,
        }))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|s| s.len).sum()
    }

    pub(super) fn append(&mut self, bodies: &[ReportBody]) -> io::Result<()> {
        if self.segments.back().is_none_or(|s| s.len >= SEGMENT) {
            self.begin_segment()?;
        }
        let mut tally = self.tally.clone();
        let mut bytes = vec![];
        for body in bodies {
            let report = Report {
                action: tally.action,
                n: tally.next,
                body: body.clone(),
            };
            frame::write(&serde_json::to_vec(&report)?, &mut bytes)?;
            tally.add(body);
        }
        let (Some(file), Some(segment)) = (&mut self.file, self.segments.back_mut()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a record must not stand before the next one.
            file.set_len(segment.len)?;
            return written;
        }
        segment.len += bytes.len() as u64;
        self.tally = tally;
        Ok(())
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        if !self.dir.exists() {
            service::create_private_dir(&self.dir)?;
            if let Some(root) = self.dir.parent() {
                service::sync_dir(root)?;
            }
        }
        let seq = self.segments.back().map_or(0, |s| s.seq + 1);
        let path = segment::path(&self.dir, seq);
        // Left by an attempt that failed half-way, such as on a full disk.
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
        let mut bytes = vec![];
        frame::write(&serde_json::to_vec(&self.tally)?, &mut bytes)?;
        let mut file = service::create_private_file(&path)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        service::sync_dir(&self.dir)?;
        let len = bytes.len() as u64;
        self.segments.push_back(Segment {
            path,
            seq,
            first: self.tally.next,
            body: len,
            len,
        });
        // Appending, so that after a failed write the next one starts where the file was cut back to.
        self.file = Some(File::options().append(true).open(segment::path(&self.dir, seq))?);
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, n: u64) -> io::Result<()> {
        // A number not sent yet is no acknowledgement.
        self.unacknowledged = self.unacknowledged.max((n.saturating_add(1)).min(self.tally.next));
        if self.is_over() {
            self.segments.clear();
            self.file = None;
            return if self.dir.exists() {
                std::fs::remove_dir_all(&self.dir)
            } else {
                Ok(())
            };
        }
        // The last segment stays: it carries the totals.
        while self.segments.len() > 1 && self.segments.get(1).is_some_and(|s| s.first <= self.unacknowledged) {
            if let Some(gone) = self.segments.pop_front() {
                std::fs::remove_file(gone.path)?;
            }
        }
        Ok(())
    }

    /// Whether the action's last report was made and acknowledged.
    pub(super) fn is_over(&self) -> bool {
        self.tally.ended && self.unacknowledged >= self.tally.next
    }

    pub(super) fn read(&self, place: &mut Place, most: usize) -> io::Result<Vec<Report>> {
        let mut reports = vec![];
        if place.life != self.life {
            *place = Place {
                life: self.life,
                next: 0,
                at: None,
            };
        }
        if place.next < self.unacknowledged {
            *place = Place {
                life: self.life,
                next: self.unacknowledged,
                at: None,
            };
        }
        while place.next < self.tally.next && reports.is_empty() {
            let known = place.at.and_then(|(seq, at)| {
                self.segments
                    .iter()
                    .find(|s| s.seq == seq && at < s.len)
                    .map(|s| (s, at))
            });
            let holding = || {
                self.segments
                    .iter()
                    .rev()
                    .find(|s| s.first <= place.next)
                    .map(|s| (s, s.body))
            };
            let Some((segment, at)) = known.or_else(holding) else {
                break;
            };
            let mut found = vec![];
            let end = segment.read(at, most, &mut found)?;
            reports.extend(found.into_iter().filter(|r| r.n >= place.next));
            if let Some(last) = reports.last() {
                place.next = last.n + 1;
            }
            place.at = Some((segment.seq, end));
        }
        Ok(reports)
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        let last = self.segments.back()?;
        let written = std::fs::metadata(&last.path)
            .and_then(|m| m.modified())
            .map_or_else(|_| clock::now(), clock::of);
        Some(Standing {
            tally: self.tally.clone(),
            torn: self.torn,
            written,
        })
    }
}
