//! What a technician types, as a command: `file.tail /var/log/syslog 100`, `net.probe gw.example.com:443`,
//! `sh: systemctl list-timers`.
//!
//! Pure, and compiled for both sides, so that the page says what is missing while one types and the server reads exactly the
//! same. Deliberately absent: whether the command may run (the gate's business) and what its words would mean in a shell: what
//! isn't a verb has to be called a script by the person who types it.

use domain::action::{Command, Script, Shell, Verb};

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
    form("file.read", "PATH", "/etc/hosts", "A whole file"),
    form(
        "file.tail",
        "PATH [LINES]",
        "/var/log/syslog 100",
        "The last lines of a file",
    ),
    form("log.read", "LOG [MINUTES]", "cups 60", "A service's or system log"),
    form("net.probe", "HOST:PORT", "gw.example.com:443", "Whether a port answers"),
    form("service.status", "SERVICE", "cups", "The state of a service"),
    form("service.restart", "SERVICE", "cups", "Stop and start a service"),
    form("sh", "TEXT", "lpstat -p", "A shell script, approved as exact text"),
    form(
        "pwsh",
        "TEXT",
        "Get-Printer",
        "A PowerShell script, approved as exact text",
    ),
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

/// The command that `text` means. With `verb` empty, `text` starts with the verb (or with `sh:` or `pwsh:`); otherwise `text`
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
    for shell in [Shell::Sh, Shell::Pwsh] {
        if let Some(body) = start.strip_prefix(shell.word()).and_then(|rest| rest.strip_prefix(':')) {
            return Ok(script(shell, body.strip_prefix([' ', '\n']).unwrap_or(body)));
        }
    }
    let (word, rest) = start.split_once(char::is_whitespace).unwrap_or((start, ""));
    match word {
        "" => Err("Type a verb and what it is for, such as file.read /etc/hosts.".into()),
        "sh" | "pwsh" => Err(mistake(
            "Write a colon after the shell, as in sh: lpstat -p.",
            format!("{word}:{}", tail_of(rest)),
        )),
        _ => of(word, rest),
    }
}

/// The command of `verb` with `rest` after it.
fn of(verb: &str, rest: &str) -> Result<Command, Mistake> {
    let argument = rest.trim();
    let verb = match verb {
        "sh" => return Ok(script(Shell::Sh, rest)),
        "pwsh" => return Ok(script(Shell::Pwsh, rest)),
        "system.info" => alone(Verb::SystemInfo, argument)?,
        "process.list" => alone(Verb::ProcessList, argument)?,
        "disk.usage" => alone(Verb::DiskUsage, argument)?,
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
        "net.probe" => probe(argument)?,
        "service.status" => Verb::ServiceStatus {
            service: service(verb, argument)?,
        },
        "service.restart" => Verb::ServiceRestart {
            service: service(verb, argument)?,
        },
        other => return Err(unknown(other, rest)),
    };
    Ok(Command::Verb(verb))
}

fn script(shell: Shell, text: &str) -> Command {
    Command::Script(Script {
        shell,
        text: text.to_owned(),
    })
}

fn alone(verb: Verb, argument: &str) -> Result<Verb, Mistake> {
    if argument.is_empty() {
        Ok(verb)
    } else {
        Err(format!("{} takes nothing after it.", verb.name()).into())
    }
}

fn needed(text: &str, otherwise: &str) -> Result<String, Mistake> {
    if text.is_empty() {
        Err(otherwise.into())
    } else {
        Ok(text.to_owned())
    }
}

fn path(text: &str) -> Result<String, Mistake> {
    needed(unquoted(text), "Say which file, by its whole path, such as /etc/hosts.")
}

fn service(verb: &str, text: &str) -> Result<String, Mistake> {
    let name = needed(unquoted(text), &format!("Say which service, such as {verb} cups."))?;
    if name.contains(char::is_whitespace) {
        return Err("One service at a time: each is an action with its own approval.".into());
    }
    Ok(name)
}

/// Without the double quotes around it, if there are any.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text)
}

/// `text` without a number at its end, and that number with its unit. A quoted text has no number inside.
fn trailing_number(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(char::is_whitespace) {
        Some((before, last)) if last.starts_with(|c: char| c.is_ascii_digit()) && !last.ends_with('"') => {
            (before.trim_end(), Some(last))
        }
        _ => (text, None),
    }
}

