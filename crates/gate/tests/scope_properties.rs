//! R10, R21: what holds for all scopes and commands, also for those that nobody thought of.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail a test")]

use domain::action::{Command, RegistryData, Script, Shell, Verb};
use gate::name;
use gate::scope::Scope;
use proptest::prelude::*;

// Small alphabets, so that patterns and names meet often.

fn part() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ab]{1,2}", 2 => "[ab]?\\*[ab]?", 1 => Just("*".to_owned())]
}

fn path_pattern() -> impl Strategy<Value = String> {
    (
        prop::bool::weighted(0.2),
        prop::collection::vec(part(), 0..4),
        any::<bool>(),
    )
        .prop_map(|(windows, mut parts, below)| {
            if below {
                parts.push("**".into());
            }
            if windows {
                format!("C:\\{}", parts.join("\\"))
            } else {
                format!("/{}", parts.join("/"))
            }
        })
}

fn key_pattern() -> impl Strategy<Value = String> {
    (any::<bool>(), prop::collection::vec(part(), 0..4), any::<bool>()).prop_map(|(machine, mut parts, below)| {
        parts.insert(0, if machine { "HKLM".into() } else { "HKU".into() });
        if below {
            parts.push("**".into());
        }
        parts.join("\\")
    })
}

fn log_pattern() -> impl Strategy<Value = String> {
    (prop::collection::vec(part(), 1..3), any::<bool>())
        .prop_map(|(parts, below)| format!("{}{}", parts.join("/"), if below { "/**" } else { "" }))
}

fn list(one: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(one, 1..3)
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let made = |verb: &'static str| {
        move |(targets, limit): (Vec<String>, Option<String>)| Scope::of(verb, &targets, limit.as_deref()).unwrap()
    };
    let none = || Just(None);
    let lines = || prop::option::of((1u32..4).prop_map(|n| format!("lines={n}")));
    let since = || prop::option::of((1u32..4).prop_map(|n| format!("since={n}m")));
    let host = || (prop_oneof!["[ab]", Just("[::1]".to_owned())], 1u16..3).prop_map(|(h, p)| format!("{h}:{p}"));
    prop_oneof![
        4 => (list(path_pattern()), none()).prop_map(made("file.read")),
        4 => (list(path_pattern()), lines()).prop_map(made("file.tail")),
        2 => (list(log_pattern()), since()).prop_map(made("log.read")),
        2 => (list(key_pattern()), none()).prop_map(made("registry.read")),
        2 => (list(key_pattern()), none()).prop_map(made("registry.write")),
        1 => (list(host()), none()).prop_map(made("net.probe")),
        1 => (list(host()), none()).prop_map(made("net.tls")),
        1 => (list(part()), none()).prop_map(made("service.status")),
        1 => (list(part()), none()).prop_map(made("service.start")),
        1 => (list(part()), none()).prop_map(made("service.stop")),
        1 => (list(part()), none()).prop_map(made("service.restart")),
        1 => (Just(vec![]), none()).prop_map(made("disk.usage")),
        1 => (Just(vec![]), none()).prop_map(made("net.config")),
        1 => (Just(vec![]), none()).prop_map(made("service.list")),
        1 => any_script().prop_map(|c| Scope::exactly(&c).unwrap()),
    ]
}

fn any_script() -> impl Strategy<Value = Command> {
    ("[ab]", any::<bool>()).prop_map(|(text, sh)| {
        Command::Script(Script {
            shell: if sh { Shell::Sh } else { Shell::Pwsh },
            text,
        })
    })
}

