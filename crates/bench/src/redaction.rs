//! Redaction in MB per CPU second, on text with one sensitive line in a hundred, on text where every line is one, and on
//! the worst that was found, against baselines on the same text in the same run: `memchr` going from line end to line end
//! (nothing that reads lines is faster); `regex` searching for all that the engine looks for by one pattern made of all, and
//! for ten kinds alone; and `regex` with one pass for each of the ten (and Luhn on what looks like a card), as a program
//! without an engine of its own would do it. The searches check nothing: no check digit, no issuer, no surroundings.

use std::borrow::Cow;

use domain::sensitive::Raw;
use redact::{Redactor, Settings};
use regex::{Captures, Regex};

use crate::{Row, cpu};

/// Bytes per pass.
const SIZE: usize = 8 << 20;
/// CPU time to spend at least, in seconds.
const LEAST: f64 = 3.0;

pub(crate) fn measure() -> Vec<Row> {
    let (sparse, dense, worst) = (corpus(SIZE, 100), corpus(SIZE, 1), worst(SIZE));
    let patterns = patterns();
    let ten: Vec<String> = PATTERNS.iter().map(|p| (*p).to_owned()).collect();
    let others = OTHERS.iter().map(|p| (*p).to_owned());
    let credentials = redact::credential_patterns().map(|pattern| format!(r"\b{pattern}"));
    let all: Vec<String> = ten.iter().cloned().chain(others).chain(credentials).collect();
    let (ours, ours_dense) = (redaction(&sparse), redaction(&dense));
    let row = |what, ours, baseline, against| Row {
        what,
        ours,
        baseline,
        unit: "MB per CPU second",
        against,
    };
    vec![
        row("redaction, 1 line in 100", ours, lines(&sparse), "memchr, line ends"),
        row(
            "redaction, 1 line in 100",
            ours,
            search(&sparse, &all),
            "regex, all kinds at once",
        ),
        row(
            "redaction, 1 line in 100",
            ours,
            search(&sparse, &ten),
            "regex, ten kinds at once",
        ),
        row(
            "redaction, 1 line in 100",
            ours,
            replacement(&sparse, &patterns),
            "regex, ten passes",
        ),
        row("redaction, every line", ours_dense, lines(&dense), "memchr, line ends"),
        row(
            "redaction, every line",
            ours_dense,
            search(&dense, &all),
            "regex, all kinds at once",
        ),
        row(
            "redaction, every line",
            ours_dense,
            search(&dense, &ten),
            "regex, ten kinds at once",
        ),
        row(
            "redaction, worst text",
            redaction(&worst),
            ours_dense,
            "redaction, every line",
        ),
    ]
}

fn redaction(text: &str) -> f64 {
    speed(text, |text| {
        let mut redactor = Redactor::new(&Settings::default());
        let mut bytes = 0;
        for chunk in chunks(text) {
            bytes += redactor.push(Raw::new(chunk)).text().len();
        }
        bytes + redactor.finish().text().len()
    })
}

/// From line end to line end, each of which is looked at.
fn lines(text: &str) -> f64 {
    speed(text, |text| {
        memchr::memchr_iter(b'\n', text.as_bytes()).fold(0, |sum, at| sum ^ at)
    })
}

fn search(text: &str, patterns: &[String]) -> f64 {
    let all: Vec<String> = patterns.iter().map(|p| format!("(?:{p})")).collect();
    // Bytes and not characters, which is faster.
    let Ok(all) = regex::bytes::RegexBuilder::new(&all.join("|")).unicode(false).build() else {
        return f64::NAN;
    };
    speed(text, |text| {
        chunks(text).map(|chunk| all.find_iter(chunk.as_bytes()).count()).sum()
    })
}

fn replacement(text: &str, patterns: &[Regex]) -> f64 {
    speed(text, |text| {
        chunks(text)
            .map(|chunk| {
                patterns
                    .iter()
                    .fold(Cow::Borrowed(chunk), |t, p| Cow::Owned(replace(p, &t)))
                    .len()
            })
            .sum()
    })
}

