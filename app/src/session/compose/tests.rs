//! What reads as which command, and what is said about the rest.

use domain::action::RegistryData;

use super::*;

fn typed_as(text: &str) -> Command {
    parse("", text).unwrap()
}

#[test]
fn only_what_the_endpoint_can_do_is_offered() {
    assert_eq!(forms(None).len(), FORMS.len());
    let can = [
        "shell:sh".to_owned(),
        "verb:file.read".to_owned(),
        "verb:unheard.of".to_owned(),
    ];
    let offered: Vec<_> = forms(Some(&can)).iter().map(|f| f.verb).collect();
    assert_eq!(offered, ["file.read", "sh"]);
}

#[test]
fn every_form_reads_with_its_example_typed_or_chosen() {
    for f in FORMS {
        let name = if f.verb.contains('.') { f.verb } else { "script" };
        let line = if f.verb.contains('.') {
            format!("{} {}", f.verb, f.example)
        } else {
            format!("{}: {}", f.verb, f.example)
        };
        assert_eq!(typed_as(&line).name(), name, "{line}");
        assert_eq!(parse(f.verb, f.example).unwrap(), typed_as(&line));
    }
}

#[test]
fn arguments_read_as_people_write_them() {
    let tail = |path: &str, lines| {
        Command::Verb(Verb::FileTail {
            path: path.into(),
            lines,
        })
    };
    assert_eq!(typed_as("file.tail /var/log/syslog 20"), tail("/var/log/syslog", 20));
    assert_eq!(
        typed_as("  file.tail   /var/log/syslog\n"),
        tail("/var/log/syslog", DEFAULT_LINES)
    );
    assert_eq!(
        typed_as("file.tail \"/var/log/till 7\""),
        tail("/var/log/till 7", DEFAULT_LINES)
    );
    assert_eq!(typed_as("file.tail \"/var/log/till 7\" 5"), tail("/var/log/till 7", 5));
    assert_eq!(
        typed_as("file.read /srv/my files/a b.txt"),
        Command::Verb(Verb::FileRead {
            path: "/srv/my files/a b.txt".into()
        })
    );
    assert_eq!(
        typed_as("log.read cups 24h"),
        Command::Verb(Verb::LogRead {
            log: "cups".into(),
            since_minutes: 1440
        })
    );
    for probe in ["net.probe ::1:443", "net.probe [::1]:443", "net.probe ::1 443"] {
        assert_eq!(
            typed_as(probe),
            Command::Verb(Verb::NetProbe {
                host: "::1".into(),
                port: 443
            })
        );
    }
    assert_eq!(
        typed_as(r"registry.read HKLM\SOFTWARE\My App"),
        Command::Verb(Verb::RegistryRead {
            key: r"HKLM\SOFTWARE\My App".into()
        })
    );
    assert_eq!(
        typed_as("net.tls [::1]:443"),
        Command::Verb(Verb::NetTls {
            host: "::1".into(),
            port: 443
        })
    );
    assert_eq!(
        typed_as("net.probe gw.example.com 443"),
        typed_as("net.probe gw.example.com:443")
    );
}

