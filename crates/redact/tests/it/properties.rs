//! Properties over random mixtures of fragments: values of every kind, near misses, ordinary output, long lines.

use crate::common::{check_findings, pieces, single_characters, whole};
use domain::finding::Finding;
use domain::sensitive::Raw;
use proptest::collection::vec;
use proptest::prelude::*;
use redact::{Again, ByteRedactor, Ready, Redacted, Settings, again};

const FRAGMENTS: &[&str] = &[
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "378282246310005",
    "3782 822463 10005",
    "42424242",
    "4242",
    "1234",
    "5",
    "12 34",
    "%B4242424242424242^DOE/J^25121011?",
    ";4242424242424242=25121011234?",
    "cvv: 123",
    "PIN=1234",
    "jane@example.com",
    "@",
    "a.b@c",
    "+1 555-123-4567",
    "(555) 123-4567",
    "555-123-4567",
    "+",
    "+44 20 7946 0958",
    "phone ",
    "card ",
    "123-45-6789",
    "ssn ",
    "123456789",
    "5551234567",
    "10.0.0.1",
    "::1",
    "AKIAIOSFODNN7EXAMPLE",
    "AKIA",
    "secret_access_key=",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N",
    "eyJhbGciOiJIUzI1NiJ9",
    ".",
    "merchant id: ",
    "MID=",
    "4000123456789",
    "TERM-00042",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----",
    "-----",
    "MIIEowIBAAKCAQEA",
    "[card •••• 4242]",
    "[secret]",
    "[phone]",
    "[",
    "]",
    "postgres://u:p4ss@h/x",
    "2024-01-15 10:22:33.123",
    "3f2504e0-4242-4242-4242-424242424242",
    "\u{1b}[31m",
    "\u{1b}[0m",
    "\u{1b}]0;",
    "\u{7}",
    "\u{8}",
    "\u{1b}",
    "４２４２",
    "é",
    "日本",
    "\u{200b}",
    "\u{a0}",
    "\r",
    "\r\n",
    "\n",
    "\n",
    "\n",
    " ",
    " ",
    " ",
    "  ",
    "\t",
    "-",
    ":",
    "=",
    "\"",
    "/",
    "word",
    "x",
    "password=",
    "Pwd: ",
    "hunter2",
    "-p ",
    "net user bob ",
    "curl -u ",
    "bob:",
    "[password]",
    "[merchant id #kqzmt]",
    "Zacharias",
    "Jörg",
    "secret",
    "api_key=4f9c2d7e8b1a6053",
    "GB29 NWBK 6016 1331 9268 19",
    "RSSMRA85M01H501Q",
    "12345678Z",
    "NDI0MjQyNDI0MjQyNDI0MiBjYXJk",
    "34323432343234323432343234323432",
    "%34242424242424242",
    "jane%40example.com",
    "%5B",
    "        42424242\n",
    "x       42424242\n",
    "<AdministratorPassword>\n",
    "  <Value>UEBzcw==</Value>\n",
    "424242424242424...",
    "\r42424242",
    "Private-Lines: 14\n",
    "Private-MAC: 00ff\n",
    "01000000d08c9ddf0115d1118c7a00c04fc297eb",
    "$6$salt$0123456789abcdefghijkl",
];

fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        40 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => (proptest::sample::select(FRAGMENTS), 100..900usize).prop_map(|(f, n)| f.repeat(n / f.len().max(1) + 1)),
        1 => (proptest::sample::select(&["a", "7", " ", "1 ", "é", "-", "A1+/"][..]), 500..6000usize)
            .prop_map(|(f, n)| f.repeat(n / f.len())),
        2 => "[0-9a-zA-Z .:=@+-]{0,30}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(fragment(), 0..60).prop_map(|f| f.concat())
}

