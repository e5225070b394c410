//! `status`: what the endpoint's owner wants to know without looking at the server.

use std::io;
use std::path::Path;

use anyhow::Context;
use domain::timestamp::for_people;

use crate::data::DataDir;
use crate::identity::{Identity, IdentityError};
use crate::link::{LinkState, Phase};
use crate::say::say;
use crate::{clock, day_log, spool};

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
    say(&format!("Endpoint    {} ({})", identity.name, identity.endpoint))?;
    say(&format!("Fingerprint {}", identity.fingerprint()))?;
    say(&format!("Server      {}", identity.server))?;
    say(&format!("Connection  {}", connection(&data)?))?;
    say(&format!("Waiting to be acknowledged  {}", waiting(&data)?))?;
    say("")?;
    today(&data)?;
    say("")?;
    Ok(say(
        "To stop it, stop the agent (SIGTERM): what runs is ended, and that is recorded.",
    )?)
}

fn connection(data: &DataDir) -> io::Result<String> {
    // Whoever runs holds the lock, so what a killed agent left is not taken for the present.
    if data.lock()?.is_some() {
        return Ok("the agent is not running".into());
    }
    let Some(LinkState { phase, since, detail }) = LinkState::load(data) else {
        return Ok("starting".into());
    };
    let word = match phase {
        Phase::Connecting => "connecting",
        Phase::Connected => "connected",
        Phase::Offline => "not connected, trying again",
        Phase::Rejected => "refused by the server, trying again",
        Phase::Stopped => "stopping",
    };
    let age = for_people(clock::now().since(since));
    let why = if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    };
    Ok(format!("{word} since {} ({age} ago){why}", since.for_people()))
}

fn waiting(data: &DataDir) -> io::Result<String> {
    match spool::size_on_disk(&data.spool()) {
        Ok(0) => Ok("nothing".into()),
        Ok(bytes) => Ok(format!("{bytes} bytes")),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok("nothing".into()),
        Err(e) => Err(e),
    }
}

fn today(data: &DataDir) -> io::Result<()> {
    let day = clock::now().day();
    let lines: Vec<_> = day_log::read(&data.day_log())?
        .into_iter()
        .filter(|l| l.at.day() == day)
        .collect();
    if lines.is_empty() {
        return say("Nothing was done here today (UTC).");
    }
    say("Today (UTC):")?;
    for line in lines {
        let command = gate::escape::line(&line.command);
        say(&format!("  {}  {command}", line.at.clock()))?;
        say(&format!("            {}; {}", line.outcome, line.basis))?;
    }
    Ok(())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
