//! Windows: a service of the service manager.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use anyhow::Context;
use win::this_service::{self, Installation};

use super::NAME;
use crate::command::{Ended, run_until, runtime};
use crate::data::DataDir;
use crate::identity::{Identity, IdentityError};
use crate::say::say;
use crate::service::{Stopped, event_log};
use crate::update::{self, ReleaseKey, check};

const DISPLAY_NAME: &str = "Countersign agent";
const DESCRIPTION: &str = "Runs what was approved for this computer in Countersign, and nothing else, and reports it. \
                           Stopping it ends what runs; that is recorded.";

/// Below the folder of programs.
const FOLDER: &str = "Countersign";
const PROGRAM: &str = "countersign-agent.exe";

/// Installs the agent as a service that starts with Windows, and starts it if this endpoint is enrolled. Done again, it
/// brings an installation up to date.
///
/// The program is copied to where only administrators can change it: whoever can change what runs as the system is the
/// system.
///
/// # Errors
/// When the account may not, or something can't be made.
pub fn install(data: &Path) -> anyhow::Result<()> {
    let data = DataDir::create(data).with_context(|| format!("the data folder {} can't be used", data.display()))?;
    let program = win::folders::programs()?.join(FOLDER).join(PROGRAM);
    if this_service::query(NAME)?.is_some() {
        this_service::stop(NAME).context("the service that is installed can't be stopped")?;
    }
    if let Some(own) = put(&program).with_context(|| format!("the program can't be copied to {}", program.display()))? {
        take_release_key(&own, &data)?;
    }
    win::log::install(event_log::SOURCE).context("the source of the event log can't be registered")?;
    this_service::install(&Installation {
        name: NAME.into(),
        display_name: DISPLAY_NAME.into(),
        description: DESCRIPTION.into(),
        executable: program,
        arguments: vec!["service-run".into(), "--data".into(), data.root().into()],
        account: None,
    })
    .context("the service can't be installed; this needs an administrator")?;
    match Identity::load(&data) {
        Ok(_) => {
            this_service::start(NAME).context("the service is installed and can't be started")?;
            Ok(say(&format!("The service {NAME} is installed and runs."))?)
        }
        Err(IdentityError::NotEnrolled) => Ok(say(&format!(
            "The service {NAME} is installed. It is not started, since this endpoint is not enrolled yet. Run: \
             countersign-agent enrol --url … --token …, and then: sc start {NAME}"
        ))?),
        Err(e) => Err(e.into()),
    }
}

/// Copies this program to its place, unless it is there, and answers with where it was copied from.
fn put(place: &Path) -> std::io::Result<Option<PathBuf>> {
    let own = std::env::current_exe()?;
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if place.exists() && own.canonicalize()? == place.canonicalize()? {
        return Ok(None);
    }
    std::fs::copy(&own, place)?;
    Ok(Some(own))
}

/// Whoever was trusted to bring the program brought the release key that lies beside it. It goes where only the agent can
/// change it.
fn take_release_key(own: &Path, data: &DataDir) -> anyhow::Result<()> {
    let beside = own.with_file_name(check::FILE);
    if !beside.exists() {
        return Ok(());
    }
    let key = ReleaseKey::named(&beside.to_string_lossy()).map_err(anyhow::Error::msg)?;
    key.save(data).context("the release key can't be kept")?;
    let key = wire::public_key_text(&key.0);
    Ok(say(&format!("It takes releases signed with the key {key}."))?)
}

/// Stops the service and removes it. What it knows stays: its data folder is the owner's to remove.
///
/// # Errors
/// When the account may not, or the service does not stop.
pub fn uninstall(data: &Path) -> anyhow::Result<()> {
    this_service::uninstall(NAME).context("the service can't be removed; this needs an administrator")?;
    win::log::remove(event_log::SOURCE).context("the source of the event log can't be removed")?;
    Ok(say(&format!(
        "The service {NAME} is removed. Its identity and reports are still in {}; whoever removes that folder has to \
         enrol this endpoint anew.",
        data.display()
    ))?)
}

/// Is the service, in the process that the service manager started.
///
/// # Errors
/// When somebody else started it.
pub fn service_run(data: PathBuf) -> anyhow::Result<()> {
    let work = move |asked| match serve(&data, asked) {
        Ok(Ended::Stopped) => true,
        // It counts as failed, and so the service manager starts the program that has the place now.
        Ok(Ended::Replaced(program)) => {
            tracing::info!(program = %program.display(), "another version has this program's place and is started");
            false
        }
        Err(e) => {
            tracing::error!("{e:#}");
            false
        }
    };
    this_service::run(NAME, work).context("only the service manager starts this; use `run` in a console")
}

fn serve(data: &Path, asked: Receiver<()>) -> anyhow::Result<Ended> {
    let stopped = Stopped::by_service(asked)?;
    runtime()?.block_on(run_until(data, stopped, update::DEADLINE))
}

/// How to stop the agent, for its owner.
pub fn how_to_stop() -> String {
    format!("sc stop {NAME} (as an administrator)")
}

/// How to start the agent, for its owner.
pub fn how_to_start() -> String {
    format!("sc start {NAME} (as an administrator), or: countersign-agent run")
}
