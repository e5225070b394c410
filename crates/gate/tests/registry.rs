//! R10, R21, R25: keys of the Windows registry: their one form, what scopes over them cover, and what an approver is told.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail a test")]

use domain::action::{Command, RegistryData, Verb};
use gate::name::{self, Hive, RegistryKey};
use gate::risk::{Kind, of_command, of_scope};
use gate::scope::{Miss, Scope};
use proptest::prelude::*;

fn key(text: &str) -> Result<String, String> {
    text.parse::<RegistryKey>()
        .map(|k| k.to_string())
        .map_err(|e| e.to_string())
}

fn scope(text: &str) -> Scope {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn read(key: &str) -> Command {
    Command::Verb(Verb::RegistryRead { key: key.into() })
}

fn write(key: &str, value: &str) -> Command {
    Command::Verb(Verb::RegistryWrite {
        key: key.into(),
        value: value.into(),
        data: RegistryData::Dword(5),
    })
}

/// R21: every way in which people and tools write a key comes to one form.
#[test]
fn aliases_come_to_one_form() {
    for (text, want) in [
        ("HKLM", "HKLM"),
        (r"hklm\", "HKLM"),
        (r"HKLM:\", "HKLM"),
        (r"HKLM\SOFTWARE\Vendor\POS", r"HKLM\software\vendor\pos"),
        (r"HKLM\SOFTWARE\Vendor\POS\", r"HKLM\software\vendor\pos"),
        (r"hklm:\Software\VENDOR\pos", r"HKLM\software\vendor\pos"),
        (r"HKEY_LOCAL_MACHINE\Software\Vendor\POS", r"HKLM\software\vendor\pos"),
        (
            r"Registry::HKEY_LOCAL_MACHINE\Software\Vendor\POS",
            r"HKLM\software\vendor\pos",
        ),
        (r"REGISTRY::hklm\Software\Vendor\POS", r"HKLM\software\vendor\pos"),
        (
            r"Microsoft.PowerShell.Core\Registry::HKEY_LOCAL_MACHINE\Software\Vendor\POS",
            r"HKLM\software\vendor\pos",
        ),
        (
            r"Computer\HKEY_LOCAL_MACHINE\Software\Vendor\POS",
            r"HKLM\software\vendor\pos",
        ),
        // Views: the 64-bit one is meant, and the 32-bit one is named.
        (r"HKLM\SOFTWARE\WOW6432Node\Vendor", r"HKLM\software\wow6432node\vendor"),
        (
            r"HKLM\SOFTWARE\Classes\WOW6432Node",
            r"HKLM\software\classes\wow6432node",
        ),
        (
            r"HKLM\SYSTEM\CurrentControlSet\Services",
            r"HKLM\system\currentcontrolset\services",
        ),
        (
            r"HKLM\SYSTEM\ControlSet001\Services",
            r"HKLM\system\controlset001\services",
        ),
        (r"HKU\.DEFAULT\Software", r"HKU\.default\software"),
        (
            r"HKEY_USERS\S-1-5-21-1-2-3-1001\Software",
            r"HKU\s-1-5-21-1-2-3-1001\software",
        ),
        // Letters that are allowed in a key's name, though not in a file's.
        (
            r"HKLM\a\Console:%SystemRoot%_x.exe|?<>",
            r"HKLM\a\console:%systemroot%_x.exe|?<>",
        ),
        (r"HKLM\a\MSSQL$POS\...\x.", r"HKLM\a\mssql$pos\...\x."),
        (r"HKLM\a\{0AF9-4711}", r"HKLM\a\{0af9-4711}"),
        (r"HKLM\Bücher\ΑΒΓ\Привет\日本語", r"HKLM\bücher\αβγ\привет\日本語"),
        (r"HKLM\com1\nul\progra~1", r"HKLM\com1\nul\progra~1"),
    ] {
        assert_eq!(key(text).as_deref(), Ok(want), "{text}");
        assert_eq!(key(want).as_deref(), Ok(want), "the form of {text} is its own form");
    }
    let parsed: RegistryKey = r"HKU\S-1-5-18\A".parse().unwrap();
    assert_eq!(
        (parsed.hive(), parsed.segments()),
        (Hive::Users, &["s-1-5-18".to_owned(), "a".to_owned()][..])
    );
}

/// R21: what has no one form is refused with a sentence, with nothing hidden in it.
#[test]
fn what_has_no_form_is_refused() {
    let long = format!(r"HKLM\{}", "a".repeat(256));
    let deep = format!("HKLM{}", r"\a".repeat(513));
    for (text, says) in [
        ("", "names nothing"),
        (" ", "does not start with a hive"),
        ("SOFTWARE", "does not start with a hive"),
        (r"SOFTWARE\Vendor", "does not start with a hive"),
        (r" HKLM\a", "does not start with a hive"),
        (r"HKLMX\a", "does not start with a hive"),
        (r"НKLM\a", "does not start with a hive"),
        (r"ＨＫＬＭ\a", "does not start with a hive"),
        (r"HKCU\Software", "whose is meant"),
        (r"hkcu:\Software", "whose is meant"),
        (r"Registry::HKEY_CURRENT_USER\Software", "whose is meant"),
        (r"HKCR\.txt", r"HKLM\SOFTWARE\Classes"),
        (r"HKEY_CLASSES_ROOT\.txt", r"HKLM\SOFTWARE\Classes"),
        (r"HKCC\Software", "how the machine was started"),
        (r"HKEY_CURRENT_CONFIG\Software", "how the machine was started"),
        ("HKPD", "counting of performance"),
        (r"HKEY_PERFORMANCE_DATA\2", "counting of performance"),
        ("HKLM:", "current key"),
        ("HKLM:Software", "does not start with a hive"),
        (r"Registry::HKLM:\Software", "a drive twice"),
        (r"Registry::Registry::HKLM\a", "does not start with a hive"),
        (r"Computer\Computer\HKLM\a", "does not start with a hive"),
        (r"\\server\HKLM\a", "of the machine itself"),
        (r"\Registry\Machine\Software", "of the machine itself"),
        (r"\HKLM\a", "of the machine itself"),
        ("HKLM/Software/Vendor", "no separator in the registry"),
        (r"HKLM\a/b", "no separator in the registry"),
        (r"HKLM:/Software", "no separator in the registry"),
        (r"HKLM\\Software", "two separators"),
        (r"HKLM\a\\b", "two separators"),
        (r"HKLM\a\\", "two separators"),
        (r"HKLM\\", "two separators"),
        (r"HKLM\a\..\b", "PowerShell resolves"),
        (r"HKLM\a\.\b", "PowerShell resolves"),
        (r"HKLM\..", "PowerShell resolves"),
        (r"HKLM\a\*", "stands for many"),
        (r"HKLM\a\**", "stands for many"),
        (r"HKLM\a*\b", "stands for many"),
        ("HKLM\\a\0b", "control character"),
        ("HKLM\\a\nb", "control character"),
        ("HKLM\\a\u{202E}b", "can't be seen"),
        ("HKLM\\a\u{200B}", "can't be seen"),
        ("HKLM\\a\u{A0}b", "can't be seen"),
        (r"HKLM\a \b", "space"),
        (r"HKLM\ a", "space"),
        (r"HKLM\a ", "space"),
        ("HKLM\\a\"b", "quotation mark"),
        ("HKLM\\\u{212A}elvin", "not one pair"),
        ("HKLM\\\u{130}", "not one pair"),
        ("HKLM\\ς", "not one pair"),
        ("HKLM\\\u{FF21}", "not one pair"),
        (long.as_str(), "255"),
        (deep.as_str(), "levels"),
    ] {
        let why = key(text).expect_err(&format!("{text:?} is refused"));
        assert!(why.contains(says), "{text:?}: {why}");
        assert!(
            why.ends_with('.') && !why.chars().any(gate::escape::is_hidden),
            "a sentence with nothing hidden: {why:?}"
        );
    }
    assert!(
        key(&format!(r"HKLM\{}", "ä".repeat(255))).is_ok(),
        "UTF-16 units are counted"
    );
    assert!(key(&format!("HKLM{}", r"\a".repeat(512))).is_ok());
}

/// R10: a command is brought to its form; a value's name and its data stay as they were typed.
#[test]
fn commands_are_brought_to_their_form() {
    assert_eq!(name::canonical(&read(r"HKLM:\A\B\")), Ok(read(r"HKLM\a\b")));
    assert_eq!(
        name::canonical(&write(r"HKEY_LOCAL_MACHINE\A", "Port *")),
        Ok(write(r"HKLM\a", "Port *"))
    );
    assert_eq!(name::canonical(&write(r"HKLM\a", "")), Ok(write(r"HKLM\a", "")));
    for refused in [
        read(""),
        read("HKCU"),
        write(r"HKLM\a", "a\u{202E}b"),
        write(r"HKLM\a", "a\0"),
        write(r"HKLM\a", " a"),
        write(r"HKCU\a", "a"),
    ] {
        assert!(name::canonical(&refused).is_err(), "{refused}");
    }
}

/// R21: each line: a scope, what it covers, what it doesn't.
#[test]
fn what_scopes_cover() {
    let cases: &[(&str, &[Command], &[Command])] = &[
        (
            r#"registry.read("HKLM:\SOFTWARE\Vendor\**")"#,
            &[
                read(r"HKLM\software\vendor"),
                read(r"HKLM\software\vendor\pos"),
                read(r"HKLM\software\vendor\pos\a b"),
            ],
            &[
                read("HKLM"),
                read(r"HKLM\software"),
                read(r"HKLM\software\vendor2"),
                read(r"HKLM\software\wow6432node\vendor"),
                read(r"HKU\software\vendor"),
                write(r"HKLM\software\vendor", "a"),
                Command::Verb(Verb::FileRead {
                    path: "/software".into(),
                }),
            ],
        ),
        (
            r#"registry.write("HKLM\software\vendor\pos")"#,
            &[
                write(r"HKLM\software\vendor\pos", "a"),
                write(r"HKLM\software\vendor\pos", ""),
            ],
            &[
                write(r"HKLM\software\vendor\pos\a", "a"),
                read(r"HKLM\software\vendor\pos"),
            ],
        ),
        (
            r#"registry.read("HKU\*\software\vendor")"#,
            &[read(r"HKU\s-1-5-18\software\vendor")],
            &[read(r"HKU\a\b\software\vendor"), read(r"HKLM\a\software\vendor")],
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
    // R10: another writing of a covered key is not covered: what was compared is what runs.
    let vendor = scope(r#"registry.read("HKLM\software\vendor\**")"#);
    for command in [
        read(r"HKLM\SOFTWARE\vendor"),
        read(r"HKLM\software\vendor\"),
        read(r"HKLM:\software\vendor"),
        read(r"HKLM\software\vendor\..\other"),
        read(r"HKLM\software\vendor\*"),
    ] {
        assert!(matches!(vendor.covers(&command), Err(Miss::Name(_))), "{command}");
    }
}

/// R10: the agent asks again with the key that the live system resolved.
#[test]
fn a_resolved_key_is_checked_again() {
    let scope = scope(r#"registry.read("HKLM\system\currentcontrolset\**")"#);
    let key = |k: &str| k.parse::<RegistryKey>().unwrap();
    assert_eq!(
        scope.covers_key("registry.read", &key(r"HKLM\SYSTEM\CurrentControlSet\Control")),
        Ok(())
    );
    assert_eq!(
        scope
            .covers_key("registry.read", &key(r"HKLM\SAM"))
            .unwrap_err()
            .to_string(),
        r#"HKLM\sam lies outside registry.read("HKLM\system\currentcontrolset\**")."#
    );
    for verb in ["registry.write", "file.read"] {
        assert!(matches!(
            scope.covers_key(verb, &key(r"HKLM\SYSTEM\CurrentControlSet")),
            Err(Miss::Verb { .. })
        ));
    }
}

/// R21: narrower, and not; and one written form.
#[test]
fn what_lies_within_what() {
    let wide = r#"registry.read("HKLM\software\vendor\**")"#;
    for (narrow, wide, within) in [
        (wide, wide, true),
        (r#"registry.read("HKLM:\SOFTWARE\Vendor\POS\**")"#, wide, true),
        (r#"registry.read("HKLM\software\vendor")"#, wide, true),
        (r#"registry.read("HKLM\software\**")"#, wide, false),
        (r#"registry.read("HKLM\**")"#, wide, false),
        (r#"registry.read("HKU\software\vendor\a")"#, wide, false),
        (r#"registry.write("HKLM\software\vendor\pos")"#, wide, false),
        (wide, r#"registry.write("HKLM\**")"#, false),
    ] {
        assert_eq!(
            scope(narrow).is_subset_of(&scope(wide)),
            within,
            "{narrow} within {wide}"
        );
    }
    for (text, form) in [
        (r#"registry.read("HKLM:\**")"#, r#"registry.read("HKLM\**")"#),
        (
            r#"registry.read("Registry::HKEY_USERS\*\Software\**", "HKLM\B","hklm\b\")"#,
            r#"registry.read("HKLM\b", "HKU\*\software\**")"#,
        ),
    ] {
        assert_eq!(scope(text).to_string(), form);
        assert_eq!(scope(form), scope(text));
    }
    for text in [
        "registry.read",
        r#"registry.read("")"#,
        r#"registry.read("**")"#,
        r#"registry.read("*\a")"#,
        r#"registry.read("HK*\a")"#,
        r#"registry.read("HKLM**")"#,
        r#"registry.read("HKLM\a**")"#,
        r#"registry.read("HKLM\**\a")"#,
        r#"registry.read("HKLM\a\..\**")"#,
        r#"registry.read("HKLM\a\\**")"#,
        r#"registry.read("HKCU\Software\**")"#,
        r#"registry.read("HKLM\a"){lines=5}"#,
        r#"registry.delete("HKLM\a")"#,
    ] {
        assert!(text.parse::<Scope>().is_err(), "{text}");
    }
}

#[test]
fn reach_reads_as_people_speak() {
    for (text, says) in [
        (
            r#"registry.read("HKLM\software\vendor\**")"#,
            r"Reads the values of the registry key HKLM\software\vendor and any key below it, and the names of subkeys. Changes nothing.",
        ),
        (
            r#"registry.read("HKLM\**")"#,
            "Reads the values of any registry key below HKLM, and the names of subkeys. Changes nothing.",
        ),
        (
            r#"registry.write("HKLM\software\vendor")"#,
            r"Sets values of the registry key HKLM\software\vendor, to anything. What stood there before is shown and replaced.",
        ),
        (
            r#"registry.read("HKU\*\software")"#,
            r"Reads the values of any registry key that matches HKU\*\software (* is any text within one name), and the names of subkeys. Changes nothing.",
        ),
    ] {
        assert_eq!(scope(text).reach(), says);
    }
}

/// R13, R25: a write is noted as a change, and as one that lasts where it decides what runs later.
#[test]
fn keys_are_noted_for_what_they_decide() {
    let kinds = |command: &Command| -> Vec<Kind> { of_command(command).into_iter().map(|n| n.kind).collect() };
    let run = r"HKLM\software\microsoft\windows\currentversion\runonce";
    for (command, want) in [
        (read(r"HKLM\software\vendor"), vec![]),
        (read(run), vec![]),
        (read(r"HKLM\sam\sam"), vec![Kind::Secrets]),
        (read(r"HKLM\software\vendor\passwords"), vec![Kind::Secrets]),
        (read("HKLM\\software\\vend\u{43E}r"), vec![Kind::Deceives]),
        (write(r"HKLM\software\vendor", "a"), vec![Kind::ChangesState]),
        (write(run, "a"), vec![Kind::ChangesState, Kind::Persists]),
        (
            write(r"HKU\s-1-5-18\software\microsoft\windows\currentversion\run", "a"),
            vec![Kind::ChangesState, Kind::Persists],
        ),
        (
            write(r"HKLM\system\controlset001\services\posprint", "Start"),
            vec![Kind::ChangesState, Kind::Persists],
        ),
        (
            write(
                r"HKLM\software\policies\microsoft\windows defender",
                "DisableAntiSpyware",
            ),
            vec![Kind::ChangesState, Kind::Persists, Kind::Disables],
        ),
    ] {
        assert_eq!(kinds(&command), want, "{command}");
    }
    let of = |text: &str| -> Vec<Kind> { of_scope(&scope(text)).into_iter().map(|n| n.kind).collect() };
    assert_eq!(of(r#"registry.read("HKLM\software\vendor\**")"#), vec![]);
    assert_eq!(of(r#"registry.write("HKLM\software\vendor\**")"#), [Kind::ChangesState]);
    let wide = of(r#"registry.write("HKLM\software\**")"#);
    for kind in [
        Kind::ChangesState,
        Kind::Persists,
        Kind::Disables,
        Kind::Secrets,
        Kind::Wide,
    ] {
        assert!(wide.contains(&kind), "{kind:?}");
    }
}

proptest! {
    /// R21: the form of a form is itself, whatever was typed; it climbs nowhere, and holds nothing that a scope's text can't.
    #[test]
    fn forms_are_fixed_points(text in r#"(HKLM|hku|Registry::HKLM|HKLM:)?([a-zA-Z0-9äÖßς. :*$%_-]|\\|\.\.|/|\PC){0,24}"#) {
        if let Ok(once) = key(&text) {
            prop_assert_eq!(&key(&once), &Ok(once.clone()));
            prop_assert!(!once.contains(['"', '*', '/', '\0', '\n']));
            prop_assert!(once.split('\\').all(|part| !["", ".", ".."].contains(&part)), "{}", once);
            prop_assert!(once.starts_with("HKLM") || once.starts_with("HKU"));
        }
    }
}
