//! The rules, one family per file. A rule is a function that looks at a candidate in a view and reports matches; what it
//! says about itself stands in the same file.

pub(crate) mod assigned;
pub(crate) mod auth;
pub(crate) mod card;
pub(crate) mod checks;
pub(crate) mod command;
pub(crate) mod context;
pub(crate) mod email;
pub(crate) mod ip;
pub(crate) mod jwt;
pub(crate) mod key;
pub(crate) mod keys;
pub(crate) mod letters;
pub(crate) mod listed;
pub(crate) mod login;
pub(crate) mod merchant;
pub(crate) mod national;
pub(crate) mod password;
pub(crate) mod phone;
pub(crate) mod ssn;
pub(crate) mod stored;
pub(crate) mod text;

use crate::rule::Rule;

/// The families' tables, without the credentials that have a prefix ([`keys`]).
pub(crate) const FAMILIES: &[&[Rule]] = &[
    card::RULES,
    auth::RULES,
    merchant::RULES,
    letters::RULES,
    national::RULES,
    ssn::RULES,
    context::RULES,
    email::RULES,
    phone::RULES,
    ip::RULES,
    password::RULES,
    command::RULES,
    login::RULES,
    stored::RULES,
    assigned::RULES,
    keys::shapes::RULES,
    jwt::RULES,
    key::RULES,
    listed::RULES,
    crate::encoded::RULES,
];
