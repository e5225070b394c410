//! PowerShell one-liners that mean a verb exactly, so that the composer can offer the verb in their place.
//!
//! **A convenience, not a boundary.** No decision rests on it: what is offered is proposed as the verb that it is, and what
//! is not offered stays a script that a person decides about as exact bytes (R13). So it is strict where a guess could be
//! wrong: one command, written out, with literal arguments. Pipelines, variables, expressions, escapes, wildcards, aliases,
//! abbreviated or unknown parameters, and anything else that PowerShell would interpret make it no verb.

use domain::action::{Command, Verb};

use crate::name;

/// The verb that `text` means, in its canonical form; none when it means anything else, or more.
pub fn meaning(text: &str) -> Option<Verb> {
    let words = words(text.trim_matches([' ', '\n', '\r', '\t']))?;
    let (cmdlet, arguments) = words.split_first()?;
    if cmdlet.quoted {
        return None;
    }
    let verb = match cmdlet.text.to_ascii_lowercase().as_str() {
        "get-process" => arguments.is_empty().then_some(Verb::ProcessList)?,
        "get-itemproperty" => {
            let [path] = bind(arguments, &["-path"], &[])?;
            // A path that does not name the registry may be on whatever drive one is on.
            let key = path?;
            is_registry(&key).then_some(Verb::RegistryRead { key })?
        }
        "get-content" => {
            let [path, lines] = bind(arguments, &["-path"], &["-tail"])?;
            match lines {
                Some(lines) => Verb::FileTail {
                    path: path?,
                    lines: number(&lines)?,
                },
                None => Verb::FileRead { path: path? },
            }
        }
        "test-netconnection" => {
            let [host, port] = bind(arguments, &["-computername"], &["-port"])?;
            Verb::NetProbe {
                host: host?,
                port: number(&port?)?,
            }
        }
        "get-service" if arguments.is_empty() => Verb::ServiceList,
        "get-service" => Verb::ServiceStatus {
            service: named(arguments)?,
        },
        "start-service" => Verb::ServiceStart {
            service: named(arguments)?,
        },
        "stop-service" => Verb::ServiceStop {
            service: named(arguments)?,
        },
        "restart-service" => Verb::ServiceRestart {
            service: named(arguments)?,
        },
        _ => return None,
    };
    match name::canonical(&Command::Verb(verb)).ok()? {
        Command::Verb(verb) => Some(verb),
        Command::Script(_) => None,
    }
}

/// Whether the text names the registry from a drive or its provider, as PowerShell needs it.
fn is_registry(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [r"hklm:\", "registry::", r"microsoft.powershell.core\registry::"]
        .iter()
        .any(|start| lower.starts_with(start))
}

fn named(arguments: &[Word]) -> Option<String> {
    let [name] = bind(arguments, &["-name"], &[])?;
    name
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// One word of a command.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: String,
    /// It stood in quotes, and so is never a parameter's name.
    quoted: bool,
}

/// The words of one command with literal arguments; none when anything in it would be interpreted.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == ' ' {
            rest = &rest[1..];
            continue;
        }
        let (word, after) = match first {
            '\'' | '"' => quoted(rest, first)?,
            _ => bare(rest)?,
        };
        // A quote right after a word would go on with it.
        if !after.is_empty() && !after.starts_with(' ') {
            return None;
        }
        words.push(word);
        rest = after;
    }
    Some(words)
}

/// A text in quotes without any of what PowerShell would put in: only what is the same in both kinds of quotes.
fn quoted(text: &str, quote: char) -> Option<(Word, &str)> {
    let (inside, after) = text[1..].split_once(quote)?;
    let plain = |c: char| !c.is_control() && !is_quote(c) && !"$`".contains(c);
    let word = Word {
        text: inside.to_owned(),
        quoted: true,
    };
    (!inside.is_empty() && inside.chars().all(plain)).then_some((word, after))
}

/// A word without quotes: letters that stand for themselves.
fn bare(text: &str) -> Option<(Word, &str)> {
    let end = text.find(' ').unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let plain = |c: char| c.is_alphanumeric() || r"\/:.-_+".contains(c);
    let word = Word {
        text: word.to_owned(),
        quoted: false,
    };
    word.text.chars().all(plain).then_some((word, after))
}

/// Every character that PowerShell takes for a quote (`CharExtensions` in its parser).
fn is_quote(c: char) -> bool {
    matches!(
        c,
        '\'' | '"' | '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{201C}' | '\u{201D}' | '\u{201E}'
    )
}

/// The values of `positional` parameters, which may stand without their names, and of `named` ones, which may not, in this
/// order; none when there is anything else, or anything twice. Several values for one are never meant: a comma is refused.
fn bind<const N: usize>(arguments: &[Word], positional: &[&str], named: &[&str]) -> Option<[Option<String>; N]> {
    let mut values = [const { None }; N];
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let is_name = !word.quoted && word.text.starts_with('-');
        let (at, value) = if is_name {
            let lower = word.text.to_ascii_lowercase();
            let at = positional.iter().chain(named).position(|name| *name == lower)?;
            (at, words.next()?)
        } else {
            ((0..positional.len()).find(|at| values.get(*at) == Some(&None))?, word)
        };
        // `-Name -x` is a parameter without its value.
        if !value.quoted && value.text.starts_with('-') {
            return None;
        }
        // Cmdlets with a path or a name take `*`, `?` and `[` for patterns, also in quotes.
        if value.text.contains(['*', '?', '[', ']', ',']) {
            return None;
        }
        let place = values.get_mut(at)?;
        if place.replace(value.text.clone()).is_some() {
            return None;
        }
    }
    Some(values)
}
