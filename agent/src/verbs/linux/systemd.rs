//! systemd's services, over D-Bus (org.freedesktop.systemd1(5)).

pub(in crate::verbs) mod list;

use std::collections::HashMap;
use std::time::Duration;

use domain::timestamp::Timestamp;
use futures_util::StreamExt;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream};

use crate::end::End;
use crate::output::Output;
use crate::verbs::Do;

const SYSTEMD: &str = "org.freedesktop.systemd1";
const PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const UNIT: &str = "org.freedesktop.systemd1.Unit";
const SERVICE: &str = "org.freedesktop.systemd1.Service";

/// A service, and what to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::verbs) struct Task {
    /// The unit's name without `.service`.
    pub(super) service: String,
    pub(super) what: Do,
}

impl Do {
    /// systemd's method and our word for a change; none for looking.
    fn change(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Status => None,
            Self::Start => Some(("StartUnit", "start")),
            Self::Stop => Some(("StopUnit", "stop")),
            Self::Restart => Some(("RestartUnit", "restart")),
        }
    }
}

/// A service's state.
#[derive(Debug, PartialEq, Eq)]
struct State {
    load: String,
    active: String,
    sub: String,
    description: String,
    pid: u32,
    since: Option<Timestamp>,
}

impl Task {
    /// Asks systemd.
    pub(in crate::verbs) async fn run(self, output: &mut Output) -> End {
        let mut stop = output.stop_signal();
        match stop.or(self.ask()).await {
            Err(reason) => match self.what.change() {
                Some((_, word)) => End {
                    note: format!(
                        "It was told to end during the {word} of the service; systemd carries on with that by itself."
                    ),
                    ..reason.into()
                },
                None => reason.into(),
            },
            Ok(Err(e)) => End::failed(format!("systemd did not answer: {e}.")),
            Ok(Ok((text, end))) => output.say(&text).await.map_or_else(End::from, |()| end),
        }
    }

    async fn ask(&self) -> zbus::Result<(String, End)> {
        self.ask_over(&Connection::system().await?).await
    }

    async fn ask_over(&self, bus: &Connection) -> zbus::Result<(String, End)> {
        let unit = format!("{}.service", self.service);
        let before = state(bus, &unit).await?;
        if before.load == "not-found" {
            return Ok((
                String::new(),
                End::failed(format!("There is no service {}.", self.service)),
            ));
        }
        let Some((method, word)) = self.what.change() else {
            return Ok((before.describe(&unit), End::succeeded()));
        };
        let result = change(bus, method, &unit).await?;
        let after = state(bus, &unit).await?;
        let text = format!(
            "Before: {} ({})\nThe {word} ended as: {result}\n{}",
            before.active,
            before.sub,
            after.describe(&unit)
        );
        let end = if result == "done" {
            End::succeeded()
        } else {
            End::failed(format!("The {word} ended as {result}."))
        };
        Ok((text, end))
    }
}

/// Has systemd change a unit and waits for the job's end; gives its result: `done`, `failed`, `timeout`, `canceled` …
async fn change(bus: &Connection, method: &str, unit: &str) -> zbus::Result<String> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface(MANAGER)?
        .member("JobRemoved")?
        .path(PATH)?
        .build();
    // Listening begins before the job does, so that its end can't be missed.
    let mut ends = MessageStream::for_match_rule(rule, bus, None).await?;
    bus.call_method(Some(SYSTEMD), PATH, Some(MANAGER), "Subscribe", &())
        .await?;
    let reply = bus
        .call_method(Some(SYSTEMD), PATH, Some(MANAGER), method, &(unit, "replace"))
        .await?;
    let job: OwnedObjectPath = reply.body().deserialize()?;
    while let Some(message) = ends.next().await {
        let (_, ended, _, result): (u32, OwnedObjectPath, String, String) = message?.body().deserialize()?;
        if ended == job {
            return Ok(result);
        }
    }
    Err(zbus::Error::Failure(
        "the connection to systemd ended before the job did".into(),
    ))
}

async fn state(bus: &Connection, unit: &str) -> zbus::Result<State> {
    let reply = bus
        .call_method(Some(SYSTEMD), PATH, Some(MANAGER), "LoadUnit", &(unit,))
        .await?;
    let path: OwnedObjectPath = reply.body().deserialize()?;
    let unit = properties(bus, &path, UNIT).await?;
    let service = properties(bus, &path, SERVICE).await?;
    let text = |name: &str| {
        unit.get(name)
            .and_then(|v| <&str>::try_from(v).ok())
            .unwrap_or("unknown")
            .to_owned()
    };
    let changed = unit
        .get("StateChangeTimestamp")
        .and_then(|v| u64::try_from(v).ok())
        .filter(|t| *t > 0);
    Ok(State {
        load: text("LoadState"),
        active: text("ActiveState"),
        sub: text("SubState"),
        description: text("Description"),
        pid: service.get("MainPID").and_then(|v| u32::try_from(v).ok()).unwrap_or(0),
        since: changed.map(|t| Timestamp::default().plus(Duration::from_micros(t))),
    })
}

async fn properties(
    bus: &Connection,
    path: &OwnedObjectPath,
    interface: &str,
) -> zbus::Result<HashMap<String, OwnedValue>> {
    let reply = bus
        .call_method(
            Some(SYSTEMD),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &(interface,),
        )
        .await?;
    reply.body().deserialize()
}

impl State {
    fn describe(&self, unit: &str) -> String {
        let Self {
            load,
            active,
            sub,
            description,
            pid,
            since,
        } = self;
        let since = since.map(|t| format!(" since {}", t.for_people())).unwrap_or_default();
        let pid = if *pid == 0 {
            String::new()
        } else {
            format!("Main process: {pid}\n")
        };
        format!("{unit}: {description}\nLoaded: {load}\nState: {active} ({sub}){since}\n{pid}")
    }
}

#[cfg(test)]
mod tests;
