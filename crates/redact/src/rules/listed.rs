//! What a client lists: registered ids, words, and the organisation's own patterns.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use domain::finding::FindingKind;

use super::merchant;
use super::text::{before, byte};
use crate::literals::automaton;
use crate::matches::{Match, touches_placeholder};
use crate::own::{OwnPattern, check_term};
use crate::rule::Rule;
use crate::settings::Settings;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        by_setting: true,
        ..Rule::certain("term.listed", FindingKind::Term, "listed for the client, as a word")
    },
    Rule {
        by_setting: true,
        ..Rule::certain("own.pattern", FindingKind::Own, "the organisation's own pattern")
    },
];

/// A client's lists, compiled. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lists {
    registered: Option<Arc<AhoCorasick>>,
    terms: Option<Arc<AhoCorasick>>,
    /// Words with letters outside ASCII, which a view doesn't tell apart: searched for in the text itself.
    wide: Option<Arc<AhoCorasick>>,
    own: Option<Arc<(AhoCorasick, Vec<OwnPattern>)>>,
}

impl Lists {
    pub(crate) fn new(settings: &Settings) -> Self {
        let set = |words: Vec<&str>| (!words.is_empty()).then(|| Arc::new(automaton(&words)));
        let terms = || {
            settings
                .terms
                .iter()
                .map(|t| t.trim())
                .filter(|t| check_term(t).is_ok())
        };
        let anchors: Vec<&str> = settings.own.iter().map(OwnPattern::fixed_part).collect();
        Self {
            registered: set(settings.usable_ids().collect()),
            terms: set(terms().filter(|t| t.is_ascii()).collect()),
            wide: set(terms().filter(|t| !t.is_ascii()).collect()),
            own: (!anchors.is_empty()).then(|| Arc::new((all_of(&anchors), settings.own.clone()))),
        }
    }

    /// What a view holds of them.
    pub(crate) fn find(&self, bytes: &[u8], found: &mut Vec<Match>) {
        if let Some(ids) = &self.registered {
            found.extend(
                ids.find_iter(bytes)
                    .filter_map(|m| merchant::registered(bytes, m.start(), m.end())),
            );
        }
        if let Some(terms) = &self.terms {
            found.extend(terms.find_iter(bytes).filter_map(|m| {
                let free = |b: u8| !b.is_ascii_alphanumeric() && b < 0x80;
                let range = m.start()..m.end();
                (free(before(bytes, m.start())) && free(byte(bytes, m.end())) && !touches_placeholder(bytes, &range))
                    .then(|| Match::new(FindingKind::Term, "term.listed", range))
            }));
        }
        if let Some(own) = &self.own {
            let (anchors, patterns) = &**own;
            found.extend(anchors.find_overlapping_iter(bytes).filter_map(|m| {
                let range = patterns.get(m.pattern().as_usize())?.at_anchor(bytes, m.start())?;
                (!touches_placeholder(bytes, &range)).then(|| Match::new(FindingKind::Own, "own.pattern", range))
            }));
        }
    }

    /// What a text itself holds in `range`, in its own positions. What was `found` before counts as its placeholders.
    pub(crate) fn find_wide(&self, text: &str, range: Range<usize>, found: &[Match], new: &mut Vec<Match>) {
        let Some(wide) = &self.wide else { return };
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && (c as u32) < 0x2e80);
        new.extend(wide.find_iter(&text[range.clone()]).filter_map(|m| {
            let place = range.start + m.start()..range.start + m.end();
            let beside = |f: &Match| (f.end == place.start, f.start == place.end);
            let (left, right) = found
                .iter()
                .map(beside)
                .fold((false, false), |a, b| (a.0 | b.0, a.1 | b.1));
            let free = (left || !joins(text[..place.start].chars().next_back()))
                && (right || !joins(text[place.end..].chars().next()));
            free.then(|| Match::new(FindingKind::Term, "term.listed", place))
        }));
    }
}

/// An automaton that finds every pattern at every place.
fn all_of(anchors: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(anchors)
        .expect("fewer than 2^31 states")
}
