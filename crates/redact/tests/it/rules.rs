//! Every rule by its own table: what it must find as it stands and in disguise, and what no rule may find.

use crate::common::{check_findings, pieces, single_characters, whole};
use domain::finding::FindingKind;
use domain::sensitive::Raw;
use redact::{ByteRedactor, Encoding, Redacted, Rule, Settings, again, rules};

fn settings() -> Settings {
    Settings {
        ip_addresses: true,
        mac_addresses: true,
        ..Settings::default()
    }
}

/// An example's text and the place of its value.
fn unmarked(example: &str) -> (String, std::ops::Range<usize>) {
    let (before, rest) = example.split_once('«').expect("a value is marked");
    let (value, after) = rest.split_once('»').expect("its end is marked");
    let range = before.len()..before.len() + value.len();
    (format!("{before}{value}{after}"), range)
}

fn examples() -> impl Iterator<Item = (&'static Rule, &'static str)> {
    rules().flat_map(|rule| rule.examples.iter().map(move |e| (rule, *e)))
}

/// R32: each example's value is found, whole, by its rule or by another that calls it the same.
#[test]
fn every_example_is_found_and_nothing_else() {
    let mut wrong = Vec::new();
    for (rule, example) in examples() {
        let (text, value) = unmarked(example);
        let out = whole(&settings(), &text);
        check_findings(&out);
        let found: Vec<_> = out.findings().iter().zip(out.sources()).collect();
        let right =
            matches!(&found[..], [(f, s)] if f.kind == rule.kind && **s == (value.start as u64..value.end as u64));
        if !right {
            wrong.push(format!("{}: {text:?}\n  gave {:?} {found:?}", rule.id, out.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R31: what is left of an example behind any place in it, and before it, is looked at like any text. Rules look back for
/// what may not be there, at the very start of a text most of all.
#[test]
fn no_part_of_an_example_is_too_short() {
    for (_, example) in examples() {
        let (text, _) = unmarked(example);
        for (at, _) in text.char_indices() {
            for part in [&text[at..], &text[..at]] {
                let out = whole(&settings(), part);
                check_findings(&out);
                let twice = again(&settings(), out.text(), out.findings().to_vec());
                assert_eq!(twice.text(), out.text(), "{part:?}");
            }
        }
    }
}

/// R32: each rule that has examples finds one of them itself.
#[test]
fn every_rule_finds_something_itself() {
    for rule in rules().filter(|r| !r.examples.is_empty()) {
        let found = |e: &&str| {
            whole(&settings(), &unmarked(e).0)
                .findings()
                .iter()
                .any(|f| f.rule == rule.id)
        };
        assert!(rule.examples.iter().any(found), "{} finds nothing", rule.id);
    }
}

/// R32: nothing is found in any counter-example.
#[test]
fn no_counter_example_is_found() {
    let settings = settings();
    let mut wrong = Vec::new();
    for rule in rules() {
        for text in rule.counter_examples {
            let out = whole(&settings, text);
            let by_address = |k: FindingKind| k == FindingKind::IpAddress && rule.kind != FindingKind::IpAddress;
            if out.findings().iter().any(|f| !by_address(f.kind)) {
                wrong.push(format!(
                    "{}: {text:?} gave {:?} {:?}",
                    rule.id,
                    out.text(),
                    out.findings()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R32: names are used once (kinds of one issuer's credentials share theirs), and each rule is told apart by its examples.
#[test]
fn tables_are_complete() {
    let mut ids: Vec<&str> = rules()
        .filter(|r| !r.counter_examples.is_empty())
        .map(|r| r.id)
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "two rules have one name");
    for rule in rules() {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
        assert!(
            rule.id.len() <= 40 && rule.id.chars().all(sound) && !rule.check.is_empty(),
            "{}",
            rule.id
        );
        assert_eq!(redact::rule(rule.id).map(|r| r.kind), Some(rule.kind), "{}", rule.id);
    }
}

/// Places a disguise can't be at: these rules are about that very character.
type Disguise = (&'static str, fn(&str, &std::ops::Range<usize>) -> Option<Vec<u8>>);

fn in_value(text: &str, value: &std::ops::Range<usize>, what: &str) -> Option<Vec<u8>> {
    let middle = text.ceil_char_boundary(value.start + value.len() / 2);
    Some(format!("{}{what}{}", &text[..middle], &text[middle..]).into_bytes())
}

fn changed(text: &str, value: &std::ops::Range<usize>, change: impl Fn(char) -> char) -> Option<Vec<u8>> {
    let shown: String = text[value.clone()].chars().map(change).collect();
    Some(format!("{}{shown}{}", &text[..value.start], &text[value.end..]).into_bytes())
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

const DISGUISES: &[Disguise] = &[
    ("colours", |t, v| in_value(t, v, "\u{1b}[1;31m")),
    ("a joiner", |t, v| in_value(t, v, "\u{200b}")),
    ("a backspace", |t, v| in_value(t, v, "x\u{8}")),
    ("full width", |t, v| {
        changed(t, v, |c| match c {
            '!'..='~' => char::from_u32(c as u32 + 0xfee0).expect("a full-width form"),
            other => other,
        })
    }),
    ("blanks and dashes", |t, v| {
        changed(t, v, |c| match c {
            ' ' => '\u{a0}',
            '-' => '\u{2011}',
            other => other,
        })
    }),
    ("UTF-16LE", |t, _| Some(utf16(t, u16::to_le_bytes))),
    ("UTF-16BE", |t, _| Some(utf16(t, u16::to_be_bytes))),
    ("UTF-16 with a mark", |t, _| {
        Some(utf16(&format!("\u{feff}{t}"), u16::to_le_bytes))
    }),
    ("UTF-16 in the middle", |t, _| {
        Some([b"line\n".to_vec(), utf16(t, u16::to_le_bytes)].concat())
    }),
    ("URL", |t, _| {
        t.is_ascii()
            .then(|| t.bytes().flat_map(|b| format!("%{b:02X}").into_bytes()).collect())
    }),
    ("hex", |t, _| {
        t.is_ascii()
            .then(|| t.bytes().flat_map(|b| format!("{b:02x}").into_bytes()).collect())
    }),
    ("base64", |t, _| t.is_ascii().then(|| base64(t.as_bytes()).into_bytes())),
    ("base64 of UTF-16", |t, _| {
        t.is_ascii().then(|| base64(&utf16(t, u16::to_le_bytes)).into_bytes())
    }),
];

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0u32, |n, b| n << 8 | u32::from(*b));
        for i in 0..4 {
            let six = (bits >> (18 - 6 * i)) & 63;
            out.push(if i <= three.len() {
                char::from(ALPHABET[six as usize])
            } else {
                '='
            });
        }
    }
    out
}

/// Kinds that are looked for behind base64 and hex.
fn is_strong(kind: FindingKind) -> bool {
    use FindingKind as K;
    matches!(
        kind,
        K::Card | K::CardAuth | K::Secret | K::Password | K::PrivateKey | K::Jwt | K::Ssn | K::Iban
    )
}

fn bytes(settings: &Settings, bytes: &[u8], size: usize) -> Redacted {
    let mut redactor = ByteRedactor::with_encoding(settings, Encoding::Auto);
    let mut out = Redacted::default();
    for chunk in bytes.chunks(size) {
        out.append(redactor.push(Raw::new(chunk)));
    }
    out.append(redactor.finish());
    out
}

/// R33: each example's value is found in every disguise, and nothing of it is shown.
#[test]
fn every_example_is_found_in_every_disguise() {
    let settings = settings();
    let mut wrong = Vec::new();
    for (rule, example) in examples() {
        let (text, value) = unmarked(example);
        for (name, disguise) in DISGUISES {
            let coded = matches!(*name, "hex" | "base64" | "base64 of UTF-16");
            let apart = (coded && (!is_strong(rule.kind) || rule.id.starts_with("encoded.")))
                || (*name == "URL" && (rule.kind == FindingKind::PrivateKey || rule.id.starts_with("encoded.")))
                || (rule.id == "card.truncated" && *name == "UTF-16 in the middle");
            if apart {
                continue;
            }
            let Some(input) = disguise(&text, &value) else {
                continue;
            };
            // Fewer characters of base64 or hex are not looked into.
            if coded && input.len() < 24 {
                continue;
            }
            let out = bytes(&settings, &input, 7);
            check_findings(&out);
            let found = out.findings().iter().any(|f| f.kind == rule.kind);
            if !found || out.text().contains(&text[value.clone()]) {
                wrong.push(format!(
                    "{} by {name}: {:?}\n  gave {:?}",
                    rule.id,
                    String::from_utf8_lossy(&input),
                    out.text()
                ));
            }
            assert_eq!(bytes(&settings, &input, usize::MAX), out, "{} by {name}", rule.id);
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// R31: each cut of each example gives the same, and so does a second pass.
#[test]
fn cuts_and_second_passes_change_nothing() {
    let settings = Settings {
        session_key: Some(redact::SessionKey::new([3; 32])),
        ..settings()
    };
    for (rule, example) in examples() {
        let (text, _) = unmarked(example);
        let text = text + "\nnext 12\n";
        let expected = whole(&settings, &text);
        for (at, _) in text.char_indices() {
            let (a, b) = text.split_at(at);
            let out = pieces(&settings, [a, b]);
            assert_eq!(
                (&out, out.sources()),
                (&expected, expected.sources()),
                "{} cut at {at}",
                rule.id
            );
        }
        assert_eq!(single_characters(&settings, &text), expected, "{}", rule.id);
        let twice = whole(&settings, expected.text());
        assert_eq!(
            (twice.text(), twice.findings().len()),
            (expected.text(), 0),
            "{}",
            rule.id
        );
        assert_eq!(
            again(&settings, expected.text(), expected.findings().to_vec()),
            expected,
            "{}",
            rule.id
        );
    }
}

/// R31: a rule sees one line. With a line end put anywhere into an example, or there instead of a character, both lines
/// together give what they give one after the other.
#[test]
fn no_rule_reads_over_the_end_of_a_line() {
    let settings = settings();
    let mut wrong = std::collections::BTreeSet::new();
    for (rule, example) in examples() {
        let (text, _) = unmarked(example);
        for (at, instead) in text.char_indices() {
            for skipped in [0, instead.len_utf8()] {
                let (first, second) = (format!("{}\n", &text[..at]), format!("{}\n", &text[at + skipped..]));
                let together = whole(&settings, &format!("{first}{second}"));
                if pieces(&settings, [first.as_str(), &second]) != together {
                    wrong.insert(format!("{}: {:?}", rule.id, together.text()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// R34: no value is in what is stored, printed or told, of a result or of a redactor that holds it.
#[test]
fn no_value_reaches_a_finding_or_a_debug_output() {
    let settings = settings();
    for (rule, example) in examples() {
        let (text, value) = unmarked(example);
        let value = &text[value];
        let out = whole(&settings, &text);
        let mut redactor = redact::Redactor::new(&settings);
        let early = redactor.push(Raw::new(&text));
        let mut in_bytes = ByteRedactor::new(&settings);
        let early_bytes = in_bytes.push(Raw::new(text.as_bytes()));
        let told = format!(
            "{out:?} {} {redactor:?} {early:?} {in_bytes:?} {early_bytes:?} {:?} {:?}",
            serde_json::to_string(&out).unwrap(),
            out.looked(),
            redact::Again::resume(&redact::Ready::new(&settings), &text),
        );
        assert!(!told.contains(value), "{}: {told}", rule.id);
    }
}

/// R32: lists and patterns of a client, kinds turned off, and those that can't be.
#[test]
fn settings_add_and_take_away() {
    let text = "Jane Doe, Jörg and 李雷: emp-1234x, jane@example.com, 4242424242424242";
    let mut settings = Settings {
        terms: vec![
            "Jane Doe".into(),
            "jörg".into(),
            "Jörg".into(),
            "李雷".into(),
            "root".into(),
        ],
        own: vec![redact::OwnPattern::new("employee", "EMP-####^").unwrap()],
        ..Settings::default()
    };
    let out = whole(&settings, text);
    assert_eq!(
        out.text(),
        "[term], [term] and [term]: [own], [e-mail], [card •••• 4242]"
    );
    settings.off = FindingKind::ALL.to_vec();
    let out = whole(&settings, text);
    assert_eq!(out.text(), text.replace("4242424242424242", "[card •••• 4242]"));
    assert_eq!(whole(&settings, "password=hunter2").text(), "password=[password]");
}

/// R34: the same value has the same number, another value another, and only with the session's key.
#[test]
fn numbers_follow_a_value_through_a_session() {
    let text = "jane@example.com bob@example.com\nJANE@example.com cvv: 123 password=hunter2\n";
    let numbered = |key: u8| {
        let settings = Settings {
            session_key: Some(redact::SessionKey::new([key; 32])),
            ..Settings::default()
        };
        let out = whole(&settings, text);
        check_findings(&out);
        assert_eq!(whole(&settings, out.text()).text(), out.text());
        out.text().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, other) = (numbered(1), numbered(2));
    // Each placeholder is two words: its label and its number.
    assert!(
        one[1] == one[5] && one[1] != one[3] && one[1] != other[1],
        "{one:?} {other:?}"
    );
    assert!(one.join(" ").ends_with("cvv: [card auth] password=[password]"));
    let plain = whole(&Settings::default(), text);
    assert!(
        !plain.text().contains('#') && plain.looked().total() == 5 && plain.looked().engine == redact::ENGINE_VERSION
    );
    assert_eq!(whole(&Settings::default(), "quiet").looked().total(), 0);
}
