//! `countersign verify`: the record checked by whoever has a file, without any server (R7).

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use audit::cosignature::WitnessKey;
use audit::verify::{Report, Trusted, Verdict};
use clap::Args;
use engine::Engine;
use serde::Serialize;

use super::tell;

/// What to verify.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["bundle", "database"]))]
pub(super) struct Verify {
    /// A bundle, or a share's page that was kept as a file: what the page offers for download.
    bundle: Option<PathBuf>,
    /// A server's data folder: the whole record of every organisation in it, without changing anything.
    #[arg(long, value_name = "DIR")]
    database: Option<PathBuf>,
    /// The share's link, or the part of it from # on: what the record was when the link was made.
    #[arg(long, value_name = "LINK", requires = "bundle")]
    pin: Option<String>,
    /// A witness that must have cosigned: its key, as `countersign witness` prints it; once for each.
    #[arg(long = "witness", value_name = "KEY", requires = "bundle")]
    witnesses: Vec<String>,
    /// A file of checkpoints that was kept elsewhere (`countersign serve --checkpoints`): the record must still have each.
    #[arg(long, value_name = "FILE", requires = "database")]
    checkpoints: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// One record's report.
#[derive(Serialize)]
struct Verified {
    /// The organisation's name, or the bundle's file.
    of: String,
    report: Report,
}

impl Verify {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let verified = match (&self.bundle, &self.database) {
            (Some(file), _) => {
                let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
                let fragment = self.pin.as_deref().map(fragment);
                let witnesses: Vec<WitnessKey> = self
                    .witnesses
                    .iter()
                    .map(|key| key.parse().with_context(|| format!("{key} is not a witness's key")))
                    .collect::<Result<_>>()?;
                let trusted = Trusted {
                    fragment,
                    witnesses: &witnesses,
                };
                vec![Verified {
                    of: file.display().to_string(),
                    report: audit::verify::verify_bytes(bundle_in(&bytes), trusted),
                }]
            }
            (None, Some(data)) => {
                let kept = match &self.checkpoints {
                    Some(file) => {
                        std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?
                    }
                    None => String::new(),
                };
                let orgs = Engine::verify_database(data, &kept)
                    .await
                    .with_context(|| format!("reading the record in {}", data.display()))?;
                orgs.into_iter().map(|(of, report)| Verified { of, report }).collect()
            }
            // The argument group lets neither both nor none through.
            (None, None) => vec![],
        };
        ensure!(!verified.is_empty(), "there is no record to verify");
        tell(&if self.json {
            serde_json::to_string_pretty(&verified)?
        } else {
            verified.iter().map(in_words).collect()
        });
        Ok(exit_code(&verified))
    }
}

/// The bundle that a file holds: all of it, or the one in a share's page that was kept.
fn bundle_in(file: &[u8]) -> &[u8] {
    let open = format!(r#"<script type="application/json" id="{}">"#, app::share_page::BUNDLE);
    let page = std::str::from_utf8(file)
        .ok()
        .filter(|text| text.starts_with("<!DOCTYPE html>"));
    let held = page.and_then(|text| text.split_once(&open)).map(|(_, rest)| rest);
    held.map_or(file, |rest| {
        rest.split_once("</script>")
            .map_or(rest, |(bundle, _)| bundle)
            .as_bytes()
    })
}

/// The part of a link that pins what was true; anything without `#` is taken for that part.
fn fragment(link: &str) -> &str {
    link.split_once('#').map_or(link, |(_, fragment)| fragment)
}

/// Altered outweighs cannot verify, which outweighs verified.
fn exit_code(verified: &[Verified]) -> ExitCode {
    let worst = [Verdict::Altered, Verdict::CannotVerify]
        .into_iter()
        .find(|v| verified.iter().any(|r| r.report.verdict == *v));
    ExitCode::from(worst.unwrap_or(Verdict::Verified).exit_code())
}

/// The report for a person: the verdict first, then where, then what was looked at.
fn in_words(verified: &Verified) -> String {
    let Verified { of, report } = verified;
    let mut text = format!("{}  {of}\n{}\n", report.verdict.word(), report.sentence);
    let mut line = |name: &str, value: String| {
        // Writing to a string can't fail.
        let _ = writeln!(text, "  {name:<17}{value}");
    };
    if let Some(wrong) = &report.first_wrong {
        let place = if wrong.last == wrong.index {
            wrong.index.to_string()
        } else {
            format!("{} to {}", wrong.index, wrong.last)
        };
        line("first wrong leaf", format!("{place}: {}", wrong.what));
    }
    for problem in &report.problems {
        let place = problem.index.map(|i| format!("leaf {i}: ")).unwrap_or_default();
        line(problem.verdict.word(), format!("{place}{}", problem.what));
    }
    let more = report.problems_total.saturating_sub(report.problems.len() as u64);
    if more > 0 {
        line("", format!("and {more} more"));
    }
    for check in &report.checks {
        line("in order", check.clone());
    }
    for cosigner in report.cosigners.iter().filter(|c| c.time.is_none()) {
        line(
            "not checked",
            format!("the cosignature of {}, whose key was not given", cosigner.name),
        );
    }
    let looked_at = format!(
        "{} leaves, {} groups of fields, {} withheld, {} erased",
        report.leaves_checked, report.groups_checked, report.groups_withheld, report.groups_erased
    );
    line("looked at", looked_at);
    if let (Some(size), Some(root)) = (report.size, &report.root) {
        line("tree", format!("size {size}, root {root}"));
    }
    if let Some(key) = &report.key {
        line("key", key.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R7: a bundle that says nothing is not verified, and the exit code says so.
    #[test]
    fn what_cannot_be_read_cannot_be_verified() {
        let report = audit::verify::verify_bytes(b"{}", Trusted::default());
        let verified = [Verified {
            of: "file".into(),
            report,
        }];
        assert!(in_words(&verified[0]).starts_with("CANNOT VERIFY  file\n"));
        assert_eq!(exit_code(&verified), ExitCode::from(2));
    }

    #[test]
    fn a_whole_link_and_its_fragment_pin_the_same() {
        assert_eq!(fragment("https://x/s/abc#v1.9.aa.bb"), "v1.9.aa.bb");
        assert_eq!(fragment("v1.9.aa.bb"), "v1.9.aa.bb");
    }
}
