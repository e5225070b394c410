//! What holds for all bytes, whoever made them. Used by the replays in `main.rs` and by the libFuzzer targets in `/fuzz`.
//! Each says whether something in its input was taken.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::action::{Command, Script, Shell};
use domain::roles::Roles;
use gate::escape;
use gate::name::{FilePath, HostName, HostPort, LogName, RegistryKey, ServiceName, canonical, check_canonical};
use gate::policy::{Facts, Policy};
use gate::powershell;
use gate::risk;
use gate::scope::Scope;
use gate::statement::Statement;
use gate::workflow::BUILTIN;

/// The most lines of one input that are compared with each other.
const MOST: usize = 12;

/// Scopes, one a line. Each is read again as it was written; two are compared in all ways, which must not contradict each
/// other.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn scopes(text: &str) -> bool {
    let mut all = true;
    let mut scopes: Vec<Scope> = vec![];
    for line in text.lines().take(MOST) {
        match line.parse::<Scope>() {
            Ok(scope) => scopes.push(scope),
            Err(_) => all = false,
        }
    }
    for scope in &scopes {
        let written = scope.to_string();
        let again: Scope = written.parse().expect("it was just written");
        assert!(
            again == *scope && again.to_string() == written,
            "read differently: {written}"
        );
        assert!(scope.is_subset_of(scope), "{written} is within itself");
        shows_all(&scope.reach());
        risk::of_scope(scope).iter().for_each(|note| shows_all(&note.says));
        let targets = scope.targets();
        if scope.verb() != "script" {
            let parts = Scope::of(scope.verb(), &targets, scope.limit().as_deref());
            assert!(parts.as_ref() == Ok(scope), "{written} from its parts");
        }
        Policy::standard().decide_scope(&facts(), scope);
    }
    for a in &scopes {
        for b in &scopes {
            assert!(a.overlaps(b) == b.overlaps(a), "{a} and {b}");
            assert!(
                !a.is_subset_of(b) || a.overlaps(b),
                "{a} is within {b} and does not meet it"
            );
            for c in &scopes {
                let through = a.is_subset_of(b) && b.is_subset_of(c);
                assert!(!through || a.is_subset_of(c), "{a} within {b} within {c}");
            }
        }
    }
    all
}

/// Names, one a line, each read as every kind: what is taken has one form. What is shown of it, of a script of that text and
/// of a workflow with it hides nothing.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn names(text: &str) -> bool {
    let mut all = true;
    for line in text.lines() {
        let taken = [
            once::<FilePath>(line),
            once::<RegistryKey>(line),
            once::<HostName>(line),
            once::<HostPort>(line),
            once::<LogName>(line),
            once::<ServiceName>(line),
        ];
        all &= taken.contains(&true);
        shows_all(&escape::line(line));
        if let Some(verb) = powershell::meaning(line) {
            let _ = canonical(&Command::Verb(verb));
        }
        for workflow in BUILTIN {
            let names = workflow.parameters.iter().map(|p| (p.name.to_owned(), line.to_owned()));
            let values: BTreeMap<String, String> = names.collect();
            if let Ok(plan) = workflow.plan(&values) {
                for step in &plan.steps {
                    assert_eq!(check_canonical(&step.command), Ok(()));
                }
            }
        }
    }
    let shown: String = escape::show(text).iter().map(|s| s.text.as_str()).collect();
    assert!(!shown.chars().any(|c| c != '\n' && escape::is_hidden(c)), "{shown:?}");
    for shell in Shell::ALL {
        let script = Command::Script(Script {
            shell,
            text: text.to_owned(),
        });
        risk::of_command(&script).iter().for_each(|note| shows_all(&note.says));
    }
    all
}

fn once<T: FromStr + Display + PartialEq + Debug>(text: &str) -> bool {
    let Ok(name) = text.parse::<T>() else {
        return false;
    };
    let written = name.to_string();
    shows_all(&written);
    let again = written.parse::<T>().ok();
    assert!(again.as_ref() == Some(&name), "{text:?} is {name:?} and then {again:?}");
    assert_eq!(again.map(|a| a.to_string()), Some(written), "one form");
    true
}

/// A command as JSON: its canonical form is its own, and is covered by the narrowest scope and by what that includes.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn command(bytes: &[u8]) -> bool {
    let Ok(command) = serde_json::from_slice::<Command>(bytes) else {
        return false;
    };
    let _ = risk::of_command(&command);
    Policy::standard().decide(&facts(), &command);
    let Ok(form) = canonical(&command) else {
        return false;
    };
    assert_eq!(check_canonical(&form), Ok(()), "a canonical form is canonical");
    risk::of_command(&form).iter().for_each(|note| shows_all(&note.says));
    let exactly = Scope::exactly(&form).expect("what is canonical has a scope");
    assert!(exactly.covers(&form).is_ok(), "{exactly} does not cover {form}");
    let again: Scope = exactly.to_string().parse().expect("it was just written");
    assert!(again == exactly, "read differently: {exactly}");
    assert!(
        form == command || exactly.covers(&command).is_err(),
        "covered in another form"
    );
    true
}

/// A policy as JSON: it can be written and is the same then.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn policy(bytes: &[u8]) -> bool {
    let Ok(policy) = Policy::parse(bytes) else {
        return false;
    };
    let written = serde_json::to_vec(&policy).expect("a policy can be written");
    let again = Policy::parse(&written).expect("it was just written");
    assert!(again == policy && again.digest() == policy.digest(), "read differently");
    for command in [
        r#"{"verb":{"name":"file.read","path":"/etc/hosts"}}"#,
        r#"{"verb":{"name":"net.probe","host":"gw.example.com","port":443}}"#,
        r#"{"script":{"shell":"sh","text":"id"}}"#,
    ] {
        let command: Command = serde_json::from_str(command).expect("a command");
        let verdict = policy.decide(&facts(), &command);
        assert_eq!(verdict.version, policy.version());
        assert!(
            policy
                .rule(&verdict.rule)
                .is_none_or(|rule| rule.then == verdict.effect)
        );
    }
    true
}

/// A statement (a line end behind it is the file's): it has one spelling, and its prompt hides nothing.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn statement(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let Ok(statement) = Statement::parse(bytes) else {
        return false;
    };
    assert!(statement.canonical() == bytes, "written differently");
    for line in statement.prompt() {
        let text = line.text();
        assert!(!text.chars().any(|c| c != '\n' && escape::is_hidden(c)), "{text:?}");
    }
    let scope = statement.scope();
    assert!(scope.is_subset_of(&scope));
    true
}

fn shows_all(text: &str) {
    assert!(!text.chars().any(escape::is_hidden), "something is hidden: {text:?}");
}

fn facts() -> Facts {
    Facts {
        client_tags: BTreeSet::new(),
        registered_hosts: BTreeSet::new(),
        roles: Roles::default(),
    }
}
