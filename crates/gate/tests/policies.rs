//! The policy: which rule decides, and that everything unclear is denied.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail a test")]

use domain::action::{Command, RegistryData, Script, Shell, Verb};
use domain::roles::{Role, Roles};
use gate::policy::{Effect, Facts, NO_RULE, NOT_CANONICAL, Policy, PolicyError, Require};
use gate::scope::Scope;
use proptest::prelude::*;

fn facts() -> Facts {
    Facts {
        client_tags: ["pci".to_owned()].into(),
        registered_hosts: [
            "gw.example.com:443".parse().unwrap(),
            "gw2.example.com:443".parse().unwrap(),
        ]
        .into(),
        roles: Roles::from([Role::Technician]),
    }
}

fn read(path: &str) -> Command {
    Command::Verb(Verb::FileRead { path: path.into() })
}

fn tail(path: &str) -> Command {
    Command::Verb(Verb::FileTail {
        path: path.into(),
        lines: 10,
    })
}

fn probe(host: &str, port: u16) -> Command {
    Command::Verb(Verb::NetProbe {
        host: host.into(),
        port,
    })
}

fn tls(host: &str, port: u16) -> Command {
    Command::Verb(Verb::NetTls {
        host: host.into(),
        port,
    })
}

fn policy(rules: &str) -> Policy {
    Policy::parse(format!(r#"{{"v":1,"version":7,"rules":[{rules}]}}"#).as_bytes()).unwrap()
}

/// R20: inventory and registered probes run on a rule; everything else asks the client's contact, for 15 minutes and one use.
#[test]
fn the_standard_policy() {
    let ask = Effect::Require(Require::default());
    let script = Command::Script(Script {
        shell: Shell::Sh,
        text: "id".into(),
    });
    for (command, rule, effect) in [
        (Command::Verb(Verb::SystemInfo), "inventory", Effect::Allow),
        (Command::Verb(Verb::ProcessList), "inventory", Effect::Allow),
        (Command::Verb(Verb::DiskUsage), "inventory", Effect::Allow),
        (probe("gw.example.com", 443), "registered-probe", Effect::Allow),
        (probe("gw.example.com", 80), "contact-probe", ask.clone()),
        (probe("evil.example", 443), "contact-probe", ask.clone()),
        (read("/etc/hosts"), "contact-files", ask.clone()),
        (tail("/etc/hosts"), "contact-files", ask.clone()),
        (
            Command::Verb(Verb::LogRead {
                log: "cups".into(),
                since_minutes: 60,
            }),
            "contact-logs",
            ask.clone(),
        ),
        (
            Command::Verb(Verb::ServiceStatus { service: "cups".into() }),
            "contact-service-status",
            ask.clone(),
        ),
        (
            Command::Verb(Verb::ServiceRestart { service: "cups".into() }),
            "contact-service-change",
            ask.clone(),
        ),
        (
            Command::Verb(Verb::ServiceStart { service: "cups".into() }),
            "contact-service-change",
            ask.clone(),
        ),
        (
            Command::Verb(Verb::ServiceStop { service: "cups".into() }),
            "contact-service-change",
            ask.clone(),
        ),
        (
            Command::Verb(Verb::RegistryRead { key: r"HKLM\a".into() }),
            "contact-registry",
            ask.clone(),
        ),
        (
            Command::Verb(Verb::RegistryWrite {
                key: r"HKLM\a".into(),
                value: String::new(),
                data: RegistryData::Dword(1),
            }),
            "contact-registry-change",
            ask.clone(),
        ),
        (Command::Verb(Verb::ServiceList), "inventory", Effect::Allow),
        (Command::Verb(Verb::NetConfig), "inventory", Effect::Allow),
        (tls("gw.example.com", 443), "registered-tls", Effect::Allow),
        (tls("gw.example.com", 80), "contact-tls", ask.clone()),
        (script, "contact-scripts", ask.clone()),
    ] {
        let verdict = Policy::standard().decide(&facts(), &command);
        assert_eq!(
            (verdict.rule.as_str(), &verdict.effect, verdict.version),
            (rule, &effect, 1),
            "{command}"
        );
        assert_eq!(verdict.trace.len(), Policy::standard().rules().len());
        assert_eq!(verdict.says, Policy::standard().rule(rule).unwrap().says);
    }
    let Require {
        decide_within_minutes,
        uses,
        grant_minutes,
        ..
    } = Require::default();
    assert_eq!((decide_within_minutes, uses, grant_minutes), (15, 1, 60));
}

/// R20: access is decided like the commands in it: at once only where all of it is.
#[test]
fn access_is_decided_as_a_whole() {
    for (scope, rule) in [
        ("disk.usage", "inventory"),
        (
            r#"net.probe("gw.example.com:443", "gw2.example.com:443")"#,
            "registered-probe",
        ),
        (
            r#"net.probe("gw.example.com:443", "evil.example:443")"#,
            "contact-probe",
        ),
        (r#"file.read("/etc/pos/**")"#, "contact-files"),
        (r#"service.restart("*")"#, "contact-service-change"),
    ] {
        assert_eq!(
            Policy::standard().decide_scope(&facts(), &scope.parse().unwrap()).rule,
            rule,
            "{scope}"
        );
    }
}

/// R21, R22: a command that is not in its one form is denied before any rule is asked.
#[test]
fn commands_out_of_form_are_denied() {
    let all = policy(r#"{"id":"all","says":"All.","when":{"verbs":["*"],"scripts":true},"then":"allow"}"#);
    for command in [
        read("/etc/../etc/shadow"),
        read("hosts"),
        probe("GW.example.com", 443),
        tail("/a//b"),
        probe("gw.example.com", 0),
    ] {
        let verdict = all.decide(&facts(), &command);
        assert_eq!(
            (verdict.rule.as_str(), &verdict.effect),
            (NOT_CANONICAL, &Effect::Deny),
            "{command}"
        );
    }
    assert_eq!(all.decide(&facts(), &read("/etc/hosts")).effect, Effect::Allow);
}

/// R22: no rule, no run.
#[test]
fn without_a_rule_it_is_denied() {
    let none = policy("");
    assert_eq!(
        (
            none.decide(&facts(), &read("/a")).rule.as_str(),
            none.decide(&facts(), &read("/a")).effect
        ),
        (NO_RULE, Effect::Deny)
    );
    let verbs = policy(r#"{"id":"v","says":"Verbs.","when":{"verbs":["*"]},"then":"allow"}"#);
    let script = Command::Script(Script {
        shell: Shell::Sh,
        text: "id".into(),
    });
    assert_eq!(
        verbs.decide(&facts(), &script).effect,
        Effect::Deny,
        "* is every verb, but no script"
    );
}

/// R20: a denial wins wherever it stands, and matches whatever touches its scope.
#[test]
fn a_denial_wins() {
    let allow = r#"{"id":"files","says":"Files.","when":{"verbs":["file.read"]},"then":"allow"}"#;
    let deny =
        r#"{"id":"no-shadow","says":"Never.","when":{"scope":"file.tail(\"/etc/shadow*\"){lines=5}"},"then":"deny"}"#;
    for rules in [format!("{allow},{deny}"), format!("{deny},{allow}")] {
        let policy = policy(&rules);
        for denied in [read("/etc/shadow"), tail("/etc/shadow-")] {
            let verdict = policy.decide(&facts(), &denied);
            assert_eq!(
                (verdict.rule.as_str(), verdict.effect, verdict.version),
                ("no-shadow", Effect::Deny, 7),
                "{denied}"
            );
        }
        for scope in [
            r#"file.read("/**")"#,
            r#"file.read("/etc/*")"#,
            r#"file.read("/a", "/etc/shadow")"#,
        ] {
            assert_eq!(
                policy.decide_scope(&facts(), &scope.parse().unwrap()).effect,
                Effect::Deny,
                "{scope}"
            );
        }
        assert_eq!(policy.decide(&facts(), &read("/etc/hosts")).effect, Effect::Allow);
        assert_eq!(
            policy.decide(&facts(), &tail("/etc/hosts")).effect,
            Effect::Allow,
            "who may read may tail"
        );
    }
    let by_verb = policy(
        r#"{"id":"all","says":"All.","when":{"verbs":["*"]},"then":"allow"},{"id":"no","says":"No.","when":{"verbs":["file.tail"]},"then":"deny"}"#,
    );
    assert_eq!(
        by_verb.decide(&facts(), &read("/a")).effect,
        Effect::Deny,
        "reading reveals what tailing does"
    );
}

/// R20: a TLS handshake tells whether the port answers: a denial of probing is one of shaking hands.
#[test]
fn a_denial_of_probes_denies_handshakes() {
    let all = r#"{"id":"all","says":"All.","when":{"verbs":["*"]},"then":"allow"}"#;
    for deny in [
        r#"{"verbs":["net.probe"]}"#,
        r#"{"scope":"net.probe(\"gw.example.com:443\")"}"#,
        r#"{"verbs":["net.probe"],"registered_host":true}"#,
        r#"{"verbs":["net.tls"],"registered_host":true}"#,
    ] {
        let policy = policy(&format!(
            r#"{all},{{"id":"no","says":"No.","when":{deny},"then":"deny"}}"#
        ));
        assert_eq!(
            policy.decide(&facts(), &tls("gw.example.com", 443)).effect,
            Effect::Deny,
            "{deny}"
        );
    }
    let tls_only = policy(&format!(
        r#"{all},{{"id":"no","says":"No.","when":{{"verbs":["net.tls"]}},"then":"deny"}}"#
    ));
    assert_eq!(
        tls_only.decide(&facts(), &probe("gw.example.com", 443)).effect,
        Effect::Allow
    );
}

/// An allowance needs all of it; conditions on tags and roles bind.
#[test]
fn an_allowance_needs_all_its_conditions() {
    let rules = r#"{"id":"pos","says":"Settings.","when":{"verbs":["file.read"],"scope":"file.read(\"/etc/pos/**\")","client_tags":["lab","test"],"roles":["technician"]},"then":"allow"}"#;
    let policy = policy(rules);
    let lab = Facts {
        client_tags: ["lab".to_owned()].into(),
        ..facts()
    };
    assert_eq!(policy.decide(&lab, &read("/etc/pos/a")).effect, Effect::Allow);
    assert_eq!(policy.decide(&facts(), &read("/etc/pos/a")).effect, Effect::Deny);
    assert_eq!(policy.decide(&lab, &read("/etc/hosts")).effect, Effect::Deny);
    assert_eq!(
        policy
            .decide(
                &Facts {
                    roles: Roles::from([Role::Admin]),
                    ..lab.clone()
                },
                &read("/etc/pos/a")
            )
            .effect,
        Effect::Deny
    );
    for wider in [r#"file.read("/etc/**")"#, r#"file.read("/etc/pos/a", "/x")"#] {
        assert_eq!(policy.decide_scope(&lab, &wider.parse().unwrap()).effect, Effect::Deny);
    }
    assert!(policy.decide(&facts(), &read("/etc/pos/a")).trace[0].contains("not tagged lab or test"));
}

#[test]
fn the_first_of_several_decides() {
    let policy = policy(
        r#"{"id":"ask","says":"Ask.","when":{"scope":"file.read(\"/etc/**\")"},"then":{"require":{"who":"client_contact","decide_within_minutes":5}}},
           {"id":"rest","says":"Rest.","when":{"verbs":["file.read"]},"then":"allow"}"#,
    );
    let verdict = policy.decide(&facts(), &read("/etc/a"));
    assert_eq!(
        verdict.effect,
        Effect::Require(Require {
            decide_within_minutes: 5,
            ..Require::default()
        })
    );
    assert_eq!(
        verdict.trace,
        ["ask: matches first", "rest: matches, but an earlier rule did"]
    );
    assert_eq!(policy.decide(&facts(), &read("/a")).rule, "rest");
}

#[test]
fn a_policy_reads_back() {
    let json = serde_json::to_vec(&Policy::standard()).unwrap();
    let back = Policy::parse(&json).unwrap();
    assert_eq!(back, Policy::standard());
    assert_eq!(back.digest(), Policy::standard().digest());
}

/// R22: an unreadable policy is an error, never a guess.
#[test]
fn unreadable_policies() {
    let rule = |inner: &str| format!(r#"{{"v":1,"version":1,"rules":[{inner}]}}"#);
    let valid = r#"{"id":"a","says":"A.","when":{"verbs":["file.read"]},"then":"deny"}"#;
    assert!(Policy::parse(rule(valid).as_bytes()).is_ok());
    for bad in [
        String::new(),
        "{}".into(),
        "null".into(),
        r#"{"v":2,"version":1,"rules":[]}"#.into(),
        r#"{"v":1,"version":0,"rules":[]}"#.into(),
        r#"{"v":1,"version":1,"rules":[],"more":1}"#.into(),
        rule(&format!("{valid},{valid}")),
        rule(&valid.replace("file.read", "file.reed")),
        rule(&valid.replace(r#""verbs":["file.read"]"#, "")),
        rule(&valid.replace(r#""verbs""#, r#""verb""#)),
        rule(&valid.replace(r#""verbs":["file.read"]"#, r#""scope":"file.read(\"../x\")""#)),
        rule(&valid.replace(r#""verbs":["file.read"]"#, r#""verbs":["file.read"],"roles":["root"]"#)),
        rule(&valid.replace(
            r#""verbs":["file.read"]"#,
            r#""verbs":["file.read"],"scope":"log.read(\"x\")""#,
        )),
        rule(&valid.replace(
            r#""verbs":["file.read"]"#,
            r#""scripts":true,"scope":"log.read(\"x\")""#,
        )),
        rule(&valid.replace(
            r#""verbs":["file.read"]"#,
            r#""verbs":["file.read"],"registered_host":true"#,
        )),
        rule(&valid.replace("deny", "permit")),
        rule(&valid.replace(r#""A.""#, r#"" ""#)),
        rule(&valid.replace(r#""a""#, r#""A b""#)),
        rule(&valid.replace(r#""a""#, r#""no-rule""#)),
        rule(&valid.replace(r#""deny""#, r#"{"require":{"who":"anyone"}}"#)),
        rule(&valid.replace(
            r#""deny""#,
            r#"{"require":{"who":"client_contact","decide_within_minutes":0}}"#,
        )),
        rule(&valid.replace(r#""deny""#, r#"{"require":{"who":"client_contact","uses":2}}"#)),
        rule(&valid.replace(
            r#""deny""#,
            r#"{"require":{"who":"client_contact","grant_minutes":61}}"#,
        )),
        rule(&valid.replace(
            r#""deny""#,
            r#"{"require":{"who":"client_contact","grant_minutes":-1}}"#,
        )),
    ] {
        assert!(
            matches!(
                Policy::parse(bad.as_bytes()),
                Err(PolicyError::Unreadable(_) | PolicyError::Unusable(_))
            ),
            "{bad}"
        );
        assert!(
            serde_json::from_str::<Policy>(&bad).is_err(),
            "no way around the check: {bad}"
        );
    }
}

proptest! {
    /// R21: where access to a scope is allowed at once, each command in it is; where a command in it is denied by a rule
    /// on scopes, so is the access.
    #[test]
    fn access_is_never_easier_than_its_commands(
        rule in prop::sample::select(vec!["/a/**", "/a", "/a/*", "/**", "/*/b"]),
        asked in prop::sample::select(vec!["/a/**", "/a", "/a/*", "/**", "/*/b", "/a/b", "/b"]),
        path in prop::sample::select(vec!["/a", "/a/b", "/a/b/c", "/b", "/c/b", "/"]),
    ) {
        let scope: Scope = format!("file.read(\"{asked}\")").parse().unwrap();
        let command = read(path);
        prop_assume!(scope.covers(&command).is_ok());
        let allow = policy(&format!(r#"{{"id":"a","says":"A.","when":{{"scope":"file.read(\"{rule}\")"}},"then":"allow"}}"#));
        if allow.decide_scope(&facts(), &scope).effect == Effect::Allow {
            prop_assert_eq!(allow.decide(&facts(), &command).effect, Effect::Allow);
        }
        let deny = policy(&format!(
            r#"{{"id":"a","says":"A.","when":{{"verbs":["*"]}},"then":"allow"}},{{"id":"d","says":"D.","when":{{"scope":"file.read(\"{rule}\")"}},"then":"deny"}}"#
        ));
        if deny.decide(&facts(), &command).effect == Effect::Deny {
            prop_assert_eq!(deny.decide_scope(&facts(), &scope).effect, Effect::Deny);
        }
    }
}
