//! What this agent can do on this machine, as it says to the server.
//!
//! The list is a help to whoever proposes something; what can't be done is refused by the verbs themselves all the same.

use domain::action::Shell;
use wire::Capabilities;

use crate::run;

/// The verbs of this system.
#[cfg(target_os = "linux")]
const VERBS: &[&str] = &[
    "disk.usage",
    "file.read",
    "file.tail",
    "log.read",
    "net.probe",
    "process.list",
    "service.restart",
    "service.status",
    "system.info",
];
#[cfg(not(target_os = "linux"))]
const VERBS: &[&str] = &["disk.usage", "net.probe", "process.list", "system.info"];

/// The shells that may be there.
const SHELLS: [Shell; 2] = [Shell::Sh, Shell::Pwsh];

/// What can be done here now: the verbs of this system, and the shells that are installed.
pub fn capabilities() -> Capabilities {
    let verbs = VERBS.iter().map(|v| format!("verb:{v}"));
    let shells = SHELLS.into_iter().filter(|s| run::find_shell(*s).is_some());
    let shells = shells.map(|s| format!("shell:{}", s.word()));
    // What it was built for: releases of the agent are made for one system each.
    let target = [format!("target:{}", crate::version::TARGET)];
    // Words of our own, short and few.
    Capabilities::new(verbs.chain(shells).chain(target)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::action::{Command, Script, Verb};

    #[test]
    fn what_the_agent_says_is_what_commands_ask_for() {
        let can = capabilities();
        let tail = Verb::FileTail {
            path: "/x".into(),
            lines: 1,
        };
        let script = Script {
            shell: Shell::Sh,
            text: "id".into(),
        };
        for command in [
            Command::Verb(tail),
            Command::Verb(Verb::SystemInfo),
            Command::Script(script),
        ] {
            assert!(can.has(&command.capability()), "{}", command.capability());
        }
        assert!(!can.has("verb:registry.read"));
    }
}
