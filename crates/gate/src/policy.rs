//! Policy: versioned rules that say what is denied, what runs at once, and what a person is asked about.
//!
//! A rule that denies wins wherever it stands; otherwise the first rule that matches decides; where none matches, the
//! answer is no. A denial matches whatever touches its scope, an allowance only what lies wholly within it. A policy that
//! can't be read is an error here; the caller refuses everything and records it.
//!
//! A live grant is not seen here: the caller asks about each command all the same, and a denial beats a grant.

mod decide;
mod standard;

use std::collections::BTreeSet;

use domain::canonical;
use domain::digest::Digest;
use domain::roles::{Role, Roles};
use serde::{Deserialize, Serialize};

use crate::name::HostPort;
use crate::scope::{Scope, VERBS};

/// The rule id of a verdict that no rule gave.
pub const NO_RULE: &str = "no-rule";
/// The rule id of the verdict on a command with a name that has no canonical form, or isn't written in it.
pub const NOT_CANONICAL: &str = "not-canonical";

/// The largest policy that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// A versioned policy. It exists only checked: see [`Policy::new`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Policy {
    draft: Draft,
}

/// A policy as written, before its check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The version of this format: 1.
    pub v: u32,
    /// The policy's own version, counted up with each change.
    pub version: u32,
    /// The rules, in order.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A short name such as `contact-files`: lower-case letters, digits, hyphens.
    pub id: String,
    /// What the rule does and why, as a plain sentence.
    pub says: String,
    /// What it is about. Every condition that is given has to hold.
    pub when: When,
    /// What follows.
    pub then: Effect,
}

/// The conditions of a rule. At least one of `verbs`, `scripts` and `scope` is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The verb is one of these; `*` is every verb, and `file.read` includes `file.tail`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// It is a script (beside the `verbs`, if any).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub scripts: bool,
    /// The client carries one of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_tags: Vec<String>,
    /// It lies within this scope; for a denial: it touches this scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The requester holds one of these roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// It connects (`net.probe`, `net.tls`) to hosts that are registered for the client.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub registered_host: bool,
}

/// What follows from a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Refused.
    Deny,
    /// Runs at once, with the rule as its basis.
    Allow,
    /// A person decides.
    Require(Require),
}

/// Who decides, and what an approval is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Require {
    /// Who is asked.
    pub who: Who,
    /// Minutes until the request expires, 1 to 1440.
    #[serde(default = "fifteen")]
    pub decide_within_minutes: u32,
    /// How often an approved action may be run. One: an action is one run.
    #[serde(default = "one")]
    pub uses: u32,
    /// Minutes that an approved access lives, 1 to 60.
    #[serde(default = "sixty")]
    pub grant_minutes: u32,
    /// How many actions an approved access covers, 1 to 1000.
    #[serde(default = "fifty")]
    pub grant_uses: u32,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A contact of the client, with the role approver, who is not the requester.
    ClientContact,
}

/// What a verdict depends on, beside the command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The client's tags.
    pub client_tags: BTreeSet<String>,
    /// The hosts that are registered for the client.
    pub registered_hosts: BTreeSet<HostPort>,
    /// The requester's roles now.
    pub roles: Roles,
}

/// The policy's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The id of the rule that decided, [`NO_RULE`] or [`NOT_CANONICAL`].
    pub rule: String,
    /// That rule's sentence.
    pub says: String,
    /// The policy's version.
    pub version: u32,
    /// What follows.
    pub effect: Effect,
    /// One line per rule that was looked at: whether it matched, and if not, why.
    pub trace: Vec<String>,
}

/// Why a policy can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not the JSON of a policy.
    #[error("the policy can't be read: {0}")]
    Unreadable(String),
    /// A rule, or the whole, breaks the rules for policies.
    #[error("the policy can't be used: {0}")]
    Unusable(String),
}

fn one() -> u32 {
    1
}

fn fifteen() -> u32 {
    15
}

fn fifty() -> u32 {
    50
}

fn sixty() -> u32 {
    60
}

impl Default for Require {
    fn default() -> Self {
        Self {
            who: Who::ClientContact,
            decide_within_minutes: fifteen(),
            uses: one(),
            grant_minutes: sixty(),
            grant_uses: fifty(),
        }
    }
}

