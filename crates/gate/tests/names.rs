//! R21: one canonical form per resource; what has none is refused with a sentence.

use domain::action::{Command, Script, Shell, Verb};
use gate::name::{self, FilePath, HostName, HostPort, LogName, PathStyle, ServiceName};
use proptest::prelude::*;

fn form<T: std::str::FromStr<Err: std::fmt::Display> + std::fmt::Display>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(|n| n.to_string()).map_err(|e| e.to_string())
}

fn check<T: std::str::FromStr<Err: std::fmt::Display> + std::fmt::Display>(
    accepted: &[(&str, &str)],
    refused: &[&str],
) {
    for (text, want) in accepted {
        assert_eq!(form::<T>(text).as_deref(), Ok(*want), "{text:?}");
        assert_eq!(
            form::<T>(want).as_deref(),
            Ok(*want),
            "the form of {text:?} is its own form"
        );
    }
    for text in refused {
        let why = form::<T>(text).expect_err(&format!("{text:?} is refused"));
        assert!(
            why.ends_with('.') && !why.chars().any(gate::escape::is_hidden),
            "a sentence with nothing hidden: {why:?}"
        );
    }
}

/// R21: Unix paths.
#[test]
fn unix_paths() {
    check::<FilePath>(
        &[
            ("/", "/"),
            ("/etc/hosts", "/etc/hosts"),
            ("/etc//hosts", "/etc/hosts"),
            ("/etc/./hosts", "/etc/hosts"),
            ("/etc/hosts/", "/etc/hosts"),
            ("/etc/hosts/.", "/etc/hosts"),
            ("/var/log/../lib/x", "/var/lib/x"),
            ("/a/b/../../c", "/c"),
            ("/a/..", "/"),
            ("/Etc/Hosts", "/Etc/Hosts"),
            ("/srv/Bücher & mehr/ä.txt", "/srv/Bücher & mehr/ä.txt"),
            ("/srv/...", "/srv/..."),
            ("/srv/a b ", "/srv/a b "),
            ("/srv/file~1", "/srv/file~1"),
            ("/srv/con", "/srv/con"),
            ("/srv/a:b", "/srv/a:b"),
        ],
        &[
            "",
            " ",
            " /etc/hosts",
            "etc/hosts",
            "./hosts",
            "../hosts",
            "~/hosts",
            "~root/.ssh/id_rsa",
            "$HOME/x",
            "/home/$USER/x",
            "/home/${USER}/x",
            "/srv/$(id)/x",
            "/..",
            "/../etc",
            "/etc/../..",
            "/etc/../../../etc/shadow",
            "//server/share",
            "///etc/hosts",
            "/etc/ho\0sts",
            "/etc/ho\nsts",
            "/etc/\u{1b}[2J",
            "/etc/\u{202E}stsoh",
            "/etc/ho\u{200B}sts",
            "/etc/\u{A0}hosts",
            "/etc/*.conf",
            "/etc/**",
            "/etc/\"x\"",
            "/etc\\hosts",
            "file:///etc/hosts",
        ],
    );
    assert!(form::<FilePath>(&format!("/{}", "a".repeat(256))).is_err());
    assert!(form::<FilePath>(&"/a".repeat(2049)).is_err());
    assert_eq!("/x".parse::<FilePath>().unwrap().style(), PathStyle::Unix);
}