/// R12: a registry write reads with every type of data, and with names that hold spaces and quotation marks.
#[test]
fn registry_writes_read_as_people_write_them() {
    let write = |value: &str, data| {
        Command::Verb(Verb::RegistryWrite {
            key: r"HKLM\SOFTWARE\POS".into(),
            value: value.into(),
            data,
        })
    };
    let sz = |text: &str| RegistryData::Sz(text.into());
    for (typed, want) in [
        ("Port dword:5", write("Port", RegistryData::Dword(5))),
        ("Port dword:0x1F", write("Port", RegistryData::Dword(31))),
        (
            "Port qword:18446744073709551615",
            write("Port", RegistryData::Qword(u64::MAX)),
        ),
        ("(default) sz:a b", write("", sz("a b"))),
        ("\"\" sz:", write("", sz(""))),
        ("\"(default)\" sz:\"\"", write("(default)", sz(""))),
        (
            "\"Print \"\"fast\"\"\"  sz: \"a \"\"b\"\" \"",
            write("Print \"fast\"", sz("a \"b\" ")),
        ),
        ("Cmd sz:\"C:\\a b\" -q", write("Cmd", sz("\"C:\\a b\" -q"))),
        (
            "Path expand_sz:%TEMP%\\x",
            write("Path", RegistryData::ExpandSz("%TEMP%\\x".into())),
        ),
        (
            "Hosts multi_sz:one \"two three\"",
            write("Hosts", RegistryData::MultiSz(vec!["one".into(), "two three".into()])),
        ),
        ("Hosts multi_sz:", write("Hosts", RegistryData::MultiSz(vec![]))),
        (
            "Key binary:00 FF,0a",
            write("Key", RegistryData::Binary("00ff0a".into())),
        ),
    ] {
        let command = typed_as(&format!(r"registry.write HKLM\SOFTWARE\POS {typed}"));
        assert_eq!(command, want, "{typed}");
        assert_eq!(typed_as(&text_of(&command)), command, "{typed} recalled");
    }
    let spaced = typed_as(r#"registry.write "HKLM\SOFTWARE\My POS" Port dword:5"#);
    assert_eq!(typed_as(&text_of(&spaced)), spaced);
    for (typed, says) in [
        ("", "Write the key"),
        ("Port", "Write the key"),
        ("Port 5", "Write the key"),
        ("My Port dword:5", "Write the key"),
        ("Port number:5", "type is one of"),
        ("Port dword:4294967296", "whole number"),
        ("Port dword:-1", "whole number"),
        ("Port dword:+1", "whole number"),
        ("Port dword:0x", "whole number"),
        ("Port qword:5.0", "whole number"),
        ("Port binary:0", "pairs of the digits"),
        ("Port multi_sz:\"a", "ends with a double quote"),
        ("Port multi_sz:\"\"", "empty text"),
        ("\"Port dword:5", "Write the key"),
    ] {
        let said = parse("", &format!(r"registry.write HKLM\SOFTWARE\POS {typed}"))
            .unwrap_err()
            .sentence;
        assert!(said.contains(says), "{typed}: {said}");
    }
}

/// R13: what is not a verb is never run unless its author calls it a script.
#[test]
fn what_is_no_verb_is_refused_with_what_to_write_instead() {
    let said = |text| parse("", text).unwrap_err().sentence;
    let hinted = |text| parse("", text).unwrap_err().hint.unwrap();
    assert_eq!(
        said("cat /etc/hosts"),
        "That is not a verb. To run it as a script, start with sh:"
    );
    assert_eq!(hinted("cat /etc/hosts"), "sh: cat /etc/hosts");
    assert_eq!(hinted("/etc/hosts"), "file.read /etc/hosts");
    assert_eq!(hinted(r"HKLM:\SOFTWARE"), r"registry.read HKLM:\SOFTWARE");
    assert_eq!(hinted("Get-Service POSPrint"), "powershell: Get-Service POSPrint");
    assert_eq!(hinted("powershell Get-Date"), "powershell: Get-Date");
    assert_eq!(
        said("service.restart-all"),
        "That is not a verb. To run it as a script, start with sh:"
    );
    assert_eq!(hinted("sh lpstat -p"), "sh: lpstat -p");
    assert_eq!(said("tail /var/log/x"), "Do you mean file.tail PATH [LINES]?");
    assert_eq!(said("system"), "Do you mean system.info?");
    assert_eq!(
        said(""),
        "Type a verb and what it is for, such as file.read /etc/hosts."
    );
    assert_eq!(said("process.list now"), "process.list takes nothing after it.");
    assert_eq!(
        said("service.restart cups ssh"),
        "One service at a time: each is an action with its own approval."
    );
    assert!(said("net.probe host").contains("host and port"));
    assert!(said("net.probe host:port").contains("1 to 65535"));
    assert!(said("net.probe host:0").contains("1 to 65535"));
    assert!(said("file.tail /x 0").contains("1 to 100000"));
    assert!(said("file.tail /x 1e9").contains("number of lines"));
    assert!(said("log.read cups 99999999d").contains("24h"));
    assert!(said("file.read").contains("which file"));
    assert!(said("sh:   ").contains("empty"));
}

/// Invariant 9: without JavaScript an error travels in the address, so it holds nothing that was typed.
#[test]
fn a_mistakes_sentence_holds_nothing_that_was_typed() {
    for text in [
        "tópsecret x",
        "/tópsecret",
        "sh tópsecret",
        "file.tail /tópsecret 1tópsecret",
        "log.read x 9tópsecret",
        "net.probe a:tópsecret",
        "net.tls a:tópsecret",
        "registry.write tópsecret",
        "registry.write HKLM a tópsecret:5",
        "registry.write HKLM a dword:tópsecret",
        "registry.write HKLM a binary:tópsecret",
        "Get-Tópsecret",
        "Get-Service tópsecret",
        "HKLM\\tópsecret",
    ] {
        assert!(!parse("", text).unwrap_err().sentence.contains("tópsecret"), "{text}");
    }
}

/// R10: the bytes that are proposed are those typed, save a browser's line ends.
#[test]
fn a_script_keeps_its_text() {
    let text = |c: Command| match c {
        Command::Script(s) => s.text,
        Command::Verb(v) => panic!("{v:?}"),
    };
    assert_eq!(
        text(typed_as("sh:  two  spaces\r\nand \"quotes\" \\ \n")),
        " two  spaces\nand \"quotes\" \\ \n"
    );
    assert_eq!(text(typed_as("pwsh:\nGet-Date")), "Get-Date");
    assert_eq!(
        text(parse("sh", "sh: echo").unwrap()),
        "sh: echo",
        "a chosen shell takes the text as it stands"
    );
}

#[test]
fn a_command_recalled_is_the_same_command() {
    for text in [
        "system.info",
        "file.read \"/srv/my files/a\"",
        "file.tail /var/log/syslog 20",
        "log.read cups 60",
        "net.probe [::1]:443",
        "net.probe gw.example.com:443",
        "service.restart cups",
        "sh: a\nb  \n",
        "pwsh:  leading",
        "powershell: Get-Service",
        "cmd: ver",
        "net.config",
        "net.tls [::1]:443",
        "service.list",
        "service.start cups",
        "service.stop cups",
        r"registry.read HKLM\SOFTWARE\POS",
        r#"registry.read "HKLM\SOFTWARE\My POS""#,
    ] {
        let command = typed_as(text);
        assert_eq!(typed_as(&text_of(&command)), command, "{text}");
    }
}
