//! Passwords with which programs log in by themselves: the lines of `.pgpass`, and what `expect` answers a prompt with.

use domain::finding::FindingKind;

use super::password::{is_no_value, password, value};
use super::text::{before, byte, run, run_back, starts};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        examples: &[
            "db1:5432:shop:till:«Winter24»",
            "*:5432:*:till:«Winter-24.»",
            "/home/till/.pgpass:db1.corp.x:5432:shop:till:«Winter24»",
        ],
        counter_examples: &[
            "127.0.0.1:5432:accepting connections",
            "db1:5432:shop:till:$PW",
            "tcp 0.0.0.0:5432: in use by a:b:c",
            "ports: 5432:5432:5432:5432:",
        ],
        ..Rule::certain(
            "password.pgpass",
            FindingKind::Password,
            "the last of the five fields of a line, the second of which is PostgreSQL's port",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["assword"],
        examples: &[
            "expect -c 'spawn ssh till@pos07; expect assword: ; send \"«Winter24.»\\r\"'",
            "expect \"*?assword:*\" { send -- \"«Winter24»\\n\" }",
            "\"assword:\" { send \"«correct-horse»\\r\"; exp_continue }",
        ],
        counter_examples: &[
            "expect \"assword:\"; send \"$password\\r\"",
            "expect \"> \"; send \"show version\\r\"",
            "send \"Your password\" to the printer",
        ],
        ..Rule::certain(
            "password.expect",
            FindingKind::Password,
            "what is sent behind a prompt for a password on the same line",
        )
    },
];

/// Most bytes of a field before the password.
const FIELD: usize = 63;

/// `host:5432:database:user:PASSWORD`, with `:5432:` at `start..end`.
/// <https://www.postgresql.org/docs/current/libpq-pgpass.html>
pub(crate) fn pgpass(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'*');
    let host = run_back(bytes, start, FIELD, of_name);
    let mut at = end;
    for _ in ["database", "user"] {
        let field = run(bytes, at, FIELD, of_name);
        let letters = bytes[at..at + field]
            .iter()
            .any(|b| b.is_ascii_alphabetic() || *b == b'*');
        if !letters || byte(bytes, at + field) != b':' {
            return None;
        }
        at += field + 1;
    }
    let value = value(bytes, at).filter(|v| host > 0 && !is_no_value(bytes, v))?;
    Some(password("password.pgpass", value, start))
}

/// `expect assword: ; send "PASSWORD\r"`; the quote that opens what is sent ends at `end`.
pub(crate) fn expect(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const NEAR: usize = 40;
    let back = run_back(bytes, start, NEAR, |b| !matches!(b, b'\n' | b'[' | b']'));
    let asked = (start - back..start).any(|i| starts(&bytes[i..start], "assword"));
    let word = before(bytes, start).is_ascii_alphanumeric();
    let mut value = value(bytes, end - 1).filter(|v| asked && !word && v.start == end)?;
    let pressed = bytes[value.clone()].ends_with(b"\\r") || bytes[value.clone()].ends_with(b"\\n");
    value.end -= 2;
    let meant = pressed && value.len() >= 3 && !is_no_value(bytes, &value);
    meant.then(|| password("password.expect", value, start))
}
