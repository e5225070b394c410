//! Passwords where they are assigned to a word for one, and where a program's option takes one.

use std::ops::Range;

use domain::finding::FindingKind;

use super::command;
use super::text::{Context, before, behind, byte, run, run_back, skip_word, word_before};
use crate::fold::LETTER;
use crate::matches::{Match, placeholder_at};
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &[
            "password",
            "passwd",
            "passphrase",
            "passcode",
            "passwort",
            "pass",
            "pwd",
            "kennwort",
            "wachtwoord",
            "mot de passe",
            "contraseña",
        ],
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
            "{\\\"user\\\":\\\"till\\\",\\\"password\\\":\\\"«Tr0ub4dor&3»\\\"}",
            "\"password\":\"«Tr0ub\\\"4dor»\",\"ssl\":true",
            "{:user=>'till', :password => '«Tr0ub4dor»'}",
            "$config['db_pass'] = '«Tr0ub4dor»';",
            "<add key=\"DbPassword\" value=\"«Tr0ub4dor»\" />",
            "{\"name\":\"DB_PASSWORD\",\"value\":\"«Tr0ub4dor»\"}",
            "define( 'DB_PASSWORD', '«Tr0ub4dor»' );",
            " password | «Tr0ub4dor»",
            "| db_password | «Tr0ub4dor» |",
            "ALTER ROLE till WITH PASSWORD '«Tr0ub4dor»';",
            "SET PASSWORD FOR 'till'@'%' = '«Tr0ub4dor»';",
            "SET PASSWORD = PASSWORD('«Tr0ub4dor»');",
            "username till privilege 15 password 0 «Tr0ub4dor»",
            " password 7 «0607002E4F4B0A»",
            "enable password «Tr0ub4dor»",
            "machine ftp.x login till password «Tr0ub4dor»",
            "rclone config create nas webdav user till pass «Tr0ub4dor»",
            "netdom join pos07 /userd:till /passwordd:«Tr0ub4dor»",
            "password for till: «Tr0ub4dor»",
            "The new password is «Tr0ub4dor»",
            "Kennwort = «Tr0ub4dor»",
            "mot de passe : «Tr0ub4dor»",
            "Contrasena: «Tr0ub4dor»",
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
            "[\"username\",\"password\",\"email\"]",
            "username | password | email2",
            " password | email",
            "Enter password for key '/home/till/.ssh/id_rsa': ",
            "[sudo] password for till: ",
            "the password is too short, password is required",
            "Your password is Expired. Is your password is 10 days old?",
            "enable password caching on user password entry",
            "the password 5 times, a password 'x' and",
            "Le mot de passe est incorrect",
            "'password' => env('DB_PASSWORD', ''), password = os.environ[\"DB_PASSWORD\"]",
            "during which a password is valid\\&. When",
            "def prompt(text='Password: ', stream=None):",
            "const password = new Password(x); fn hash(password: &str)",
            "Access denied for user 'a'@'b' (using password: YES)",
            "<input name=\"password\" type=\"text\">",
        ],
        ..Rule::certain(
            "password.assigned",
            FindingKind::Password,
            "assigned to the word or said to be it, and not a variable or a mask",
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
    "new",
    "&str",
];

/// A password that a rule found at `range`, from what stands at `from` on.
pub(crate) fn password(rule: &'static str, range: Range<usize>, from: usize) -> Match {
    Match::new(FindingKind::Password, rule, range).led_by(from)
}

/// The word "pass" is at `start..end`: a password or passphrase assigned, told, or an option's.
pub(crate) fn named(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const RIGHT_AFTER: usize = 4;
    if before(bytes, start) == b'[' && placeholder_at(bytes, start - 1).is_some() {
        return None;
    }
    let long = skip_word(
        bytes,
        start,
        &["password", "passwd", "passphrase", "passcode", "passwort", "passw"],
    );
    let name = long.unwrap_or(end);
    if behind(bytes, start, "ssh") && long.is_none() {
        return option_after(bytes, end, b'p', RIGHT_AFTER);
    }
    if let Some(value) = command::by_place(bytes, start, name) {
        return Some(value);
    }
    if before(bytes, start) == b'/' && before(bytes, start - 1).is_ascii_alphanumeric() {
        return None;
    }
    let french = byte(bytes, end) | 0x20 == b'e'
        && ["mot de ", "mot_de_", "motde"]
            .iter()
            .any(|words| behind(bytes, start, words));
    if french {
        assigned(bytes, start, end + 1)
    } else if long.is_some() || word_starts(bytes, start) {
        assigned(bytes, start, name).or_else(|| option(bytes, start, name))
    } else {
        option(bytes, start, name)
    }
}

