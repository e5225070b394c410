//! What was erased must be said to be: an erased group is explained by a later `text.erased` of its session, or of its month.
//!
//! Memory grows with the number of sessions and months that were erased, not with their leaves.

use std::collections::BTreeMap;

use super::report::Findings;
use crate::leaf::{GroupData, Header};
use crate::reader::{Reader, read_all};

/// The kind of leaf that says what was erased, in `what.subject`.
const KIND: &str = "text.erased";

/// The erased groups of a log and the leaves that explain them.
#[derive(Debug, Default)]
pub(super) struct Erasures {
    /// A session, where the leaves have one, and a month to the first and the last of its leaves with an erased group.
    gaps: BTreeMap<(Option<String>, String), (u64, u64)>,
    /// What was erased, to the last leaf that says so.
    told: BTreeMap<String, u64>,
}

impl Erasures {
    /// Takes the next leaf.
    pub(super) fn leaf(&mut self, header: &Header, groups: &BTreeMap<String, GroupData>) {
        if header.kind == KIND
            && let Some(GroupData::Open { json, .. }) = groups.get("what")
            && let Some(subject) = subject(json)
        {
            self.told(header.index, subject);
        }
        if groups.values().any(|g| *g == GroupData::Erased) {
            let month = header.time.to_string().chars().take(7).collect();
            let of = (header.refs.get("session").cloned(), month);
            self.gaps
                .entry(of)
                .and_modify(|(_, last)| *last = header.index)
                .or_insert((header.index, header.index));
        }
    }

    /// The leaf `index` says that `subject` was erased.
    pub(super) fn told(&mut self, index: u64, subject: String) {
        self.told.insert(subject, index);
    }

    /// Reports what is gone without a word.
    pub(super) fn finish(&self, f: &mut Findings) {
        let explained = |subject: &str, last: u64| self.told.get(subject).is_some_and(|at| *at > last);
        let mut silent: Vec<u64> = self
            .gaps
            .iter()
            .filter(|((session, month), (_, last))| {
                !explained(month, *last) && !session.as_deref().is_some_and(|s| explained(s, *last))
            })
            .map(|(_, (first, _))| *first)
            .collect();
        silent.sort_unstable();
        for index in silent {
            f.altered(
                Some(index),
                format!("Leaf {index}: a group of it is gone, and no later leaf says that it was erased."),
            );
        }
    }
}

/// The member `subject` of a canonical object.
fn subject(json: &str) -> Option<String> {
    let mut found = None;
    let read = |r: &mut Reader<'_>| {
        r.object(&mut |r, name| {
            if name == "subject" {
                r.string().map(|s| found = Some(s.into_owned()))
            } else {
                r.skip()
            }
        })
    };
    read_all(json.as_bytes(), read).ok().and(found)
}

#[cfg(test)]
mod tests {
    use domain::event::REGISTRY;

    use super::*;

    /// R5: the leaf is found by name, so the name and its field must be those of the registry.
    #[test]
    fn the_leaf_that_explains_is_of_the_registry() {
        let spec = REGISTRY.iter().find(|spec| spec.name == KIND).unwrap();
        assert!(spec.fields.iter().any(|f| (f.group, f.name) == ("what", "subject")));
        assert_eq!(
            subject(r#"{"leaves":2,"subject":"2026-11"}"#).as_deref(),
            Some("2026-11")
        );
        assert_eq!(subject(r#"{"leaves":2}"#), None);
    }
}
