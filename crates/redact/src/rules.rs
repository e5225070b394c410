//! The rules, one family per file. A rule is a function that looks at a candidate in a view and reports matches.

pub(crate) mod card;
pub(crate) mod email;
pub(crate) mod ip;
pub(crate) mod jwt;
pub(crate) mod key;
pub(crate) mod merchant;
pub(crate) mod phone;
pub(crate) mod ssn;
pub(crate) mod text;
pub(crate) mod token;
