//! `countersign redact`: standard input to standard output through the engine that agents and the server use, for people's
//! pipelines and for measuring it.
//!
//! Deliberately absent: numbers in placeholders, which belong to a session.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use domain::finding::{FindingCounts, FindingKind, Looked};
use domain::sensitive::Raw;
use redact::{ByteRedactor, Confidence, ENGINE_VERSION, Encoding, OwnPattern, Redacted, Settings, rule, rules};
use serde::Serialize;

use super::tell;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// What to look for, and where findings go.
#[derive(Debug, Args)]
pub(super) struct Redact {
    /// Write a line of JSON for each finding to this file, with its place in the input in bytes, and at the end what was
    /// counted by which engine.
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
    /// List the rules instead, and read nothing.
    #[arg(long)]
    rules: bool,
    /// How the input is encoded: auto, utf-8, utf-16le, utf-16be, cp437, cp850 or windows-1252. The output is UTF-8.
    #[arg(long, default_value = "auto")]
    encoding: Encoding,
    /// Redact IP addresses too.
    #[arg(long)]
    ip: bool,
    /// Redact hardware (MAC) addresses too.
    #[arg(long)]
    mac: bool,
    /// A registered merchant or terminal id; may be given several times.
    #[arg(long, value_name = "ID")]
    merchant_id: Vec<String>,
    /// A name or another term to redact; may be given several times.
    #[arg(long, value_name = "WORDS")]
    term: Vec<String>,
    /// An own pattern such as `employee=EMP-######`; may be given several times.
    #[arg(long, value_name = "NAME=PATTERN", value_parser = own_pattern)]
    pattern: Vec<OwnPattern>,
}

/// A finding as it is written.
#[derive(Serialize)]
struct Line<'a> {
    kind: FindingKind,
    rule: &'a str,
    confidence: Option<Confidence>,
    engine: u32,
    /// First byte of the value in the input, and the first behind it.
    start: u64,
    end: u64,
    /// First byte of the placeholder in the output, and its length.
    output_start: u64,
    output_len: u32,
}

/// The last line.
#[derive(Serialize)]
struct Last {
    looked: Looked,
}

impl Redact {
    pub(super) fn run(self) -> Result<ExitCode> {
        if self.rules {
            list();
            return Ok(ExitCode::SUCCESS);
        }
        for term in &self.term {
            redact::check_term(term).with_context(|| format!("the term {term:?} can't be looked for"))?;
        }
        let findings = match &self.findings {
            Some(path) => {
                let file = File::create(path).with_context(|| format!("making {} for findings", path.display()))?;
                Some(BufWriter::new(file))
            }
            None => None,
        };
        let settings = Settings {
            ip_addresses: self.ip,
            mac_addresses: self.mac,
            merchant_ids: self.merchant_id,
            terms: self.term,
            own: self.pattern,
            ..Settings::default()
        };
        let redactor = ByteRedactor::with_encoding(&settings, self.encoding);
        match pass(redactor, io::stdin().lock(), io::stdout().lock(), findings) {
            // Whoever reads the output has seen enough.
            Err(error)
                if error
                    .downcast_ref::<io::Error>()
                    .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) =>
            {
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(ExitCode::SUCCESS),
        }
    }
}

