//! What a rule says about itself. Each family declares its rules beside the code that finds, with examples that the tests
//! run: as they stand, cut everywhere, and in every disguise of `tests/it/rules.rs`.

use domain::finding::FindingKind;
use serde::Serialize;

use crate::rules::{FAMILIES, keys};

/// How sure a rule can be of what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// By words near it or by shape alone.
    Likely,
    /// By shape and words, or by a check that one in ten random values passes.
    Probable,
    /// By a check digit or prefix that leaves little to chance, or registered.
    Certain,
}

impl Confidence {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Likely => "likely",
            Self::Probable => "probable",
            Self::Certain => "certain",
        }
    }
}

/// A rule. In examples the value stands between `«` and `»`.
#[derive(Debug, Serialize)]
pub struct Rule {
    /// Its name, such as `card.luhn`; stored with each finding and never given to another rule.
    pub id: &'static str,
    /// Raised when the rule finds something else than before.
    pub version: u16,
    /// What it finds.
    pub kind: FindingKind,
    /// How sure it is.
    pub confidence: Confidence,
    /// What a candidate must pass.
    pub check: &'static str,
    /// Words that must, or may, stand before the value (small letters).
    pub context: &'static [&'static str],
    /// Whether it works only where a client's settings ask for it.
    pub by_setting: bool,
    /// Lines in which it finds exactly what is marked.
    pub examples: &'static [&'static str],
    /// Lines in which no rule finds anything.
    pub counter_examples: &'static [&'static str],
}

impl Rule {
    /// A rule that is sure and needs neither words nor a setting; the parts that differ are set with `..`.
    pub(crate) const fn certain(id: &'static str, kind: FindingKind, check: &'static str) -> Self {
        Self {
            id,
            version: 1,
            kind,
            confidence: Confidence::Certain,
            check,
            context: &[],
            by_setting: false,
            examples: &[],
            counter_examples: &[],
        }
    }
}

/// Every rule, by family.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let prefixed = keys::tokens().map(|t| &t.rule);
    FAMILIES.iter().copied().flatten().chain(prefixed)
}

/// The rule of a finding, or `None` for a name that this engine does not know (an older one's).
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|r| r.id == id)
}