/// A word for a password in another language is at `start..end`: "Kennwort", "wachtwoord", or as much of "contraseña" as is
/// ASCII.
pub(crate) fn foreign(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let spanish = byte(bytes, end - 1) | 0x20 == b'e';
    if !spanish {
        return assigned(bytes, start, end);
    }
    let rest = matches!(byte(bytes, end), LETTER | b'n' | b'N') && byte(bytes, end + 1) | 0x20 == b'a';
    rest.then(|| assigned(bytes, start, end + 2)).flatten()
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
fn option_after(bytes: &[u8], from: usize, letter: u8, reach: usize) -> Option<Match> {
    let reach = run(bytes, from, reach, |b| !matches!(b, b'\n' | b'|'));
    let at = (from..from + reach)
        .find(|&i| bytes[i] == b'-' && byte(bytes, i + 1) == letter && matches!(before(bytes, i), b' ' | b'\t'))?;
    let blank = usize::from(byte(bytes, at + 2) == b' ');
    let value = value(bytes, at + 2 + blank)?;
    let plausible = byte(bytes, value.start) != b'-' && !is_no_value(bytes, &value);
    plausible.then(|| password("password.option", value, from))
}

/// Whether "pass" at `start` starts a word, or a part of one as `dbPass` or `db_pass` have it.
fn word_starts(bytes: &[u8], start: usize) -> bool {
    !before(bytes, start).is_ascii_alphabetic() || bytes[start] == b'P' && before(bytes, start).is_ascii_lowercase()
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    at + run(bytes, at, 32, |b| matches!(b, b' ' | b'\t'))
}

/// Behind a quote at `at` that closes a name, also one written `\"` (JSON within a string), and the bracket of an index.
fn closed(bytes: &[u8], at: usize) -> usize {
    let escape = run(bytes, at, 3, |b| b == b'\\');
    match byte(bytes, at + escape) {
        b'"' | b'\'' => at + escape + 1 + usize::from(byte(bytes, at + escape + 1) == b']'),
        _ => at,
    }
}

/// `name = value` in the forms of shells, JSON, YAML, INI, XML, PHP, connection strings, tables and the registry, and where a
/// sentence or a statement says the value.
fn assigned(bytes: &[u8], start: usize, name: usize) -> Option<Match> {
    let digits = run(bytes, name, 2, |b| b.is_ascii_digit());
    let suffixes: &[&str] = match before(bytes, start) {
        b'/' => &["d:", "o:"],
        _ => &["_value", "_text", "value", "plain"],
    };
    let name_end = match skip_word(bytes, name + digits, suffixes) {
        Some(end) if before(bytes, end) == b':' => end - 1,
        Some(end) => end,
        None => name + digits,
    };
    let close = closed(bytes, name_end);
    let (quoted, at) = (close > name_end, blanks(bytes, close));
    let loose = at > close;
    let sign = match (byte(bytes, at), byte(bytes, at + 1)) {
        (b':' | b'=', b'=') | (b'=', b'>') => Some(at + 2),
        (b'=' | b':', _) => Some(at + 1),
        (b'>', _) if !loose && !quoted => Some(at + 1),
        (b',', _) if quoted && defined(bytes, start) => Some(at + 1),
        _ if loose => skip_word(bytes, at, &["reg_sz", "reg_expand_sz"]),
        _ => None,
    };
    let value = match sign {
        Some(sign) => {
            let from = blanks(bytes, sign);
            let element = byte(bytes, sign - 1) == b'>' && byte(bytes, sign - 2) != b'=';
            if element && from > sign {
                return None;
            }
            // SQL's function of that name.
            let from = skip_word(bytes, from, &["password("]).unwrap_or(from);
            let value = value(bytes, from)?;
            let written = &bytes[value.clone()];
            let prose = byte(bytes, sign - 1) == b':'
                && from > sign
                && written.iter().all(u8::is_ascii_lowercase)
                && byte(bytes, value.end) == b' ';
            let counted = name - start == 4 && written.len() <= 4 && written.iter().all(u8::is_ascii_digit);
            if prose || counted {
                return None;
            }
            value
        }
        None if quoted => attribute(bytes, close)?,
        None if loose => told(bytes, start, name_end, at)?,
        None => return None,
    };
    (!is_no_value(bytes, &value)).then(|| password("password.assigned", value, start))
}

/// Whether a name that has "pass" at `start` is the first argument of PHP's `define(`. A comma means nothing elsewhere.
fn defined(bytes: &[u8], start: usize) -> bool {
    let word = start - run_back(bytes, start, 32, |b| b.is_ascii_alphanumeric() || b == b'_');
    let quote = matches!(before(bytes, word), b'"' | b'\'');
    let open = word.saturating_sub(1);
    let open = open - run_back(bytes, open, 4, |b| b == b' ');
    quote && behind(bytes, open, "define(")
}

/// What an attribute or a member called "value" behind the name has, as in `key="DbPassword" value="…"`. The name's closing
/// quote ends at `at`.
fn attribute(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let at = blanks(bytes, at + usize::from(byte(bytes, at) == b','));
    let escape = run(bytes, at, 3, |b| b == b'\\');
    let quote = matches!(byte(bytes, at + escape), b'"' | b'\'');
    let name = if quote { at + escape + 1 } else { at };
    let at = blanks(bytes, closed(bytes, skip_word(bytes, name, &["value"])?));
    let from = matches!(byte(bytes, at), b'=' | b':').then(|| blanks(bytes, at + 1))?;
    value(bytes, from).filter(|v| v.start > from)
}

/// A value that follows without a sign of its own: in sentences, statements, tables and the configuration of routers. The name
/// is at `start..name`, and what follows it after blanks at `at`.
fn told(bytes: &[u8], start: usize, name: usize, at: usize) -> Option<Range<usize>> {
    const ACCOUNT: usize = 64;
    let mixed = |v: &Range<usize>| bytes[v.clone()].iter().any(|b| !b.is_ascii_lowercase());
    let login = || {
        let user = start - run_back(bytes, start, 2, |b| b == b' ');
        let from = user - run_back(bytes, user, 32, |b| b.is_ascii_graphic() && !matches!(b, b'[' | b']'));
        from < user && user < start && ["login ", "user "].iter().any(|w| behind(bytes, from, w))
    };
    if login() {
        return value(bytes, at).filter(mixed);
    }
    if name - start <= 4 {
        return None;
    }
    if byte(bytes, at) == b'|' {
        let from = blanks(bytes, at + 1);
        return value(bytes, from)
            .filter(|v| from > at + 1 && unlike_a_word(&bytes[v.clone()]) && row(bytes, start, v.end));
    }
    if let Some(from) = skip_word(bytes, at, &["is: ", "is "]) {
        return value(bytes, from).filter(|v| v.start > from || unlike_a_word(&bytes[v.clone()]));
    }
    if let Some(from) = skip_word(bytes, at, &["for user ", "for "]) {
        let account = run(bytes, from, ACCOUNT, |b| {
            b.is_ascii_graphic() && !matches!(b, b':' | b'=' | b'[' | b']')
        });
        let sign = blanks(bytes, from + account);
        let from = blanks(bytes, sign + 1);
        let from = skip_word(bytes, from, &["password("]).unwrap_or(from);
        let fits = account > 0 && matches!(byte(bytes, sign), b'=' | b':') && from > sign + 1;
        return value(bytes, from).filter(|v| fits && (v.start > from || mixed(v)));
    }
    let enabled = behind(bytes, start, "enable ");
    if matches!(byte(bytes, at), b'0' | b'5'..=b'9') && byte(bytes, at + 1) == b' ' {
        let line = start - run_back(bytes, start, 8, |b| b == b' ');
        let first = matches!(before(bytes, line), b'\n' | b'\r');
        let router =
            enabled || first || word_before(bytes, start, &const { Context::new(&["username ", "neighbor "]) });
        return value(bytes, at + 2).filter(|v| router && mixed(v));
    }
    if matches!(byte(bytes, at), b'"' | b'\'')
        && word_before(
            bytes,
            start,
            &const { Context::new(&["with ", "encrypted ", "role ", "user "]) },
        )
    {
        return value(bytes, at);
    }
    let value = enabled.then(|| value(bytes, at)).flatten();
    value.filter(|v| unlike_a_word(&bytes[v.clone()]))
}

/// Whether a name that has "pass" at `start` and a value that ends at `end` are the two columns of a table, as `psql -x` and
/// clients that frame them print it.
fn row(bytes: &[u8], start: usize, end: usize) -> bool {
    let word = start - run_back(bytes, start, 32, |b| b.is_ascii_alphanumeric() || b == b'_');
    let line = word - run_back(bytes, word, 16, |b| matches!(b, b' ' | b'|'));
    let end = blanks(bytes, end);
    let end = match byte(bytes, end) {
        b'|' => blanks(bytes, end + 1),
        _ => end,
    };
    matches!(before(bytes, line), b'\n' | b'\r') && matches!(byte(bytes, end), b'\n' | b'\r')
}

/// Whether a text is none that a sentence could have there.
pub(crate) fn unlike_a_word(text: &[u8]) -> bool {
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let capital_within = || {
        text.windows(2)
            .any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
    };
    (digits > 0 && digits < text.len())
        || digits >= 6
        || capital_within()
        || text.iter().any(|b| b"@#$%^*_+=~".contains(b))
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
    plausible.then(|| password("password.option", value, word))
}

/// The value at `at`: up to its closing quote, or as far as a word goes. `None` where it has fewer than three bytes or is a
/// placeholder.
pub(crate) fn value(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 128;
    let escape = run(bytes, at, 3, |b| b == b'\\');
    let quote = byte(bytes, at + escape);
    let quoted = matches!(quote, b'"' | b'\'');
    let start = if quoted { at + escape + 1 } else { at };
    let mut end = start;
    while end < start + LONGEST && placeholder_at(bytes, end).is_none() {
        let b = byte(bytes, end);
        let ends = match b {
            b'\n' | b'\r' => true,
            b'\\' if escape > 0 || !quoted => {
                let len = run(bytes, end, 3, |b| b == b'\\');
                matches!(byte(bytes, end + len), b'"' | b'\'') && (!quoted || len == escape)
            }
            _ if quoted => b == quote && (escape > 0 || !escaped(bytes, start, end, start + LONGEST)),
            b' ' | b'\t' | b'"' | b'\'' | b';' | b'<' | b'>' | b'|' | b'`' => true,
            b',' | b')' | b'}' => {
                !byte(bytes, end + 1).is_ascii_graphic() || matches!(byte(bytes, end + 1), b'"' | b'\'' | b')' | b'}')
            }
            b'&' => {
                let next = run(bytes, end + 1, 33, |b| b.is_ascii_graphic());
                run(bytes, end + 1, 32, |b| b.is_ascii_alphanumeric() || b == b'_') > 1
                    && bytes[end + 1..end + 1 + next].contains(&b'=')
            }
            _ => false,
        };
        if ends {
            break;
        }
        end += 1;
    }
    // The quote closes what holds the name: `print('Password: ', end='')`.
    let outside = quoted && matches!(byte(bytes, start), b',' | b')') && matches!(byte(bytes, end), b'\n' | b'\r');
    (end - start >= 3 && !outside).then_some(start..end)
}

/// Whether the quote at `at` is a part of the value that starts at `start`: behind a backslash, and another one closes the value.
fn escaped(bytes: &[u8], start: usize, at: usize, limit: usize) -> bool {
    let odd = run_back(bytes, at, at - start, |b| b == b'\\') % 2 == 1;
    let rest = |b: u8| !matches!(b, b'\n' | b'\r' | b'[' | b']') && b != bytes[at];
    odd && byte(bytes, at + 1 + run(bytes, at + 1, limit.saturating_sub(at), rest)) == bytes[at]
}

/// Whether what stands at `value` is a variable, a mask, or a word that says something about a password.
pub(crate) fn is_no_value(bytes: &[u8], value: &Range<usize>) -> bool {
    let text = &bytes[value.clone()];
    let first = text[0];
    let variable = matches!(first, b'$' | b'<' | b'{' | b'(' | b'[') || (first == b'%' && text.ends_with(b"%"));
    // `env('DB_PASSWORD')`, `os.environ["DB_PASSWORD"]`
    let quotes = |b: u8| matches!(b, b'"' | b'\'');
    let called = matches!(text.last(), Some(b'(' | b'['))
        && quotes(byte(bytes, value.end))
        && !quotes(before(bytes, value.start));
    let mask = text.iter().all(|b| *b == first) && !first.is_ascii_alphanumeric();
    let trimmed = text.trim_ascii_end();
    let trimmed = match trimmed.split_last() {
        Some((b'.' | b':' | b'!' | b',', rest)) => rest,
        _ => trimmed,
    };
    let word = NOT_VALUES.iter().any(|w| trimmed.eq_ignore_ascii_case(w.as_bytes()));
    variable || called || mask || word
}
