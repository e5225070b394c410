//! What holds for all bytes, whoever made them. Used by the replays in `fuzz.rs` and by the libFuzzer targets in `/fuzz`.

use domain::finding::{Finding, FindingKind};
use domain::sensitive::Raw;
use redact::{
    Again, ByteRedactor, Encoding, OwnPattern, Ready, Redacted, SessionKey, Settings, again, check_merchant_id,
    check_term, redact,
};

/// A generator of numbers by a seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// Whole and in pieces, the result is the same, and a second pass adds nothing. `random` gives settings, encoding and cuts.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn output(bytes: &[u8], random: &mut Random) {
    let settings = settings(random);
    let encoding = Encoding::ALL[random.below(Encoding::ALL.len())].1;
    let all = |sizes: &mut dyn FnMut() -> usize| {
        let mut redactor = ByteRedactor::with_encoding(&settings, encoding);
        let mut out = Redacted::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(sizes().clamp(1, rest.len()));
            out.append(redactor.push(Raw::new(chunk)));
            rest = after;
        }
        out.append(redactor.finish());
        out
    };
    let whole = all(&mut || usize::MAX);
    check_findings(&whole);
    let cut = all(&mut || 1 + random.below(90));
    assert_eq!(
        (&cut, cut.sources()),
        (&whole, whole.sources()),
        "{:?}",
        String::from_utf8_lossy(bytes)
    );
    assert!(whole.sources().last().is_none_or(|s| s.end <= bytes.len() as u64));
    let twice = redact(&settings, Raw::new(whole.text()));
    assert_eq!(twice.text(), whole.text(), "{:?}", String::from_utf8_lossy(bytes));
}

/// The server's pass over a chunk of which an agent claims findings anywhere: what comes out is consistent, a second pass
/// over it changes nothing, and cut into chunks as well nothing panics.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn chunks(bytes: &[u8], random: &mut Random) {
    let settings = settings(random);
    let text = String::from_utf8_lossy(bytes);
    let claimed = |text: &str, random: &mut Random| -> Vec<Finding> {
        // At brackets, where placeholders may be, and anywhere.
        let opens: Vec<usize> = text.match_indices('[').map(|(at, _)| at).collect();
        let mut findings = vec![];
        for _ in 0..random.below(6) {
            let start = match opens.get(random.below(opens.len() + 1)) {
                Some(at) => *at,
                None => random.below(text.len() + 3),
            };
            let len = match text.get(start..).and_then(|rest| rest.find(']')) {
                Some(end) if random.below(4) > 0 => end + 1,
                _ => random.below(40),
            };
            findings.push(Finding {
                kind: FindingKind::ALL[random.below(FindingKind::ALL.len())],
                rule: ["agent.rule", "", "4242424242424242", "Card"][random.below(4)].into(),
                start: if random.below(20) == 0 { u64::MAX } else { start as u64 },
                len: u32::try_from(len).expect("a small number"),
                engine: redact::ENGINE_VERSION,
            });
        }
        findings
    };
    let findings = claimed(&text, random);
    let once = again(&settings, &text, findings);
    check_findings(&once);
    let (shown, kept) = once.clone().into_parts();
    let twice = again(&settings, &shown, kept.clone());
    assert_eq!((twice.text(), twice.findings()), (&*shown, &kept[..]), "{text:?}");
    let mut server = Again::new(&Ready::new(&settings));
    let mut rest = &*text;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.ceil_char_boundary(1 + random.below(90)));
        let findings = claimed(chunk, random);
        check_findings(&server.chunk(chunk, findings));
        rest = after;
    }
    check_findings(&server.last("", vec![]));
}

/// An organisation's patterns, words and ids, one a line: what is taken can be stored, and finds nothing in what it made.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn settings_of(text: &str, random: &mut Random) {
    let mut settings = settings(random);
    for line in text.lines().take(20) {
        if let Ok(own) = OwnPattern::new("own", line) {
            assert_eq!(own.pattern(), line);
            let again = OwnPattern::new(own.name(), own.pattern());
            assert!(again.as_ref() == Ok(&own), "taken once and not again: {line:?}");
            settings.own.push(own);
        }
        if check_term(line).is_ok() {
            settings.terms.push(line.to_owned());
        }
        if check_merchant_id(line).is_ok() {
            settings.merchant_ids.push(line.to_owned());
        }
    }
    let once = redact(&settings, Raw::new(text));
    check_findings(&once);
    let twice = redact(&settings, Raw::new(once.text()));
    assert_eq!(twice.text(), once.text(), "{text:?}");
    for own in &settings.own {
        let lines = once.text().lines().filter(|l| !l.contains('['));
        assert!(
            lines.into_iter().all(|l| !own.hits(l)),
            "{} is left in {:?}",
            own.pattern(),
            once.text()
        );
    }
}

fn settings(random: &mut Random) -> Settings {
    Settings {
        ip_addresses: random.below(2) == 0,
        mac_addresses: random.below(2) == 0,
        merchant_ids: vec!["TERM-00042".into()],
        terms: vec!["Jane Doe".into()],
        session_key: (random.below(2) == 0).then(|| SessionKey::new([5; 32])),
        ..Settings::default()
    }
}

/// Every finding points at a placeholder of its kind, in order, none overlapping.
pub(crate) fn check_findings(redacted: &Redacted) {
    let mut end = 0;
    for f in redacted.findings() {
        let (start, len) = (
            usize::try_from(f.start).expect("an offset"),
            usize::try_from(f.len).expect("a length"),
        );
        assert!(start >= end, "findings are in order");
        let placeholder = redacted
            .text()
            .get(start..start + len)
            .expect("a finding lies within the text");
        let label = f.kind.label();
        let card = placeholder.starts_with("[card •••• ") && placeholder.ends_with(']') && label == "card";
        let numbered = placeholder.starts_with(&format!("[{label} #")) && placeholder.len() == label.len() + 9;
        assert!(
            card || numbered || placeholder == format!("[{label}]"),
            "{placeholder} for {label}"
        );
        assert!(!f.rule.is_empty() && f.engine == redact::ENGINE_VERSION);
        end = start + len;
    }
    assert_eq!(redacted.sources().len(), redacted.findings().len());
    assert!(
        redacted.sources().windows(2).all(|s| s[0].end <= s[1].start),
        "places are in order"
    );
}
