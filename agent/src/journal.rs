//! The journal of used orders. A nonce is on disk before anything of its order happens, so no crash lets an order run twice.
//!
//! One JSON line per fact, each made durable before the call returns. An unfinished last line is what a crash leaves, and
//! is cut off; anything else that can't be read stops the agent, since running without knowing what ran is not safe.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::digest::Digest;
use domain::ids::ActionId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::data::{cut_back, write_atomically};
use crate::service;

/// Orders that expired longer ago than this are forgotten at the next start; they would be refused by their time.
const KEEP_AFTER_EXPIRY: Duration = Duration::from_secs(30 * 86_400);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Taken {
        nonce: String,
        action: ActionId,
        order: Digest,
        expires: Timestamp,
    },
    Done {
        action: ActionId,
    },
}

/// What came of taking an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Never seen; it is this caller's to run, now or never.
    Fresh,
    /// This very order was taken before.
    Duplicate,
    /// Its nonce or its action was used by another order.
    Replayed,
}

/// The used orders.
#[derive(Debug)]
pub struct Journal(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    file: File,
    len: u64,
    nonces: HashMap<String, Digest>,
    actions: HashMap<ActionId, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    order: Digest,
    done: bool,
}

impl Journal {
    /// Opens the journal, made if it is missing. `now` is for forgetting what expired long ago.
    ///
    /// # Errors
    /// When it can't be read or written, or is damaged elsewhere than at its end.
    pub fn open(path: &Path, now: Timestamp) -> io::Result<Self> {
        let lines = read(path)?;
        let done: HashSet<ActionId> = lines
            .iter()
            .filter_map(|l| {
                if let Line::Done { action } = l {
                    Some(*action)
                } else {
                    None
                }
            })
            .collect();
        let mut kept = String::new();
        let (mut nonces, mut actions) = (HashMap::new(), HashMap::new());
        for line in &lines {
            let Line::Taken {
                nonce,
                action,
                order,
                expires,
            } = line
            else {
                continue;
            };
            let done = done.contains(action);
            if done && expires.plus(KEEP_AFTER_EXPIRY) < now {
                continue;
            }
            nonces.insert(nonce.clone(), *order);
            actions.insert(*action, Known { order: *order, done });
            push(&mut kept, line)?;
            if done {
                push(&mut kept, &Line::Done { action: *action })?;
            }
        }
        write_atomically(path, kept.as_bytes())?;
        let file = File::options().append(true).open(path)?;
        Ok(Self(Mutex::new(Inner {
            path: path.to_owned(),
            file,
            len: kept.len() as u64,
            nonces,
            actions,
        })))
    }

    /// Takes an order for running: with [`Taken::Fresh`] it is durable that it was taken.
    ///
    /// # Errors
    /// When that could not be made durable; then the order must not run.
    pub fn take(&self, nonce: &str, action: ActionId, order: Digest, expires: Timestamp) -> io::Result<Taken> {
        let mut inner = self.lock();
        if let Some(before) = inner.nonces.get(nonce) {
            return Ok(if *before == order {
                Taken::Duplicate
            } else {
                Taken::Replayed
            });
        }
        if inner.actions.contains_key(&action) {
            return Ok(Taken::Replayed);
        }
        inner.append(&Line::Taken {
            nonce: nonce.to_owned(),
            action,
            order,
            expires,
        })?;
        inner.nonces.insert(nonce.to_owned(), order);
        inner.actions.insert(action, Known { order, done: false });
        Ok(Taken::Fresh)
    }

    /// The action's last report is durable in the spool.
    ///
    /// # Errors
    /// When that could not be made durable; the next start finds out by itself.
    pub fn done(&self, action: ActionId) -> io::Result<()> {
        let mut inner = self.lock();
        if inner.actions.get(&action).is_none_or(|known| known.done) {
            return Ok(());
        }
        inner.append(&Line::Done { action })?;
        if let Some(known) = inner.actions.get_mut(&action) {
            known.done = true;
        }
        Ok(())
    }

    /// Orders that were taken and whose end is not on record.
    pub fn pending(&self) -> Vec<(ActionId, Digest)> {
        self.lock()
            .actions
            .iter()
            .filter(|(_, known)| !known.done)
            .map(|(action, known)| (*action, known.order))
            .collect()
    }

