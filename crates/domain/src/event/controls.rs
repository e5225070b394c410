//! What each kind of event is evidence of, and under which number a standard asks for it.
//!
//! Numbers: PCI DSS v4.0.1 (June 2024) and v3.2.1 (May 2018); HIPAA Security Rule, 45 CFR part 164, subpart C. The Sarbanes-Oxley
//! Act of 2002 has no numbers for controls: sections 404 (internal control over financial reporting) and 802 (keeping records) stand
//! for the general controls that auditors test under them. v3.2.1 10.3 ("what each entry holds") is v4.0.1 10.2.2 and is met by every
//! event alike, so it stands at none.

/// What an event is evidence of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A person worked on a customer's system.
    UserAccess,
    /// Somebody with administrative rights acted: on an endpoint, where agents run with such rights, or in the product.
    AdminAction,
    /// Somebody read the record, or gave it to others.
    LogAccess,
    /// Somebody tried what they may not.
    InvalidAccess,
    /// Accounts and keys: made, changed, taken away.
    Credentials,
    /// Somebody signed in or out.
    SignIn,
    /// The record itself began, stopped or went on.
    LogLife,
    /// Something that is managed was added or removed.
    SystemObject,
    /// The record was checked against what was signed.
    LogIntegrity,
    /// How long things are kept, and that they are.
    Retention,
    /// Card data was found where none is expected.
    Incident,
    /// A system was to be changed.
    Change,
    /// Somebody entitled to it allowed something, or did not.
    Authorisation,
    /// A connection to a customer's system, from its beginning to its end.
    RemoteAccess,
}

/// A standard that an auditor asks by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standard {
    /// PCI DSS v4.0.1.
    PciDss4,
    /// PCI DSS v3.2.1, retired, whose numbers are still in use.
    PciDss3,
    /// The HIPAA Security Rule.
    Hipaa,
    /// The Sarbanes-Oxley Act.
    Sox,
}

impl Standard {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PciDss4, Self::PciDss3, Self::Hipaa, Self::Sox];

    /// As an auditor calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PciDss4 => "PCI DSS v4.0.1",
            Self::PciDss3 => "PCI DSS v3.2.1",
            Self::Hipaa => "HIPAA 45 CFR",
            Self::Sox => "SOX",
        }
    }
}

impl Evidence {
    /// The number that a standard asks for it under; `None` where it does not.
    pub fn number(self, standard: Standard) -> Option<&'static str> {
        let [pci4, pci3, hipaa, sox] = match self {
            Self::UserAccess => ["10.2.1.1", "10.2.1", "164.312(b)", "404"],
            Self::AdminAction => ["10.2.1.2", "10.2.2", "164.312(b)", "404"],
            Self::LogAccess => ["10.2.1.3", "10.2.3", "164.308(a)(1)(ii)(D)", "404"],
            Self::InvalidAccess => ["10.2.1.4", "10.2.4", "164.308(a)(5)(ii)(C)", "404"],
            Self::Credentials => ["10.2.1.5", "10.2.5", "164.308(a)(4)(ii)(C)", "404"],
            Self::SignIn => ["10.2.1.1", "10.2.5", "164.308(a)(5)(ii)(C)", "404"],
            Self::LogLife => ["10.2.1.6", "10.2.6", "164.312(b)", "404"],
            Self::SystemObject => ["10.2.1.7", "10.2.7", "164.312(b)", "404"],
            Self::LogIntegrity => ["10.3.4", "10.5.5", "164.312(c)(1)", "404"],
            Self::Retention => ["10.5.1", "10.7", "164.316(b)(2)(i)", "802"],
            Self::Incident => ["12.10.7", "", "164.308(a)(6)(ii)", ""],
            Self::Change => ["6.5.1", "6.4.5", "", "404"],
            Self::Authorisation => ["7.2.3", "7.1.4", "164.308(a)(4)(ii)(B)", "404"],
            Self::RemoteAccess => ["8.2.7", "8.1.5", "164.312(a)(1)", "404"],
        };
        let number = match standard {
            Standard::PciDss4 => pci4,
            Standard::PciDss3 => pci3,
            Standard::Hipaa => hipaa,
            Standard::Sox => sox,
        };
        (!number.is_empty()).then_some(number)
    }
}

