//! Passwords and keys as they are stored: what wireless networks have, hashes, and the containers of Windows.

use domain::finding::FindingKind;

use super::password::{is_no_value, password, value};
use super::text::{before, between, byte, run, run_back, skip_word};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        examples: &[
            "    Key Content            : «wlan-pass 9»",
            "<keyMaterial>«wlan-pass»</keyMaterial>",
            "psk=\"«wlan-pass»\"",
            "wpa_supplicant: psk=«0123456789abcdef»",
        ],
        counter_examples: &["key_mgmt=WPA-PSK", "Key Content : ", "psk=$PSK"],
        ..Rule::certain(
            "password.wifi",
            FindingKind::Password,
            "a wireless profile's key in its place",
        )
    },
    Rule {
        version: 2,
        examples: &[
            "till:«$apr1$saltsalt$qFmFHbQmmtXzyBY0s9v7O.»",
            "till:«$7$CU..../....saltsalt$qFmFHbQmmtXzyBY0s9v7OicdzXSIecDzlB5KiA2jctK»",
            "till:«$gy$j9T$saltsalt$qFmFHbQmmtXzyBY0s9v7OicdzXSIecDzlB5KiA2jctK»",
            "user_pass | «$P$BsaltsalqFmFHbQmmtXzyBY0s9v7Oi.»",
            "root:«$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/»:19000",
        ],
        counter_examples: &[
            "$6$short",
            "cost $1$ each",
            "$P$ or $H$ and $7$",
            "$p$bsaltsalqfmfhbqmmtxzyby0s9v7oi.",
        ],
        ..Rule::certain(
            "password.hash",
            FindingKind::Password,
            "a password's hash as crypt writes it",
        )
    },
    Rule {
        examples: &[
            "«01000000d08c9ddf0115d1118c7a00c04fc297eb010000004f5d»",
            "key=«AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA4f5d»",
        ],
        counter_examples: &["01000000d08c", "AQAAANCMnd8B"],
        ..Rule::certain(
            "dpapi.blob",
            FindingKind::Secret,
            "head of a DPAPI blob, in hex or base64",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        examples: &["server.pfx: «MIIKCgIBAzCCCcYGCSqGSIb3DQEHAaCCCbcEggmzMIIJrzCCBgYGCSqGSIb3DQEHAaA»"],
        counter_examples: &["server.pfx: 4096 bytes", "pkcs1 MIIKCg"],
        ..Rule::certain(
            "key.pkcs12",
            FindingKind::PrivateKey,
            "base64 of a DER sequence after .pfx or PKCS",
        )
    },
    Rule {
        examples: &[],
        ..Rule::certain(
            "password.unattend",
            FindingKind::Password,
            "the Value below a Password element, as unattend.xml has it",
        )
    },
];

/// `psk=`, with the word at `start..end`.
pub(crate) fn psk(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if before(bytes, start).is_ascii_alphanumeric() || before(bytes, start) == b'-' {
        return None;
    }
    let assigned = between(bytes, end).is_some_and(|b| b.assigned);
    let at = end + run(bytes, end, 4, |b| matches!(b, b' ' | b'=' | b':'));
    let value = value(bytes, at).filter(|v| assigned && v.len() >= 8 && !is_no_value(bytes, v))?;
    Some(password("password.wifi", value, start))
}

/// `Key Content : …` of `netsh`, and `<keyMaterial>`; the word "key" is at `start..end`.
pub(crate) fn wireless(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if let Some(at) = skip_word(bytes, end, &["material>"]) {
        let value = value(bytes, at).filter(|v| !is_no_value(bytes, v))?;
        return Some(password("password.wifi", value, start));
    }
    let name = skip_word(bytes, end, &[" content"])?;
    let at = name + run(bytes, name, 24, |b| matches!(b, b' ' | b'\t'));
    let at = at + 1 + usize::from(byte(bytes, at) == b':' && byte(bytes, at + 1) == b' ');
    // To the end of the line: the key may have blanks in it.
    let len = run(bytes, at, 64, |b| !matches!(b, b'\n' | b'\r' | b'[' | b']'));
    let colon = bytes[name..at.min(bytes.len())].contains(&b':');
    (colon && len >= 8).then(|| password("password.wifi", at..at + len, start))
}

/// `$6$salt$hash` and its like; the mark is at `start..end`.
pub(crate) fn crypt(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const LEAST: usize = 24;
    let class = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=' | b',' | b'+');
    let len = run(bytes, end, 256, class);
    // Portable hashes (phpass) have no further parts: 31 characters of base64.
    let portable = matches!(&bytes[start..end], b"$P$" | b"$H$") && len == 31;
    let parts = bytes[end..end + len].contains(&b'$') || portable;
    let free = !class(before(bytes, start)) || before(bytes, start) == b'=';
    (len >= LEAST && parts && free).then(|| password("password.hash", start..end + len, start))
}

/// A blob of the data protection interface, with its head at `start..end`. It goes on as far as its digits do.
pub(crate) fn dpapi(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let hex = byte(bytes, start) == b'0';
    let class = |b: u8| {
        if hex {
            b.is_ascii_hexdigit()
        } else {
            b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
        }
    };
    let len = run(bytes, end, usize::MAX, class);
    let free = !class(before(bytes, start)) || before(bytes, start) == b'=';
    (len >= 12 && free).then(|| Match::new(FindingKind::Secret, "dpapi.blob", start..end + len))
}

/// The base64 of a PKCS#12 file, shortly after its name's end at `end`.
pub(crate) fn container(bytes: &[u8], end: usize) -> Option<Match> {
    const NEAR: usize = 24;
    const LEAST: usize = 48;
    let class = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let reach = run(bytes, end, NEAR, |b| !matches!(b, b'\n' | b'[' | b']'));
    let at = (end..end + reach)
        .find(|&i| bytes[i..].starts_with(b"MII") && !class(before(bytes, i)) || bytes[i..].starts_with(b"=MII"))?;
    let at = at + usize::from(bytes[at] == b'=');
    let len = run(bytes, at, usize::MAX, class);
    (len >= LEAST && run_back(bytes, end, 4, |b| b == b'.' || b.is_ascii_alphanumeric()) > 0)
        .then(|| Match::new(FindingKind::PrivateKey, "key.pkcs12", at..at + len).led_by(end))
}
