//! One action's spool: its segments in order, and how far they are acknowledged.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::digest::Digest;
use domain::ids::ActionId;
use serde::Serialize;
use wire::{Report, ReportBody};

use super::seal::{self, SpoolKey};
use super::segment::{self, Rest, Segment};
use super::tally::Tally;
use super::{Lost, Standing};
use crate::data::cut_back;
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
    key: Arc<SpoolKey>,
    segments: VecDeque<Segment>,
    /// The last segment, open for appending; none when the next report begins a new one.
    file: Option<File>,
    tally: Tally,
    /// Number of the first report that is not acknowledged.
    unacknowledged: u64,
    lost: Option<Lost>,
}

/// What a former run left of an action.
pub(super) enum Left {
    /// No whole report; its folder is removed.
    Nothing,
    /// Reports.
    Reports(Box<Entry>),
    /// Something of which not even the beginning can be read back.
    Unreadable,
}

/// A report as it is written; [`Report`] is how it is read.
#[derive(Serialize)]
struct Written<'a> {
    action: ActionId,
    n: u64,
    body: &'a ReportBody,
}

/// Places start with life 0, which no entry has.
fn next_life() -> u64 {
    static LIVES: AtomicU64 = AtomicU64::new(1);
    LIVES.fetch_add(1, Ordering::Relaxed)
}

impl Entry {
    pub(super) fn new(action: ActionId, order: Digest, dir: PathBuf, key: Arc<SpoolKey>) -> Self {
        Self {
            life: next_life(),
            dir,
            key,
            segments: VecDeque::new(),
            file: None,
            tally: Tally::new(action, order),
            unacknowledged: 0,
            lost: None,
        }
    }

    /// What a former run left of an action.
    pub(super) fn recover(action: ActionId, dir: &Path, key: &Arc<SpoolKey>) -> io::Result<Left> {
        let mut numbers = vec![];
        for found in std::fs::read_dir(dir)? {
            let found = found?;
            let name = found.file_name();
            match name.to_str().and_then(|n| n.strip_suffix(".seg")?.parse::<u64>().ok()) {
                Some(seq) => numbers.push(seq),
                // Begun and not named yet: nothing of it was durable.
                None => std::fs::remove_file(found.path())?,
            }
        }
        numbers.sort_unstable();
        let mut segments: VecDeque<Segment> = VecDeque::new();
        let mut last: Option<Tally> = None;
        let mut lost: Option<Lost> = None;
        for seq in numbers {
            let path = segment::path(dir, seq);
            // Behind what can't be read nothing can be numbered.
            let found = match lost {
                Some(_) => None,
                None => segment::recover(&path, key, action, seq)?,
            };
            let next = last.as_ref().map(|t| t.next);
            let Some(found) = found.filter(|f| f.tally.action == action && next.is_none_or(|n| n == f.segment.first))
            else {
                if last.is_none() {
                    return Ok(Left::Unreadable);
                }
                let more = std::fs::metadata(&path)?.len();
                lost = Some(lost.unwrap_or(Lost::Damaged { bytes: 0 }).and(more));
                std::fs::remove_file(&path)?;
                continue;
            };
            lost = match found.rest {
                Rest::Nothing => None,
                Rest::Torn => Some(Lost::Torn),
                Rest::Damaged(bytes) => Some(Lost::Damaged { bytes }),
            };
            if lost.is_some() {
                let file = File::options().write(true).open(&path)?;
                file.set_len(found.segment.len)?;
                file.sync_all()?;
            }
            last = Some(found.tally);
            segments.push_back(found.segment);
        }
        let (Some(tally), Some(first)) = (last.filter(|t| t.next > 0), segments.front()) else {
            if matches!(lost, Some(Lost::Damaged { .. })) {
                return Ok(Left::Unreadable);
            }
            std::fs::remove_dir_all(dir)?;
            return Ok(Left::Nothing);
        };
        Ok(Left::Reports(Box::new(Self {
            life: next_life(),
            dir: dir.to_owned(),
            key: Arc::clone(key),
            unacknowledged: first.first,
            segments,
            // What is added goes into a new segment, so that no number seals a second text under the same key.
            file: None,
            tally,
            lost,
        })))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|s| s.len).sum()
    }

    pub(super) fn append(&mut self, bodies: &[ReportBody]) -> io::Result<()> {
        if self.file.is_none() || self.segments.back().is_none_or(|s| s.len >= SEGMENT) {
            self.begin_segment()?;
        }
        let (Some(mut file), Some(segment)) = (self.file.take(), self.segments.back_mut()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let mut tally = self.tally.clone();
        let mut bytes = vec![];
        for body in bodies {
            let report = Written {
                action: tally.action,
                n: tally.next,
                body,
            };
            let write = |out: &mut Vec<u8>| serde_json::to_writer(out, &report).map_err(Into::into);
            segment.seal.write(segment.record_of(tally.next), &mut bytes, write)?;
            tally.add(body);
        }
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a record must not stand at the end; and the next attempt seals under another key.
            cut_back(&segment.path, segment.len)?;
            return written;
        }
        segment.len += bytes.len() as u64;
        self.file = Some(file);
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
        let unnamed = path.with_extension("new");
        // Left by an attempt that failed half-way, such as on a full disk.
        if unnamed.exists() {
            std::fs::remove_file(&unnamed)?;
        }
        let mut id = [0; seal::ID];
        getrandom::fill(&mut id).map_err(io::Error::other)?;
        let seal = self.key.segment(self.tally.action, seq, &id)?;
        let mut bytes = id.to_vec();
        let write = |out: &mut Vec<u8>| serde_json::to_writer(out, &self.tally).map_err(Into::into);
        seal.write(0, &mut bytes, write)?;
        let mut file = service::create_private_file(&unnamed)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        drop(file);
        service::replace(&unnamed, &path)?;
        let len = bytes.len() as u64;
        // Appending, so that after a failed write the file can be cut back to where it was.
        let file = File::options().append(true).open(&path)?;
        self.segments.push_back(Segment {
            path,
            seq,
            first: self.tally.next,
            body: len,
            len,
            seal,
        });
        self.file = Some(file);
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
            let (segment, at, n) = match (known, holding()) {
                (Some((segment, at)), _) => (segment, at, place.next),
                (None, Some((segment, body))) => (segment, body, segment.first),
                (None, None) => break,
            };
            let mut found = vec![];
            let end = segment.read(n, at, most, &mut found)?;
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
            lost: self.lost,
            written,
        })
    }
}