/// The numbers that a standard asks under for any of these, each once, in the order given.
pub fn numbers(evidence: &[Evidence], standard: Standard) -> Vec<&'static str> {
    let mut numbers = Vec::new();
    for number in evidence.iter().filter_map(|of| of.number(standard)) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::event::{EventSpec, FieldSpec, REGISTRY, Sensitivity};

    /// `docs/events.md`, of the registry as it stands.
    fn document() -> String {
        let mut text = String::from(
            "# Events\n\nEvery kind of event that the record can hold, with its version and fields, what it is evidence of, and under which \
             number a standard asks for that. Made from the registry in `crates/domain/src/event/kinds.rs`; \
             `UPDATE_EVENTS=1 cargo test -p countersign-domain` writes it anew.\n\nBeside its own fields every event says who did it (identity, \
             role, how they proved it, from where), on what, when, with which outcome and on whose authority: PCI DSS v4.0.1 10.2.2 \
             (v3.2.1 10.3). *Said* is what a person typed or a machine printed, redacted; *personal* holds names or addresses of people. \
             The group `text` can be withheld from a share and erased. \
             SOX has no numbers for controls: sections 404 and 802 stand for the general controls that are tested under them.\n\n| event | fields | ",
        );
        text.push_str(&Standard::ALL.map(Standard::name).join(" | "));
        text.push_str(" |\n|---|---|---|---|---|---|\n");
        for spec in REGISTRY {
            let field = |f: &FieldSpec| match f.sensitivity {
                Sensitivity::Fact => format!("{}.{}", f.group, f.name),
                Sensitivity::Personal => format!("{}.{} *personal*", f.group, f.name),
                Sensitivity::Said => format!("{}.{} *said*", f.group, f.name),
            };
            let fields: Vec<String> = spec.fields.iter().map(field).collect();
            write!(text, "| `{}` {} | {} |", spec.name, spec.version, fields.join(", ")).unwrap();
            for standard in Standard::ALL {
                write!(text, " {} |", numbers(spec.evidence, standard).join(", ")).unwrap();
            }
            text.push('\n');
        }
        text
    }

    /// R1, R43: the document for auditors is what the registry says.
    #[test]
    fn the_document_is_that_of_the_registry() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md");
        if std::env::var_os("UPDATE_EVENTS").is_some() {
            std::fs::write(path, document()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == document(),
            "docs/events.md is not of this registry: run this test with UPDATE_EVENTS=1"
        );
    }

    /// R43: each event is evidence of something, and each thing that PCI DSS v4.0.1 10.2.1 asks for has an event.
    #[test]
    fn every_event_is_evidence_and_all_that_is_asked_for_is_there() {
        for spec in REGISTRY {
            assert!(!numbers(spec.evidence, Standard::PciDss4).is_empty(), "{}", spec.name);
        }
        for last in 1..=7 {
            let asked = format!("10.2.1.{last}");
            let kept = |spec: &EventSpec| numbers(spec.evidence, Standard::PciDss4).contains(&&*asked);
            assert!(REGISTRY.iter().any(kept), "{asked}");
        }
        assert_eq!(
            numbers(&[Evidence::UserAccess, Evidence::SignIn], Standard::PciDss4),
            ["10.2.1.1"],
            "each once"
        );
    }

    /// R1: what people typed and machines printed at length is in the one group that can be withheld and erased; what is said elsewhere
    /// is short, and each is listed here.
    #[test]
    fn what_is_said_outside_of_texts_is_known() {
        let mut said: Vec<String> = REGISTRY
            .iter()
            .flat_map(|spec| spec.fields.iter().map(move |f| (spec.name, f)))
            .filter(|(_, f)| f.sensitivity == Sensitivity::Said && f.group != "text")
            .map(|(event, f)| format!("{event} {}", f.name))
            .collect();
        said.dedup();
        let known = [
            "action.refused detail",
            "action.started resource",
            "action.finished note",
        ];
        assert_eq!(said, known);
        let hidden = REGISTRY
            .iter()
            .flat_map(|spec| spec.fields)
            .filter(|f| f.group == "text");
        assert!(hidden.into_iter().all(|f| f.sensitivity != Sensitivity::Fact));
    }
}
