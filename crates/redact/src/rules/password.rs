//! Passwords where they are assigned to a word for one, and where a program's option takes one.

use std::ops::Range;

use domain::finding::FindingKind;

use super::text::{before, byte, run, run_back, skip_word, starts};
use crate::matches::{Match, placeholder_at};
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        context: &["password", "passwd", "passphrase", "pass", "pwd"],
        examples: &[
            "password=«hunter2!»",
            "\"db_password\": \"«S3cret word»\",",
            "PGPASSWORD=«tr0ub4dor» psql -h db",
            "net use z: /password:«Winter24!»",
            "DefaultPassword    REG_SZ    «P0Sregister»",
            "<password>«hunter2»</password>",
            "DB_PASS=«x9-Kq2»",
            "mypass.ini: Passwd = «Tr0ub4dor&3»",
            "Server=db;Uid=app;Pwd=«s3cret»;Database=x",
            "Enter passphrase: «correct-horse»",
        ],
        counter_examples: &[
            "PWD=/var/lib OLDPWD=/home",
            "password: incorrect",
            "passwd: password updated successfully",
            "Password expires: Never",
            "PasswordAuthentication yes",
            "tests passed: 12 failed: 0 pass: 31",
            "password=$DB_PASSWORD pwd=${PW} pass=%PW%",
            "password: ******** Password: (null)",
            "bypass=1234 compass: north",
            "-u, --user <user:password> Server user",
            "ls: cannot access '/etc/passwd': No such file",
        ],
        ..Rule::certain(
            "password.assigned",
            FindingKind::Password,
            "assigned to the word, and not a variable or a mask",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["-password", "--password", "-pass"],
        examples: &[
            "New-User bob -Password «Winter24»",
            "tool --password «hunter2» run",
            "keytool -storepass «changeit1»",
            "sshpass -p «hunter2» ssh host",
            "sshpass -p«hunter2» ssh host",
        ],
        counter_examples: &[
            "tool --password --verbose",
            "use -Password to set it",
            "-pass arg  -p, --password PASSWORD  -pass file:<file>",
            "New-User -Password $secure",
            "sshpass -f file ssh host",
        ],
        ..Rule::certain(
            "password.option",
            FindingKind::Password,
            "after an option that takes one",
        )
    },
];

/// What stands in place of a password.
const NOT_VALUES: &[&str] = &[
    "arg",
    "argument",
    "password",
    "passphrase",
    "passwd",
    "pass",
    "user",
    "null",
    "none",
    "nil",
    "true",
    "false",
    "yes",
    "no",
    "not",
    "never",
    "required",
    "changed",
    "expired",
    "incorrect",
    "invalid",
    "failed",
    "wrong",
    "missing",
    "empty",
    "unset",
    "prompt",
    "ask",
    "is",
    "for",
    "to",
    "the",
    "and",
    "or",
    "undefined",
    "redacted",
    "hidden",
    "masked",
    "disabled",
    "enabled",
    "file",
    "stdin",
    "ok",
    "n/a",
    "unknown",
    "set",
    "string",
    "optional",
    "authentication",
    "policy",
    "value",
    "default",
    "securestring",
];

/// The word "pass" is at `start..end`: a password or passphrase assigned, or an option's.
pub(crate) fn named(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const RIGHT_AFTER: usize = 4;
    if start.checked_sub(3).is_some_and(|at| starts(&bytes[at..], "sshpass")) {
        return option_after(bytes, end, b'p', RIGHT_AFTER);
    }
    let long = skip_word(
        bytes,
        start,
        &["password", "passwd", "passphrase", "passcode", "passwort", "passw"],
    );
    let name = long.unwrap_or(end);
    if before(bytes, start) == b'/' && before(bytes, start - 1).is_ascii_alphanumeric() {
        return None;
    }
    if long.is_some() || word_starts(bytes, start) {
        assigned(bytes, start, name).or_else(|| option(bytes, start, name))
    } else {
        option(bytes, start, name)
    }
}

/// The word "pwd" is at `start..end`.
pub(crate) fn short(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let directory = |m: &Match| {
        matches!(bytes[m.start], b'/' | b'~' | b'\\' | b'.')
            || (byte(bytes, m.start + 1) == b':' && bytes[m.start].is_ascii_alphabetic())
    };
    assigned(bytes, start, end)
        .or_else(|| option(bytes, start, end))
        .filter(|m| !directory(m))
}

/// The value of the option `-letter` that starts at most `reach` bytes after the word that ends at `from`.
pub(crate) fn option_after(bytes: &[u8], from: usize, letter: u8, reach: usize) -> Option<Match> {
    let reach = run(bytes, from, reach, |b| !matches!(b, b'\n' | b'|'));
    let at = (from..from + reach)
        .find(|&i| bytes[i] == b'-' && byte(bytes, i + 1) == letter && matches!(before(bytes, i), b' ' | b'\t'))?;
    let blank = usize::from(byte(bytes, at + 2) == b' ');
    let value = value(bytes, at + 2 + blank)?;
    let plausible = byte(bytes, value.start) != b'-' && !is_no_value(bytes, &value);
    plausible.then(|| Match::new(FindingKind::Password, "password.option", value).led_by(from))
}

