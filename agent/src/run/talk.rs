//! What agent and supervisor say to each other over the socket between them: first one line of JSON with the length of the
//! script that follows it, then lines back. When the agent's end closes, the program is ended.

use domain::action::Shell;
use serde::{Deserialize, Serialize};

use super::spec::{Program, Spec};

/// The first line to the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) path: String,
    pub(super) args: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// Bytes of the script that follow; its file's name becomes the last argument.
    pub(super) script: Option<usize>,
}

/// A line from the supervisor.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// The program runs, as this process and group.
    Started { group: i32 },
    /// It could not be started.
    NotStarted { why: String },
    /// It ended.
    Ended { code: Option<i32>, signal: Option<i32> },
}

impl Spec {
    pub(super) fn task(&self) -> Task {
        let environment = super::environment(&self.action);
        match &self.program {
            Program::Script { path, shell, text } => {
                let args: &[&str] = match shell {
                    Shell::Sh => &[],
                    Shell::Cmd => &["/D", "/Q", "/C"],
                    Shell::Pwsh | Shell::Powershell => &["-NoLogo", "-NoProfile", "-NonInteractive", "-File"],
                };
                let args = args.iter().map(|a| (*a).to_owned()).collect();
                Task {
                    path: path.clone(),
                    args,
                    environment,
                    script: Some(text.len()),
                }
            }
            Program::System { path, args } => Task {
                path: path.clone(),
                args: args.clone(),
                environment,
                script: None,
            },
        }
    }

    pub(super) fn script(&self) -> &str {
        match &self.program {
            Program::Script { text, .. } => text,
            Program::System { .. } => "",
        }
    }
}
