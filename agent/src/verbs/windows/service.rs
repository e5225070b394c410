//! Services. Windows takes a service's name in any letter case; the scope does not, so the name is brought to the service
//! control manager's own spelling first, and the scope asked again with it.

use std::time::{Duration, Instant};

use domain::action::Command;
use gate::scope::Scope;
use win::services::{Config, Manager, Purpose, State, Status, Step, Trouble, Watch, restart, start, stop};

use super::{Speaker, Task, told};
use crate::verbs::table::table;
use crate::verbs::{Do, Prepared, Refusal, Work};

/// Longer than any service that still makes progress takes; the action's own time limit usually ends it before.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What is asked about a service, or of it.
#[derive(Debug)]
pub(in crate::verbs) struct Asked {
    service: String,
    what: Do,
}

/// Makes listing the services ready.
pub(in crate::verbs) fn prepare_list() -> Prepared {
    Prepared::new(crate::service::host_name(), Work::Task(Task::Services))
}

/// Makes asking about a service, or changing its state, ready.
///
/// # Errors
/// When the service's own name is outside the scope.
pub(in crate::verbs) async fn prepare(
    service: &str,
    what: Do,
    scope: &Scope,
    _action: &str,
) -> Result<Prepared, Refusal> {
    let failing = |why: String| Ok(Prepared::new(service, Work::Failing(why)));
    let asked = service.to_owned();
    let spelling = move || Manager::connect().and_then(|m| m.spelling(&asked));
    let live = match tokio::task::spawn_blocking(spelling).await {
        Ok(Ok(live)) => live,
        Ok(Err(e)) if e.is_not_found() => return failing(format!("There is no service {service}.")),
        Ok(Err(e)) => {
            return failing(format!(
                "Windows does not tell about the service {service}: {}.",
                told(&e)
            ));
        }
        Err(e) => return failing(format!("Looking for the service {service} failed: {e}.")),
    };
    scope
        .covers(&Command::Verb(what.verb(&live)))
        .map_err(|miss| Refusal::out_of_scope(format!("On the endpoint: {miss}")))?;
    let task = Task::Service(Asked {
        service: live.clone(),
        what,
    });
    Ok(Prepared::new(live, Work::Task(task)))
}

/// Says which services there are and how they stand.
pub(super) fn list_all(say: &Speaker) -> Result<(), String> {
    let failed = |e| format!("Windows does not tell its services: {}.", told(&e));
    let manager = Manager::connect().map_err(failed)?;
    let mut rows = vec![];
    for listed in manager.list().map_err(failed)? {
        if say.has_to_end() {
            return Ok(());
        }
        let config = manager.open(&listed.name, Purpose::Look).and_then(|s| s.config());
        rows.push(vec![
            listed.name,
            listed.status.state.to_string(),
            listed.status.pid.map_or_else(|| "-".into(), |pid| pid.to_string()),
            config.map_or_else(|_| "-".into(), |c| start_type(&c)),
            listed.display,
        ]);
    }
    say.say(table(&["NAME", "STATE", "PID", "START", "TITLE"], &rows, &[2]));
    Ok(())
}

impl Asked {
    pub(super) fn run(self, say: &Speaker) -> Result<(), String> {
        let Self { service, what } = self;
        let manager =
            Manager::connect().map_err(|e| format!("The service control manager can't be reached: {}.", told(&e)))?;
        let mut down: Vec<String> = vec![];
        let mut hear = |step: Step<'_>| {
            match step {
                Step::Stopped(name, _) => down.push(name.to_owned()),
                Step::Running(name, _, _) => down.retain(|n| n != name),
                Step::Stopping(_)
                | Step::WasStopped(_)
                | Step::Starting(_)
                | Step::WasRunning(_)
                | Step::Waiting(..) => {}
            }
            say.say(words(step));
        };
        let mut watch = Watch {
            deadline: Instant::now() + LONGEST,
            hear: &mut hear,
            give_up: &|| say.has_to_end(),
        };
        let done = match what {
            Do::Status => Ok(()),
            Do::Start => start(&manager, &service, &mut watch),
            Do::Stop => stop(&manager, &service, &mut watch).map(|_| ()),
            Do::Restart => restart(&manager, &service, &mut watch),
        };
        if let Err(trouble) = done {
            let left = if what == Do::Restart && !down.is_empty() {
                format!(" Stopped, and not started again: {}.", down.join(", "))
            } else {
                String::new()
            };
            return Err(format!("{}{left}", why(&trouble)));
        }
        match describe(&manager, &service) {
            Ok(text) => {
                say.say(text);
                Ok(())
            }
            // What was asked for is done; only its description failed.
            Err(e) if what != Do::Status => {
                say.say(format!("How it stands now can't be told: {}.\n", told(&e)));
                Ok(())
            }
            Err(e) => Err(format!("Windows does not tell about {service}: {}.", told(&e))),
        }
    }
}