/// Whether "pass" at `start` starts a word, or a part of one as `dbPass` or `db_pass` have it.
fn word_starts(bytes: &[u8], start: usize) -> bool {
    !before(bytes, start).is_ascii_alphabetic() || bytes[start] == b'P' && before(bytes, start).is_ascii_lowercase()
}

/// `name = value` in the forms of shells, JSON, YAML, INI, XML, connection strings and the registry.
fn assigned(bytes: &[u8], start: usize, name: usize) -> Option<Match> {
    let digits = run(bytes, name, 2, |b| b.is_ascii_digit());
    let name_end = skip_word(bytes, name + digits, &["_value", "_text", "value", "plain"]).unwrap_or(name + digits);
    let quoted = usize::from(matches!(byte(bytes, name_end), b'"' | b'\''));
    let blanks = |at: usize| run(bytes, at, 32, |b| matches!(b, b' ' | b'\t'));
    let mut at = name_end + quoted;
    at += blanks(at);
    let loose = at > name_end + quoted;
    at = match (byte(bytes, at), byte(bytes, at + 1)) {
        (b':' | b'=', b'=') | (b'=', b'>') => at + 2,
        (b'=' | b':', _) => at + 1,
        (b'>', _) if !loose && quoted == 0 => at + 1,
        _ => skip_word(bytes, at, &["REG_SZ", "REG_EXPAND_SZ"]).filter(|_| loose)?,
    };
    let sign = byte(bytes, at - 1);
    let spaced = blanks(at);
    let value = value(bytes, at + spaced)?;
    let written = &bytes[value.clone()];
    if sign == b'>' && spaced > 0 {
        return None;
    }
    let prose =
        sign == b':' && spaced > 0 && written.iter().all(u8::is_ascii_lowercase) && byte(bytes, value.end) == b' ';
    let counted = name - start == 4 && written.len() <= 4 && written.iter().all(u8::is_ascii_digit);
    (!prose && !counted && !is_no_value(bytes, &value))
        .then(|| Match::new(FindingKind::Password, "password.assigned", value).led_by(start))
}

/// `-Password value`, `--password value`.
fn option(bytes: &[u8], start: usize, name: usize) -> Option<Match> {
    let word = start
        - run_back(bytes, start, 24, |b| {
            b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
        });
    let is_option = byte(bytes, word) == b'-' && matches!(before(bytes, word), b' ' | b'\t' | b'\n' | b'"' | b'\'');
    if !is_option || byte(bytes, name) != b' ' {
        return None;
    }
    let value = value(bytes, name + 1)?;
    let plausible = byte(bytes, value.start) != b'-' && !is_no_value(bytes, &value);
    plausible.then(|| Match::new(FindingKind::Password, "password.option", value).led_by(word))
}

/// The value at `at`: up to its closing quote, or as far as a word goes. `None` where it has fewer than three bytes or is a
/// placeholder.
pub(crate) fn value(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 128;
    let quote = byte(bytes, at);
    let quoted = matches!(quote, b'"' | b'\'');
    let start = at + usize::from(quoted);
    let mut end = start;
    while end < start + LONGEST && placeholder_at(bytes, end).is_none() {
        let b = byte(bytes, end);
        let ends = match b {
            b'\n' | b'\r' => true,
            _ if quoted => b == quote,
            b' ' | b'\t' | b'"' | b'\'' | b';' | b'<' | b'>' | b'|' | b'`' => true,
            b',' | b')' | b'}' => {
                !byte(bytes, end + 1).is_ascii_graphic() || matches!(byte(bytes, end + 1), b'"' | b'\'' | b')' | b'}')
            }
            b'&' => {
                run(bytes, end + 1, 32, |b| b.is_ascii_alphanumeric() || b == b'_') > 1
                    && bytes[end..].iter().take(34).any(|b| *b == b'=')
            }
            _ => false,
        };
        if ends {
            break;
        }
        end += 1;
    }
    (end - start >= 3).then_some(start..end)
}

/// Whether what stands at `value` is a variable, a mask, or a word that says something about a password.
pub(crate) fn is_no_value(bytes: &[u8], value: &Range<usize>) -> bool {
    let text = &bytes[value.clone()];
    let first = text[0];
    let variable = matches!(first, b'$' | b'<' | b'{' | b'(' | b'[') || (first == b'%' && text.ends_with(b"%"));
    let mask = text.iter().all(|b| *b == first) && !first.is_ascii_alphanumeric();
    let trimmed = text.trim_ascii_end();
    let trimmed = trimmed
        .strip_suffix(b".")
        .or(trimmed.strip_suffix(b":"))
        .unwrap_or(trimmed);
    let word = NOT_VALUES.iter().any(|w| trimmed.eq_ignore_ascii_case(w.as_bytes()));
    variable || mask || word
}
