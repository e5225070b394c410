//! From rules, facts and a command to a verdict, with the trace of how it came about.

use domain::action::Command;
use domain::roles::Role;

use super::{Effect, Facts, NO_RULE, NOT_CANONICAL, Policy, Rule, Verdict, When};
use crate::name::HostPort;
use crate::scope::Scope;

impl Policy {
    /// The verdict on one command. The command has to be canonical ([`crate::name::canonical`]); one that isn't is denied.
    pub fn decide(&self, facts: &Facts, command: &Command) -> Verdict {
        match Scope::exactly(command) {
            Ok(scope) => self.decide_scope(facts, &scope),
            Err(why) => self.verdict(NOT_CANONICAL, &why.to_string(), Effect::Deny, vec![]),
        }
    }

    /// The verdict on a request for access to everything in `scope`.
    pub fn decide_scope(&self, facts: &Facts, scope: &Scope) -> Verdict {
        let mut trace = Vec::new();
        let mut first: Option<&Rule> = None;
        let mut denial: Option<&Rule> = None;
        for rule in self.rules() {
            let denies = rule.then == Effect::Deny;
            match matches(&rule.when, denies, facts, scope) {
                Err(why) => trace.push(format!("{}: does not match, {why}", rule.id)),
                Ok(()) if denies => {
                    trace.push(format!("{}: matches and denies", rule.id));
                    denial = denial.or(Some(rule));
                }
                Ok(()) if first.is_none() => {
                    trace.push(format!("{}: matches first", rule.id));
                    first = Some(rule);
                }
                Ok(()) => trace.push(format!("{}: matches, but an earlier rule did", rule.id)),
            }
        }
        match denial.or(first) {
            Some(rule) => self.verdict(&rule.id, &rule.says, rule.then.clone(), trace),
            None => self.verdict(NO_RULE, "No rule allows this, so it is denied.", Effect::Deny, trace),
        }
    }

    fn verdict(&self, rule: &str, says: &str, effect: Effect, trace: Vec<String>) -> Verdict {
        Verdict {
            rule: rule.to_owned(),
            says: says.to_owned(),
            version: self.version(),
            effect,
            trace,
        }
    }
}

/// Whether all conditions hold; otherwise the first that doesn't.
fn matches(when: &When, denies: bool, facts: &Facts, asked: &Scope) -> Result<(), String> {
    let verb = asked.verb();
    if !is_about(when, verb, denies) {
        return Err(format!("it is not about {verb}"));
    }
    if !when.client_tags.is_empty() && !when.client_tags.iter().any(|t| facts.client_tags.contains(t)) {
        return Err(format!("the client is not tagged {}", when.client_tags.join(" or ")));
    }
    if !when.roles.is_empty() && !when.roles.iter().any(|r| facts.roles.0.contains(r)) {
        return Err(format!(
            "the requester is not {}",
            when.roles
                .iter()
                .map(|r: &Role| r.word())
                .collect::<Vec<_>>()
                .join(" or ")
        ));
    }
    if when.registered_host && !registered(asked, denies, facts) {
        return Err("the host and port are not registered for the client".into());
    }
    match &when.scope {
        Some(scope) if denies && !asked.overlaps(scope) => Err(format!("it does not touch {scope}")),
        Some(scope) if !denies && !asked.is_subset_of(scope) => Err(format!("it is not within {scope}")),
        Some(_) | None => Ok(()),
    }
}

/// Whether the rule is about `verb` (or `script`). One that names neither verbs nor scripts leaves that to its scope.
pub(super) fn is_about(when: &When, verb: &str, denies: bool) -> bool {
    let names_any = !when.verbs.is_empty() || when.scripts;
    !names_any || when.verbs.iter().any(|listed| names(listed, verb, denies)) || (when.scripts && verb == "script")
}

/// Whether the listed verb stands for the asked one. Tailing a file reveals part of what reading it does: who may read may
/// tail, and a denial of the one is a denial of the other. A TLS handshake tells whether the port answers, so a denial of
/// probes is one of handshakes.
fn names(listed: &str, asked: &str, denies: bool) -> bool {
    match (listed, asked) {
        ("*", asked) => asked != "script",
        ("file.read", "file.tail") => true,
        ("file.tail", "file.read") | ("net.probe", "net.tls") => denies,
        (listed, asked) => listed == asked,
    }
}

/// Whether it connects to registered hosts: all of them to be allowed, any of them to be denied.
fn registered(asked: &Scope, denies: bool, facts: &Facts) -> bool {
    let Some(hosts) = asked.connects() else { return false };
    let known = |h: &HostPort| facts.registered_hosts.contains(h);
    if denies {
        hosts.iter().any(known)
    } else {
        hosts.iter().all(known)
    }
}
