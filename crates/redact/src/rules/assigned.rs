//! Credentials without a prefix of their own, by the words before them: keys, tokens, secrets, request headers, signatures.

use std::ops::Range;

use domain::finding::FindingKind;

use super::text::{before, between, byte, run, run_back, skip_word};
use crate::fold::LETTER;
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        context: &["secret"],
        examples: &["aws_secret_access_key = «wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»"],
        counter_examples: &[
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "secrets/kubernetes.io~secret mounted",
        ],
        ..Rule::certain(
            "aws.secret",
            FindingKind::Secret,
            "40 characters of base64 with a digit, after the word",
        )
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &["secret", "key", "token"],
        examples: &[
            "client_secret=«8Q~4kXbT2hVnGq1LrZs7»",
            "api_key: \"«4f9c2d7e8b1a6053»\"",
            "AccountKey=«Zm9vYmFyYmF6MTIzNDU2Nzg5MA==»;EndpointSuffix=x",
            "\"access_token\":\"«ya9.a0AfH6SMBx12345»\"",
            "SECRET_KEY = '«!y+q8%*0q^do1)q+w(=k2&x-7#m»'",
            "SECRET_KEY = '«=(y+q8%*0q^do1)q+w(=k2&x-7#m»'",
            "{\\\"apiKey\\\":\\\"«4f9c2d7e8b1a6053»\\\"}",
            "SharedAccessKey=«/m9vYmFyYmF6MTIzNDU2Nzg5MA==»;x",
        ],
        counter_examples: &[
            "secret name: prod-db",
            "key: value token: none",
            "sort key=created_at_descending",
            "public_key=4f9c2d7e8b1a6053",
            "monkey=4f9c2d7e8b1a6053",
            "secret_key=/etc/ssl/private/key12.pem token: './a1/b2/token12.json'",
            "SECRET_KEY = '${PROD_SECRET_KEY_12}' token: \"https://id.example.com/v12/token\"",
            "secret: 'a sentence of 12 or 34 words'",
            "{'token'=a, 'x'=a1b2c3d4e5f6}",
        ],
        ..Rule::certain(
            "secret.assigned",
            FindingKind::Secret,
            "assigned to a name for one; 12 characters or more, letters and digits",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["authorization", "bearer"],
        examples: &[
            "Authorization: Basic «Ym9iOmh1bnRlcjI=»",
            "Authorization: Bearer «0123456789abcdefXYZ»",
        ],
        counter_examples: &[
            "Authorization: required",
            "authorized bearer of news",
            "bearer token missing",
        ],
        ..Rule::certain(
            "secret.header",
            FindingKind::Secret,
            "after the scheme of a request's header",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["cookie", "set-cookie"],
        examples: &[
            "Cookie: sessionid=«4f9c2d7e8b1a60534f9c2d7e8b1a6053»; theme=dark",
            "Set-Cookie: session=«s3Kq9ZtVw1XyB7uNpLr2»; Path=/; HttpOnly",
            "cookie: lang=en; PHPSESSID=«a1b2c3d4e5f6a7b8c9d0e1f2a3»",
            "curl -b 'x' -H 'Cookie: connect.sid=«s%3Aq8Kx2Lm9Zt4Vw.b7Yc1D»'",
        ],
        counter_examples: &[
            "Cookie: theme=dark; lang=en; _ga=GA1.2.1234567890.1234567890",
            "Set-Cookie: session=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT",
            "cookies: sessionid, csrftoken",
            "Cookie: sessionid=$SESSION",
        ],
        ..Rule::certain(
            "secret.cookie",
            FindingKind::Secret,
            "a session's cookie in a request's or an answer's header",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["sig="],
        examples: &["?sv=2022&sig=«Zm9vYmFyYmF6MTIzNDU2Nzg5MEFCQ0RFRg%3D%3D»&se=1"],
        counter_examples: &["sig=9", "?sig=$SIG"],
        ..Rule::certain(
            "secret.signature",
            FindingKind::Secret,
            "a signature that grants access in a URL",
        )
    },
];

/// Looks for an AWS secret access key (40 characters of base64) shortly after the word "secret" at `start..end`.
pub(crate) fn aws_secret(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const REACH: usize = 48;
    const LEN: usize = 40;
    let separates = |b: u8| matches!(b, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'>');
    let in_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+');
    let reach = run(bytes, end, REACH, |b| !matches!(b, b'\n' | b'[' | b']'));
    (end + 1..=end + reach)
        .filter(|&at| separates(bytes[at - 1]))
        .find(|&at| {
            run(bytes, at, LEN + 1, in_key) == LEN
                && byte(bytes, at + LEN) != b'='
                && bytes[at..at + LEN].iter().any(u8::is_ascii_digit)
        })
        .map(|at| Match::new(FindingKind::Secret, "aws.secret", at..at + LEN).led_by(start))
}

/// Names that end in "key" and whose values are secret; what stands before that word, without joints.
const KEYS: &[&[u8]] = &[
    b"api",
    b"access",
    b"account",
    b"secret",
    b"private",
    b"encryption",
    b"master",
    b"auth",
    b"signing",
    b"subscription",
    b"shared",
    b"storage",
    b"primary",
    b"secondary",
    b"app",
    b"application",
    b"client",
    b"service",
    b"session",
    b"admin",
    b"deploy",
    b"hmac",
    b"webhook",
    b"crypt",
    b"license",
];

/// The word "key" is at `start..end`.
pub(crate) fn key(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let joint = usize::from(matches!(before(bytes, start), b'_' | b'-' | b' ' | b'.'));
    let name_end = start - joint;
    let len = run_back(bytes, name_end, 16, |b| b.is_ascii_alphabetic());
    let name = &bytes[name_end - len..name_end];
    let known = KEYS
        .iter()
        .any(|k| name.len() >= k.len() && name[name.len() - k.len()..].eq_ignore_ascii_case(k));
    known.then(|| assigned(bytes, name_end - len, end)).flatten()
}

/// The word "token" or "secret" is at `start..end`.
pub(crate) fn word(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let name = skip_word(
        bytes,
        end,
        &["_access_key", "accesskey", "_key", "key", "_value", "value"],
    )
    .unwrap_or(end);
    assigned(bytes, start, name)
}

fn assigned(bytes: &[u8], start: usize, name: usize) -> Option<Match> {
    const LEAST: usize = 12;
    let at = between(bytes, name)?;
    let close = bytes[name..at.value].iter().filter(|b| **b == b' ').count() <= 2;
    let value = quoted(bytes, at.value).or_else(|| credential(bytes, at.value))?;
    let written = &bytes[value.clone()];
    let digits = written.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = written.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mixed = digits >= 2 && letters >= 2;
    // One in 64 keys in base64 starts with a slash.
    let base64 = written.len().is_multiple_of(4)
        && written.ends_with(b"=")
        && written
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    let path = written.contains(&b'/') && matches!(written[0], b'/' | b'.') && !base64;
    (at.assigned && close && mixed && !path && written.len() >= LEAST)
        .then(|| Match::new(FindingKind::Secret, "secret.assigned", value).led_by(start))
}

/// All of what is in quotes, with any punctuation, where the quote before `at` is closed and no sentence, variable or address
/// is in between.
fn quoted(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 512;
    // A value may start with what elsewhere stands before one.
    let signs = run_back(bytes, at, 4, |b| matches!(b, b'=' | b'#' | b'|' | b'>'));
    let opening = at - signs;
    let quote = before(bytes, opening);
    let blanks = run_back(bytes, opening.saturating_sub(1), 4, |b| b == b' ');
    let assigned = || matches!(before(bytes, opening - 1 - blanks), b'=' | b':' | b'>');
    if !matches!(quote, b'"' | b'\'') || (signs > 0 && !assigned()) {
        return None;
    }
    let at = opening;
    let len = run(bytes, at, LONGEST, |b| {
        b != quote && (b.is_ascii_graphic() || b == LETTER) && !matches!(b, b'[' | b']')
    });
    let escape = run_back(bytes, at + len, 3.min(len), |b| b == b'\\');
    let value = at..at + len - escape;
    let text = &bytes[value.clone()];
    let token = text.starts_with(b"eyJ") && text.contains(&b'.');
    let address = text.windows(3).any(|w| w == b"://") || text.starts_with(b"arn:");
    let variable = matches!(byte(bytes, at), b'$' | b'<' | b'{') || text.starts_with(b"%") && text.ends_with(b"%");
    (byte(bytes, at + len) == quote && !value.is_empty() && !token && !address && !variable).then_some(value)
}

/// As far as the characters of credentials go from `at`.
fn credential(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 512;
    let len = run(bytes, at, LONGEST, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%')
    });
    // A JSON Web Token is one of its own kind.
    let token = bytes[at..at + len].starts_with(b"eyJ") && bytes[at..at + len].contains(&b'.');
    (len > 0 && !token && byte(bytes, at + len) != b'(').then_some(at..at + len)
}

