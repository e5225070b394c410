//! R20, R24, R25: the statement: its bytes, its digest, its prompt, and what is refused as one.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail a test")]

use domain::action::{Command, RegistryData, Script, Shell, Verb};
use domain::digest::Digest;
use domain::ids::{ActionId, ClientId, EndpointId, OrgId, PersonId, RequestId, SessionId};
use domain::roles::Role;
use gate::statement::{
    Asked, AskedFor, Client, Endpoint, Org, Part, Requester, Session, Statement, StatementError, Subject,
};
use proptest::prelude::*;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(n: u32) -> T {
    format!("01900000-0000-7000-8000-{n:012}").parse().unwrap()
}

fn asked(subject: AskedFor) -> Asked {
    Asked {
        request: id::<RequestId>(1),
        org: Org {
            id: id::<OrgId>(2),
            name: "Northwind IT".into(),
        },
        client: Client {
            id: id::<ClientId>(3),
            name: "Corner Café".into(),
        },
        endpoint: Endpoint {
            id: id::<EndpointId>(4),
            name: "POS-REGISTER-07".into(),
            key: Digest::of(&[b"key"]),
        },
        requester: Requester {
            id: id::<PersonId>(5),
            name: "Tess Tanaka".into(),
            role: Role::Technician,
        },
        session: Session {
            id: id::<SessionId>(6),
            reason: "Register 7 can't take cards".into(),
            ticket: Some("INC-4711".into()),
        },
        subject,
        policy_version: 1,
        rule: "contact-files".into(),
        uses: 1,
        not_before: "2026-03-01T02:47:09Z".parse().unwrap(),
        expires: "2026-03-01T03:02:09Z".parse().unwrap(),
        nonce: (0..16).collect(),
    }
}

fn action(command: Command) -> AskedFor {
    AskedFor::Action {
        action: id::<ActionId>(7),
        shown: command.clone(),
        command,
    }
}

fn script(text: &str) -> Command {
    Command::Script(Script {
        shell: Shell::Sh,
        text: text.into(),
    })
}

fn access() -> AskedFor {
    AskedFor::Access {
        scope: r#"file.read("/etc/pos/**")"#.parse().unwrap(),
        workflow: Some("file-inspection@1".into()),
        grant_minutes: 60,
    }
}

fn registry_access() -> AskedFor {
    AskedFor::Access {
        scope: r#"registry.read("HKLM\software\vendor\pos\**")"#.parse().unwrap(),
        workflow: Some("registry-inspection@1".into()),
        grant_minutes: 60,
    }
}

