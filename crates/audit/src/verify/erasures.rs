//! What was erased must be said to be: an erased group is explained by a later `text.erased` of its session, or, where the leaf
//! belongs to none, of its month.
//!
//! Memory grows with the number of sessions and months that were erased, not with their leaves.

use std::collections::BTreeMap;

use super::report::Findings;
use crate::leaf::{GroupData, HeaderRef, fields};
use crate::reader::text;

/// The kind of leaf that says what was erased, in `what.subject`.
const KIND: &str = "text.erased";

/// The erased groups of a log and the leaves that explain them.
#[derive(Debug, Default)]
pub(super) struct Erasures {
    /// A session or a month to the first and the last of its leaves with an erased group.
    gaps: BTreeMap<String, (u64, u64)>,
    /// What was erased, to the last leaf that says so.
    told: BTreeMap<String, u64>,
}

impl Erasures {
    /// Takes the next leaf, of which a group is erased or not.
    pub(super) fn leaf(&mut self, header: &HeaderRef<'_>, groups: &BTreeMap<String, GroupData>, erased: bool) {
        if header.kind == KIND
            && let Some(subject) = fields(groups, "what", ["subject"])[0].and_then(text)
        {
            self.told(header.index, subject.to_owned());
        }
        if erased {
            let month = || header.time.to_string().chars().take(7).collect();
            let subject = header.reference("session").map_or_else(month, str::to_owned);
            self.gaps
                .entry(subject)
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
            .filter(|(subject, (_, last))| !explained(subject, *last))
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

#[cfg(test)]
mod tests {
    use domain::event::REGISTRY;
    use domain::timestamp::Timestamp;

    use super::*;

    /// Leaf `index` of a session or of none, with one erased group.
    fn gap(index: u64, session: Option<&str>) -> (HeaderRef<'_>, BTreeMap<String, GroupData>) {
        let header = HeaderRef {
            org: "o".into(),
            index,
            id: "i".into(),
            time: "2026-11-26T02:47:00Z".parse::<Timestamp>().unwrap(),
            kind: "session.note_added".into(),
            kind_version: 1,
            outcome: "success".into(),
            refs: session.map(|s| ("session".into(), s.into())).into_iter().collect(),
        };
        (header, BTreeMap::from([("text".to_owned(), GroupData::Erased)]))
    }

    /// Which leaf is named, of a log with gaps and leaves that say what was erased.
    fn named(gaps: &[(u64, Option<&str>)], told: &[(u64, &str)]) -> Option<u64> {
        let mut erasures = Erasures::default();
        for (index, session) in gaps {
            let (header, groups) = gap(*index, *session);
            erasures.leaf(&header, &groups, true);
        }
        for (index, subject) in told {
            erasures.told(*index, (*subject).to_owned());
        }
        let mut f = Findings::default();
        erasures.finish(&mut f);
        f.report(String::new).first_wrong.map(|w| w.index)
    }

    /// R4, R5: a session's gap is explained by its own erasure alone, another's by that of its month, and each only by a later leaf.
    #[test]
    fn a_gap_is_explained_by_a_later_erasure_of_what_it_belongs_to() {
        let (one, month) = (Some("one"), "2026-11");
        assert_eq!(named(&[(3, one), (5, one)], &[(9, "one")]), None);
        assert_eq!(named(&[(3, one), (9, one)], &[(5, "one")]), Some(3), "not before it");
        assert_eq!(named(&[(3, one)], &[(9, "two")]), Some(3), "not another's");
        assert_eq!(named(&[(3, one)], &[(9, month)]), Some(3), "not its month's");
        assert_eq!(named(&[(3, None)], &[(9, month)]), None);
        assert_eq!(named(&[(3, None)], &[(9, "2026-10")]), Some(3));
        assert_eq!(named(&[(4, None), (3, one)], &[]), Some(3), "the first of them");
    }

    /// R5: the leaf is found by name, so the name and its field must be those of the registry.
    #[test]
    fn the_leaf_that_explains_is_of_the_registry() {
        let spec = REGISTRY.iter().find(|spec| spec.name == KIND).unwrap();
        assert!(spec.fields.iter().any(|f| (f.group, f.name) == ("what", "subject")));
    }
}
