//! R20, R21: scopes: what they cover, what lies within them, and how they are written.

use domain::action::{Command, Script, Shell, Verb};
use gate::name::FilePath;
use gate::scope::{Miss, Scope};

fn scope(text: &str) -> Scope {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn read(path: &str) -> Command {
    Command::Verb(Verb::FileRead { path: path.into() })
}

fn tail(path: &str, lines: u32) -> Command {
    Command::Verb(Verb::FileTail {
        path: path.into(),
        lines,
    })
}

fn log(log: &str, since_minutes: u32) -> Command {
    Command::Verb(Verb::LogRead {
        log: log.into(),
        since_minutes,
    })
}

fn probe(host: &str, port: u16) -> Command {
    Command::Verb(Verb::NetProbe {
        host: host.into(),
        port,
    })
}

fn restart(service: &str) -> Command {
    Command::Verb(Verb::ServiceRestart {
        service: service.into(),
    })
}

fn status(service: &str) -> Command {
    Command::Verb(Verb::ServiceStatus {
        service: service.into(),
    })
}

/// R21: each line: a scope, what it covers, what it doesn't.
#[test]
fn what_scopes_cover() {
    let cases: &[(&str, &[Command], &[Command])] = &[
        (
            r#"file.read("/etc/pos/**")"#,
            &[
                read("/etc/pos"),
                read("/etc/pos/a"),
                read("/etc/pos/a/b.conf"),
                read("/etc/pos/.hidden"),
                tail("/etc/pos/a", 100_000),
            ],
            &[
                read("/etc"),
                read("/etc/pos2"),
                read("/etc/pos.conf"),
                read("/etc/POS/a"),
                read("/etc/shadow"),
                status("pos"),
                Command::Verb(Verb::DiskUsage),
            ],
        ),
        (
            r#"file.tail("/var/log/pos/*.log"){lines=500}"#,
            &[tail("/var/log/pos/a.log", 500), tail("/var/log/pos/.log", 1)],
            &[
                tail("/var/log/pos/a.log", 501),
                tail("/var/log/pos/a/b.log", 1),
                tail("/var/log/pos/a.log.1", 1),
                read("/var/log/pos/a.log"),
            ],
        ),
        (
            r#"file.tail("/a")"#,
            &[tail("/a", 100_000)],
            &[read("/a"), tail("/a/b", 1)],
        ),
        (
            r#"file.read("/**")"#,
            &[read("/"), read("/etc/shadow")],
            &[read(r"C:\x")],
        ),
        (
            r#"file.read("/a", "/b/*/c")"#,
            &[read("/a"), read("/b/x/c")],
            &[read("/b/c"), read("/b/x/y/c"), read("/b/x")],
        ),
        (
            r#"file.read("C:\POS\**")"#,
            &[read(r"C:\pos\conf.ini")],
            &[read(r"D:\pos\conf.ini"), read(r"C:\pos2"), read("/pos/conf.ini")],
        ),
        (
            r#"log.read("cups"){since=60m}"#,
            &[log("cups", 60)],
            &[log("cups", 61), log("cups/error_log", 1), log("syslog", 1)],
        ),
        (
            r#"log.read("cups/**")"#,
            &[log("cups", 1), log("cups/error_log", 44_640)],
            &[log("cups2", 1)],
        ),
        (
            r#"net.probe("gw.example.com:443")"#,
            &[probe("gw.example.com", 443)],
            &[
                probe("gw.example.com", 80),
                probe("example.com", 443),
                probe("a.gw.example.com", 443),
                probe("gw.example.com.evil.example", 443),
            ],
        ),
        (
            r#"net.probe("[::1]:443")"#,
            &[probe("::1", 443)],
            &[probe("127.0.0.1", 443)],
        ),
        (
            r#"service.restart("cups", "bluetooth")"#,
            &[restart("cups"), restart("bluetooth")],
            &[restart("cupsd"), status("cups"), restart("CUPS")],
        ),
        (
            r#"service.status("pos-*")"#,
            &[status("pos-print"), status("pos-")],
            &[status("pos"), restart("pos-print")],
        ),
        (
            "system.info",
            &[Command::Verb(Verb::SystemInfo)],
            &[Command::Verb(Verb::ProcessList)],
        ),
        (
            "service.list",
            &[Command::Verb(Verb::ServiceList)],
            &[Command::Verb(Verb::NetConfig), status("cups")],
        ),
        (
            r#"service.stop("pos-*")"#,
            &[Command::Verb(Verb::ServiceStop {
                service: "pos-print".into(),
            })],
            &[
                restart("pos-print"),
                Command::Verb(Verb::ServiceStart {
                    service: "pos-print".into(),
                }),
            ],
        ),
        (
            r#"net.tls("gw.example.com:443")"#,
            &[Command::Verb(Verb::NetTls {
                host: "gw.example.com".into(),
                port: 443,
            })],
            &[probe("gw.example.com", 443)],
        ),
    ];
    for (text, covered, missed) in cases {
        let scope = scope(text);
        for command in *covered {
            assert_eq!(scope.covers(command), Ok(()), "{text} covers {command}");
        }
        for command in *missed {
            assert!(scope.covers(command).is_err(), "{text} does not cover {command}");
        }
    }
}

/// R10, R21: other writings of a covered name are not covered: what was compared is what runs.
#[test]
fn commands_out_of_form_are_misses() {
    for (text, command) in [
        (r#"file.read("/etc/pos/**")"#, read("/etc/pos/../shadow")),
        (r#"file.read("/etc/pos/**")"#, read("/etc/pos//a")),
        (r#"file.read("/etc/pos/**")"#, read("/etc/pos/a/")),
        (r#"file.read("/etc/pos/**")"#, read("/etc/pos/*")),
        (r#"file.read("C:\pos\**")"#, read(r"C:\POS\a")),
        (r#"file.read("C:\pos\**")"#, read(r"C:\pos\a:s")),
        (r#"net.probe("gw.example.com:443")"#, probe("GW.example.com", 443)),
        (r#"service.restart("cups")"#, restart("cups.service")),
        (r#"file.tail("/a")"#, tail("/a", 0)),
    ] {
        assert!(
            matches!(scope(text).covers(&command), Err(Miss::Name(_))),
            "{text}, {command}"
        );
        assert!(Scope::exactly(&command).is_err());
    }
}

/// R10: a script is covered as its bytes and its shell, and by nothing else.
#[test]
fn scripts_are_covered_byte_for_byte() {
    let of = |shell, text: &str| {
        Command::Script(Script {
            shell,
            text: text.into(),
        })
    };
    let approved = of(Shell::Sh, "id\n");
    let scope = Scope::exactly(&approved).unwrap();
    assert_eq!(scope.to_string(), format!("script({})", approved.digest()));
    assert_eq!(scope.covers(&approved), Ok(()));
    for other in [of(Shell::Sh, "id"), of(Shell::Sh, "id\n\n"), of(Shell::Pwsh, "id\n")] {
        assert_eq!(scope.covers(&other), Err(Miss::OtherScript));
    }
    assert!(matches!(scope.covers(&read("/a")), Err(Miss::Verb { .. })));
    assert!(matches!(
        self::scope(r#"file.read("/**")"#).covers(&approved),
        Err(Miss::Verb { .. })
    ));
}

/// R10: the agent asks again with the path that the live system resolved.
#[test]
fn a_resolved_path_is_checked_again() {
    let scope = scope(r#"file.read("/etc/pos/**")"#);
    let path = |p: &str| p.parse::<FilePath>().unwrap();
    assert_eq!(scope.covers_path("file.read", &path("/etc/pos/conf")), Ok(()));
    assert_eq!(scope.covers_path("file.tail", &path("/etc/pos/conf")), Ok(()));
    let miss = scope.covers_path("file.read", &path("/etc/shadow")).unwrap_err();
    assert_eq!(
        miss.to_string(),
        r#"/etc/shadow lies outside file.read("/etc/pos/**")."#
    );
    assert!(
        self::scope(r#"file.tail("/etc/pos/**")"#)
            .covers_path("file.read", &path("/etc/pos/conf"))
            .is_err()
    );
    assert!(
        self::scope(r#"log.read("cups")"#)
            .covers_path("file.read", &path("/var/log/cups"))
            .is_err()
    );
}

/// R21: narrower, and not.
#[test]
fn what_lies_within_what() {
    let wide = r#"file.read("/etc/pos/**")"#;
    for (narrow, wide, within) in [
        (wide, wide, true),
        (r#"file.read("/etc/pos/ConnectionSettings/**")"#, wide, true),
        (r#"file.read("/etc/pos")"#, wide, true),
        (r#"file.read("/etc/pos/*/x", "/etc/pos/b")"#, wide, true),
        (r#"file.tail("/etc/pos/a"){lines=5}"#, wide, true),
        (r#"file.read("/etc/pos/a", "/etc/shadow")"#, wide, false),
        (r#"file.read("/etc/*/**")"#, wide, false),
        (r#"file.read("/etc/**")"#, wide, false),
        (r#"file.read("/**")"#, wide, false),
        (r#"file.read("/etc/pos2/**")"#, wide, false),
        (wide, r#"file.read("/etc/pos/*")"#, false),
        (wide, r#"file.read("/etc/*/**")"#, true),
        (r#"file.read("/a/b")"#, r#"file.tail("/a/b")"#, false),
        (r#"file.tail("/a"){lines=5}"#, r#"file.tail("/a"){lines=6}"#, true),
        (r#"file.tail("/a"){lines=6}"#, r#"file.tail("/a"){lines=5}"#, false),
        (r#"file.tail("/a")"#, r#"file.tail("/a"){lines=5}"#, false),
        (r#"log.read("a"){since=2h}"#, r#"log.read("a"){since=120m}"#, true),
        (r#"log.read("a")"#, r#"log.read("a"){since=7d}"#, false),
        (r#"service.restart("a")"#, r#"service.restart("a", "b")"#, true),
        (r#"service.restart("a", "c")"#, r#"service.restart("a", "b")"#, false),
        (r#"service.status("a")"#, r#"service.restart("a")"#, false),
        (
            r#"net.probe("a.example:1")"#,
            r#"net.probe("b.example:1", "a.example:1")"#,
            true,
        ),
        (r#"net.probe("a.example:2")"#, r#"net.probe("a.example:1")"#, false),
        (r#"file.read("c:/POS/x")"#, r#"file.read("C:\pos\**")"#, true),
        (r#"net.tls("a.example:1")"#, r#"net.probe("a.example:1")"#, false),
        (r#"net.probe("a.example:1")"#, r#"net.tls("a.example:1")"#, false),
        (r#"service.stop("a")"#, r#"service.restart("a")"#, false),
        (r#"service.stop("a")"#, r#"service.stop("*")"#, true),
        ("disk.usage", "disk.usage", true),
        ("disk.usage", "system.info", false),
    ] {
        assert_eq!(
            scope(narrow).is_subset_of(&scope(wide)),
            within,
            "{narrow} within {wide}"
        );
    }
}

/// R21: what a form for narrowing makes.
#[test]
fn narrowing_keeps_verb_and_limit() {
    let wide = scope(r#"log.read("cups/**", "syslog"){since=1d}"#);
    let narrow = wide.with_targets(&["cups/error_log"]).unwrap();
    assert_eq!(narrow.to_string(), r#"log.read("cups/error_log"){since=24h}"#);
    assert!(narrow.is_subset_of(&wide));
    assert!(wide.with_targets::<&str>(&[]).is_err());
    assert!(wide.with_targets(&["../x"]).is_err());
    assert_eq!(
        (wide.verb(), wide.targets(), wide.limit()),
        (
            "log.read",
            vec!["cups/**".into(), "syslog".into()],
            Some("since=24h".into())
        )
    );
}

/// R20: one written form each.
#[test]
fn other_writings_come_to_the_same_form() {
    for (text, form) in [
        (
            r#" file.read( "/b" ,"/a/../a//x/","/b" ) "#,
            r#"file.read("/a/x", "/b")"#,
        ),
        (r#"file.read("/a/**")"#, r#"file.read("/a/**")"#),
        (r#"file.read("/**")"#, r#"file.read("/**")"#),
        (r#"file.read("c:/Pos/**")"#, r#"file.read("C:\pos\**")"#),
        (r#"file.read("C:\**")"#, r#"file.read("C:\**")"#),
        (r#"file.tail("/a") { lines=5 }"#, r#"file.tail("/a"){lines=5}"#),
        (r#"log.read("a"){since=1d}"#, r#"log.read("a"){since=24h}"#),
        (r#"log.read("a"){since=90m}"#, r#"log.read("a"){since=90m}"#),
        (r#"service.status("b.service","a")"#, r#"service.status("a", "b")"#),
        (
            r#"net.probe("GW.example.com.:443")"#,
            r#"net.probe("gw.example.com:443")"#,
        ),
    ] {
        if text.contains("..") {
            // `..` is refused in patterns, even where a path could have it.
            assert!(text.parse::<Scope>().is_err());
            continue;
        }
        assert_eq!(scope(text).to_string(), form);
        assert_eq!(scope(form).to_string(), form);
        let json = serde_json::to_string(&scope(text)).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), scope(text));
    }
}

/// R20, R21: no approval without a scope, and no scope without sense.
#[test]
fn texts_that_are_no_scope() {
    let long = format!("file.read(\"/{}\")", "a".repeat(40_000));
    let many = format!(
        "service.status({})",
        (0..65).map(|i| format!("\"s{i}\"")).collect::<Vec<_>>().join(",")
    );
    for text in [
        "",
        "*",
        "file.read",
        "file.read()",
        r#"file.read("")"#,
        r#"file.read("*")"#,
        r#"file.read("**")"#,
        r#"file.read("/a/**/b")"#,
        r#"file.read("/a**")"#,
        r#"file.read("/a/b**")"#,
        r#"file.read("/a/***")"#,
        r#"file.read("/a/**/")"#,
        r#"file.read("/a/**/**")"#,
        r#"file.read("/a/../b")"#,
        r#"file.read("/a/*/../b")"#,
        r#"file.read("a/**")"#,
        r#"file.read("\\server\share\**")"#,
        r#"file.read("C:\PROGRA~1\**")"#,
        r#"file.read("C:\a\x:s*")"#,
        r#"file.read("/a""#,
        r#"file.read("/a)"#,
        r#"file.read('/a')"#,
        r#"file.read(/a)"#,
        r#"file.read("/a",)"#,
        r#"file.read("/a" "/b")"#,
        r#"file.read("/a"){lines=5}"#,
        r#"file.read("/a") and more"#,
        r#"file.tail("/a"){lines=0}"#,
        r#"file.tail("/a"){lines=05}"#,
        r#"file.tail("/a"){lines=+5}"#,
        r#"file.tail("/a"){lines=100001}"#,
        r#"file.tail("/a"){lines=99999999999}"#,
        r#"file.tail("/a"){since=5m}"#,
        r#"file.tail("/a"){}"#,
        r#"file.tail("/a"){lines=5"#,
        r#"file.tail("/a"){lines=5}}"#,
        r#"log.read("a"){since=5}"#,
        r#"log.read("a"){since=5é}"#,
        r#"log.read("a"){since=32d}"#,
        r#"log.read("a"){since=4294967295d}"#,
        r#"log.read("../a")"#,
        r#"log.read("*.service")"#,
        r#"net.probe("gw.example.com")"#,
        r#"net.probe("*.example.com:443")"#,
        r#"net.probe("gw.example.com:*")"#,
        r#"service.restart("a/b")"#,
        r#"service.restart("**")"#,
        r#"system.info("x")"#,
        "system.info()x",
        "system.infos",
        "SYSTEM.INFO",
        "script(abc)",
        r#"script("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"#,
        "script(BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD)",
        "script(ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "registry.read(\"HKCU\\Software\")",
        "file.read(\"/a\u{202E}\")",
        "file.read(\"/a\n\")",
        "file.read\u{A0}(\"/a\")",
        &long,
        &many,
    ] {
        assert!(text.parse::<Scope>().is_err(), "{text:?}");
    }
}

#[test]
fn reach_reads_as_people_speak() {
    for (text, says) in [
        (
            r#"file.read("/etc/pos/**")"#,
            "Reads any file in /etc/pos and in all folders below it. Changes nothing.",
        ),
        (
            r#"file.read("/etc/hosts", "/a/*.x")"#,
            "Reads any file that matches /a/*.x (* is any text within one name); or the file /etc/hosts. Changes nothing.",
        ),
        (
            r#"file.read("/**")"#,
            "Reads any file on the machine below /. Changes nothing.",
        ),
        (
            r#"file.tail("/a"){lines=5}"#,
            "Reads the last lines, 5 at most, of the file /a. Changes nothing.",
        ),
        (
            r#"log.read("cups"){since=24h}"#,
            "Reads the log cups, going back 24 h 0 min at most. Changes nothing.",
        ),
        (
            r#"net.probe("a.example:443")"#,
            "Opens a connection to a.example, port 443, and closes it. Sends no data.",
        ),
        (
            r#"net.tls("a.example:443")"#,
            "Opens a connection to a.example, port 443, asks for its certificates by a TLS handshake, and closes it. Sends nothing but the handshake.",
        ),
        (
            r#"service.stop("cups")"#,
            "Stops the service cups. What depends on it stops working until it is started again.",
        ),
        (
            r#"service.restart("*")"#,
            "Stops any service of the machine and starts it again. What depends on it is interrupted.",
        ),
    ] {
        assert_eq!(scope(text).reach(), says);
    }
}
