//! The result of redaction.

use std::borrow::Cow;
use std::ops::Range;

use domain::finding::{Finding, FindingKind, Looked, count};
use serde::Serialize;

use crate::ENGINE_VERSION;
use crate::matches::{Match, Shown};
use crate::number::Numbers;

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
#[derive(Clone, Debug, Default, Serialize)]
pub struct Redacted {
    text: String,
    findings: Vec<Finding>,
    /// Where each finding's value was in the text given.
    #[serde(skip)]
    sources: Vec<Range<u64>>,
}

/// Two are equal if they show the same: where a value was in a text that nobody has any more makes no difference.
impl PartialEq for Redacted {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.findings == other.findings
    }
}

impl Eq for Redacted {}

/// What text is written with.
#[derive(Clone, Copy)]
pub(crate) struct Pen<'a> {
    /// Makes the placeholders' numbers.
    pub(crate) numbers: Option<&'a Numbers>,
    /// How many bytes of the stream were before the text.
    pub(crate) at: u64,
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

    /// For each finding the place of its value in the stream given, in bytes of text from its start. Of a private key it is
    /// the place of its first line, since the placeholder is out before the end has come.
    pub fn sources(&self) -> &[Range<u64>] {
        &self.sources
    }

    /// What was found by kind, and by which engine: a statement even where nothing was found.
    pub fn looked(&self) -> Looked {
        Looked {
            engine: ENGINE_VERSION,
            counts: count(&self.findings),
        }
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
        self.sources.extend(next.sources);
    }

    /// The same with other places of the values, of each finding in order.
    pub(crate) fn with_sources(mut self, place: impl Fn(u64) -> u64) -> Self {
        for source in &mut self.sources {
            *source = place(source.start)..place(source.end);
        }
        self
    }

    /// Adds text that holds nothing sensitive.
    pub(crate) fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds `text` with `matches` (in order, not overlapping) replaced.
    pub(crate) fn rendered(&mut self, text: &str, matches: &[Match], pen: Pen<'_>) {
        let mut done = 0;
        self.text.reserve(text.len());
        self.findings.reserve(matches.len());
        self.sources.reserve(matches.len());
        for m in matches {
            self.plain(&text[done..m.start]);
            let source = pen.at + m.start as u64..pen.at + m.end as u64;
            let start = self.text.len();
            match &m.shown {
                Shown::Kept(finding) => {
                    self.plain(&text[m.start..m.end]);
                    self.found(finding.kind, finding.rule.clone(), finding.engine, start, source);
                }
                Shown::Label => {
                    let value = &text[m.start..m.end];
                    self.label(m.kind, pen.numbers.and_then(|n| n.of(m.kind, value)));
                    self.found(m.kind, Cow::Borrowed(m.rule), ENGINE_VERSION, start, source);
                }
                Shown::LastFour(digits) => {
                    self.last_four(*digits);
                    self.found(m.kind, Cow::Borrowed(m.rule), ENGINE_VERSION, start, source);
                }
            }
            done = m.end;
        }
        self.plain(&text[done..]);
    }

    fn label(&mut self, kind: FindingKind, number: Option<[u8; 5]>) {
        self.text.push('[');
        self.text.push_str(kind.label());
        if let Some(number) = number {
            self.text.push_str(" #");
            self.text.extend(number.map(char::from));
        }
        self.text.push(']');
    }

    /// The placeholder of a card number of which the last four digits may be shown (PCI DSS v4.0.1, 3.4.1).
    fn last_four(&mut self, digits: [u8; 4]) {
        self.text.push('[');
        self.text.push_str(FindingKind::Card.label());
        self.text.push_str(" •••• ");
        self.text.extend(digits.map(char::from));
        self.text.push(']');
    }

    /// A finding whose placeholder is the text from `start` on.
    fn found(&mut self, kind: FindingKind, rule: Cow<'static, str>, engine: u32, start: usize, source: Range<u64>) {
        self.findings.push(Finding {
            kind,
            rule,
            start: start as u64,
            len: u32::try_from(self.text.len() - start).unwrap_or(u32::MAX),
            engine,
        });
        self.sources.push(source);
    }
}
