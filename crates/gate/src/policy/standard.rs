//! The policy that an org starts with.

use super::{Draft, Effect, Policy, Require, Rule, When};

/// Rules, in order: id, sentence, verbs, and what follows.
type Line = (&'static str, &'static str, &'static [&'static str], Answer);

#[derive(Clone, Copy)]
enum Answer {
    Allow,
    AllowRegistered,
    Contact,
    ContactScripts,
}

/// Counted up with each change of what follows.
const VERSION: u32 = 2;

const RULES: &[Line] = &[
    (
        "inventory",
        "Inventory (system, processes, disks, network, services) reads no content and changes nothing, so it runs at once.",
        &[
            "system.info",
            "process.list",
            "disk.usage",
            "net.config",
            "service.list",
        ],
        Answer::Allow,
    ),
    (
        "registered-probe",
        "Probing a host and port that are registered for the client sends no data, so it runs at once.",
        &["net.probe"],
        Answer::AllowRegistered,
    ),
    (
        "contact-probe",
        "Probing any other host needs the client's contact.",
        &["net.probe"],
        Answer::Contact,
    ),
    (
        "registered-tls",
        "A TLS handshake with a host and port that are registered for the client reads its certificates, so it runs at once.",
        &["net.tls"],
        Answer::AllowRegistered,
    ),
    (
        "contact-tls",
        "A TLS handshake with any other host needs the client's contact.",
        &["net.tls"],
        Answer::Contact,
    ),
    (
        "contact-files",
        "Reading a file needs the client's contact, since files can hold anything.",
        &["file.read", "file.tail"],
        Answer::Contact,
    ),
    (
        "contact-logs",
        "Reading a log needs the client's contact, since logs can hold personal data.",
        &["log.read"],
        Answer::Contact,
    ),
    (
        "contact-registry",
        "Reading the registry needs the client's contact, since settings can hold anything.",
        &["registry.read"],
        Answer::Contact,
    ),
    (
        "contact-registry-change",
        "Writing to the registry changes how the machine works, so the client's contact decides.",
        &["registry.write"],
        Answer::Contact,
    ),
    (
        "contact-service-status",
        "Looking into a service needs the client's contact.",
        &["service.status"],
        Answer::Contact,
    ),
    (
        "contact-service-change",
        "Starting, stopping or restarting a service changes or interrupts what depends on it, so the client's contact decides.",
        &["service.start", "service.stop", "service.restart"],
        Answer::Contact,
    ),
    (
        "contact-scripts",
        "A script can do anything that the agent's account may, so the client's contact decides on its exact text.",
        &[],
        Answer::ContactScripts,
    ),
];

pub(super) fn policy() -> Policy {
    Policy {
        draft: Draft {
            v: 1,
            version: VERSION,
            rules: RULES.iter().map(rule).collect(),
        },
    }
}

fn rule((id, says, verbs, answer): &Line) -> Rule {
    let when = When {
        verbs: verbs.iter().map(|v| (*v).to_owned()).collect(),
        scripts: matches!(answer, Answer::ContactScripts),
        registered_host: matches!(answer, Answer::AllowRegistered),
        ..When::default()
    };
    let then = match answer {
        Answer::Allow | Answer::AllowRegistered => Effect::Allow,
        Answer::Contact | Answer::ContactScripts => Effect::Require(Require::default()),
    };
    Rule {
        id: (*id).to_owned(),
        says: (*says).to_owned(),
        when,
        then,
    }
}
