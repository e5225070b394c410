//! The passes over a view that find candidates, and which rules look at them.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

use crate::literals::{Literal, Literals, automaton};
use crate::matches::{Match, merge};
use crate::rules::{card, email, ip, jwt, merchant, phone, ssn, token};
use crate::scan::{Group, chains};
use crate::settings::Settings;
use crate::view::View;

/// Fewest digits that any rule without a word before it needs: a social security number's.
const MIN_DIGITS: usize = 9;

/// The rules as set for one client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Finder {
    ip_addresses: bool,
    registered: Option<Arc<AhoCorasick>>,
}

impl Finder {
    pub(crate) fn new(settings: &Settings) -> Self {
        let ids: Vec<&str> = settings.usable_ids().collect();
        let letters = ids.iter().any(|id| id.bytes().any(|b| b.is_ascii_alphabetic()));
        let registered = (!ids.is_empty()).then(|| Arc::new(automaton(&ids, letters)));
        Self {
            ip_addresses: settings.ip_addresses,
            registered,
        }
    }

    /// What is found in a view, in order, not overlapping, in positions of the view. What ends before the view's floor
    /// is left out. `open_end`: whether the line goes on behind the view.
    pub(crate) fn find(&self, view: &View<'_>, open_end: bool) -> Vec<Match> {
        let bytes = view.bytes();
        let mut found = Vec::new();
        chains(bytes, MIN_DIGITS, self.ip_addresses, |chain| {
            self.numbers(bytes, chain, &mut found)
        });
        self.literals(bytes, open_end, &mut found);
        for at in memchr::memchr2_iter(b'@', b'+', bytes) {
            found.extend(if bytes[at] == b'@' {
                email::at_sign(bytes, at)
            } else {
                phone::international(bytes, at)
            });
        }
        if self.ip_addresses {
            let mut done = 0;
            found.extend(memchr::memchr_iter(b':', bytes).filter_map(|at| ip::v6(bytes, at, &mut done)));
        }
        found.retain(|m| m.end > view.floor());
        merge(found)
    }

    fn literals(&self, bytes: &[u8], open_end: bool, found: &mut Vec<Match>) {
        Literals::get().each(bytes, |literal, start, end| {
            found.extend(match literal {
                Literal::Token(row) => token::prefixed(bytes, row, start, end),
                Literal::Jwt => jwt::token(bytes, start, open_end),
                Literal::Merchant => merchant::named(bytes, start, end, false),
                Literal::Terminal => merchant::named(bytes, start, end, true),
                Literal::ShortId => merchant::short(bytes, start, end),
                Literal::Cvv => card::cvv(bytes, start, end),
                Literal::Pin => card::pin(bytes, start, end),
                Literal::Secret => token::aws_secret(bytes, start, end),
            });
        });
        if let Some(ids) = &self.registered {
            found.extend(
                ids.find_iter(bytes)
                    .filter_map(|m| merchant::registered(bytes, m.start(), m.end())),
            );
        }
    }

    /// A chain of digit groups: cards first, then what the groups left of and between them make.
    fn numbers(&self, bytes: &[u8], chain: &[Group], found: &mut Vec<Match>) {
        let (mut at, mut rest) = (0, 0);
        let digits: usize = chain.iter().map(Group::len).sum();
        while at < chain.len() && digits >= card::MIN_DIGITS {
            let card = card::at_group(bytes, chain, at).or_else(|| Some((card::bare_track(bytes, &chain[at])?, at)));
            if let Some((card, last)) = card {
                self.others(bytes, &chain[rest..at], found);
                found.push(card);
                rest = last + 1;
                at = last;
            }
            at += 1;
        }
        self.others(bytes, &chain[rest..], found);
    }

    fn others(&self, bytes: &[u8], groups: &[Group], found: &mut Vec<Match>) {
        let mut at = 0;
        while at < groups.len() {
            let from = &groups[at..];
            let other = ssn::at_group(bytes, from)
                .or_else(|| phone::us(bytes, from))
                .or_else(|| self.ip_addresses.then(|| ip::v4(bytes, from)).flatten());
            at += match other {
                Some((m, count)) => {
                    found.push(m);
                    count
                }
                None => 1,
            };
        }
    }
}
