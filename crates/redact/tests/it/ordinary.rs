//! Ordinary output, in which a finding is a mistake: 25,000 lines of what Debian's and Windows's programs print (the latter
//! as Wine prints it), frozen from `scripts/ordinary-output.sh`.

use std::io::Read;

use crate::common::{check_findings, whole};
use redact::Settings;

fn sample() -> String {
    let packed: &[u8] = include_bytes!("../corpus/ordinary.br");
    let mut text = String::new();
    brotli::Decompressor::new(packed, 4096)
        .read_to_string(&mut text)
        .expect("a text");
    text
}

/// R32: at most one line in 1,000 of ordinary output is hit, each as `docs/redaction.md` lists it.
#[test]
fn ordinary_output_stays_as_it_is() {
    let text = sample();
    let lines = text.lines().count();
    assert!(lines >= 20_000);
    let out = whole(&Settings::default(), &text);
    check_findings(&out);
    let mut hits: Vec<String> = Vec::new();
    for (finding, source) in out.findings().iter().zip(out.sources()) {
        let (start, end) = (
            usize::try_from(source.start).unwrap(),
            usize::try_from(source.end).unwrap(),
        );
        let from = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let to = text[end..].find('\n').map_or(text.len(), |i| end + i);
        hits.push(format!(
            "{} at {:?}: {}",
            finding.rule,
            &text[start..end],
            text[from..to].trim()
        ));
    }
    println!("{} findings in {lines} lines\n{}", hits.len(), hits.join("\n"));
    assert!(
        hits.len() * 1000 <= lines,
        "{} findings in {lines} lines:\n{}",
        hits.len(),
        hits.join("\n")
    );
}
