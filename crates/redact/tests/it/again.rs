//! The server's pass over what agents send, honest ones and others.

use crate::common::check_findings;
use domain::finding::{Finding, FindingKind};
use redact::{Again, Ready, Settings, again};

fn finding(kind: FindingKind, start: u64, len: u32) -> Finding {
    Finding {
        kind,
        rule: "agent.rule".into(),
        start,
        len,
        engine: redact::ENGINE_VERSION,
    }
}

/// R30: what the agent found stays with its offsets moved, what it missed is added.
#[test]
fn keeps_the_agents_findings_and_adds_its_own() {
    let text = "4242424242424242 [e-mail] x";
    let out = again(&Settings::default(), text, vec![finding(FindingKind::Email, 17, 8)]);
    assert_eq!(out.text(), "[card •••• 4242] [e-mail] x");
    let found: Vec<_> = out.findings().iter().map(|f| (f.kind, &*f.rule, f.start)).collect();
    assert_eq!(
        found,
        [
            (FindingKind::Card, "card.luhn", 0),
            (FindingKind::Email, "agent.rule", 25)
        ]
    );
}

/// R34: findings outside the text, within a character, at no placeholder, of another kind, twice, or with a value for a
/// rule are dropped.
#[test]
fn drops_findings_that_are_not_true() {
    let text = "é [e-mail] [card •••• 4242]";
    let long = Finding {
        rule: "4242424242424242".into(),
        ..finding(FindingKind::Email, 3, 8)
    };
    let bad = vec![
        finding(FindingKind::Email, u64::MAX, 8),
        finding(FindingKind::Email, 1, 2),
        finding(FindingKind::Email, 0, 2),
        finding(FindingKind::Phone, 3, 8),
        finding(FindingKind::Email, 3, u32::MAX),
        long,
        finding(FindingKind::Email, 3, 7),
    ];
    let out = again(&Settings::default(), text, bad);
    assert_eq!((out.text(), out.findings().len()), (text, 0));
    let good = vec![
        finding(FindingKind::Email, 3, 8),
        finding(FindingKind::Email, 3, 8),
        finding(FindingKind::Card, 12, 24),
    ];
    let out = again(&Settings::default(), text, good);
    assert_eq!((out.text(), out.findings().len()), (text, 2));
    check_findings(&out);
}

/// R30: a card that an agent cuts over two chunks is never stored whole, wherever it is cut.
#[test]
fn a_card_over_two_chunks_is_not_stored() {
    for pan in ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"] {
        for at in 1..pan.len() {
            let mut server = Again::new(&Ready::new(&Settings::default()));
            let first = server.chunk(&format!("x {}", &pan[..at]), vec![]);
            let second = server.chunk(&format!("{} y\n", &pan[at..]), vec![]);
            let both = format!("{}{}", first.text(), second.text());
            let digits = both
                .replace("[card •••• 4242]", "")
                .bytes()
                .filter(u8::is_ascii_digit)
                .count();
            assert!(both.contains("[card") && digits <= 8, "{at}: {both}");
            assert!(second.text().ends_with(" y\n"));
        }
    }
}

/// R30: so is one after a restart of the server, from what it stored.
#[test]
fn resumes_from_what_is_stored() {
    let ready = Ready::new(&Settings::default());
    let mut server = Again::resume(&ready, "line\nx 4242424");
    let out = server.chunk("242424242 y\n", vec![]);
    assert_eq!(out.text(), "[card •••• 4242] y\n");
    let out = Again::resume(&ready, "4242424\n").last("242424242 y\n", vec![]);
    assert_eq!(out.text(), "242424242 y\n");
}

/// R30: a key that an agent lets through is dropped over as many chunks as it has.
#[test]
fn a_key_over_many_chunks_is_not_stored() {
    let mut server = Again::new(&Ready::new(&Settings::default()));
    let mut stored = server.chunk("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", vec![]);
    for chunk in ["AAAA\n", "BBBB\n-----END RSA PRI", "VATE KEY-----\nb\n"] {
        stored.append(server.chunk(chunk, vec![]));
    }
    stored.append(server.last("c", vec![]));
    assert_eq!(stored.text(), "a\n[private key]\nb\nc");
    assert_eq!(stored.findings().len(), 1);
}

/// R31: a chunk that ends a line or the stream is not suspected.
#[test]
fn numbers_at_the_end_of_a_line_or_of_the_stream_stay() {
    let mut server = Again::new(&Ready::new(&Settings::default()));
    assert_eq!(server.chunk("free 4123456789\n", vec![]).text(), "free 4123456789\n");
    assert_eq!(server.last("4123456789", vec![]).text(), "4123456789");
    assert!(!format!("{:?}", Again::resume(&Ready::new(&Settings::default()), "x 4242")).contains("4242"));
}