/// Pieces of about 16 KiB that end at a line's end, as the agent sends them.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let from = (16 << 10).min(rest.len());
        let at = rest
            .as_bytes()
            .iter()
            .skip(from)
            .position(|b| *b == b'\n')
            .map_or(rest.len(), |n| from + n + 1);
        let (piece, after) = rest.split_at(at);
        rest = after;
        Some(piece)
    })
}

fn speed(text: &str, mut pass: impl FnMut(&str) -> usize) -> f64 {
    let started = cpu::used();
    let mut passes = 0;
    loop {
        std::hint::black_box(pass(text));
        passes += 1;
        let used = (cpu::used() - started).as_secs_f64();
        if used >= LEAST {
            return (passes * text.len()) as f64 / 1e6 / used;
        }
    }
}

/// Log lines of the kinds that technicians read; one in `every` holds something to take out.
pub(crate) fn corpus(size: usize, every: usize) -> String {
    let plain = [
        "2026-03-01T02:47:09.123Z INFO pos-service[1842]: heartbeat ok, queue depth 0, latency 12 ms",
        "Mar  1 02:47:10 register kernel: usb 1-1.4: new full-speed USB device number 7 using xhci_hcd",
        "2026-03-01 02:47:11,482 WARN  [worker-3] c.v.pos.net.Gateway - retry 2 of 5 in 800 ms (connection reset by peer)",
        "drwxr-xr-x  2 root root     4096 Feb 27 18:03 ConnectionSettings",
        "    at Vendor.Pos.Terminal.Open(String port, Int32 baud) in Terminal.cs:line 214",
        "tcp   ESTAB  0  0   host:51544   gateway:https   users:((\"pos\",pid=1842,fd=33))",
        "GET /api/v2/terminals/status 200 1342 0.018 \"pos/4.2.1\" 7f3c9a6e-0b1d-4c3e-9d60-51b1c0a7f2aa",
    ];
    let secret = [
        "customer mail ana.lopez@example.com phone +1 415 555 0132",
        "auth card 4111 1111 1111 1111 exp 12/27 approved",
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "merchant id: 4000123456789",
    ];
    let mut out = String::with_capacity(size + 200);
    let mut n = 0_usize;
    while out.len() < size {
        let line = if n % every == every - 1 {
            secret.get(n / every % secret.len())
        } else {
            plain.get(n % plain.len())
        };
        out.push_str(line.copied().unwrap_or_default());
        out.push('\n');
        n += 1;
    }
    out
}

/// What makes rules look most often for nothing, a line of each in turn.
fn worst(size: usize) -> String {
    let lines = [
        "4243 ".repeat(16),
        "a@".repeat(40),
        "password: ".repeat(8),
        "ab/cd+AB12-".repeat(8),
        "%41%7a".repeat(14),
    ];
    let mut out = String::with_capacity(size + 200);
    let mut turn = lines.iter().cycle();
    while out.len() < size {
        out.extend(turn.next().map(String::as_str));
        out.push('\n');
    }
    out
}

const PATTERNS: &[&str] = &[
    r"\b(?:\d[ -]?){12,18}\d\b",
    r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b",
    r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\)|\b\d{3})[ .-]\d{3}[ .-]\d{4}\b",
    r"\b\d{3}-\d{2}-\d{4}\b",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----",
    r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\b",
    r"(?i:\b(?:merchant|terminal)[ _-]?id\s*[:=]\s*\w+)",
    r"(?i:pass(?:word|wd)?\s*[:=]\s*\S+)",
];

