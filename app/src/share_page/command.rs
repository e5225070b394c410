//! The exact command, cut into the fields of its leaf, so that the reader's browser checks each of them against the record.

use domain::api::SharedAction;
use leptos::prelude::*;

use super::transcript::exact;

/// A stretch of the command, and the field of the group `text` that it is, if it is one.
type Part<'a> = (&'a str, Option<&'static str>);

/// The event whose leaf holds the command.
const PROPOSED: &str = "action.proposed";

/// The command as it is shown.
pub(super) fn command(a: &SharedAction) -> Vec<AnyView> {
    let leaf = a
        .entries
        .iter()
        .find(|e| e.kind == PROPOSED)
        .map(|e| e.leaf.to_string());
    parts(&a.verb, &a.command)
        .into_iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, field)| match (field, leaf.clone()) {
            (Some(field), Some(leaf)) => {
                view! { <span data-leaf=leaf data-group="text" data-field=field>{exact(text)}</span> }.into_any()
            }
            (Some(_), None) | (None, _) => exact(text).into_any(),
        })
        .collect()
}

/// The inverse of the domain's one-line form of a command. What has another form is one part without a field: shown, and not
/// claimed to have been checked.
fn parts<'a>(verb: &str, command: &'a str) -> Vec<Part<'a>> {
    let whole = vec![(command, None)];
    if verb == "script" {
        return vec![(command, Some("command.script.text"))];
    }
    if command == verb {
        return vec![(command, Some("command.verb.name"))];
    }
    let Some((name, rest)) = command.split_once(' ').filter(|(name, _)| *name == verb) else {
        return whole;
    };
    let first = |field| vec![(name, Some("command.verb.name")), (" ", None), (rest, Some(field))];
    let two = |field, between, second, end: &'static str| {
        let body = rest.strip_suffix(end)?;
        let (a, b) = body.rsplit_once(between)?;
        Some(vec![
            (name, Some("command.verb.name")),
            (" ", None),
            (a, Some(field)),
            (between, None),
            (b, Some(second)),
            (end, None),
        ])
    };
    match verb {
        "file.read" => first("command.verb.path"),
        "service.status" | "service.start" | "service.stop" | "service.restart" => first("command.verb.service"),
        "registry.read" => first("command.verb.key"),
        "registry.write" => written(name, rest).unwrap_or(whole),
        "file.tail" => two("command.verb.path", " (last ", "command.verb.lines", " lines)").unwrap_or(whole),
        "log.read" => two("command.verb.log", " (last ", "command.verb.since_minutes", " min)").unwrap_or(whole),
        "net.probe" | "net.tls" => two("command.verb.host", ":", "command.verb.port", "").unwrap_or(whole),
        _ => whole,
    }
}

/// The parts of a registry write: `KEY "VALUE" = TYPE DATA`, data of one text without its quotation marks. Where a text holds
/// a quotation mark, which is doubled here, and for lists, what stands here is not what the field says.
fn written<'a>(name: &'a str, rest: &'a str) -> Option<Vec<Part<'a>>> {
    let (key, setting) = rest.split_once(" \"")?;
    let (value, data) = setting.split_once("\" = ")?;
    let (word, data) = data.split_once(' ')?;
    let (field, before, data, after) = match word {
        "sz" => ("command.verb.data.sz", "\"", unquoted(data)?, "\""),
        "expand_sz" => ("command.verb.data.expand_sz", "\"", unquoted(data)?, "\""),
        "dword" => ("command.verb.data.dword", "", data, ""),
        "qword" => ("command.verb.data.qword", "", data, ""),
        "binary" => ("command.verb.data.binary", "", data, ""),
        _ => return None,
    };
    if value.contains('"') || data.contains('"') {
        return None;
    }
    Some(vec![
        (name, Some("command.verb.name")),
        (" ", None),
        (key, Some("command.verb.key")),
        (" \"", None),
        (value, Some("command.verb.value")),
        ("\" = ", None),
        (word, None),
        (" ", None),
        (before, None),
        (data, Some(field)),
        (after, None),
    ])
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use domain::action::{Command, RegistryData, Script, Shell, Verb};

    use super::*;

    fn write(value: &str, data: RegistryData) -> Verb {
        Verb::RegistryWrite {
            key: r"HKLM\software\my pos".into(),
            value: value.into(),
            data,
        }
    }

    fn field<'a>(json: &'a serde_json::Value, path: &str) -> &'a serde_json::Value {
        path.split('.').skip(1).fold(json, |v, name| &v[name])
    }

    /// R45: every part that claims to be a field is that field of the stored command, and together they are the whole text.
    #[test]
    fn the_parts_are_the_fields_of_the_stored_command() {
        let name = || "a (last 3) lines:x".to_owned();
        let verbs = [
            Verb::SystemInfo,
            Verb::FileRead {
                path: "/srv/my files/a".into(),
            },
            Verb::FileTail { path: name(), lines: 7 },
            Verb::LogRead {
                log: name(),
                since_minutes: 60,
            },
            Verb::NetProbe {
                host: "::1".into(),
                port: 443,
            },
            Verb::NetTls {
                host: "gw.example.com".into(),
                port: 443,
            },
            Verb::RegistryRead {
                key: r"HKLM\software\my pos".into(),
            },
            write("Port", RegistryData::Dword(5)),
            write("Port", RegistryData::Qword(u64::MAX)),
            write("Key", RegistryData::Binary("00ff".into())),
            write("Host = \u{201C}", RegistryData::Sz("a = b".into())),
            write("Path", RegistryData::ExpandSz(String::new())),
            Verb::ServiceStatus { service: "cups".into() },
            Verb::ServiceStart { service: "cups".into() },
            Verb::ServiceStop { service: "cups".into() },
            Verb::ServiceRestart { service: "cups".into() },
        ];
        let script = Command::Script(Script {
            shell: Shell::Sh,
            text: "echo 1\n".into(),
        });
        for command in verbs.into_iter().map(Command::Verb).chain([script]) {
            let shown = match &command {
                Command::Script(s) => s.text.clone(),
                Command::Verb(_) => command.to_string(),
            };
            let json = serde_json::to_value(&command).unwrap();
            let parts = parts(command.name(), &shown);
            assert_eq!(parts.iter().map(|(text, _)| *text).collect::<String>(), shown);
            let claimed: Vec<_> = parts
                .iter()
                .filter_map(|(text, path)| Some((*text, (*path)?)))
                .collect();
            assert!(!claimed.is_empty());
            for (text, path) in claimed {
                let stored = field(&json, path);
                let stored = stored.as_str().map_or_else(|| stored.to_string(), str::to_owned);
                assert_eq!(text, stored, "{path}");
            }
        }
    }

    #[test]
    fn another_form_is_shown_and_claims_nothing() {
        for (verb, text) in [
            ("file.tail", "file.tail /x"),
            ("registry.delete", "registry.delete HKLM"),
            ("registry.write", r#"registry.write HKLM (default) = dword 5"#),
            ("registry.write", r#"registry.write HKLM "a""b" = dword 5"#),
            ("registry.write", r#"registry.write HKLM "a" = sz "b""c""#),
            ("registry.write", r#"registry.write HKLM "a" = multi_sz "b" "c""#),
            ("file.read", "other /x"),
            ("", ""),
        ] {
            assert_eq!(
                parts(verb, text)
                    .iter()
                    .filter(|(t, f)| f.is_some() && !t.is_empty())
                    .count(),
                0,
                "{verb} {text}"
            );
        }
    }
}