/// R21: Windows paths: case, separators, short names, streams, devices, network paths.
#[test]
fn windows_paths() {
    check::<FilePath>(
        &[
            (r"c:\", r"C:\"),
            (r"C:\Program Files\POS\Conf.INI", r"C:\program files\pos\conf.ini"),
            ("C:/Program Files/POS", r"C:\program files\pos"),
            (r"c:\a\\b\.\c\", r"C:\a\b\c"),
            (r"C:\a\..\b", r"C:\b"),
            (r"C:\ÄÖÜ\Straße\ΑΒΓ\Привет", r"C:\äöü\straße\αβγ\привет"),
            (r"C:\日本語\x", r"C:\日本語\x"),
            (r"C:\100%\x", r"C:\100%\x"),
            (r"C:\a~b\~x\x~", r"C:\a~b\~x\x~"),
            (r"C:\console\comx\com10\nul1", r"C:\console\comx\com10\nul1"),
            (r"C:\$Recycle.Bin", r"C:\$recycle.bin"),
        ],
        &[
            r"C:",
            r"C:foo",
            r"C:..\foo",
            r"\foo",
            r"foo\bar",
            r"1:\foo",
            r"CC:\foo",
            r"é:\foo",
            r"\\?\C:\Windows",
            r"\\.\PhysicalDrive0",
            r"\\.\pipe\x",
            r"\??\C:\Windows",
            r"\\server\share\file",
            r"\\localhost\C$\Windows",
            "//server/share",
            r"C:\..",
            r"C:\a\..\..\b",
            r"C:\PROGRA~1\x",
            r"C:\progra~1",
            r"C:\LONGFI~1.TXT",
            r"C:\a\TE021F~12.HTM",
            r"C:\a\file.txt:stream",
            r"C:\a\file.txt::$DATA",
            r"C:\a:b\c",
            r"C:\a\b.",
            r"C:\a\b ",
            r"C:\a.\b",
            r"C:\a \b",
            r"C:\...\b",
            r"C:\con",
            r"C:\a\NUL",
            r"C:\a\nul.txt",
            r"C:\a\Aux.tar.gz",
            r"C:\a\COM1",
            r"C:\a\lpt9.x",
            r"C:\a\COM¹",
            r"C:\a\CONIN$",
            r"C:\a\nul .txt",
            r"C:\%TEMP%\x",
            r"C:\a<b",
            r"C:\a|b",
            r"C:\a?b",
            r"C:\a*b",
            "C:\\a\"b",
            "C:\\a\0b",
            "C:\\a\tb",
            "C:\\\u{202E}exe.txt",
            // One capital letter for two small ones, or the other way round: Windows may or may not take them for one name.
            "C:\\\u{212A}elvin",
            "C:\\\u{17F}",
            "C:\\\u{130}",
            "C:\\\u{131}",
            "C:\\ς",
            "C:\\\u{B5}",
            "C:\\\u{1E9E}",
            "C:\\\u{FF21}",
            "C:\\\u{10A0}",
        ],
    );
    assert_eq!(r"c:\x".parse::<FilePath>().unwrap().style(), PathStyle::Windows);
}

/// R21: a name below a folder stays below it.
#[test]
fn joining_never_leaves_the_folder() {
    let folder: FilePath = "/etc/pos".parse().unwrap();
    assert_eq!(folder.join("a/b.conf").unwrap().to_string(), "/etc/pos/a/b.conf");
    assert_eq!("/".parse::<FilePath>().unwrap().join("x").unwrap().to_string(), "/x");
    assert_eq!(
        r"C:\".parse::<FilePath>().unwrap().join("x").unwrap().to_string(),
        r"C:\x"
    );
    for out in [
        "..",
        "../x",
        "a/../../x",
        "a/..",
        "/etc/shadow",
        "",
        ".",
        "./",
        r"\x",
        r"..\x",
        "a\0",
    ] {
        assert!(folder.join(out).is_err(), "{out:?}");
    }
    assert!(r"C:\pos".parse::<FilePath>().unwrap().join(r"D:\x").is_err());
}

/// R21: hosts: look-alikes and odd addresses.
#[test]
fn hosts() {
    check::<HostName>(
        &[
            ("GW.Example.COM", "gw.example.com"),
            ("gw.example.com.", "gw.example.com"),
            ("localhost", "localhost"),
            ("pos_07", "pos_07"),
            ("xn--e1afmkfd.example", "xn--e1afmkfd.example"),
            ("3com.example", "3com.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("::ffff:c000:207", "192.0.2.7"),
        ],
        &[
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a b",
            "gw.example.com:443",
            "user@host",
            "host/path",
            "https://host",
            "host?x",
            "*.example.com",
            "-a.example",
            "a-.example",
            "-oProxyCommand",
            "gооgle.com",
            "bücher.example",
            "ｇｗ.example.com",
            "gw。example.com",
            "gw.example.com\u{200B}",
            "a\0b",
            "a\nb",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "0x",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "example.0x1f",
            "[gw.example.com]",
            "[192.0.2.7]",
            "[::1",
            "::1]",
            "fe80::1%eth0",
            ":::",
            "1:2:3",
        ],
    );
    assert!(form::<HostName>(&format!("{}.example", "a".repeat(64))).is_err());
    assert!(
        form::<HostName>(&"a.".repeat(127)).is_ok(),
        "253 letters and the final dot"
    );
    assert!(form::<HostName>(&"a.".repeat(128)).is_err());
    assert_eq!(
        "[::1]".parse::<HostName>().unwrap().address(),
        Some(std::net::Ipv6Addr::LOCALHOST.into())
    );
}

/// R21: hosts with ports.
#[test]
fn hosts_with_ports() {
    check::<HostPort>(
        &[
            ("GW.example.com.:443", "gw.example.com:443"),
            ("192.0.2.7:1", "192.0.2.7:1"),
            ("[2001:DB8::1]:65535", "[2001:db8::1]:65535"),
            ("[::ffff:192.0.2.7]:443", "192.0.2.7:443"),
        ],
        &[
            "gw",
            "gw:",
            ":443",
            "gw:0",
            "gw:0443",
            "gw:65536",
            "gw:+443",
            "gw:443 ",
            "gw:４４３",
            "::1:443",
            "[::1]",
            "gw:https",
            "gw:443:443",
            "",
        ],
    );
}

/// R21: services.
#[test]
fn services() {
    check::<ServiceName>(
        &[
            ("cups", "cups"),
            ("cups.service", "cups"),
            ("getty@tty1.service", "getty@tty1"),
            (r"systemd-fsck@dev-disk-by\x2duuid", r"systemd-fsck@dev-disk-by\x2duuid"),
            ("dbus-org.freedesktop.login1.service", "dbus-org.freedesktop.login1"),
            ("POSPrint", "POSPrint"),
            ("MSSQL$POS", "MSSQL$POS"),
        ],
        &[
            "",
            " ",
            "cu ps",
            "cups ",
            "-f",
            "--force",
            ".service",
            ".hidden",
            "a/b",
            "../cups",
            "/etc/init.d/cups",
            r"a\b",
            r"a\x2D",
            r"a\x2",
            "cups.service.service",
            "reboot.target",
            "cups.socket",
            "x.timer",
            "home.mount",
            "cups;reboot",
            "cups|x",
            "a\nb",
            "a\0",
            "сups",
            "cups*",
            "*",
            "cups\u{200B}",
            "a..",
            "$(reboot)",
            "`x`",
            "\"cups\"",
        ],
    );
    assert!(form::<ServiceName>(&"a".repeat(256)).is_err());
}

/// R21: logs, never outside the log folder.
#[test]
fn logs() {
    check::<LogName>(
        &[
            ("cups", "cups"),
            ("cups.service", "cups"),
            ("syslog", "syslog"),
            ("cups/error_log", "cups/error_log"),
            ("apt/history.log.1", "apt/history.log.1"),
            (
                "Microsoft-Windows-PrintService/Operational",
                "Microsoft-Windows-PrintService/Operational",
            ),
            ("Windows PowerShell", "Windows PowerShell"),
            ("System", "System"),
            ("Application", "Application"),
            ("system", "system"),
        ],
        &[
            "",
            ".",
            "..",
            "../shadow",
            "cups/../../shadow",
            "a/./b",
            "a//b",
            "/var/log/syslog",
            "a/",
            "/",
            "-u",
            "a/-b",
            " a",
            "a ",
            "a/ b",
            r"..\x",
            r"C:\x",
            "a\nb",
            "a\0b",
            "*",
            "a/**",
            "лог",
            "a\u{202E}b",
            ".service",
            "a.service.service",
            "..service",
            "...service",
            "a..service",
            "a .service",
            "a;b",
            "a|b",
            "$x",
        ],
    );
}

/// R21: a command is brought to its form as a whole; one that isn't in it is told what it would be.
#[test]
fn commands() {
    let given = Command::Verb(Verb::NetProbe {
        host: "GW.Example.com.".into(),
        port: 443,
    });
    let want = Command::Verb(Verb::NetProbe {
        host: "gw.example.com".into(),
        port: 443,
    });
    assert_eq!(name::canonical(&given), Ok(want.clone()));
    assert_eq!(name::check_canonical(&want), Ok(()));
    assert!(
        name::check_canonical(&given)
            .unwrap_err()
            .to_string()
            .contains("net.probe gw.example.com:443")
    );

    let script = Command::Script(Script {
        shell: Shell::Sh,
        text: " echo /../x \u{202E}\r\n".into(),
    });
    assert_eq!(
        name::canonical(&script),
        Ok(script.clone()),
        "a script's bytes are never touched"
    );

    for refused in [
        Command::Verb(Verb::FileTail {
            path: "/etc/hosts".into(),
            lines: 0,
        }),
        Command::Verb(Verb::FileRead { path: "hosts".into() }),
        Command::Verb(Verb::LogRead {
            log: "../x".into(),
            since_minutes: 1,
        }),
        Command::Verb(Verb::ServiceStatus { service: "-x".into() }),
        Command::Script(Script {
            shell: Shell::Sh,
            text: " \n".into(),
        }),
    ] {
        assert!(name::canonical(&refused).is_err(), "{refused}");
    }
}

proptest! {
    /// R21: the form of a form is itself, whatever was typed, and it holds nothing that a scope's text can't.
    #[test]
    fn forms_are_fixed_points(text in r#"([/\\]|C:\\|c:/)?([a-zA-Z0-9äÖßς.~ :*$%_@-]|\.\.|[/\\]|\PC){0,24}"#) {
        macro_rules! fixed { ($($t:ty),*) => {$(
            if let Ok(once) = form::<$t>(&text) {
                prop_assert_eq!(&form::<$t>(&once), &Ok(once.clone()));
                prop_assert!(!once.contains(['"', '*', '\0', '\n']));
            }
        )*}; }
        fixed!(FilePath, HostName, HostPort, ServiceName, LogName);
    }

    /// R21: no path's form climbs or hides a part.
    #[test]
    fn forms_of_paths_have_no_special_parts(text in r#"(/|C:\\)([ab]|\.|\.\.|/|\\){0,12}"#) {
        if let Ok(path) = form::<FilePath>(&text) {
            let parts: Vec<&str> = path.split(['/', '\\']).skip(1).collect();
            prop_assert!(parts == [""] || parts.iter().all(|p| !["", ".", ".."].contains(p)), "{path}");
        }
    }
}
