//! The stream: what is released when, what is held, and what nothing shows.

use std::fmt::Write as _;

use crate::common::{check_findings, pieces, whole};
use domain::finding::FindingKind;
use domain::sensitive::Raw;
use redact::{ByteRedactor, Decoder, Encoding, Redacted, Redactor, Settings};

const PAN: &str = "4242424242424242";

/// R31, R73: a complete line is out with its newline; a line's start is held.
#[test]
fn lines_are_released_with_their_newline() {
    let mut redactor = Redactor::new(&Settings::default());
    assert_eq!(redactor.push(Raw::new("one\ntw")).text(), "one\n");
    assert_eq!(redactor.held(), 2);
    assert_eq!(redactor.push(Raw::new("o 4242424242")).text(), "");
    assert_eq!(
        redactor.push(Raw::new("424242\r\nx")).text(),
        "two [card •••• 4242]\r\n"
    );
    assert_eq!(redactor.finish().text(), "x");
}

/// R31: offsets count from the start of the piece that a finding comes with.
#[test]
fn offsets_belong_to_their_piece() {
    let mut redactor = Redactor::new(&Settings::default());
    let first = redactor.push(Raw::new("a\nb 4242424242424242\n"));
    let second = redactor.push(Raw::new("4242424242424242\n"));
    assert_eq!((first.findings()[0].start, second.findings()[0].start), (4, 0));
    let mut joined = first;
    let shift = joined.text().len() as u64;
    joined.append(second);
    assert_eq!(joined.findings()[1].start, shift);
    check_findings(&joined);
}

/// R72: a line without end, plain or full of digits, holds no more than a window, and comes out whole.
#[test]
fn memory_is_bounded_without_newlines() {
    for piece in [
        "abcdefgh ",
        "0123456789",
        "7 ",
        "é",
        "\u{1b}[31m",
        "AB+/",
        ".",
        "a@",
        "[",
        "eyJ",
        "-----BEGIN ",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let mut redactor = Redactor::new(&Settings::default());
        let mut out = Redacted::default();
        for chunk in text.as_bytes().chunks(piece.len() * 100) {
            out.append(redactor.push(Raw::new(std::str::from_utf8(chunk).unwrap())));
            assert!(redactor.held() < 4096);
        }
        out.append(redactor.finish());
        assert_eq!(out.text(), text);
    }
}

/// R30: a card at every place around the cuts of a long line is found.
#[test]
fn a_card_at_every_place_of_a_long_line() {
    let settings = Settings::default();
    for filler in [" ", "x", "x ", "é", "12 ", ","] {
        for at in 2400..2700 {
            let text = format!("{} {PAN} {}", &filler.repeat(at / filler.len()), "y".repeat(3000));
            let out = whole(&settings, &text);
            assert!(
                !out.text().contains(PAN) && out.findings().len() == 1,
                "{filler:?} {at}"
            );
        }
    }
}

/// R31: what is right before a private key is looked at as if the text ended there, and as it will stand, so that a second
/// pass finds nothing more.
#[test]
fn what_is_before_a_key_is_looked_at_with_its_placeholder() {
    for (text, shown) in [
        (
            "fn hash(password: &str)-----BEGIN RSA PRIVATE KEY-----",
            "fn hash(password: [password][private key]",
        ),
        (
            "htpasswd -bc f till Winter24Private-Lines: 14",
            "htpasswd -bc f till [password][private key]",
        ),
        (
            "paid 4242424242424242-----BEGIN RSA PRIVATE KEY-----",
            "paid [card •••• 4242][private key]",
        ),
    ] {
        let settings = Settings::default();
        for out in [whole(&settings, text), redact::again(&settings, text, vec![])] {
            check_findings(&out);
            assert_eq!(out.text(), shown);
            let twice = redact::again(&settings, out.text(), out.findings().to_vec());
            assert_eq!(twice, out);
        }
    }
}

