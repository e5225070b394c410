//! Passwords in the arguments of particular programs, and what Windows and wireless networks store.

use domain::finding::FindingKind;

use super::password::{is_no_value, option_after, value};
use super::text::{before, between, byte, run, run_back, skip_word, starts};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        confidence: Confidence::Probable,
        context: &["curl", "smbclient"],
        examples: &["curl -u bob:«hunter2» https://x", "smbclient //srv/c -U bob%«Winter24»"],
        counter_examples: &["curl -u bob https://x", "curl -sS https://x:8443/"],
        ..Rule::certain(
            "password.user",
            FindingKind::Password,
            "after the user's name in an option",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["mysql", "psexec", "docker login", "az login", "plink", "xfreerdp"],
        examples: &[
            "mysql -u root -p«S3cret» shop",
            "psexec \\\\pos07 -u admin -p «Winter24» cmd",
            "docker login -u bob -p «hunter2» registry",
            "plink -ssh host -pw «hunter2»",
            "xfreerdp /u:bob /p:«Winter24!» /v:pos07",
            "schtasks /create /ru bob /rp «Winter24»",
        ],
        counter_examples: &["mysql -u root -p shop", "mkdir -p /var/lib", "http://x/p:1"],
        ..Rule::certain(
            "password.program",
            FindingKind::Password,
            "in the option where the program takes one",
        )
    },
    Rule {
        confidence: Confidence::Probable,
        context: &["net user", "net use"],
        examples: &[
            "net user bob «Winter24!» /add",
            "net use Z: \\\\srv\\x «Winter24!» /user:bob",
        ],
        counter_examples: &[
            "net user bob /active:no",
            "net user",
            "net use Z: \\\\srv\\x /user:bob",
            "net user bob * /add",
        ],
        ..Rule::certain(
            "password.net",
            FindingKind::Password,
            "third word of net user, word before /user of net use",
        )
    },
    Rule {
        examples: &[
            "ConvertTo-SecureString \"«P@ssw0rd»\" -AsPlainText -Force",
            "ConvertTo-SecureString -String '«Winter24»' -AsPlainText",
        ],
        counter_examples: &["ConvertTo-SecureString $text -AsPlainText", "Read-Host -AsSecureString"],
        ..Rule::certain(
            "password.securestring",
            FindingKind::Password,
            "plain text made a SecureString",
        )
    },
    Rule {
        examples: &["CREATE USER bob IDENTIFIED BY '«hunter2»';"],
        counter_examples: &["identified by the scanner"],
        ..Rule::certain("password.sql", FindingKind::Password, "quoted, after IDENTIFIED BY")
    },
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
        examples: &[
            "root:«$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/»:19000",
        ],
        counter_examples: &["$6$short", "cost $1$ each"],
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

/// How far after a command its options are looked for, in bytes.
const REACH: usize = 96;

fn found(rule: &'static str, range: std::ops::Range<usize>, from: usize) -> Match {
    Match::new(FindingKind::Password, rule, range).led_by(from)
}

/// `-u user:password` or `-U user%password` after the command that ends at `end`.
pub(crate) fn user_option(bytes: &[u8], end: usize) -> Option<Match> {
    let option = option_after(bytes, end, b'u', REACH).or_else(|| option_after(bytes, end, b'U', REACH))?;
    let text = &bytes[option.start..option.end];
    let split = text.iter().position(|b| matches!(b, b':' | b'%'))?;
    let range = option.start + split + 1..option.end;
    (range.len() >= 3 && split > 0 && !is_no_value(bytes, &range)).then(|| found("password.user", range, end))
}

/// `-p` after a program that takes a password there. Where it stands apart `mysql` asks for one, and what follows is a
/// database.
pub(crate) fn password_option(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let m = option_after(bytes, end, b'p', REACH)?;
    let asked = before(bytes, m.start) == b' ' && starts(&bytes[start..], "mysql");
    (!asked).then(|| found("password.program", m.start..m.end, end))
}

/// `/p:value`, `/rp value`.
pub(crate) fn slash(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let value = value(bytes, end).filter(|v| !is_no_value(bytes, v))?;
    matches!(before(bytes, start), b' ' | b'\t' | b'"').then(|| found("password.program", value, start))
}

/// `-pw value`.
pub(crate) fn putty(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let value = value(bytes, end).filter(|v| byte(bytes, v.start) != b'-' && !is_no_value(bytes, v))?;
    matches!(before(bytes, start), b' ' | b'\t').then(|| found("password.program", value, start))
}