fn number(text: &str) -> Result<u32, Mistake> {
    text.parse()
        .map_err(|_| "After the path comes a number of lines. Put a path with spaces in double quotes.".into())
}

/// Minutes: `60`, `90m`, `24h`, `2d`.
fn span(text: &str) -> Result<u32, Mistake> {
    let (digits, each) = match text.strip_suffix(['m', 'h', 'd']) {
        Some(digits) if text.ends_with('m') => (digits, 1),
        Some(digits) if text.ends_with('h') => (digits, 60),
        Some(digits) => (digits, 60 * 24),
        None => (text, 1),
    };
    let count: Option<u32> = digits.parse().ok();
    count
        .and_then(|n| n.checked_mul(each))
        .ok_or_else(|| "After the log comes a time: minutes, or 90m, 24h, 2d.".into())
}

fn probe(text: &str) -> Result<Verb, Mistake> {
    const HOW: &str = "Say which host and port, such as net.probe gw.example.com:443.";
    let (host, port) = text
        .rsplit_once(char::is_whitespace)
        .or_else(|| text.rsplit_once(':'))
        .ok_or(HOW)?;
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    let port = port
        .trim()
        .parse()
        .map_err(|_| format!("A port is a number from 1 to 65535. {HOW}"))?;
    Ok(Verb::NetProbe {
        host: needed(host, HOW)?,
        port,
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
        None => mistake(
            "That is not a verb. To run it as a script, start with sh:",
            format!("sh: {word}{}", tail_of(rest)),
        ),
    }
}

/// The rest of what was typed, for an example that can be copied; nothing when it is long.
fn tail_of(rest: &str) -> String {
    match rest.trim() {
        "" => String::new(),
        short if short.chars().count() <= 60 => format!(" {short}"),
        _ => " …".into(),
    }
}

/// What one would type for `command`: [`parse`] with no verb gives the same command back.
pub fn text_of(command: &Command) -> String {
    match command {
        Command::Script(s) => format!("{}: {}", s.shell.word(), s.text),
        Command::Verb(v) => {
            let name = v.name();
            match v {
                Verb::SystemInfo | Verb::ProcessList | Verb::DiskUsage => name.to_owned(),
                Verb::FileRead { path } => format!("{name} {}", quoted(path)),
                Verb::FileTail { path, lines } => format!("{name} {} {lines}", quoted(path)),
                Verb::LogRead { log, since_minutes } => format!("{name} {} {since_minutes}", quoted(log)),
                Verb::NetProbe { host, port } if host.contains(':') => format!("{name} [{host}]:{port}"),
                Verb::NetProbe { host, port } => format!("{name} {host}:{port}"),
                Verb::ServiceStatus { service } | Verb::ServiceRestart { service } => format!("{name} {service}"),
            }
        }
    }
}

fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) || name.starts_with('"') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed_as(text: &str) -> Command {
        parse("", text).unwrap()
    }

    #[test]
    fn only_what_the_endpoint_can_do_is_offered() {
        assert_eq!(forms(None).len(), FORMS.len());
        let can = [
            "shell:sh".to_owned(),
            "verb:file.read".to_owned(),
            "verb:unheard.of".to_owned(),
        ];
        let offered: Vec<_> = forms(Some(&can)).iter().map(|f| f.verb).collect();
        assert_eq!(offered, ["file.read", "sh"]);
    }

    #[test]
    fn every_form_reads_with_its_example_typed_or_chosen() {
        for f in FORMS {
            let name = if f.verb.contains('.') { f.verb } else { "script" };
            let line = if f.verb.contains('.') {
                format!("{} {}", f.verb, f.example)
            } else {
                format!("{}: {}", f.verb, f.example)
            };
            assert_eq!(typed_as(&line).name(), name, "{line}");
            assert_eq!(parse(f.verb, f.example).unwrap(), typed_as(&line));
        }
    }

    #[test]
    fn arguments_read_as_people_write_them() {
        let tail = |path: &str, lines| {
            Command::Verb(Verb::FileTail {
                path: path.into(),
                lines,
            })
        };
        assert_eq!(typed_as("file.tail /var/log/syslog 20"), tail("/var/log/syslog", 20));
        assert_eq!(
            typed_as("  file.tail   /var/log/syslog\n"),
            tail("/var/log/syslog", DEFAULT_LINES)
        );
        assert_eq!(
            typed_as("file.tail \"/var/log/till 7\""),
            tail("/var/log/till 7", DEFAULT_LINES)
        );
        assert_eq!(typed_as("file.tail \"/var/log/till 7\" 5"), tail("/var/log/till 7", 5));
        assert_eq!(
            typed_as("file.read /srv/my files/a b.txt"),
            Command::Verb(Verb::FileRead {
                path: "/srv/my files/a b.txt".into()
            })
        );
        assert_eq!(
            typed_as("log.read cups 24h"),
            Command::Verb(Verb::LogRead {
                log: "cups".into(),
                since_minutes: 1440
            })
        );
        for probe in ["net.probe ::1:443", "net.probe [::1]:443", "net.probe ::1 443"] {
            assert_eq!(
                typed_as(probe),
                Command::Verb(Verb::NetProbe {
                    host: "::1".into(),
                    port: 443
                })
            );
        }
        assert_eq!(
            typed_as("net.probe gw.example.com 443"),
            typed_as("net.probe gw.example.com:443")
        );
    }

    /// R13: what is not a verb is never run unless its author calls it a script.
    #[test]
    fn what_is_no_verb_is_refused_with_what_to_write_instead() {
        let said = |text| parse("", text).unwrap_err().sentence;
        let hinted = |text| parse("", text).unwrap_err().hint.unwrap();
        assert_eq!(
            said("cat /etc/hosts"),
            "That is not a verb. To run it as a script, start with sh:"
        );
        assert_eq!(hinted("cat /etc/hosts"), "sh: cat /etc/hosts");
        assert_eq!(hinted("/etc/hosts"), "file.read /etc/hosts");
        assert_eq!(hinted("sh lpstat -p"), "sh: lpstat -p");
        assert_eq!(said("tail /var/log/x"), "Do you mean file.tail PATH [LINES]?");
        assert_eq!(said("system"), "Do you mean system.info?");
        assert_eq!(
            said(""),
            "Type a verb and what it is for, such as file.read /etc/hosts."
        );
        assert_eq!(said("process.list now"), "process.list takes nothing after it.");
        assert_eq!(
            said("service.restart cups ssh"),
            "One service at a time: each is an action with its own approval."
        );
        assert!(said("net.probe host").contains("host and port"));
        assert!(said("net.probe host:port").contains("1 to 65535"));
        assert!(said("net.probe host:0").contains("1 to 65535"));
        assert!(said("file.tail /x 0").contains("1 to 100000"));
        assert!(said("file.tail /x 1e9").contains("number of lines"));
        assert!(said("log.read cups 99999999d").contains("24h"));
        assert!(said("file.read").contains("which file"));
        assert!(said("sh:   ").contains("empty"));
    }

    /// Invariant 9: without JavaScript an error travels in the address, so it holds nothing that was typed.
    #[test]
    fn a_mistakes_sentence_holds_nothing_that_was_typed() {
        for text in [
            "tópsecret x",
            "/tópsecret",
            "sh tópsecret",
            "file.tail /tópsecret 1tópsecret",
            "log.read x 9tópsecret",
            "net.probe a:tópsecret",
        ] {
            assert!(!parse("", text).unwrap_err().sentence.contains("tópsecret"), "{text}");
        }
    }

    /// R10: the bytes that are proposed are those typed, save a browser's line ends.
    #[test]
    fn a_script_keeps_its_text() {
        let text = |c: Command| match c {
            Command::Script(s) => s.text,
            Command::Verb(v) => panic!("{v:?}"),
        };
        assert_eq!(
            text(typed_as("sh:  two  spaces\r\nand \"quotes\" \\ \n")),
            " two  spaces\nand \"quotes\" \\ \n"
        );
        assert_eq!(text(typed_as("pwsh:\nGet-Date")), "Get-Date");
        assert_eq!(
            text(parse("sh", "sh: echo").unwrap()),
            "sh: echo",
            "a chosen shell takes the text as it stands"
        );
    }

    #[test]
    fn a_command_recalled_is_the_same_command() {
        for text in [
            "system.info",
            "file.read \"/srv/my files/a\"",
            "file.tail /var/log/syslog 20",
            "log.read cups 60",
            "net.probe [::1]:443",
            "net.probe gw.example.com:443",
            "service.restart cups",
            "sh: a\nb  \n",
            "pwsh:  leading",
        ] {
            let command = typed_as(text);
            assert_eq!(typed_as(&text_of(&command)), command, "{text}");
        }
    }
}
