//! What a start makes of an update that was under way, and the probation of a new version.

use std::io;
use std::path::PathBuf;

use wire::{UpdateStage, UpdateState, Version};

use super::TRIES;
use super::plan::{Phase, Plan, Update};
use super::swap::Place;
use crate::data::DataDir;

/// What a start has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Go on.
    Run,
    /// The version before has its place again: start that.
    Restart(PathBuf),
}

/// To be called at each start, before anything else of the data folder is opened: tells from the plan and from the version
/// that runs how far an update came, counts the starts of a version on probation, and gives the place back where it is time.
///
/// # Errors
/// When the plan can't be read or written.
pub fn settle(data: &DataDir, place: &Place, running: Option<Version>) -> io::Result<Settled> {
    let mut plan = Plan::load(data)?;
    let Some(mut update) = plan.now.take() else {
        return Ok(Settled::Run);
    };
    let (is_old, is_new) = (running == Some(update.from), running == Some(update.to));
    match update.phase.clone() {
        // It was interrupted before the new one had the place: it waits for its turn again, or had enough of them.
        Phase::Staged | Phase::Trying | Phase::Swapping if is_old => {
            if update.tried >= TRIES && update.phase != Phase::Staged {
                let why = "the agent was ended each time that it tried it";
                return end(data, place, plan, &update, UpdateStage::RolledBack, why);
            }
            update.phase = Phase::Staged;
            keep(data, plan, update)?;
            Ok(Settled::Run)
        }
        Phase::Swapping | Phase::Swapped if is_new => {
            update.started += 1;
            update.phase = Phase::Swapped;
            let why = format!("it was started {TRIES} times and did not connect");
            if update.started > TRIES {
                return give_back(data, place, plan, update, &why);
            }
            keep(data, plan, update)?;
            Ok(Settled::Run)
        }
        Phase::Swapped if is_old => {
            let why = "the version before it was put back by hand";
            end(data, place, plan, &update, UpdateStage::RolledBack, why)
        }
        Phase::GivingBack { why } if is_old => end(data, place, plan, &update, UpdateStage::RolledBack, &why),
        Phase::GivingBack { why } if is_new && place.old().exists() => give_back(data, place, plan, update, &why),
        Phase::GivingBack { .. } if is_new => {
            let why = "it should have gone, but the version before it was not there any more";
            end(data, place, plan, &update, UpdateStage::Committed, why)
        }
        Phase::Staged | Phase::Trying | Phase::Swapping | Phase::Swapped | Phase::GivingBack { .. } => {
            let why = "another version was installed meanwhile";
            end(data, place, plan, &update, UpdateStage::RolledBack, why)
        }
    }
}

/// Ends the update in hand: it runs and is connected, or its program is gone.
pub(super) fn end(
    data: &DataDir,
    place: &Place,
    mut plan: Plan,
    update: &Update,
    stage: UpdateStage,
    detail: &str,
) -> io::Result<Settled> {
    tracing::info!(from = %update.from, to = %update.to, stage = stage.word(), detail, "an update ended");
    // First what is beside the program: without a plan nobody would look for it.
    place.clean();
    let staged = data.staged_program();
    match staged.parent().map(std::fs::remove_dir_all) {
        Some(Err(e)) if e.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(error = %e, "a release can't be removed");
        }
        Some(Ok(()) | Err(_)) | None => {}
    }
    plan.end(UpdateState::new(update.signed.digest(), stage, update.from, detail));
    plan.save(data)?;
    Ok(Settled::Run)
}

/// Gives the place back to the version before.
///
/// # Errors
/// When the plan can't be written or the program can't be renamed.
pub(super) fn give_back(
    data: &DataDir,
    place: &Place,
    plan: Plan,
    mut update: Update,
    why: &str,
) -> io::Result<Settled> {
    tracing::warn!(from = %update.from, to = %update.to, why, "an update is rolled back");
    update.phase = Phase::GivingBack { why: why.to_owned() };
    keep(data, plan, update)?;
    place.give_back()?;
    Ok(Settled::Restart(place.program().to_owned()))
}

fn keep(data: &DataDir, mut plan: Plan, update: Update) -> io::Result<()> {
    plan.now = Some(update);
    plan.save(data)
}