    /// The order that was taken for an action, if one was.
    pub fn order_of(&self, action: ActionId) -> Option<Digest> {
        self.lock().actions.get(&action).map(|known| known.order)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut text = String::new();
        push(&mut text, line)?;
        let written = self
            .file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.len += text.len() as u64,
            // Half a line in the middle would make the journal unreadable.
            Err(_) => cut_back(&self.path, self.len)?,
        }
        written
    }
}

fn push(text: &mut String, line: &Line) -> io::Result<()> {
    text.push_str(&serde_json::to_string(line)?);
    text.push('\n');
    Ok(())
}

fn read(path: &Path) -> io::Result<Vec<Line>> {
    match service::check_private(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        other => other?,
    }
    let bytes = std::fs::read(path)?;
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let damaged = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{} is damaged: the agent can't know what ran. Restore it, or remove the data folder and enrol again",
                path.display()
            ),
        )
    };
    let lines = bytes[..whole].split(|b| *b == b'\n').filter(|l| !l.is_empty());
    lines
        .map(|l| serde_json::from_slice(l).map_err(|_| damaged()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000_000);

    fn id(n: u8) -> ActionId {
        format!("01890000-0000-7000-8000-0000000000{n:02x}").parse().unwrap()
    }

    fn digest(n: u8) -> Digest {
        Digest::of(&[&[n]])
    }

    /// R10, R22: a nonce works once, also after a restart, and so does an action.
    #[test]
    fn an_order_is_taken_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, NOW).unwrap();
        assert_eq!(journal.take("a", id(1), digest(1), NOW).unwrap(), Taken::Fresh);
        for restarted in [false, true] {
            if restarted {
                drop(journal);
                journal = Journal::open(&path, NOW).unwrap();
            }
            assert_eq!(journal.take("a", id(1), digest(1), NOW).unwrap(), Taken::Duplicate);
            assert_eq!(
                journal.take("a", id(1), digest(2), NOW).unwrap(),
                Taken::Replayed,
                "another order, same nonce"
            );
            assert_eq!(
                journal.take("a", id(2), digest(2), NOW).unwrap(),
                Taken::Replayed,
                "another action, same nonce"
            );
            assert_eq!(
                journal.take("b", id(1), digest(3), NOW).unwrap(),
                Taken::Replayed,
                "same action, another nonce"
            );
            assert_eq!(journal.pending(), [(id(1), digest(1))]);
            assert_eq!(
                (journal.order_of(id(1)), journal.order_of(id(2))),
                (Some(digest(1)), None)
            );
        }
    }

    /// R3: what a crash leaves of a line is cut off; damage elsewhere stops the agent.
    #[test]
    fn a_torn_line_is_cut_off_and_damage_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let journal = Journal::open(&path, NOW).unwrap();
        journal.take("a", id(1), digest(1), NOW).unwrap();
        journal.done(id(1)).unwrap();
        journal.take("b", id(2), digest(2), NOW).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], br#"{"taken":{"non"#].concat()).unwrap();
        let journal = Journal::open(&path, NOW).unwrap();
        assert_eq!(journal.pending(), [(id(2), digest(2))]);
        drop(journal);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        std::fs::write(&path, [b"??\n", &whole[..]].concat()).unwrap();
        assert!(Journal::open(&path, NOW).is_err());
    }

    #[test]
    fn what_expired_long_ago_is_forgotten_once_it_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let journal = Journal::open(&path, NOW).unwrap();
        journal.take("a", id(1), digest(1), NOW).unwrap();
        journal.take("b", id(2), digest(2), NOW).unwrap();
        journal.done(id(1)).unwrap();
        drop(journal);
        let later = NOW.plus(KEEP_AFTER_EXPIRY + Duration::from_secs(1));
        let journal = Journal::open(&path, later).unwrap();
        assert_eq!(journal.pending(), [(id(2), digest(2))]);
        assert_eq!(journal.take("a", id(1), digest(1), later).unwrap(), Taken::Fresh);
        assert_eq!(journal.take("b", id(2), digest(2), later).unwrap(), Taken::Duplicate);
    }
}