fn why(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused { service, error } => format!("{service}: {}.", told(error)),
        Trouble::Ended { .. } | Trouble::NotStoppable { .. } | Trouble::Hangs { .. } | Trouble::GivenUp { .. } => {
            trouble.to_string()
        }
    }
}

fn words(step: Step<'_>) -> String {
    let seconds = |d: Duration| format!("{:.1} s", d.as_secs_f64());
    match step {
        Step::Stopping(name) => format!("Stopping {name}\n"),
        Step::Stopped(name, took) => format!("{name} is stopped ({})\n", seconds(took)),
        Step::WasStopped(name) => format!("{name} was not running\n"),
        Step::Starting(name) => format!("Starting {name}\n"),
        Step::Running(name, took, pid) => {
            let process = pid.map(|pid| format!(" as process {pid}")).unwrap_or_default();
            format!("{name} runs{process} ({})\n", seconds(took))
        }
        Step::WasRunning(name) => format!("{name} was running already\n"),
        Step::Waiting(name, state, so_far) => format!("{name} is still {state} ({})\n", seconds(so_far)),
    }
}

fn describe(manager: &Manager, service: &str) -> Result<String, win::error::WinError> {
    let opened = manager.open(service, Purpose::Look)?;
    let (status, config) = (opened.status()?, opened.config()?);
    let needed_by = opened.dependants(true)?;
    let list = |names: &[String]| {
        if names.is_empty() {
            "-".to_owned()
        } else {
            names.join(", ")
        }
    };
    let facts = [
        ("State", state(&status)),
        ("Start", start_type(&config)),
        ("Account", config.account),
        ("Needs", list(&config.needs)),
        ("Needed by", list(&needed_by)),
    ];
    let lines: String = facts.iter().map(|(name, fact)| format!("{name:9}  {fact}\n")).collect();
    Ok(format!("{service}: {}\n{lines}", config.display))
}

fn state(status: &Status) -> String {
    let process = status.pid.map(|pid| format!(" (process {pid})")).unwrap_or_default();
    let exit = match (status.state, status.exit, status.own_exit) {
        (State::Stopped, _, Some(own)) => format!(", ended with {own} in its own numbers"),
        // 1077: it was not started since the system was.
        (State::Stopped, 1077, None) => ", not started since the system started".into(),
        (State::Stopped, code, None) if code != 0 => format!(", ended with error {code}"),
        _ => String::new(),
    };
    format!("{}{process}{exit}", status.state)
}

fn start_type(config: &Config) -> String {
    format!("{}{}", config.start, if config.delayed { " (delayed)" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_says_why_a_service_ended() {
        let status = |state, exit, own_exit| Status {
            state,
            pid: (state == State::Running).then_some(4711),
            exit,
            own_exit,
            can_stop: true,
            check_point: 0,
            wait_hint: Duration::ZERO,
        };
        assert_eq!(state(&status(State::Running, 0, None)), "running (process 4711)");
        assert_eq!(
            state(&status(State::Stopped, 1066, Some(42))),
            "stopped, ended with 42 in its own numbers"
        );
        assert_eq!(state(&status(State::Stopped, 5, None)), "stopped, ended with error 5");
        assert_eq!(state(&status(State::Stopped, 0, None)), "stopped");
    }

    /// R21: a service is asked for by any spelling and judged by its own.
    #[tokio::test]
    async fn the_live_spelling_is_what_the_scope_judges() {
        let listed = Manager::connect().unwrap().list().unwrap();
        let live = &listed.iter().find(|l| l.name.to_lowercase() != l.name).unwrap().name;
        let scope = |name: &str| format!("service.status(\"{name}\")").parse::<Scope>().unwrap();
        let other = live.to_lowercase();
        let refused = prepare(&other, Do::Status, &scope(&other), "a").await.unwrap_err();
        assert_eq!(refused.reason, domain::action::RefusalReason::OutOfScope);
        let prepared = prepare(&other, Do::Status, &scope(live), "a").await.unwrap();
        assert_eq!(&prepared.resource, live);
        let missing = prepare("NoSuchService", Do::Status, &scope("NoSuchService"), "a")
            .await
            .unwrap();
        assert!(
            matches!(&missing.work, Work::Failing(why) if why == "There is no service NoSuchService."),
            "{missing:?}"
        );
    }
}
