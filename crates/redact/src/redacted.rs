//! The result of redaction.

use domain::finding::{Finding, FindingKind};
use serde::Serialize;

use crate::ENGINE_VERSION;
use crate::matches::{Match, Shown};

/// Text that went through the engine, with what was found in it.
///
/// `Finding::start` counts bytes from the start of `text`, that is, of the piece that the finding came with.
///
/// Nobody else can make one, not even from stored bytes:
///
/// ```compile_fail
/// let forged = redact::Redacted { text: String::from("4242424242424242"), findings: vec![] };
/// ```
/// ```compile_fail
/// let forged: redact::Redacted = serde_json::from_str(r#"{"text":"4242","findings":[]}"#).unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redacted {
    text: String,
    findings: Vec<Finding>,
}

impl Redacted {
    /// The text, with a placeholder for each value.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The findings, in the order of the text, not overlapping.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Text and findings, to store them.
    pub fn into_parts(self) -> (String, Vec<Finding>) {
        (self.text, self.findings)
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts the next piece of the same stream behind this one.
    pub fn append(&mut self, next: Self) {
        if self.is_empty() {
            *self = next;
            return;
        }
        let shift = self.text.len() as u64;
        self.text.push_str(&next.text);
        self.findings.extend(next.findings.into_iter().map(|f| Finding {
            start: f.start + shift,
            ..f
        }));
    }

    /// Adds text that holds nothing sensitive.
    pub(crate) fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds the placeholder of a new finding.
    pub(crate) fn placeholder(&mut self, kind: FindingKind, rule: &str, placeholder: &str) {
        self.found(kind, rule, ENGINE_VERSION, placeholder);
    }

    /// Adds `text` with `matches` (in order, not overlapping) replaced.
    pub(crate) fn rendered(&mut self, text: &str, matches: &[Match]) {
        let mut done = 0;
        for m in matches {
            self.plain(&text[done..m.start]);
            match &m.shown {
                Shown::Kept(finding) => self.found(finding.kind, &finding.rule, finding.engine, &text[m.start..m.end]),
                Shown::Label | Shown::LastFour(_) => self.placeholder(m.kind, m.rule, &m.placeholder()),
            }
            done = m.end;
        }
        self.plain(&text[done..]);
    }

    fn found(&mut self, kind: FindingKind, rule: &str, engine: u32, placeholder: &str) {
        let start = self.text.len() as u64;
        self.text.push_str(placeholder);
        let len = u32::try_from(placeholder.len()).unwrap_or(u32::MAX);
        self.findings.push(Finding {
            kind,
            rule: rule.to_owned(),
            start,
            len,
            engine,
        });
    }
}
