//! A command as one would type it.

use domain::action::{Command, RegistryData, Verb};

use super::argument::DEFAULT_VALUE;

/// What one would type for `command`: [`super::parse`] with no verb gives the same command back.
pub fn text_of(command: &Command) -> String {
    let verb = match command {
        Command::Script(s) => return format!("{}: {}", s.shell.word(), s.text),
        Command::Verb(verb) => verb,
    };
    let name = verb.name();
    match verb {
        Verb::SystemInfo | Verb::ProcessList | Verb::DiskUsage | Verb::NetConfig | Verb::ServiceList => name.to_owned(),
        Verb::FileRead { path } => format!("{name} {}", quoted(path)),
        Verb::FileTail { path, lines } => format!("{name} {} {lines}", quoted(path)),
        Verb::LogRead { log, since_minutes } => format!("{name} {} {since_minutes}", quoted(log)),
        Verb::RegistryRead { key } => format!("{name} {}", quoted(key)),
        Verb::RegistryWrite { key, value, data } => {
            let value = if value.is_empty() {
                DEFAULT_VALUE.to_owned()
            } else {
                in_quotes(value)
            };
            format!("{name} {} {value} {}", quoted(key), data_of(data))
        }
        Verb::NetProbe { host, port } | Verb::NetTls { host, port } if host.contains(':') => {
            format!("{name} [{host}]:{port}")
        }
        Verb::NetProbe { host, port } | Verb::NetTls { host, port } => format!("{name} {host}:{port}"),
        Verb::ServiceStatus { service }
        | Verb::ServiceStart { service }
        | Verb::ServiceStop { service }
        | Verb::ServiceRestart { service } => format!("{name} {service}"),
    }
}

fn data_of(data: &RegistryData) -> String {
    let word = data.word();
    match data {
        RegistryData::Sz(text) | RegistryData::ExpandSz(text) => format!("{word}:{}", in_quotes(text)),
        RegistryData::Dword(n) => format!("{word}:{n}"),
        RegistryData::Qword(n) => format!("{word}:{n}"),
        RegistryData::MultiSz(all) => {
            let all: Vec<String> = all.iter().map(|text| in_quotes(text)).collect();
            format!("{word}:{}", all.join(" "))
        }
        RegistryData::Binary(hex) => format!("{word}:{hex}"),
    }
}

fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.starts_with('"') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

/// In double quotes, where two inside stand for one.
fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