/// What the engine looks for besides, in the words of its rules (`countersign redact --rules`) where they start from words.
const OTHERS: &[&str] = &[
    r"%B\d{12,19}\^[^^\n]{2,26}\^\d{7,}|;\d{12,19}=\d{7,}",
    r"(?i:\b(?:cvv|cvc|csc|cid|card security code|security code)2?\W{0,8}\d{3,4}\b)",
    r"(?i:\bpin(?: ?code)?\s*[:=]\s*\d{4,12}\b)",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b",
    r"\b\d{2} ?\d{3} ?\d{3} ?\d{3}\b|\b\d{3}[ -]\d{3}[ -]\d{3,4}\b|\b\d{4} \d{4} \d{4}\b",
    r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b|\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b",
    r"\b[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}\b",
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
    r"\b(?:\d{8}|[XYZ]\d{7})-?[A-Z]\b|\b[A-Z]{5}\d{4}[A-Z]\b|\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d\b",
    r"\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b|\b[A-Z]{3,4}\d{6}[A-Z0-9]{3}\b",
    r"\b[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b",
    r"(?i:\b(?:npi|dea|mrn|medical record(?: number| no)?)\W{0,8}[a-z]{0,2}\d{6,12}\b)",
    r"(?i:\b(?:passport|driv\w+ licen[cs]e|licen[cs]e)(?: (?:no|number))?\W{0,8}[a-z]{0,3}\d{5,12}\b)",
    r"\+\d{1,3}(?:[ .()-]{1,2}\d{1,5}){2,6}\b|\b0\d{2,5}[ /-]\d{4,9}\b",
    r"(?i:\b(?:mid|tid)\s*[:=]\s*\w+|\b(?:card )?acceptor[ _-]?id\s*[:=]\s*\w+)",
    r"(?i:(?:pwd|psk|kennwort|wachtwoord|contrase\S{1,3}a|secret|token|api[_-]?key|passphrase)[\w.-]{0,24}[\x22']?\s*[:=]\s*\S+)",
    r"(?i:\bauthorization\s*:\s*\w+ \S+|\bbearer [\w.~+/-]+=*|\b(?:set-)?cookie\s*:[^\n]+|[?&]sig=[\w%+/-]+)",
    r"(?i:\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/]{0,80}:[^\s@/]{1,80}@)",
    r"(?i:\b(?:curl|smbclient|rpcclient|lftp)\b[^\n]{0,200} --?(?:u|user|U|proxy-user)[ =]?\S+)",
    r"(?i:\b(?:mysql\w*|7za?|rar) [^\n]{0,200}-h?p\S+|\b(?:docker|az) login [^\n]{0,200}-p ?\S+)",
    r"(?i:\b(?:psexec|mongo(?:sh|dump|restore)|winrs|certutil|signtool|sqlcmd|bcp|ipmitool|mosquitto_\w+|zip|unzip) [^\n]{0,200}[-/]p ?\S+)",
    r"(?i:\bredis-cli [^\n]{0,200}-a \S+|\bldap\w+ [^\n]{0,200}-w ?\S+|\bsnmp\w+ [^\n]{0,200}-[ax] \S+)",
    r"(?i:\bnmcli [^\n]{0,200}(?:password|psk) \S+|\brabbitmqctl \w+_(?:user|password) \S+ \S+|\bsqlplus \S+/\S+)",
    r"(?i:\bjdbc:oracle:(?:thin|oci):\S+/\S+|\bnet us(?:er|e) [^\n]+|/r?p:\S+|-pw \S+|:5432:[^:\s]*:[^:\s]*:\S+)",
    r"(?i:\bsend (?:-- )?\x22[^\x22]+\x22|convertto-securestring \S+|identified by \S+|sp_addlogin \S+|\| ?sudo -s)",
    r"\$(?:1|5|6|y|2[aby]|7|8|9|gy|P|H|apr1|argon2\w*)\$[./A-Za-z0-9$,=]{8,}",
    r"(?i:01000000d08c9ddf[0-9a-f]{16,}|AQAAANCMnd8BFd[\w+/]{16,})|\bMII[\w+/]{40,}",
    r"\bhooks\.slack\.com/\S+|[0-9]Q~[\w.~-]{31,34}",
];

fn patterns() -> Vec<Regex> {
    PATTERNS.iter().filter_map(|p| Regex::new(p).ok()).collect()
}

fn replace(pattern: &Regex, text: &str) -> String {
    let card = pattern.as_str().contains("12,18");
    pattern
        .replace_all(text, |c: &Captures<'_>| {
            let found = c.get(0).map_or("", |m| m.as_str());
            if card && !luhn(found) {
                found.to_owned()
            } else {
                "[taken out]".to_owned()
            }
        })
        .into_owned()
}

fn luhn(text: &str) -> bool {
    let digits = text
        .bytes()
        .rev()
        .filter(u8::is_ascii_digit)
        .map(|b| u32::from(b - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(i, d)| if i % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { d })
        .sum();
    sum.is_multiple_of(10)
}