/// `net user NAME PASSWORD`, `net use DEVICE PATH PASSWORD /user:NAME`; "net use" is at `start..end`.
pub(crate) fn net(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const LINE: usize = 200;
    if before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let users = byte(bytes, end) | 0x20 == b'r';
    let line = end + run(bytes, end, LINE, |b| !matches!(b, b'\n' | b'\r' | b'|' | b'&'));
    let mut words = Vec::new();
    let mut at = end + usize::from(users);
    while at < line && words.len() < 5 {
        let len = run(bytes, at, LINE, |b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
        if len > 0 {
            words.push(at..at + len);
        }
        at += len.max(1);
    }
    let is_option = |r: &std::ops::Range<usize>| bytes[r.start] == b'/';
    let value = if users {
        words.get(1)?.clone()
    } else {
        let option = words.iter().position(|w| starts(&bytes[w.start..], "/user:"))?;
        let value = words.get(option.checked_sub(1)?)?;
        (!bytes[value.clone()].starts_with(b"\\\\") && byte(bytes, value.end - 1) != b':').then(|| value.clone())?
    };
    let first = words.first().is_some_and(is_option);
    let bracketed = bytes[value.clone()].iter().any(|b| matches!(b, b'[' | b']'));
    (!first && !is_option(&value) && value.len() >= 3 && !bracketed && !is_no_value(bytes, &value))
        .then(|| found("password.net", value, start))
}

/// The first quoted argument of `ConvertTo-SecureString`, where it is plain text.
pub(crate) fn secure_string(bytes: &[u8], end: usize) -> Option<Match> {
    const NEAR: usize = 40;
    let gap = run(bytes, end, NEAR, |b| {
        b.is_ascii_alphabetic() || matches!(b, b' ' | b'-' | b'(')
    });
    let at = end + gap;
    let value = matches!(byte(bytes, at), b'"' | b'\'')
        .then(|| value(bytes, at))
        .flatten()?;
    let rest = bytes.get(value.end..).unwrap_or_default();
    let line = &rest[..rest.len().min(NEAR)];
    let plain = line.windows(12).any(|w| w.eq_ignore_ascii_case(b"-AsPlainText"));
    (gap > 0 && plain && !is_no_value(bytes, &value)).then(|| found("password.securestring", value, end))
}

/// SQL's `IDENTIFIED BY '…'`.
pub(crate) fn identified(bytes: &[u8], end: usize) -> Option<Match> {
    let at = end + run(bytes, end, 4, |b| b == b' ');
    let quoted = matches!(byte(bytes, at), b'"' | b'\'');
    let value = quoted.then(|| value(bytes, at)).flatten()?;
    (!is_no_value(bytes, &value)).then(|| found("password.sql", value, end))
}

/// `psk=`, with the word at `start..end`.
pub(crate) fn psk(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if before(bytes, start).is_ascii_alphanumeric() || before(bytes, start) == b'-' {
        return None;
    }
    let assigned = between(bytes, end).is_some_and(|b| b.assigned);
    let at = end + run(bytes, end, 4, |b| matches!(b, b' ' | b'=' | b':'));
    let value = value(bytes, at).filter(|v| assigned && v.len() >= 8 && !is_no_value(bytes, v))?;
    Some(found("password.wifi", value, start))
}

/// `Key Content : …` of `netsh`, and `<keyMaterial>`; the word "key" is at `start..end`.
pub(crate) fn wireless(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if let Some(at) = skip_word(bytes, end, &["material>"]) {
        let value = value(bytes, at).filter(|v| !is_no_value(bytes, v))?;
        return Some(found("password.wifi", value, start));
    }
    let name = skip_word(bytes, end, &[" content"])?;
    let at = name + run(bytes, name, 24, |b| matches!(b, b' ' | b'\t'));
    let at = at + 1 + usize::from(byte(bytes, at) == b':' && byte(bytes, at + 1) == b' ');
    // To the end of the line: the key may have blanks in it.
    let len = run(bytes, at, 64, |b| !matches!(b, b'\n' | b'\r' | b'[' | b']'));
    let colon = bytes[name..at.min(bytes.len())].contains(&b':');
    (colon && len >= 8).then(|| found("password.wifi", at..at + len, start))
}

/// `$6$salt$hash` and its like; the mark is at `start..end`.
pub(crate) fn crypt(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    const LEAST: usize = 24;
    let class = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=' | b',' | b'+');
    let len = run(bytes, end, 256, class);
    let parts = bytes[end..end + len].contains(&b'$');
    let free = !class(before(bytes, start)) || before(bytes, start) == b'=';
    (len >= LEAST && parts && free).then(|| found("password.hash", start..end + len, start))
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