/// R30: a private key without end gives nothing away and needs no memory, whatever its lines look like.
#[test]
fn an_unfinished_key_never_leaks() {
    let settings = Settings::default();
    let mut text = String::from("start\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n");
    for n in 0..5000 {
        write!(
            text,
            "MIIEowIBAAKCAQEA{n}qwertyuiop{}",
            if n % 3 == 0 { "\n" } else { "" }
        )
        .unwrap();
    }
    let out = pieces(
        &settings,
        text.as_bytes().chunks(777).map(|c| std::str::from_utf8(c).unwrap()),
    );
    assert_eq!(out.text(), "start\n[private key]");
    assert_eq!(
        (out.findings().len(), out.findings()[0].kind),
        (1, FindingKind::PrivateKey)
    );
}

/// R30: the END of a key is found wherever it stands in a line without end.
#[test]
fn a_key_on_one_long_line_ends_where_it_ends() {
    let settings = Settings::default();
    for len in (2400..2700).chain([10_000]) {
        let text = format!(
            "-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY----- {PAN}{}",
            "A".repeat(len),
            ".".repeat(5000)
        );
        let out = whole(&settings, &text);
        assert_eq!(
            out.text(),
            format!("[private key] [card •••• 4242]{}", ".".repeat(5000)),
            "{len}"
        );
    }
}

/// R30: a token longer than any window is dropped to its end.
#[test]
fn a_huge_token_is_dropped_whole() {
    let settings = Settings::default();
    for len in [1000, 2500, 2600, 4000, 4090, 9000, 50_000] {
        let token = format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", "a1".repeat(len / 2), "b2".repeat(100));
        for before in ["", "Bearer ", &"x ".repeat(1200), &"y".repeat(2500)] {
            let text = format!("{before} {token} {PAN}");
            let out = whole(&settings, &text);
            assert_eq!(out.text(), format!("{before} [jwt] [card •••• 4242]"), "{len}");
        }
    }
}

/// R11: characters cut between reads; bytes that are not UTF-8.
#[test]
fn characters_cut_between_reads() {
    let mut decoder = Decoder::new(Encoding::Utf8);
    let mut out = String::new();
    for chunk in [
        &b"caf\xc3"[..],
        b"\xa9 \xe6\x97",
        b"\xa5 \xff \xf0\x9f\x98",
        b"x \xe2\x82",
    ] {
        out += &decoder.push(Raw::new(chunk)).expose();
    }
    out += &decoder.finish().expose();
    assert_eq!(out, "café 日 \u{fffd} \u{fffd}x \u{fffd}");
}

/// R30, R34: what prints a redactor prints nothing that is held, and a finding nothing that was found.
#[test]
fn nothing_shows_what_is_held() {
    let mut redactor = Redactor::new(&Settings::default());
    redactor.push(Raw::new(PAN));
    let mut bytes = ByteRedactor::new(&Settings::default());
    bytes.push(Raw::new(&b"4242424242424242\xe2\x82"[..]));
    assert!(!format!("{redactor:?} {bytes:?} {:?}", Decoder::new(Encoding::Utf8)).contains("4242"));
    let out = whole(
        &Settings::default(),
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789 jane@example.com 123-45-6789",
    );
    let json = serde_json::to_string(&out).unwrap();
    for value in ["abcdefgh", "jane", "6789"] {
        assert!(!json.contains(value));
    }
    assert!(json.contains(r#""kind":"secret","rule":"github.token""#));
}

/// R32: settings survive being stored, and older ones without a field still read.
#[test]
fn settings_are_stored() {
    let settings = Settings {
        ip_addresses: true,
        merchant_ids: vec!["TERM-00042".into()],
        terms: vec!["Jane Doe".into()],
        own: vec![redact::OwnPattern::new("employee", "EMP-####").unwrap()],
        off: vec![FindingKind::Email],
        ..Settings::default()
    };
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
    assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
}