fn registry_write() -> Command {
    Command::Verb(Verb::RegistryWrite {
        key: r"HKLM\software\microsoft\windows\currentversion\run".into(),
        value: "POS \"agent\"".into(),
        data: RegistryData::ExpandSz(r#""%ProgramFiles%\pos\agent.exe" -q"#.into()),
    })
}

/// R20, R24: the bytes of version 1 are pinned. A change to them needs a new version, beside this one.
#[test]
fn golden_bytes() {
    for (statement, golden, digest) in [
        (
            asked(action(script("systemctl restart cups\nrm -f /tmp/x\n"))),
            include_str!("golden/statement-v1-script.json"),
            SCRIPT,
        ),
        (
            asked(action(Command::Verb(Verb::FileTail {
                path: "/etc/pos/a".into(),
                lines: 50,
            }))),
            include_str!("golden/statement-v1-verb.json"),
            VERB,
        ),
        (
            Asked {
                uses: 50,
                ..asked(access())
            },
            include_str!("golden/statement-v1-access.json"),
            ACCESS,
        ),
        (
            Asked {
                uses: 50,
                ..asked(registry_access())
            },
            include_str!("golden/statement-v1-registry-access.json"),
            REGISTRY_ACCESS,
        ),
        (
            asked(action(registry_write())),
            include_str!("golden/statement-v1-registry-write.json"),
            REGISTRY_WRITE,
        ),
    ] {
        let statement = Statement::new(statement).unwrap();
        assert_eq!(String::from_utf8(statement.canonical()).unwrap(), golden.trim_end());
        assert_eq!(Statement::parse(golden.trim_end().as_bytes()), Ok(statement.clone()));
        assert_eq!(statement.digest().to_string(), digest);
    }
}

const SCRIPT: &str = "e15b443f490f9220891bd7c31e8f5810b0f6581aedf7569f777d22ed58234b0c";
const VERB: &str = "5f40b45415ac1d238a03a7d4a782424c9ca2e717fa9f9bdc4d20930190c60395";
const ACCESS: &str = "a54e65b0411c52b6dd0967c6cadf82c213f0173843b35a7f8778f5df5e59badf";

const REGISTRY_ACCESS: &str = "2f195d78c9b6440024fef10c93a83499fc8b4eba0c6c4c3016be30a3260c8b30";
const REGISTRY_WRITE: &str = "87f04d81406ad4caa19531f2c8f539e3fe923f257cd9214168a652b51f9a9a0a";

/// R24: the digest is not that of the bare bytes, so that no other signed text can pass for a statement.
#[test]
fn the_digest_has_its_own_domain() {
    let statement = Statement::new(asked(access())).unwrap();
    assert_ne!(statement.digest(), Digest::of(&[&statement.canonical()]));
}

/// R24: any other bytes are refused, even where they say the same.
#[test]
fn other_bytes_are_refused() {
    let bytes = String::from_utf8(Statement::new(asked(action(script("id")))).unwrap().canonical()).unwrap();
    let unreadable = |s: String| {
        assert!(
            matches!(Statement::parse(s.as_bytes()), Err(StatementError::Unreadable(_))),
            "{s}"
        )
    };
    let not_canonical =
        |s: String| assert_eq!(Statement::parse(s.as_bytes()), Err(StatementError::NotCanonical), "{s}");
    let inconsistent = |s: String| {
        assert!(
            matches!(Statement::parse(s.as_bytes()), Err(StatementError::Inconsistent(_))),
            "{s}"
        )
    };

    not_canonical(format!(" {bytes}"));
    not_canonical(format!("{bytes}\n"));
    not_canonical(bytes.replacen(':', ": ", 1));
    not_canonical(bytes.replace("\"id\"}", "\"\\u0069d\"}"));
    not_canonical(bytes.replace("02:47:09.000000000Z", "02:47:09Z"));
    not_canonical(bytes.replace("02:47:09.000000000Z", "03:47:09.000000000+01:00"));
    unreadable(String::new());
    unreadable(bytes.replacen('{', "{\"extra\":1,", 1));
    unreadable(bytes.replacen('{', "{\"v\":1,", 1));
    unreadable(bytes.replace("\"kind\":\"action\"", "\"kind\":\"action\",\"extra\":1"));
    unreadable(bytes.replace("\"role\":\"technician\"", "\"role\":\"owner\""));
    unreadable(bytes.replace("\"uses\":1", "\"uses\":1.0"));
    unreadable(format!("{bytes}{bytes}"));
    inconsistent(bytes.replace("\"v\":1", "\"v\":2"));
    inconsistent(bytes.replace("\"text\":\"id\"", "\"text\":\"id -a\""));
    inconsistent(bytes.replace("\"uses\":1", "\"uses\":2"));
    inconsistent(bytes.replace("03:02:09", "02:47:09"));
    inconsistent(bytes.replace("000102030405060708090a0b0c0d0e0f", "000102"));
    inconsistent(bytes.replace("0a0b0c0d0e0f", "0A0B0C0D0E0F"));
}

/// R20: no statement without a sound scope, time and use.
#[test]
fn unsound_requests_make_no_statement() {
    let file = |path: &str| action(Command::Verb(Verb::FileRead { path: path.into() }));
    let lasting = |grant_minutes| AskedFor::Access {
        scope: "disk.usage".parse().unwrap(),
        workflow: None,
        grant_minutes,
    };
    for bad in [
        asked(file("/etc/../x")),
        asked(file("etc")),
        asked(action(script(" "))),
        Asked {
            uses: 2,
            ..asked(file("/x"))
        },
        Asked {
            uses: 0,
            ..asked(access())
        },
        Asked {
            uses: 1001,
            ..asked(access())
        },
        asked(lasting(0)),
        asked(lasting(61)),
        Asked {
            expires: "2026-03-01T02:47:09Z".parse().unwrap(),
            ..asked(access())
        },
        Asked {
            nonce: vec![0; 15],
            ..asked(access())
        },
        Asked {
            nonce: vec![0; 65],
            ..asked(access())
        },
    ] {
        assert!(matches!(Statement::new(bad), Err(StatementError::Inconsistent(_))));
    }
}

/// R20, R21: what an approval authorises at most.
#[test]
fn the_scope_of_a_statement_is_the_narrowest() {
    let command = Command::Verb(Verb::FileRead {
        path: "/etc/pos/a".into(),
    });
    let statement = Statement::new(asked(action(command.clone()))).unwrap();
    assert_eq!(statement.scope().to_string(), r#"file.read("/etc/pos/a")"#);
    assert_eq!(statement.scope().covers(&command), Ok(()));
    assert_eq!(
        Statement::new(asked(access())).unwrap().scope().to_string(),
        r#"file.read("/etc/pos/**")"#
    );
    let Subject::Action { digest, .. } = statement.subject else {
        panic!("an action")
    };
    assert_eq!(digest, command.digest());
}

/// R36: of a script with a secret in it the statement holds the redacted text, says so, and binds the exact one.
#[test]
fn a_redacted_script_is_approved_by_its_exact_text() {
    let (real, shown) = (script("login --password=x9"), script("login --password=[password]"));
    let subject = AskedFor::Action {
        action: id::<ActionId>(7),
        command: real.clone(),
        shown: shown.clone(),
    };
    let statement = Statement::new(asked(subject)).unwrap();
    let bytes = statement.canonical();
    assert!(!String::from_utf8_lossy(&bytes).contains("x9"));
    assert_eq!(Statement::parse(&bytes).unwrap(), statement);
    assert_eq!(statement.scope().covers(&real), Ok(()));
    assert!(
        statement.scope().covers(&shown).is_err(),
        "what is shown is not what was approved"
    );
    let hidden: Vec<_> = statement
        .prompt()
        .into_iter()
        .filter(|l| l.part == Part::Hidden)
        .collect();
    assert!(hidden.len() == 1 && hidden[0].text().contains(&real.digest().to_string()));

    // It says so exactly where it is so.
    let text = String::from_utf8(bytes).unwrap();
    let silent = text.replace(r#","redacted":true"#, "");
    assert!(matches!(
        Statement::parse(silent.as_bytes()),
        Err(StatementError::Inconsistent(_))
    ));
    let whole = Statement::new(asked(action(real))).unwrap().canonical();
    let whole = String::from_utf8(whole).unwrap();
    assert!(!whole.contains("redacted"), "the bytes of others are as ever");
    let claims = whole.replace(r#""kind":"action""#, r#""kind":"action","redacted":true"#);
    assert!(Statement::parse(claims.as_bytes()).is_err());
}

/// R25: who, where, why, exactly what, what it reaches, how long: in this order, from the statement alone.
#[test]
fn the_prompt_of_access() {
    let statement = Statement::parse(
        &Statement::new(Asked {
            uses: 50,
            ..asked(access())
        })
        .unwrap()
        .canonical(),
    )
    .unwrap();
    let lines: Vec<(Part, String)> = statement.prompt().iter().map(|l| (l.part, l.text())).collect();
    let want = [
        (Part::Who, "Tess Tanaka, technician"),
        (Part::Where, "POS-REGISTER-07 of Corner Café (Northwind IT)"),
        (Part::EndpointKey, &statement.endpoint.key.to_string()),
        (Part::Why, "Register 7 can't take cards"),
        (Part::Ticket, "INC-4711"),
        (Part::Workflow, "file-inspection@1"),
        (Part::What, r#"file.read("/etc/pos/**")"#),
        (
            Part::Reach,
            "Reads any file in /etc/pos and in all folders below it. Changes nothing.",
        ),
        (Part::HowLong, "At most 50 times, within 60 min after approval."),
        (Part::Asked, "2026-03-01 02:47:09 UTC"),
        (Part::Until, "2026-03-01 03:02:09 UTC"),
        (Part::Rule, "rule contact-files, policy version 1"),
        (Part::Digest, &statement.digest().to_string()),
    ];
    assert_eq!(lines, want.map(|(p, t)| (p, t.to_owned())));
}

/// R25: a name can't pass for the words around it.
#[test]
fn the_prompt_of_a_verb_shows_where_its_name_ends() {
    let command = Command::Verb(Verb::FileTail {
        path: "/a (last 1 lines)".into(),
        lines: 50,
    });
    let prompt = Statement::new(asked(action(command))).unwrap().prompt();
    let what = prompt.iter().find(|l| l.part == Part::What).unwrap();
    assert_eq!(what.text(), r#"file.tail("/a (last 1 lines)"){lines=50}"#);
}

/// R25: what a registry write sets is shown whole, and where its texts end is never in doubt.
#[test]
fn the_prompt_of_a_registry_write_shows_what_is_set() {
    let statement = Statement::new(asked(action(registry_write()))).unwrap();
    let lines: Vec<(Part, String)> = statement.prompt().iter().map(|l| (l.part, l.text())).collect();
    let of = |part: Part| -> Vec<&str> {
        lines
            .iter()
            .filter(|(p, _)| *p == part)
            .map(|(_, t)| t.as_str())
            .collect()
    };
    assert_eq!(
        of(Part::What),
        [
            r#"registry.write("HKLM\software\microsoft\windows\currentversion\run") "POS ""agent""" = expand_sz """%ProgramFiles%\pos\agent.exe"" -q""#
        ]
    );
    assert_eq!(
        of(Part::Risk),
        [
            "It changes the state of the machine.",
            "What is written there stays and takes effect later: programs that start by themselves (Run)."
        ]
    );
    assert_eq!(
        statement.scope().to_string(),
        r#"registry.write("HKLM\software\microsoft\windows\currentversion\run")"#
    );
}

/// R25: a long command is shown whole, with its hidden characters visible and nothing cut.
#[test]
fn a_script_is_shown_whole_and_nothing_in_it_hides() {
    let text = format!("{}\n\tid \u{202E}\u{200B}\r\nend", "echo line\n".repeat(2000));
    let statement = Statement::new(Asked {
        session: Session {
            id: id::<SessionId>(6),
            reason: "a\nApproved by: \u{202E}nimda".into(),
            ticket: None,
        },
        ..asked(action(script(&text)))
    })
    .unwrap();
    let prompt = statement.prompt();
    let part = |p: Part| prompt.iter().find(|l| l.part == p).unwrap().text();
    assert!(part(Part::What).ends_with("echo line\n\n\\u{9}id \\u{202E}\\u{200B}\\u{D}\nend"));
    assert_eq!(part(Part::What).lines().count(), 2003);
    assert_eq!(part(Part::Why), r"a\u{A}Approved by: \u{202E}nimda");
    assert_eq!((part(Part::Shell), part(Part::HowLong)), ("sh".into(), "Once.".into()));
    assert!(prompt.iter().filter(|l| l.part == Part::Risk).count() >= 2);
    assert!(
        prompt
            .iter()
            .flat_map(|l| &l.shown)
            .all(|s| s.text.chars().all(|c| c == '\n' || !gate::escape::is_hidden(c)))
    );
}

proptest! {
    /// R24: whatever was typed, the bytes read back as the same statement, and another text is another digest.
    #[test]
    fn statements_read_back(text in "\\PC{1,40}|[\\x00-\\x7f]{1,40}", other in "\\PC{1,40}") {
        prop_assume!(!text.trim().is_empty() && !other.trim().is_empty());
        let statement = Statement::new(asked(action(script(&text)))).unwrap();
        prop_assert_eq!(&Statement::parse(&statement.canonical()).unwrap(), &statement);
        let changed = Statement::new(asked(action(script(&other)))).unwrap();
        prop_assert_eq!(changed.digest() == statement.digest(), text == other);
    }

    /// Reading never panics.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Statement::parse(&bytes).is_err());
    }
}
