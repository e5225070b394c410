//! What a technician types, as a command: `file.tail /var/log/syslog 100`, `net.probe gw.example.com:443`,
//! `sh: systemctl list-timers`.
//!
//! Pure, and compiled for both sides, so that the page says what is missing while one types and the server reads exactly the
//! same. Deliberately absent: whether the command may run (the gate's business) and what its words would mean in a shell: what
//! isn't a verb has to be called a script by the person who types it.

mod argument;
mod recall;

pub use recall::text_of;

use domain::action::{Command, Script, Shell, Verb};

use argument::{alone, needed, number, path, registry_write, service, span, target, trailing_number, unquoted};

/// How one verb is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The verb, or the shell's word for a script.
    pub verb: &'static str,
    /// What follows it, as a pattern; empty when nothing does.
    pub argument: &'static str,
    /// An example of what follows.
    pub example: &'static str,
    /// What it is for, in a few words.
    pub what: &'static str,
}

const fn form(verb: &'static str, argument: &'static str, example: &'static str, what: &'static str) -> Form {
    Form {
        verb,
        argument,
        example,
        what,
    }
}

/// Every form that can be typed, in the order in which they are offered.
pub const FORMS: &[Form] = &[
    form("system.info", "", "", "Operating system, uptime, memory"),
    form("process.list", "", "", "Running processes"),
    form("disk.usage", "", "", "How full the disks are"),
    form("net.config", "", "", "Adapters, addresses, routers, name servers"),
    form("service.list", "", "", "All services and their states"),
    form("file.read", "PATH", "/etc/hosts", "A whole file"),
    form(
        "file.tail",
        "PATH [LINES]",
        "/var/log/syslog 100",
        "The last lines of a file",
    ),
    form("log.read", "LOG [MINUTES]", "cups 60", "A service's or system log"),
    form(
        "registry.read",
        "KEY",
        r"HKLM\SOFTWARE\Vendor\POS",
        "A registry key's values",
    ),
    form(
        "registry.write",
        "KEY VALUE TYPE:DATA",
        r"HKLM\SOFTWARE\Vendor\POS Port dword:8443",
        "Set one registry value",
    ),
    form("net.probe", "HOST:PORT", "gw.example.com:443", "Whether a port answers"),
    form(
        "net.tls",
        "HOST:PORT",
        "gw.example.com:443",
        "A port's TLS certificates",
    ),
    form("service.status", "SERVICE", "cups", "The state of a service"),
    form("service.start", "SERVICE", "cups", "Start a service"),
    form("service.stop", "SERVICE", "cups", "Stop a service"),
    form("service.restart", "SERVICE", "cups", "Stop and start a service"),
    form("sh", "TEXT", "lpstat -p", "A shell script, approved as exact text"),
    form(
        "pwsh",
        "TEXT",
        "Get-Printer",
        "A PowerShell 7 script, approved as exact text",
    ),
    form(
        "powershell",
        "TEXT",
        "Get-Printer",
        "A Windows PowerShell script, approved as exact text",
    ),
    form("cmd", "TEXT", "ver", "A Windows command script, approved as exact text"),
];

/// The forms that an endpoint's agent can do, by its own word; all where it has not said.
pub fn forms(capabilities: Option<&[String]>) -> Vec<&'static Form> {
    let can = |form: &&Form| {
        let kind = if form.verb.contains('.') { "verb" } else { "shell" };
        let word = format!("{kind}:{}", form.verb);
        capabilities.is_none_or(|can| can.contains(&word))
    };
    FORMS.iter().filter(can).collect()
}

/// Why what was typed is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What to change, in our words alone: it may travel in an address.
    pub sentence: String,
    /// The same with what was typed in it, to be shown beside the field and sent nowhere.
    pub hint: Option<String>,
}

impl From<String> for Mistake {
    fn from(sentence: String) -> Self {
        Self { sentence, hint: None }
    }
}