fn settings() -> impl Strategy<Value = Settings> {
    any::<bool>().prop_map(|ip_addresses| Settings {
        ip_addresses,
        merchant_ids: vec!["TERM-00042".to_owned()],
        terms: vec!["Zacharias".to_owned(), "Jörg".to_owned()],
        session_key: ip_addresses.then(|| redact::SessionKey::new([7; 32])),
        ..Settings::default()
    })
}

/// Cuts `text` at character borders near the given fractions.
fn cut<'a>(text: &'a str, cuts: &[f64]) -> Vec<&'a str> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place within the text"
    )]
    let mut at: Vec<usize> = cuts
        .iter()
        .map(|f| text.floor_char_boundary((f * text.len() as f64) as usize))
        .collect();
    at.extend([0, text.len()]);
    at.sort_unstable();
    at.windows(2).map(|w| &text[w[0]..w[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    /// R31: however the text is cut, text and findings are the same.
    #[test]
    fn chunks_do_not_matter(text in text(), settings in settings(), cuts in vec(0.0..1.0f64, 0..12)) {
        let expected = whole(&settings, &text);
        check_findings(&expected);
        prop_assert_eq!(&pieces(&settings, cut(&text, &cuts)), &expected);
        prop_assert_eq!(&single_characters(&settings, &text), &expected);
    }

    /// R31, R11: so do bytes, cut within characters too, and what is not UTF-8.
    #[test]
    fn bytes_do_not_matter(text in text(), noise in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), size in 1..50usize) {
        let settings = Settings::default();
        let mut bytes = text.into_bytes();
        for (at, byte) in noise {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let mut redactor = ByteRedactor::with_encoding(&settings, redact::Encoding::Utf8);
        let mut out = Redacted::default();
        for chunk in bytes.chunks(size) {
            out.append(redactor.push(Raw::new(chunk)));
        }
        out.append(redactor.finish());
        prop_assert_eq!(out, whole(&settings, &String::from_utf8_lossy(&bytes)));
    }

    /// R31, R33: bytes of UTF-16 give what their text gives, wherever they are cut, and places lead back to them.
    #[test]
    fn utf_16_does_not_matter(text in text(), size in 1..50usize, big in any::<bool>()) {
        let settings = Settings::default();
        let text = format!("ab{text}");
        let bytes: Vec<u8> = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
        let mut redactor = ByteRedactor::new(&settings);
        let mut out = Redacted::default();
        for chunk in bytes.chunks(size) {
            out.append(redactor.push(Raw::new(chunk)));
        }
        out.append(redactor.finish());
        let expected = whole(&settings, &text);
        for (byte, place) in out.sources().iter().zip(expected.sources()) {
            let place = usize::try_from(place.start).unwrap()..usize::try_from(place.end).unwrap();
            let before = text[..place.start].encode_utf16().count() as u64 * 2;
            let value = text[place].encode_utf16().count() as u64 * 2;
            prop_assert_eq!((byte.start, byte.end), (before, before + value));
        }
        prop_assert_eq!(out, expected);
    }

    /// R31: a redacted text redacted again, by either way, stays as it is, with the findings it has.
    #[test]
    fn twice_is_once(text in text(), settings in settings()) {
        let once = whole(&settings, &text);
        let twice = whole(&settings, once.text());
        prop_assert_eq!(twice.text(), once.text());
        prop_assert!(twice.findings().is_empty());
        // In longer lines `again` sees the whole where the stream saw windows, and may find more.
        if once.text().lines().all(|l| l.len() < 4096) {
            let second = again(&settings, once.text(), once.findings().to_vec());
            prop_assert_eq!(second, once);
        }
    }

    /// R30: what an honest agent releases chunk by chunk goes through the server's pass chunk by chunk unchanged.
    #[test]
    fn the_server_changes_nothing_of_an_honest_agent(lines in vec(text(), 0..4), cuts in vec(0.0..1.0f64, 0..6)) {
        let settings = Settings::default();
        // In longer lines the agent sees windows where the server sees the whole, and the server may find more.
        let text: String = lines.join("\n").lines().filter(|l| l.len() < 4096).map(|l| l.to_owned() + "\n").collect();
        let mut agent = redact::Redactor::new(&settings);
        let mut server = Again::new(&Ready::new(&settings));
        for chunk in cut(&text, &cuts) {
            let released = agent.push(Raw::new(chunk));
            let ends_line = released.text().ends_with('\n') || released.is_empty();
            let stored = server.chunk(released.text(), released.findings().to_vec());
            if ends_line {
                prop_assert_eq!(stored, released);
            }
        }
    }

    /// R34: invented findings never break anything, and what is kept of them points at a placeholder.
    #[test]
    fn invented_findings_are_harmless(
        text in text(),
        places in vec((0..400u64, 0..40u32, 0..domain::finding::FindingKind::ALL.len()), 0..20),
    ) {
        let invented: Vec<Finding> = places.into_iter().map(|(start, len, kind)| {
            let kind = domain::finding::FindingKind::ALL[kind];
            Finding { kind, rule: "card.luhn".into(), start, len, engine: redact::ENGINE_VERSION }
        }).collect();
        let settings = Settings::default();
        let out = again(&settings, &text, invented);
        check_findings(&out);
        prop_assert!(again(&settings, out.text(), vec![]).findings().is_empty());
    }

    /// R30, R32: no card number in any usual grouping survives among ordinary text, wherever it is cut, and the last four
    /// digits are all that is left of it.
    #[test]
    fn no_card_number_survives(
        issuer in proptest::sample::select(&[("4", 16), ("51", 16), ("2223", 16), ("37", 15), ("6011", 16), ("3530", 16), ("36", 14), ("62", 19), ("4", 19)][..]),
        random in vec(0..10u8, 19),
        group in proptest::sample::select(&[1usize, 2, 3, 4, 5, 6, 8, 19][..]),
        separator in proptest::sample::select(&["", " ", "-", "\u{a0}", "\u{2013}", "\u{1b}[0m", "\u{200b}", " \u{1b}[1m"][..]),
        wide in any::<bool>(),
        around in proptest::sample::select(&[("", ""), ("pan=", ";"), ("\"", "\""), ("Jan 15 10:22:33 pos: ", " declined"), ("é", "日"), ("\t", "\r\n")][..]),
        padding in 0..9000usize,
        cuts in vec(0.0..1.0f64, 0..4),
    ) {
        let digits = number(issuer.0, issuer.1, &random);
        let shown: Vec<String> = digits.chunks(group)
            .map(|g| g.iter().map(|d| if wide { char::from_u32(0xff10 + u32::from(*d)).unwrap() } else { char::from(b'0' + d) }).collect())
            .collect();
        let line = format!("{}{}{}{}", ".".repeat(padding), around.0, shown.join(separator), around.1);
        let settings = Settings::default();
        let out = pieces(&settings, cut(&line, &cuts));
        let last: String = digits[digits.len() - 4..].iter().map(|d| char::from(b'0' + d)).collect();
        prop_assert!(out.text().contains(&format!("[card •••• {last}]")), "{:?} gave {:?}", line, out.text());
        prop_assert_eq!(out.findings().len(), 1);
        let left = out.text().chars().filter(char::is_ascii_digit).count();
        let expected = 4 + around.0.chars().filter(char::is_ascii_digit).count();
        prop_assert!(left <= expected + shown.len(), "{:?}", out.text());
    }
}

/// A number of an issuer with its check digit.
fn number(prefix: &str, len: usize, random: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = prefix
        .bytes()
        .map(|b| b - b'0')
        .chain(random.iter().copied())
        .take(len - 1)
        .collect();
    let sum: u32 = digits.iter().rev().enumerate().fold(0, |sum, (i, d)| {
        let doubled = u32::from(*d) * if i % 2 == 0 { 2 } else { 1 };
        sum + doubled / 10 + doubled % 10
    });
    digits.push(u8::try_from((10 - sum % 10) % 10).expect("a digit"));
    digits
}
