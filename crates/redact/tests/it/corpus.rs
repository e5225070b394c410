//! The committed cases: each is checked whole, cut at every place, one character at a time, and redacted again.

use crate::common::{check_findings, pieces, single_characters, whole};
use redact::{Settings, again};

const FILES: &[(&str, &str)] = &[
    ("cards", include_str!("../corpus/cards.txt")),
    ("personal", include_str!("../corpus/personal.txt")),
    ("secrets", include_str!("../corpus/secrets.txt")),
    ("merchant", include_str!("../corpus/merchant.txt")),
    ("network", include_str!("../corpus/network.txt")),
    ("quiet", include_str!("../corpus/quiet.txt")),
    ("evasion", include_str!("../corpus/evasion.txt")),
];

struct Case {
    place: String,
    settings: Settings,
    input: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    FILES.iter().flat_map(|(name, text)| cases_of(name, text)).collect()
}

fn cases_of(name: &str, text: &str) -> Vec<Case> {
    let mut settings = Settings::default();
    let mut cases = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let (sign, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        let (input, expected) = match (sign, rest.split_once(" ⇒ ")) {
            ("+ ", Some(both)) => both,
            ("- ", None) => (rest, rest),
            ("! ", _) => {
                match rest.strip_prefix("id ") {
                    Some(id) => settings.merchant_ids.push(id.to_owned()),
                    None => settings.ip_addresses = true,
                }
                continue;
            }
            _ => {
                assert!(
                    line.is_empty() || line.starts_with('#'),
                    "{name}.txt:{}: not a case",
                    n + 1
                );
                continue;
            }
        };
        let place = format!("{name}.txt:{}", n + 1);
        cases.push(Case {
            place,
            settings: settings.clone(),
            input: unescape(input),
            expected: unescape(expected),
        });
    }
    cases
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('e') => out.push('\u{1b}'),
            Some('b') => out.push('\u{8}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('0') => out.push('\0'),
            Some('u') => {
                let code: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            other => out.extend(other),
        }
    }
    out
}

/// R30, R32, R33, R36: each rule finds what it must and leaves alone what it must.
#[test]
fn every_case_comes_out_as_written() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let out = whole(&case.settings, &case.input);
            check_findings(&out);
            let changed = case.input != case.expected;
            let right = out.text() == case.expected && out.findings().is_empty() != changed;
            (!right).then(|| {
                format!(
                    "{}: {:?}\n  gave {:?} {:?}",
                    case.place,
                    case.input,
                    out.text(),
                    out.findings()
                )
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// R31: each cut of each case gives the same text and findings, and so do single characters.
#[test]
fn every_cut_gives_the_same() {
    for case in cases() {
        let expected = whole(&case.settings, &case.input);
        for (at, _) in case.input.char_indices() {
            let (a, b) = case.input.split_at(at);
            assert_eq!(pieces(&case.settings, [a, b]), expected, "{} cut at {at}", case.place);
        }
        assert_eq!(
            single_characters(&case.settings, &case.input),
            expected,
            "{}",
            case.place
        );
    }
}

/// R31, R36: what was redacted comes out of a second pass as it was, with the findings it had.
#[test]
fn redacting_again_adds_nothing() {
    for case in cases() {
        let once = whole(&case.settings, &case.input);
        let twice = whole(&case.settings, once.text());
        assert_eq!(
            (twice.text(), twice.findings().len()),
            (once.text(), 0),
            "{}",
            case.place
        );
        assert_eq!(
            again(&case.settings, once.text(), once.findings().to_vec()),
            once,
            "{}",
            case.place
        );
    }
}

/// R30: all cases as one long text, in chunks of every small size.
#[test]
fn all_cases_as_one_stream() {
    let settings = Settings::default();
    let no_open_key = |c: &&Case| !c.expected.contains("[private key]") || c.expected.ends_with("\n");
    let cases = cases();
    let text: String = cases
        .iter()
        .filter(no_open_key)
        .map(|c| c.input.clone() + "\n")
        .collect();
    let expected = whole(&settings, &text);
    check_findings(&expected);
    let borders: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
    for size in [1, 2, 3, 5, 7, 64, 1000, 4095, 4096, 4097] {
        let chunks = borders
            .chunks(size)
            .map(|b| b[0])
            .chain([text.len()])
            .collect::<Vec<_>>();
        assert_eq!(
            pieces(&settings, chunks.windows(2).map(|w| &text[w[0]..w[1]])),
            expected,
            "chunks of {size}"
        );
    }
}
