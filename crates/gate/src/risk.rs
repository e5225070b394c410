//! Notes on what a command would do, for the approver.
//!
//! **A lint, not a boundary.** The notes come from looking for words in the text. A script that hides its intent gets no
//! note for it, so the absence of a note says nothing, and no decision is ever based on it: every script is authorised
//! only as its exact bytes, by a person (R13). Deliberately absent: a note that something is harmless.

mod key;
mod known_keys;
mod text;
mod words;

use domain::action::{Command, Script, Verb};

use crate::scope::Scope;

/// What a note is about. The order is the order of showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A script can do anything.
    AnyCommand,
    /// It changes the endpoint's state.
    ChangesState,
    /// It interrupts a service or the machine.
    Interrupts,
    /// It deletes or overwrites.
    Deletes,
    /// It fetches or runs things from elsewhere, or sends things out.
    Network,
    /// It hides what it runs.
    Hides,
    /// It stays after the session.
    Persists,
    /// It takes or gives higher rights.
    Privilege,
    /// It weakens protection, or removes traces.
    Disables,
    /// It touches passwords, keys or the like.
    Secrets,
    /// Its text or its names may not be what they look like.
    Deceives,
    /// It reaches much.
    Wide,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// What it is about.
    pub kind: Kind,
    /// The note, as a plain sentence.
    pub says: String,
}

/// The notes on a command, in the order of [`Kind`].
pub fn of_command(command: &Command) -> Vec<Note> {
    let mut notes = match command {
        Command::Script(script) => of_script(script),
        Command::Verb(verb) => of_verb(verb),
    };
    // What a key stands for is looked up by its scope, which is the same for one key and for many.
    if let Ok(scope) = Scope::exactly(command) {
        notes.extend(key::of_scope(&scope));
    }
    notes.sort();
    notes.dedup();
    notes
}

fn of_verb(verb: &Verb) -> Vec<Note> {
    let changes = || note(Kind::ChangesState, CHANGES_STATE);
    match verb {
        Verb::ServiceStart { .. } => vec![changes()],
        Verb::ServiceStop { service } => vec![
            changes(),
            note(
                Kind::Interrupts,
                format!("While {service} is stopped, what depends on it does not work."),
            ),
        ],
        Verb::ServiceRestart { service } => vec![
            changes(),
            note(
                Kind::Interrupts,
                format!("While {service} restarts, what depends on it does not work."),
            ),
        ],
        Verb::RegistryWrite { .. } => vec![changes()],
        Verb::FileRead { path } | Verb::FileTail { path, .. } => of_path(path),
        Verb::NetProbe { host, .. } | Verb::NetTls { host, .. } => of_host(host),
        Verb::SystemInfo
        | Verb::ProcessList
        | Verb::DiskUsage
        | Verb::LogRead { .. }
        | Verb::RegistryRead { .. }
        | Verb::NetConfig
        | Verb::ServiceList
        | Verb::ServiceStatus { .. } => vec![],
    }
}

/// The notes on access to everything in `scope`, in the order of [`Kind`].
pub fn of_scope(scope: &Scope) -> Vec<Note> {
    let mut notes = key::of_scope(scope);
    match scope.verb() {
        "service.start" | "registry.write" => notes.push(note(Kind::ChangesState, CHANGES_STATE)),
        "service.stop" => {
            notes.push(note(Kind::ChangesState, CHANGES_STATE));
            notes.push(note(
                Kind::Interrupts,
                "While a service is stopped, what depends on it does not work.",
            ));
        }
        "service.restart" => {
            notes.push(note(Kind::ChangesState, CHANGES_STATE));
            notes.push(note(
                Kind::Interrupts,
                "While a service restarts, what depends on it does not work.",
            ));
        }
        "script" => notes.push(note(Kind::AnyCommand, ANY_COMMAND)),
        _ => {}
    }
    for target in scope.targets() {
        match scope.verb() {
            "file.read" | "file.tail" => notes.extend(of_path(&target)),
            "net.probe" | "net.tls" => notes.extend(of_host(&target)),
            _ if target == "*" => notes.push(note(Kind::Wide, "It covers every name there is.")),
            _ => {}
        }
    }
    notes.extend(
        words::SECRET_PATHS
            .iter()
            .filter(|(_, sample)| covers_sample(scope, sample))
            .map(|(what, _)| note(Kind::Secrets, format!("It covers {what}."))),
    );
    notes.sort();
    notes.dedup();
    notes
}

/// Whether the path `sample` is covered, by reading or by tailing.
fn covers_sample(scope: &Scope, sample: &str) -> bool {
    sample
        .parse()
        .is_ok_and(|path| scope.covers_path("file.tail", &path).is_ok())
}

const CHANGES_STATE: &str = "It changes the state of the machine.";

const ANY_COMMAND: &str = "A script can do anything that the agent's account may. Read all of it.";

fn note(kind: Kind, says: impl Into<String>) -> Note {
    Note {
        kind,
        says: says.into(),
    }
}

fn of_script(script: &Script) -> Vec<Note> {
    let mut notes = vec![note(Kind::AnyCommand, ANY_COMMAND)];
    let looked_at = text::Text::new(&script.text);
    for (kind, says, seen) in words::SIGNS {
        let hits: Vec<&str> = seen
            .iter()
            .copied()
            .filter(|sign| looked_at.holds(sign))
            .take(3)
            .collect();
        if !hits.is_empty() {
            notes.push(note(*kind, format!("{says}: {}.", hits.join(", "))));
        }
    }
    if text::mixes_alphabets(&script.text) {
        notes.push(note(
            Kind::Deceives,
            "A word mixes letters of different alphabets that look alike.",
        ));
    }
    if script
        .text
        .chars()
        .any(|c| c != '\n' && c != '\t' && crate::escape::is_hidden(c))
    {
        notes.push(note(
            Kind::Deceives,
            "It holds characters that can't be seen; they are shown as \\u{…}.",
        ));
    }
    if text::leaves_blank_space(&script.text) {
        notes.push(note(
            Kind::Deceives,
            "It holds long stretches of blank space. Read to the very end.",
        ));
    }
    notes
}

fn of_path(path: &str) -> Vec<Note> {
    let lower = path.to_ascii_lowercase().replace('\\', "/");
    let mut notes: Vec<Note> = words::SECRET_PARTS
        .iter()
        .filter(|part| lower.contains(*part))
        .take(1)
        .map(|part| {
            note(
                Kind::Secrets,
                format!("Paths with \"{part}\" often hold passwords, keys or the like."),
            )
        })
        .collect();
    if ["/proc/", "/dev/", "/sys/"].iter().any(|p| lower.starts_with(p)) {
        notes.push(note(
            Kind::Secrets,
            "It is no ordinary file: it shows the inside of the running system.",
        ));
    }
    let folders = lower.trim_end_matches("/**").matches('/').count();
    if lower.ends_with("/**") && folders < 2 {
        notes.push(note(Kind::Wide, "It covers a large part of the machine."));
    }
    if text::mixes_alphabets(path) {
        notes.push(note(
            Kind::Deceives,
            "A name mixes letters of different alphabets that look alike.",
        ));
    }
    notes
}

fn of_host(host: &str) -> Vec<Note> {
    if host.split('.').any(|part| part.starts_with("xn--")) {
        vec![note(
            Kind::Deceives,
            "The host's name is an encoded international name, which may look like another name.",
        )]
    } else {
        vec![]
    }
}
