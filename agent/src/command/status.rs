//! `status`: what the endpoint's owner wants to know without looking at the server: who this is, whether it is connected,
//! what runs and what ran, by whose leave, and how to stop it.

use std::io;
use std::path::Path;

use anyhow::Context;
use domain::timestamp::for_people;

use crate::data::DataDir;
use crate::identity::{Identity, IdentityError};
use crate::link::{LinkState, Phase};
use crate::local_policy::LocalPolicy;
use crate::say::say;
use crate::{clock, day_log, install, spool};

/// Prints who this endpoint is, how its connection stands, and what was done on it today.
///
/// # Errors
/// When the data folder can't be read.
pub fn status(data: &Path) -> anyhow::Result<()> {
    let data = DataDir::open(data).with_context(|| format!("the data folder {} can't be read", data.display()))?;
    let identity = match Identity::load(&data) {
        Ok(identity) => identity,
        Err(e @ IdentityError::NotEnrolled) => return Ok(say(&capital(&e.to_string()))?),
        Err(e) => return Err(e.into()),
    };
    let link = standing(&data)?;
    say(&format!("Endpoint    {} ({})", identity.name, identity.endpoint))?;
    say(&format!("Fingerprint {}", identity.fingerprint()))?;
    say(&format!("Server      {}", identity.server))?;
    say(&format!("Connection  {}", connection(&link)))?;
    if let Standing::Running(Some(LinkState {
        skew_ms: Some(ahead), ..
    })) = &link
    {
        say(&format!("Clock       {}", clock::skew_for_people(*ahead)))?;
    }
    if let Err(forbidden) = LocalPolicy::load(&data) {
        say(&format!("Policy      {forbidden}"))?;
    }
    say(&format!("Waiting to be acknowledged  {}", waiting(&data)?))?;
    say("")?;
    actions(&data, !matches!(link, Standing::NotRunning))?;
    say("")?;
    Ok(say(&format!(
        "To stop it: {}. What runs is ended then, and that is recorded.",
        install::how_to_stop()
    ))?)
}

/// Whether an agent runs, and how its connection stands.
enum Standing {
    NotRunning,
    Running(Option<LinkState>),
}

fn standing(data: &DataDir) -> io::Result<Standing> {
    // Whoever runs holds the lock, so what a killed agent left is not taken for the present.
    Ok(match data.lock()? {
        Some(_) => Standing::NotRunning,
        None => Standing::Running(LinkState::load(data)),
    })
}

fn connection(standing: &Standing) -> String {
    let state = match standing {
        Standing::NotRunning => return "the agent is not running".into(),
        Standing::Running(None) => return "starting".into(),
        Standing::Running(Some(state)) => state,
    };
    let word = match state.phase {
        Phase::Connecting => "connecting",
        Phase::Connected => "connected",
        Phase::Offline => "not connected, trying again",
        Phase::Rejected => "refused by the server, trying again",
        Phase::Stopped => "stopping",
    };
    let age = for_people(clock::now().since(state.since));
    let why = if state.detail.is_empty() {
        String::new()
    } else {
        format!(": {}", state.detail)
    };
    format!("{word} since {} ({age} ago){why}", state.since.for_people())
}

fn waiting(data: &DataDir) -> io::Result<String> {
    match spool::size_on_disk(&data.spool()) {
        Ok(0) => Ok("nothing".into()),
        Ok(bytes) => Ok(format!("{bytes} bytes")),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok("nothing".into()),
        Err(e) => Err(e),
    }
}

fn actions(data: &DataDir, agent_runs: bool) -> io::Result<()> {
    let day = clock::now().day();
    let (running, ended): (Vec<_>, Vec<_>) = day_log::latest(day_log::read(&data.day_log())?)
        .into_iter()
        .partition(|l| l.outcome == day_log::RUNNING);
    if agent_runs {
        if running.is_empty() {
            say("Nothing runs here now.")?;
        } else {
            say("Runs now (UTC):")?;
        }
        for line in &running {
            show(line, "running")?;
        }
    }
    let cut_off = running.into_iter().filter(|_| !agent_runs);
    let mut today: Vec<_> = ended.into_iter().chain(cut_off).filter(|l| l.at.day() == day).collect();
    today.sort_by_key(|l| l.at);
    if today.is_empty() {
        return say("Nothing was done here today (UTC).");
    }
    say("Today (UTC):")?;
    for line in &today {
        let outcome = match line.outcome.as_str() {
            day_log::RUNNING => "started; the agent ended while it ran",
            other => other,
        };
        show(line, outcome)?;
    }
    Ok(())
}

fn show(line: &day_log::Line, outcome: &str) -> io::Result<()> {
    let command = gate::escape::line(&line.command);
    say(&format!("  {}  {command}", line.at.clock()))?;
    let session = line.session.map(|s| format!("; session {s}")).unwrap_or_default();
    say(&format!("            {outcome}; {}{session}", line.basis))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