/// The word "Authoriz" is at `start..end`: the header's value after its scheme.
pub(crate) fn authorization(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let name = skip_word(bytes, end, &["ation"])?;
    let at = between(bytes, name).filter(|at| at.assigned)?.value;
    let scheme = skip_word(
        bytes,
        at,
        &[
            "basic ",
            "bearer ",
            "token ",
            "digest ",
            "apikey ",
            "negotiate ",
            "ntlm ",
        ],
    )?;
    header(bytes, scheme, 8).map(|m| m.led_by(start))
}

/// The word "bearer" is at `start..end`.
pub(crate) fn bearer(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let at = (byte(bytes, end) == b' ').then_some(end + 1)?;
    let m = header(bytes, at, 20)?;
    let digits = bytes[m.start..m.end].iter().any(u8::is_ascii_digit);
    digits.then(|| m.led_by(start))
}

fn header(bytes: &[u8], at: usize, least: usize) -> Option<Match> {
    let value = credential(bytes, at)?;
    (value.len() >= least).then(|| Match::new(FindingKind::Secret, "secret.header", value))
}

/// `sig=` is at `start..end`.
pub(crate) fn signature(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const LEAST: usize = 24;
    let value = credential(bytes, end)?;
    let inside = matches!(before(bytes, start), b'?' | b'&' | b';' | b' ' | b'"');
    (inside && value.len() >= LEAST).then(|| Match::new(FindingKind::Secret, "secret.signature", value).led_by(start))
}