fn any_command() -> impl Strategy<Value = Command> {
    let path = || {
        (prop::bool::weighted(0.2), prop::collection::vec("[ab]{1,3}", 0..5)).prop_map(|(windows, parts)| {
            if windows {
                format!("C:\\{}", parts.join("\\"))
            } else {
                format!("/{}", parts.join("/"))
            }
        })
    };
    let key = || {
        (any::<bool>(), prop::collection::vec("[ab]{1,3}", 0..5)).prop_map(|(machine, mut parts)| {
            parts.insert(0, if machine { "HKLM".into() } else { "HKU".into() });
            parts.join("\\")
        })
    };
    let host = || (prop_oneof!["[ab]", Just("::1".to_owned())], 1u16..3);
    prop_oneof![
        4 => path().prop_map(|path| Command::Verb(Verb::FileRead { path })),
        4 => (path(), 1u32..5).prop_map(|(path, lines)| Command::Verb(Verb::FileTail { path, lines })),
        2 => (prop::collection::vec("[ab]{1,3}", 1..4), 1u32..5)
            .prop_map(|(l, since_minutes)| Command::Verb(Verb::LogRead { log: l.join("/"), since_minutes })),
        2 => key().prop_map(|key| Command::Verb(Verb::RegistryRead { key })),
        2 => (key(), "[ab]?", 0u32..3)
            .prop_map(|(key, value, n)| Command::Verb(Verb::RegistryWrite { key, value, data: RegistryData::Dword(n) })),
        1 => host().prop_map(|(host, port)| Command::Verb(Verb::NetProbe { host, port })),
        1 => host().prop_map(|(host, port)| Command::Verb(Verb::NetTls { host, port })),
        1 => "[ab]{1,3}".prop_map(|service| Command::Verb(Verb::ServiceStart { service })),
        1 => "[ab]{1,3}".prop_map(|service| Command::Verb(Verb::ServiceStop { service })),
        1 => "[ab]{1,3}".prop_map(|service| Command::Verb(Verb::ServiceStatus { service })),
        1 => "[ab]{1,3}".prop_map(|service| Command::Verb(Verb::ServiceRestart { service })),
        1 => Just(Command::Verb(Verb::DiskUsage)),
        1 => Just(Command::Verb(Verb::NetConfig)),
        1 => Just(Command::Verb(Verb::ServiceList)),
        1 => any_script(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// R21: anything that the narrower scope covers, the wider one covers; and what both cover, they share.
    #[test]
    fn a_narrower_scope_never_covers_more(narrow in any_scope(), wide in any_scope(), commands in prop::collection::vec(any_command(), 32)) {
        let within = narrow.is_subset_of(&wide);
        for command in commands {
            if narrow.covers(&command).is_ok() {
                prop_assert!(!within || wide.covers(&command).is_ok(), "{narrow} within {wide}: {command}");
                prop_assert!(wide.covers(&command).is_err() || narrow.overlaps(&wide), "{narrow} and {wide} share {command}");
            }
        }
    }

    /// R21: being within is reflexive and transitive, and overlap is symmetric.
    #[test]
    fn being_within_is_an_order(a in any_scope(), b in any_scope(), c in any_scope()) {
        prop_assert!(a.is_subset_of(&a) && a.overlaps(&a));
        prop_assert!(!(a.is_subset_of(&b) && b.is_subset_of(&c)) || a.is_subset_of(&c), "{a}, {b}, {c}");
        prop_assert!(!a.is_subset_of(&b) || a.overlaps(&b));
        prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
    }

    /// R21: narrowing through the form's fields gives a scope of the same verb, and within tells the truth about it.
    #[test]
    fn narrowing_never_widens(wide in any_scope(), other in any_scope(), commands in prop::collection::vec(any_command(), 16)) {
        if let Ok(narrow) = wide.with_targets(&other.targets()) {
            prop_assert_eq!(narrow.verb(), wide.verb());
            if narrow.is_subset_of(&wide) {
                for command in commands {
                    prop_assert!(narrow.covers(&command).is_err() || wide.covers(&command).is_ok());
                }
            }
        }
    }

    /// R20: what is written reads back as itself.
    #[test]
    fn scopes_read_back(scope in any_scope()) {
        let text = scope.to_string();
        prop_assert_eq!(&text.parse::<Scope>().unwrap(), &scope);
        prop_assert_eq!(Scope::of(scope.verb(), &scope.targets(), scope.limit().as_deref()).ok(), (scope.verb() != "script").then(|| scope.clone()));
        prop_assert!(!scope.reach().is_empty());
    }

    /// R10: the narrowest scope covers its command and lies within every scope that covers it.
    #[test]
    fn the_narrowest_scope_is_the_narrowest(command in any_command(), other in any_command(), wide in any_scope()) {
        let exact = Scope::exactly(&command).unwrap();
        prop_assert_eq!(exact.covers(&command), Ok(()));
        prop_assert_eq!(wide.covers(&command).is_ok(), exact.is_subset_of(&wide), "{} in {}", command, wide);
        prop_assert!(name::canonical(&command).as_ref() == Ok(&command));
        if exact.covers(&other).is_ok() && other != command {
            // Only less of the same (fewer lines or minutes, or the end of the same file), or another value of the same key.
            prop_assert!(Scope::exactly(&other).unwrap().is_subset_of(&exact));
        }
    }

    /// Reading never panics, and what is read is a fixed point.
    #[test]
    fn any_text_is_read_or_refused(text in r#"(file\.read|log\.read|file\.tail|registry\.write|script|service\.status)?[("{ ]{0,3}[\PC"*/\\(){}=,]{0,24}[)"} ]{0,3}"#) {
        if let Ok(scope) = text.parse::<Scope>() {
            prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
        }
    }
}