impl From<&str> for Mistake {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

fn mistake(sentence: &str, hint: String) -> Mistake {
    Mistake {
        sentence: sentence.to_owned(),
        hint: Some(hint),
    }
}

/// Lines that `file.tail` gives when no number is typed.
pub const DEFAULT_LINES: u32 = 100;
/// Minutes that `log.read` looks back when no number is typed.
pub const DEFAULT_MINUTES: u32 = 60;

/// The command that `text` means. With `verb` empty, `text` starts with the verb (or with a shell, as in `sh:`); otherwise `text`
/// is only what follows it.
///
/// Line ends become `\n`: browsers send a text area's as `\r\n`, which no shell wants.
///
/// # Errors
/// What to change, for the person who types.
pub fn parse(verb: &str, text: &str) -> Result<Command, Mistake> {
    let text = text.replace("\r\n", "\n");
    let command = if verb.trim().is_empty() {
        typed(&text)?
    } else {
        of(verb.trim(), &text)?
    };
    command.check_limits()?;
    Ok(command)
}

/// Verb and argument in one text.
fn typed(text: &str) -> Result<Command, Mistake> {
    let start = text.trim_start();
    for shell in Shell::ALL {
        if let Some(body) = start.strip_prefix(shell.word()).and_then(|rest| rest.strip_prefix(':')) {
            return Ok(script(shell, body.strip_prefix([' ', '\n']).unwrap_or(body)));
        }
    }
    let (word, rest) = start.split_once(char::is_whitespace).unwrap_or((start, ""));
    match word {
        "" => Err("Type a verb and what it is for, such as file.read /etc/hosts.".into()),
        _ if shell_of(word).is_some() => Err(mistake(
            "Write a colon after the shell, as in sh: lpstat -p.",
            format!("{word}:{}", tail_of(rest)),
        )),
        _ => of(word, rest),
    }
}

/// The command of `verb` with `rest` after it.
fn of(verb: &str, rest: &str) -> Result<Command, Mistake> {
    if let Some(shell) = shell_of(verb) {
        return Ok(script(shell, rest));
    }
    let argument = rest.trim();
    let verb = match verb {
        "system.info" => alone(Verb::SystemInfo, argument)?,
        "process.list" => alone(Verb::ProcessList, argument)?,
        "disk.usage" => alone(Verb::DiskUsage, argument)?,
        "net.config" => alone(Verb::NetConfig, argument)?,
        "service.list" => alone(Verb::ServiceList, argument)?,
        "file.read" => Verb::FileRead { path: path(argument)? },
        "file.tail" => {
            let (path_text, lines) = trailing_number(argument);
            Verb::FileTail {
                path: path(path_text)?,
                lines: lines.map_or(Ok(DEFAULT_LINES), number)?,
            }
        }
        "log.read" => {
            let (log, minutes) = trailing_number(argument);
            let log = needed(unquoted(log), "Say which log, such as log.read cups 60.")?;
            Verb::LogRead {
                log,
                since_minutes: minutes.map_or(Ok(DEFAULT_MINUTES), span)?,
            }
        }
        "registry.read" => Verb::RegistryRead {
            key: needed(unquoted(argument), r"Say which key, such as HKLM\SOFTWARE\Vendor\POS.")?,
        },
        "registry.write" => registry_write(argument)?,
        "net.probe" => {
            let (host, port) = target(verb, argument)?;
            Verb::NetProbe { host, port }
        }
        "net.tls" => {
            let (host, port) = target(verb, argument)?;
            Verb::NetTls { host, port }
        }
        "service.status" => Verb::ServiceStatus {
            service: service(verb, argument)?,
        },
        "service.start" => Verb::ServiceStart {
            service: service(verb, argument)?,
        },
        "service.stop" => Verb::ServiceStop {
            service: service(verb, argument)?,
        },
        "service.restart" => Verb::ServiceRestart {
            service: service(verb, argument)?,
        },
        other => return Err(unknown(other, rest)),
    };
    Ok(Command::Verb(verb))
}

fn shell_of(word: &str) -> Option<Shell> {
    Shell::ALL.into_iter().find(|shell| shell.word() == word)
}

fn script(shell: Shell, text: &str) -> Command {
    Command::Script(Script {
        shell,
        text: text.to_owned(),
    })
}

fn unknown(word: &str, rest: &str) -> Mistake {
    let near = FORMS.iter().filter(|f| f.verb.contains('.')).find(|f| {
        f.verb.starts_with(word)
            || f.verb.split('.').any(|part| part == word)
            || f.verb.replace('.', "-") == word.to_lowercase()
    });
    match near {
        Some(f) => format!("Do you mean {} {}?", f.verb, f.argument)
            .replace(" ?", "?")
            .into(),
        None if word.starts_with('/') => mistake(
            "Start with a verb, as in file.read /etc/hosts.",
            format!("file.read {word}"),
        ),
        None if is_cmdlet(word) => mistake(
            "That is not a verb. To run it as a script, start with powershell: or pwsh:",
            format!("powershell: {word}{}", tail_of(rest)),
        ),
        None if word.get(..2).is_some_and(|w| w.eq_ignore_ascii_case("HK")) && word.contains('\\') => mistake(
            r"Start with a verb, as in registry.read HKLM\SOFTWARE\Vendor\POS.",
            format!("registry.read {word}{}", tail_of(rest)),
        ),
        None => mistake(
            "That is not a verb. To run it as a script, start with sh:",
            format!("sh: {word}{}", tail_of(rest)),
        ),
    }
}

/// Whether `word` has the form of PowerShell's commands: `Get-Service`.
fn is_cmdlet(word: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphabetic());
    word.split_once('-').is_some_and(|(verb, noun)| {
        letters(verb) && letters(noun) && verb.starts_with(|c: char| c.is_ascii_uppercase())
    })
}

/// The rest of what was typed, for an example that can be copied; nothing when it is long.
fn tail_of(rest: &str) -> String {
    match rest.trim() {
        "" => String::new(),
        short if short.chars().count() <= 60 => format!(" {short}"),
        _ => " …".into(),
    }
}

#[cfg(test)]
mod tests;
