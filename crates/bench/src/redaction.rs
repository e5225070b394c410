//! Redaction in MB per CPU second, against the `regex` crate looking for the same kinds with one pattern each (and Luhn on
//! what looks like a card), one pass per pattern, as a program without an engine of its own would do it.

use std::borrow::Cow;

use domain::sensitive::Raw;
use redact::{Redactor, Settings};
use regex::{Captures, Regex};

use crate::{Row, cpu};

/// Bytes per pass.
const SIZE: usize = 8 << 20;
/// CPU time to spend at least, in seconds.
const LEAST: f64 = 3.0;

pub(crate) fn measure() -> Row {
    let text = corpus(SIZE);
    let ours = speed(&text, |text| {
        let mut redactor = Redactor::new(&Settings::default());
        let mut bytes = 0;
        for chunk in chunks(text) {
            bytes += redactor.push(Raw::new(chunk)).text().len();
        }
        bytes + redactor.finish().text().len()
    });
    let patterns = patterns();
    let baseline = speed(&text, |text| {
        chunks(text)
            .map(|chunk| {
                patterns
                    .iter()
                    .fold(Cow::Borrowed(chunk), |t, p| Cow::Owned(replace(p, &t)))
                    .len()
            })
            .sum()
    });
    Row {
        what: "redaction",
        ours,
        baseline,
        unit: "MB per CPU second",
        against: "regex, one pass a pattern",
    }
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

/// Log lines of the kinds that technicians read; one in fifty holds something to take out.
pub(crate) fn corpus(size: usize) -> String {
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
        let line = if n % 50 == 49 {
            secret.get(n / 50 % secret.len())
        } else {
            plain.get(n % plain.len())
        };
        out.push_str(line.copied().unwrap_or_default());
        out.push('\n');
        n += 1;
    }
    out
}

fn patterns() -> Vec<Regex> {
    [
        r"\b(?:\d[ -]?){12,18}\d\b",
        r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b",
        r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{3}\)|\b\d{3})[ .-]\d{3}[ .-]\d{4}\b",
        r"\b\d{3}-\d{2}-\d{4}\b",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----",
        r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\b",
        r"(?i)\b(?:merchant|terminal)[ _-]?id\s*[:=]\s*\w+",
    ]
    .iter()
    .filter_map(|p| Regex::new(p).ok())
    .collect()
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