impl Policy {
    /// Checks `draft`.
    ///
    /// # Errors
    /// When a part is missing, beyond its bounds, or said twice.
    pub fn new(draft: Draft) -> Result<Self, PolicyError> {
        check(&draft).map_err(PolicyError::Unusable)?;
        Ok(Self { draft })
    }

    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// When it is not the JSON of a policy, or fails its check.
    pub fn parse(json: &[u8]) -> Result<Self, PolicyError> {
        if json.len() > LARGEST {
            return Err(PolicyError::Unreadable("it is larger than 1 MiB".into()));
        }
        Self::new(serde_json::from_slice(json).map_err(|e| PolicyError::Unreadable(e.to_string()))?)
    }

    /// The policy of an org that has not changed it: inventory and connections to registered hosts run at once, everything else
    /// asks the client's contact.
    pub fn standard() -> Self {
        standard::policy()
    }

    /// The policy's version.
    pub fn version(&self) -> u32 {
        self.draft.version
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.draft.rules
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.draft.rules.iter().find(|r| r.id == id)
    }

    /// SHA-256 of the policy's canonical JSON.
    pub fn digest(&self) -> Digest {
        // A policy holds only strings, booleans and 32-bit integers, so it always has a canonical form.
        Digest::of(&[
            b"countersign policy v1\n",
            &canonical::to_vec(&self.draft).unwrap_or_default(),
        ])
    }
}

impl TryFrom<Draft> for Policy {
    type Error = PolicyError;

    fn try_from(draft: Draft) -> Result<Self, PolicyError> {
        Self::new(draft)
    }
}

impl From<Policy> for Draft {
    fn from(policy: Policy) -> Self {
        policy.draft
    }
}

fn check(draft: &Draft) -> Result<(), String> {
    if draft.v != 1 {
        return Err(format!("format {} is not known, only 1", draft.v));
    }
    if draft.version == 0 {
        return Err("versions start at 1".into());
    }
    let mut seen = BTreeSet::new();
    for rule in &draft.rules {
        if !seen.insert(&rule.id) {
            return Err(format!("two rules are called {}", rule.id));
        }
        check_rule(rule).map_err(|why| format!("rule {}: {why}", rule.id))?;
    }
    Ok(())
}

fn check_rule(rule: &Rule) -> Result<(), String> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if rule.id.is_empty()
        || rule.id.len() > 40
        || !rule.id.chars().all(fit)
        || [NO_RULE, NOT_CANONICAL].contains(&rule.id.as_str())
    {
        return Err("its id has to be 1 to 40 lower-case letters, digits and hyphens, and not a reserved one".into());
    }
    if rule.says.trim().is_empty() {
        return Err("it says nothing about what it does".into());
    }
    if rule.when.verbs.is_empty() && !rule.when.scripts && rule.when.scope.is_none() {
        return Err("it names no verbs, no scripts and no scope".into());
    }
    if let Some(unknown) = rule
        .when
        .verbs
        .iter()
        .find(|v| *v != "*" && !VERBS.contains(&v.as_str()))
    {
        return Err(format!("there is no verb {unknown}"));
    }
    // A condition that can never hold would make a denial silently useless.
    if let Some(scope) = &rule.when.scope
        && !decide::is_about(&rule.when, scope.verb(), true)
    {
        return Err(format!("it names other verbs than that of its scope, {}", scope.verb()));
    }
    if rule.when.registered_host
        && !["net.probe", "net.tls"]
            .iter()
            .any(|verb| decide::is_about(&rule.when, verb, true))
    {
        return Err("only net.probe and net.tls have registered hosts".into());
    }
    if let Effect::Require(r) = &rule.then {
        let bounds = [
            ("decide_within_minutes", r.decide_within_minutes, 1440),
            ("uses", r.uses, 1),
            ("grant_minutes", r.grant_minutes, 60),
            ("grant_uses", r.grant_uses, 1000),
        ];
        if let Some((name, _, most)) = bounds.iter().find(|(_, n, most)| !(1..=*most).contains(n)) {
            return Err(format!("{name} has to be from 1 to {most}"));
        }
    }
    Ok(())
}
