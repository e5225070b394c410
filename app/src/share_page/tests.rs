//! The public page with hostile text in every place that holds text.

use std::str::FromStr;

use domain::api::{OutputPiece, PublicShare, SharedAction, SharedEntry};
use domain::finding::{Finding, FindingKind};
use domain::timestamp::Timestamp;

use super::{Held, ShareUrls, document, gone, kept};

const HOSTILE: &str = "<script>alert(1)</script></textarea></code></pre><!-- \"'&amp; \u{202e}txt\r\nend\0";

fn at(second: u64) -> Timestamp {
    Timestamp::from_str(&format!("2026-03-01T02:47:{second:02}Z")).unwrap()
}

fn entry(leaf: u64, kind: &str, fields: &[(&str, &str, &str)]) -> SharedEntry {
    let fields = fields
        .iter()
        .map(|(g, f, t)| ((*g).to_owned(), (*f).to_owned(), (*t).to_owned()))
        .collect();
    SharedEntry {
        leaf,
        at: at(leaf),
        kind: kind.into(),
        sentence: HOSTILE.into(),
        fields,
    }
}

fn share() -> PublicShare {
    let placeholder = "[card •••• 4242]";
    let text = format!("{HOSTILE} paid with {placeholder}\n");
    let start = text.find(placeholder).unwrap() as u64;
    let finding = Finding {
        kind: FindingKind::Card,
        rule: "card.luhn".into(),
        start,
        len: placeholder.len() as u32,
        engine: 1,
    };
    PublicShare {
        org: HOSTILE.into(),
        endpoint: HOSTILE.into(),
        client: HOSTILE.into(),
        technician: HOSTILE.into(),
        opened_at: at(1),
        closed_at: Some(at(40)),
        size: 1284,
        root: "ab".repeat(32),
        withheld: domain::api::Withheld::Nothing,
        made_at: at(50),
        reviewed_by: HOSTILE.into(),
        version: 1,
        newer: None,
        entries: vec![
            entry(9, "session.closed", &[("text", "reason", "\nfixed")]),
            entry(
                1,
                "session.opened",
                &[("text", "reason", HOSTILE), ("text", "ticket", "")],
            ),
        ],
        actions: vec![SharedAction {
            number: 1,
            verb: "sh".into(),
            command: HOSTILE.into(),
            status: "timed_out".into(),
            entries: vec![
                entry(2, "action.proposed", &[("text", "command.script.text", HOSTILE)]),
                entry(4, "action.finished", &[]),
            ],
            output: vec![OutputPiece {
                leaf: 3,
                stream: "stderr".into(),
                text,
                findings: vec![finding],
            }],
        }],
    }
}

fn urls() -> ShareUrls {
    let url = |part: &str| format!("/s/token/{part}");
    ShareUrls {
        bundle: url("bundle.json"),
        verifier: "/pkg/verifier.wasm".into(),
        script: "/pkg/share.js".into(),
        style: "/pkg/countersign.css".into(),
        download: url("bundle.json?download"),
        keep: url("verify.html"),
    }
}

/// The text between `<code data-leaf="leaf" …>` and its end, as a browser would have it: tags out, references resolved.
fn text_content(html: &str, leaf: u64, group: &str, field: &str) -> String {
    let start = format!("<code data-leaf=\"{leaf}\" data-group=\"{group}\" data-field=\"{field}\">");
    let inner = html.split_once(&start).unwrap().1.split_once("</code>").unwrap().0;
    let mut text = String::new();
    let mut rest = inner;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').unwrap().1;
    }
    text.push_str(rest);
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#13;", "\r"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |t, (from, to)| t.replace(from, to))
}

/// R45: hostile text is text, in every place.
#[test]
fn hostile_text_never_becomes_markup() {
    let html = document(&share(), &urls());
    assert!(
        !html.contains("<script>"),
        "only the module's own script tag, which has attributes"
    );
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("</textarea>"));
    assert!(!html.contains('\r'), "a raw carriage return would become a line feed");
    for inline in ["<style", " style=", "onclick", "javascript:"] {
        assert!(!html.contains(inline), "{inline}");
    }
}

/// R7, R45: a kept page holds its parts as they are, in elements that nothing in them can end, and leads nowhere.
#[test]
fn a_kept_page_holds_its_parts_and_loads_nothing() {
    let held = Held {
        policy: "default-src 'none'",
        style: "a > b { color: red }",
        script: "if (1 < 2 && 3 > 2) run();",
        bundle: r#"{"text":"\u003c/script>&amp;"}"#,
        verifier: "AGFzbQ==",
    };
    let html = kept(&share(), held);
    for whole in [
        "<style>a > b { color: red }</style>",
        "<script type=\"module\">if (1 < 2 && 3 > 2) run();</script>",
        r#"<script type="application/json" id="bundle">{"text":"\u003c/script>&amp;"}</script>"#,
        r#"id="verifier">AGFzbQ==</script>"#,
        "data-bundle=\"#bundle\" data-verifier=\"#verifier\" data-pin=\"\"",
    ] {
        assert!(html.contains(whole), "{whole} is not in {html}");
    }
    assert_eq!(html.matches("<script").count(), 3);
    for leads in [" src=", "href=\"/", "href=\"http", "javascript:", "onclick"] {
        assert!(!html.contains(leads), "{leads}");
    }
    let policy = html.find("Content-Security-Policy").unwrap();
    assert!(
        policy < html.find("<style").unwrap() && policy < html.find("<script").unwrap(),
        "it holds for all"
    );
}

/// R45: what is checked against the record is on the page exactly, chips, escapes, first line feeds and all.
#[test]
fn checked_text_is_the_records_text() {
    let share = share();
    let html = document(&share, &urls());
    let piece = &share.actions[0].output[0];
    let parsed = |text: &str| text.replace('\0', "\u{fffd}");
    assert_eq!(text_content(&html, 3, "text", "text"), parsed(&piece.text));
    assert_eq!(text_content(&html, 1, "text", "reason"), parsed(HOSTILE));
    assert_eq!(text_content(&html, 2, "text", "command.script.text"), parsed(HOSTILE));
    assert_eq!(text_content(&html, 9, "text", "reason"), "\nfixed");
    assert!(html.contains("data-code=\"U+202E\""), "the override is named");
    assert!(
        html.contains("class=\"chip\">[card •••• 4242]"),
        "the finding is a chip"
    );
    assert!(!html.contains('\0'), "a raw NUL would be dropped");
    assert!(!html.contains("data-field=\"ticket\""), "an empty field is left out");
}

/// R45: the verdict's hooks, the order of the record, and words for people without scripts.
#[test]
fn the_document_is_whole_and_says_nothing_it_has_not_checked() {
    let html = document(&share(), &urls());
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(
        html.contains("id=\"verdict\"")
            && html.contains("data-state=\"checking\"")
            && html.contains("data-bundle=\"/s/token/bundle.json\"")
    );
    assert!(html.contains("Not checked yet") && html.contains("<noscript>") && html.contains("countersign verify"));
    let place = |needle: &str| html.find(needle).unwrap();
    assert!(place("session.opened") < place("action.proposed") && place("action.finished") < place("session.closed"));
    assert!(
        place("id=\"verdict\"") < place("id=\"transcript\""),
        "the verdict comes first"
    );
    assert!(!html.contains("VERIFIED"), "the server gives no verdict");
    assert!(!gone("/pkg/countersign.css").contains("<script"));
}