/// What the names of cookies that hold a session have in them.
const COOKIES: &[&[u8]] = &[
    b"sess",
    b"sid",
    b"auth",
    b"token",
    b"jwt",
    b"login",
    b"logged_in",
    b"remember",
    b"identity",
];

/// The word "cookie" is at `start..end`: the values of a session's cookies in the header.
pub(crate) fn cookie(bytes: &[u8], start: usize, end: usize, found: &mut Vec<Match>) {
    const REACH: usize = 256;
    const LEAST: usize = 16;
    if byte(bytes, end) != b':' {
        return;
    }
    let reach = end + run(bytes, end, REACH, |b| !matches!(b, b'\n' | b'\r'));
    let mut at = end + 1;
    while at < reach {
        at += run(bytes, at, 8, |b| matches!(b, b' ' | b';'));
        let name = run(bytes, at, 64, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
        });
        let from = at + name + 1;
        let session = || {
            let name = bytes[at..at + name].to_ascii_lowercase();
            COOKIES.iter().any(|c| name.windows(c.len()).any(|w| w == *c))
        };
        if byte(bytes, at + name) == b'='
            && session()
            && let Some(value) = credential(bytes, from)
            && value.len() >= LEAST
            && bytes[value.clone()].iter().filter(|b| b.is_ascii_digit()).count() >= 2
        {
            found.push(Match::new(FindingKind::Secret, "secret.cookie", value).led_by(start));
        }
        at = from + run(bytes, from, REACH, |b| !matches!(b, b';' | b'\n' | b'\r'));
    }
}
