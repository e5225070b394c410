//! The running agent's part in an update: what the link hands in, what it has to say, and the steps that the plan notes.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::digest::Digest;
use domain::timestamp::Timestamp;
use tokio::sync::{Notify, watch};
use wire::{Manifest, SignedManifest, UpdatePart, UpdateStage, UpdateState, UpdateWant, Version};

use super::check::{ReleaseKey, check};
use super::incoming::{Incoming, Next, digest_of};
use super::plan::{Phase, Plan, Update};
use super::settle::{self, Settled};
use super::swap::{Place, Step};
use super::trial;
use crate::data::DataDir;
use crate::version;

/// What the agent knows of an update.
#[derive(Debug)]
pub struct Updates {
    data: DataDir,
    inner: Mutex<Inner>,
    news: Notify,
    phase: watch::Sender<Option<Phase>>,
}

#[derive(Debug)]
struct Inner {
    plan: Plan,
    incoming: Option<Incoming>,
    /// Everything of this release is here and is being checked.
    checking: Option<Digest>,
}

impl Updates {
    /// What the plan says.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(data: &DataDir) -> io::Result<Self> {
        let plan = Plan::load(data)?;
        let (phase, _) = watch::channel(plan.now.as_ref().map(|u| u.phase.clone()));
        let inner = Mutex::new(Inner {
            plan,
            incoming: None,
            checking: None,
        });
        Ok(Self {
            data: data.clone(),
            inner,
            news: Notify::new(),
            phase,
        })
    }

    /// Takes an offer; gives what to ask for. A release that is not taken is refused, which shows in what is unsaid. Blocks.
    pub fn offer(&self, signed: SignedManifest, now: Option<Timestamp>) -> Option<UpdateWant> {
        let release = signed.digest();
        {
            let inner = self.lock();
            if let Some(incoming) = inner.incoming.as_ref().filter(|i| i.release == release) {
                return Some(incoming.want());
            }
            if inner.checking.is_some() || inner.plan.now.is_some() {
                tracing::debug!("a release was offered while another is in hand");
                return None;
            }
        }
        match self.begin(signed, now) {
            Ok(incoming) => {
                let want = incoming.want();
                self.lock().incoming = Some(incoming);
                Some(want)
            }
            Err(why) => {
                self.refuse(release, &why);
                None
            }
        }
    }

    fn begin(&self, signed: SignedManifest, now: Option<Timestamp>) -> Result<Incoming, String> {
        let place = Place::own().map_err(|e| e.to_string())?;
        let key = ReleaseKey::find(&self.data, &place)?;
        let manifest = check(&signed, &key, version::running(), version::TARGET, now)?;
        place.check()?;
        Incoming::begin(&self.data, signed, manifest).map_err(|e| format!("it can't be kept on this endpoint: {e}"))
    }

    /// Takes a piece; gives what to do then. Blocks.
    pub fn part(&self, part: &UpdatePart) -> Next {
        let mut inner = self.lock();
        let Some(mut incoming) = inner.incoming.take_if(|i| i.release == part.release) else {
            return Next::Nothing;
        };
        match incoming.take(part) {
            Ok(false) => {
                let want = incoming.want();
                inner.incoming = Some(incoming);
                Next::Want(want)
            }
            Ok(true) => {
                inner.checking = Some(part.release);
                Next::Check(incoming)
            }
            Err(e) => {
                drop(inner);
                self.refuse(part.release, &format!("it can't be kept on this endpoint: {e}"));
                Next::Nothing
            }
        }
    }

    /// Checks a release that is here as a whole. Blocks for as long as the program takes to say its version.
    pub fn check(&self, incoming: Incoming) {
        let release = incoming.release;
        let checked = incoming.check(&self.data);
        match checked.and_then(|(signed, manifest)| self.staged(signed, &manifest)) {
            Ok(()) => {}
            Err(why) => self.refuse(release, &why),
        }
        self.lock().checking = None;
    }

    fn staged(&self, signed: SignedManifest, manifest: &Manifest) -> Result<(), String> {
        let from = version::running().ok_or("the version that runs here is none that was released")?;
        let state = UpdateState::new(signed.digest(), UpdateStage::Staged, from, "");
        let update = Update {
            signed,
            from,
            to: manifest.version,
            sha256: manifest.sha256,
            phase: Phase::Staged,
            tried: 0,
            started: 0,
        };
        let noted = self.note(|plan| {
            plan.now = Some(update);
            plan.unsaid.push(state);
        });
        noted.map_err(|e| format!("the plan can't be written: {e}"))
    }

    fn refuse(&self, release: Digest, why: &str) {
        tracing::warn!(why, "an update is refused");
        let from = version::running().unwrap_or(Version {
            major: 0,
            minor: 0,
            patch: 0,
        });
        let state = UpdateState::new(release, UpdateStage::Refused, from, why);
        if let Err(e) = self.note(|plan| plan.unsaid.push(state)) {
            tracing::error!(error = %e, "the refusal of an update can't be written down");
        }
    }

    /// What the server has not noted, in order, without what was said already.
    pub fn unsaid(&self, said: &BTreeSet<(Digest, UpdateStage)>) -> Vec<UpdateState> {
        let inner = self.lock();
        let states = inner.plan.unsaid.iter();
        states
            .filter(|s| !said.contains(&(s.release, s.stage)))
            .cloned()
            .collect()
    }

    /// Returns when there may be more to say.
    pub async fn has_news(&self) {
        self.news.notified().await;
    }

    /// The server has this on record. Blocks.
    pub fn noted(&self, release: Digest, stage: UpdateStage) {
        let gone = self.note(|plan| {
            if let Some(at) = plan
                .unsaid
                .iter()
                .position(|s| s.release == release && s.stage == stage)
            {
                plan.unsaid.remove(at);
            }
        });
        if let Err(e) = gone {
            tracing::warn!(error = %e, "what the server noted of an update will be said again");
        }
    }

    /// Returns once a release waits to be tried.
    pub async fn is_staged(&self) {
        // The sender lives as long as this.
        let _ = self.phase.subscribe().wait_for(|p| *p == Some(Phase::Staged)).await;
    }

    /// Whether this version has not shown yet that it connects: then nothing may be written that the version before it can't
    /// read.
    pub fn on_probation(&self) -> bool {
        *self.phase.borrow() == Some(Phase::Swapped)
    }

    /// Ends the probation: this version stays. Blocks.
    ///
    /// # Errors
    /// When the plan can't be written.
    pub fn commit(&self) -> io::Result<()> {
        let mut inner = self.lock();
        let mut plan = inner.plan.clone();
        if let Some(update) = plan.now.take() {
            settle::end(&self.data, &Place::own()?, plan, &update, UpdateStage::Committed, "")?;
            inner.plan = Plan::load(&self.data)?;
        }
        drop(inner);
        self.phase.send_replace(None);
        self.news.notify_one();
        Ok(())
    }

    /// Ends the probation: the version before comes back. Blocks.
    ///
    /// # Errors
    /// When the plan can't be written or the program can't be renamed.
    pub fn give_back(&self, why: &str) -> io::Result<Settled> {
        let mut plan = self.lock().plan.clone();
        match plan.now.take() {
            Some(update) => settle::give_back(&self.data, &Place::own()?, plan, update, why),
            None => Ok(Settled::Run),
        }
    }

    /// Has the staged release tried and swapped in. The agent must have left the server, and nothing may run.
    ///
    /// # Errors
    /// When the plan can't be written.
    pub async fn attempt(&self, deadline: Duration) -> io::Result<Settled> {
        let Some(update) = self.lock().plan.now.clone() else {
            return Ok(Settled::Run);
        };
        let place = Place::own()?;
        let release = update.signed.digest();
        self.note(|plan| {
            let again = plan
                .unsaid
                .iter()
                .any(|s| s.release == release && s.stage == UpdateStage::Started);
            if update.tried == 0 && !again {
                plan.unsaid
                    .push(UpdateState::new(release, UpdateStage::Started, update.from, ""));
            }
        })?;
        let staged = self.data.staged_program();
        let count = |tried| {
            self.change(|u| {
                (u.phase, u.tried) = (Phase::Trying, tried);
            })
        };
        // Once more: the key may have been changed, and the file has been lying there.
        let genuine = ReleaseKey::find(&self.data, &place).and_then(|key| {
            let manifest = update.signed.open(&key.0).map_err(|e| e.to_string())?;
            let digest = digest_of(&staged).map_err(|e| format!("it can't be read: {e}"))?;
            Ok(manifest.sha256 == update.sha256 && manifest.sha256 == digest)
        });
        let tried = match genuine {
            Ok(true) => trial::run(&staged, &self.data, deadline, update.tried, count).await,
            Ok(false) => Err("its bytes are not those that its manifest names".into()),
            Err(why) => Err(why),
        };
        let swapped = tried.and_then(|()| {
            let swap = || {
                self.change(|u| u.phase = Phase::Swapping)?;
                Step::ALL
                    .iter()
                    .try_for_each(|step| place.swap(*step, &staged, update.sha256))
            };
            swap().map_err(|e| format!("it can't take its place: {e}"))
        });
        match swapped {
            Ok(()) => Ok(Settled::Restart(place.program().to_owned())),
            Err(why) => {
                let mut plan = self.lock().plan.clone();
                plan.now = None;
                settle::end(&self.data, &place, plan, &update, UpdateStage::RolledBack, &why)
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut Update)) -> io::Result<()> {
        self.note(|plan| {
            if let Some(update) = &mut plan.now {
                change(update);
            }
        })
    }

    /// Changes the plan, durably or not at all.
    fn note(&self, change: impl FnOnce(&mut Plan)) -> io::Result<()> {
        let mut inner = self.lock();
        let mut plan = inner.plan.clone();
        change(&mut plan);
        if plan != inner.plan {
            plan.save(&self.data)?;
            self.phase.send_replace(plan.now.as_ref().map(|u| u.phase.clone()));
            inner.plan = plan;
        }
        drop(inner);
        self.news.notify_one();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
