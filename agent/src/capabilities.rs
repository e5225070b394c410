//! What this agent can do on this machine, as it says to the server.
//!
//! The list is a help to whoever proposes something; what can't be done is refused by the verbs themselves all the same.

use domain::action::Shell;
use wire::Capabilities;

use crate::run;

/// Verbs that another system has and this one not.
#[cfg(target_os = "linux")]
const ELSEWHERE: &[&str] = &["registry.read", "registry.write"];
#[cfg(windows)]
const ELSEWHERE: &[&str] = &[];

/// What can be done here now: the verbs of this system, and the shells that are installed.
pub fn capabilities() -> Capabilities {
    let verbs = gate::scope::VERBS.iter().filter(|v| !ELSEWHERE.contains(v));
    let verbs = verbs.map(|v| format!("verb:{v}"));
    let shells = Shell::ALL.into_iter().filter(|s| run::find_shell(*s).is_some());
    let shells = shells.map(|s| format!("shell:{}", s.word()));
    // What it was built for: releases of the agent are made for one system each.
    let target = [format!("target:{}", crate::version::TARGET)];
    let redaction = [wire::REDACTION.to_owned()];
    // Words of our own, short and few.
    Capabilities::new(verbs.chain(shells).chain(target).chain(redaction)).unwrap_or_default()
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
        let script = |shell| {
            Command::Script(Script {
                shell,
                text: "id".into(),
            })
        };
        let own = if cfg!(windows) { Shell::Cmd } else { Shell::Sh };
        for command in [Command::Verb(tail), Command::Verb(Verb::ServiceList), script(own)] {
            assert!(can.has(&command.capability()), "{}", command.capability());
        }
        assert_eq!(can.has("verb:registry.read"), cfg!(windows));
        let other = if cfg!(windows) { Shell::Sh } else { Shell::Cmd };
        assert!(!can.has(&script(other).capability()));
    }
}