/// Redacts all of `input`, writing as soon as something can be released.
fn pass(
    mut redactor: ByteRedactor,
    mut input: impl Read,
    mut output: impl Write,
    mut findings: Option<impl Write>,
) -> Result<()> {
    let mut written = 0;
    let mut counts = FindingCounts::new();
    let mut release = |piece: Redacted| -> Result<()> {
        output.write_all(piece.text().as_bytes())?;
        output.flush()?;
        for (finding, source) in piece.findings().iter().zip(piece.sources()) {
            *counts.entry(finding.kind).or_default() += 1;
            if let Some(file) = &mut findings {
                let line = Line {
                    kind: finding.kind,
                    rule: &finding.rule,
                    confidence: rule(&finding.rule).map(|r| r.confidence),
                    engine: finding.engine,
                    start: source.start,
                    end: source.end,
                    output_start: written + finding.start,
                    output_len: finding.len,
                };
                writeln!(file, "{}", serde_json::to_string(&line)?)?;
            }
        }
        written += piece.text().len() as u64;
        Ok(())
    };
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(anyhow!(error).context("reading standard input")),
        };
        release(redactor.push(Raw::new(&chunk[..read])))?;
    }
    release(redactor.finish())?;
    if let Some(mut file) = findings {
        let looked = Looked {
            engine: ENGINE_VERSION,
            counts,
        };
        writeln!(file, "{}", serde_json::to_string(&Last { looked })?)?;
        file.flush()?;
    }
    Ok(())
}

fn own_pattern(text: &str) -> Result<OwnPattern, String> {
    let (name, pattern) = text.split_once('=').ok_or("write it as NAME=PATTERN")?;
    OwnPattern::new(name, pattern).map_err(|refused| refused.to_string())
}

/// One line for each rule, by name; kinds of one issuer's credentials share one.
fn list() {
    let by_name: BTreeMap<&str, _> = rules().map(|r| (r.id, r)).collect();
    tell(&format!("engine {ENGINE_VERSION}, {} rules", by_name.len()));
    for (id, rule) in by_name {
        let sure = match rule.confidence {
            Confidence::Likely => "likely",
            Confidence::Probable => "probable",
            Confidence::Certain => "certain",
        };
        let setting = if rule.by_setting { ", by setting" } else { "" };
        tell(&format!(
            "{id:<26} {:<2} {:<12} {sure:<9} {}{setting}",
            rule.version,
            rule.kind.label(),
            rule.check
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(encoding: Encoding, input: &[u8]) -> (String, Vec<serde_json::Value>) {
        let (mut output, mut findings) = (Vec::new(), Vec::new());
        let redactor = ByteRedactor::with_encoding(&Settings::default(), encoding);
        pass(redactor, input, &mut output, Some(&mut findings)).unwrap();
        let lines = String::from_utf8(findings).unwrap();
        (
            String::from_utf8(output).unwrap(),
            lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect(),
        )
    }

    /// R34: findings have their place in the input, in its own bytes, and the counts come last.
    #[test]
    fn findings_lead_back_to_the_input() {
        let (output, lines) = run(Encoding::Auto, b"a\nvisa 4242424242424242\nend\n");
        assert_eq!(output, "a\nvisa [card \u{2022}\u{2022}\u{2022}\u{2022} 4242]\nend\n");
        assert_eq!((&lines[0]["start"], &lines[0]["end"]), (&7.into(), &23.into()));
        assert_eq!(
            (&lines[0]["rule"], &lines[0]["confidence"]),
            (&"card.luhn".into(), &"certain".into())
        );
        assert_eq!(lines[1]["looked"]["counts"]["card"], 1);
        let wide: Vec<u8> = "visa 4242424242424242\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let (_, lines) = run(Encoding::Auto, &wide);
        assert_eq!((&lines[0]["start"], &lines[0]["end"]), (&10.into(), &42.into()));
    }

    /// R34: that nothing was found, and by which engine, is written too.
    #[test]
    fn nothing_found_is_told() {
        let (output, lines) = run(Encoding::Cp437, b"caf\x82\n");
        assert_eq!(output, "caf\u{e9}\n");
        assert_eq!(
            lines,
            [serde_json::json!({"looked": {"engine": ENGINE_VERSION, "counts": {}}})]
        );
    }

    /// R32: a pattern that can't be used says why.
    #[test]
    fn a_refused_pattern_says_why() {
        assert!(own_pattern("x").unwrap_err().contains("NAME=PATTERN"));
        assert!(own_pattern("x=#####").unwrap_err().contains("six characters"));
        assert_eq!(own_pattern("employee=EMP-###").unwrap().name(), "employee");
    }
}
