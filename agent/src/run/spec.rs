//! What is to be run.

use domain::action::Shell;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The program.
    pub program: Program,
    /// The action's id, for the environment.
    pub action: String,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// A script, for a shell at this path.
    Script {
        /// The shell's path.
        path: String,
        /// Which shell it is.
        shell: Shell,
        /// The script's exact bytes.
        text: String,
    },
    /// A program of the system with arguments.
    System {
        /// Its full path.
        path: String,
        /// Its arguments.
        args: Vec<String>,
    },
}
