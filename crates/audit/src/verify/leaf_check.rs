//! What can be said of one leaf by itself: its bytes, its hash, its place, its organisation, its groups.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use domain::digest::Digest;

use super::report::Findings;
use crate::leaf::{GroupData, LeafError, LeafRef, commitment, hash, is_canonical_object};

/// One leaf as stored or shared.
pub(crate) struct Stored<'a> {
    /// Its place in the log or the bundle.
    pub(crate) index: u64,
    /// Its bytes.
    pub(crate) leaf: &'a [u8],
    /// The hash kept beside it.
    pub(crate) claimed: &'a Digest,
    /// Its groups.
    pub(crate) groups: &'a BTreeMap<String, GroupData>,
}

/// How many groups of a leaf are remembered, and up to how many bytes each.
const REMEMBERED: usize = 8;
const REMEMBERED_BYTES: usize = 1024;

/// What one leaf after the other is checked with.
#[derive(Debug)]
pub(crate) struct Checker {
    /// The organisation whose record it is; where nobody said, the first leaf's.
    org: Option<String>,
    /// By place, the group that was found canonical last: who, where and on what authority mostly come again, and comparing costs a
    /// tenth of reading.
    canonical: [String; REMEMBERED],
}

impl Checker {
    pub(crate) fn new(org: Option<String>) -> Self {
        let canonical = std::array::from_fn(|_| "{}".to_owned());
        Self { org, canonical }
    }

    fn is_canonical(&mut self, place: usize, json: &str) -> bool {
        let Some(last) = self.canonical.get_mut(place) else {
            return is_canonical_object(json);
        };
        if last == json {
            return true;
        }
        let canonical = is_canonical_object(json);
        if canonical && json.len() <= REMEMBERED_BYTES {
            json.clone_into(last);
        }
        canonical
    }
}

/// Checks a leaf; the recomputed hash, and the leaf where its bytes are one, of this place: one of another place, which is said here,
/// would be held against the wrong neighbours.
pub(crate) fn check<'a>(f: &mut Findings, checker: &mut Checker, s: &Stored<'a>) -> (Digest, Option<LeafRef<'a>>) {
    let index = s.index;
    let computed = hash(s.leaf);
    f.leaves += 1;
    let hash_differs = computed != *s.claimed;
    let leaf = match LeafRef::parse(s.leaf) {
        Ok(leaf) => leaf,
        Err(e) => {
            unreadable(f, index, hash_differs, &e);
            return (computed, None);
        }
    };
    if hash_differs {
        f.altered(
            Some(index),
            format!("Leaf {index}: its bytes do not have the hash that was recorded for it."),
        );
    }
    if leaf.header.index != index {
        let says = leaf.header.index;
        f.altered(
            Some(index),
            format!("Leaf {index}: the leaf in this place says that it is leaf {says}."),
        );
    }
    let org = checker.org.get_or_insert_with(|| leaf.header.org.clone().into_owned());
    if leaf.header.org != *org {
        f.altered(
            Some(index),
            format!("Leaf {index}: it belongs to the record of another organisation."),
        );
    }
    check_groups(f, checker, index, &leaf, s.groups);
    let in_place = leaf.header.index == index;
    (computed, in_place.then_some(leaf))
}

fn unreadable(f: &mut Findings, index: u64, hash_differs: bool, error: &LeafError) {
    match error {
        _ if hash_differs => {
            f.altered(
                Some(index),
                format!("Leaf {index}: its bytes do not have the hash that was recorded for it."),
            );
        }
        LeafError::Version(v) => {
            f.cannot(
                Some(index),
                format!("Leaf {index}: it is of version {v}, which this verifier does not know."),
            );
        }
        LeafError::Malformed(_) => {
            f.altered(
                Some(index),
                format!("Leaf {index}: {error}, so this record's rules did not make it."),
            );
        }
    }
}

/// What is withheld or erased is marked as such, in a store as in a bundle: a group that is missing without a word was taken out.
fn check_groups(
    f: &mut Findings,
    checker: &mut Checker,
    index: u64,
    leaf: &LeafRef<'_>,
    groups: &BTreeMap<String, GroupData>,
) {
    // Both are in order of name, and are gone through once.
    let mut here = groups.iter();
    let mut next = here.next();
    for (place, (name, expected)) in leaf.groups.iter().enumerate() {
        let found = loop {
            let Some((other, data)) = next else { break None };
            let order = other.as_str().cmp(name);
            if order == Ordering::Greater {
                break None;
            }
            next = here.next();
            if order == Ordering::Equal {
                break Some(data);
            }
            uncommitted(f, index, other);
        };
        match found {
            Some(GroupData::Open { salt, json }) => {
                f.groups += 1;
                if commitment(salt, json) != *expected {
                    f.altered(
                        Some(index),
                        format!("Leaf {index}: the contents of its group `{name}` were changed."),
                    );
                } else if !checker.is_canonical(place, json) {
                    f.altered(
                        Some(index),
                        format!("Leaf {index}: its group `{name}` is not in canonical form."),
                    );
                }
            }
            Some(GroupData::Withheld) => f.withheld += 1,
            Some(GroupData::Erased) => f.erased += 1,
            None => f.altered(Some(index), format!("Leaf {index}: its group `{name}` is gone.")),
        }
    }
    for (name, _) in next.into_iter().chain(here) {
        uncommitted(f, index, name);
    }
}

fn uncommitted(f: &mut Findings, index: u64, name: &str) {
    f.altered(
        Some(index),
        format!("Leaf {index}: it comes with a group `{name}` that it does not commit to."),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R4: a group is taken as canonical because it was read, or is the same as one that was, byte for byte.
    #[test]
    fn what_is_remembered_is_compared_whole() {
        let mut checker = Checker::new(None);
        let good = r#"{"a":1,"b":"c"}"#;
        for place in [0, REMEMBERED - 1, REMEMBERED, usize::MAX] {
            assert!(checker.is_canonical(place, "{}"));
            assert!(checker.is_canonical(place, good) && checker.is_canonical(place, good));
            for bad in [
                "",
                "{",
                "{ }",
                r#"{"a":1,"b":"c"} "#,
                r#"{"a":1, "b":"c"}"#,
                r#"{"b":"c","a":1}"#,
                r#"{"a":01,"b":"c"}"#,
                "[]",
            ] {
                assert!(
                    !checker.is_canonical(place, bad) && !checker.is_canonical(place, bad),
                    "{bad}"
                );
                assert!(checker.is_canonical(place, good));
            }
            let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(REMEMBERED_BYTES));
            assert!(checker.is_canonical(place, &long) && !checker.is_canonical(place, &long[1..]));
        }
    }
}
