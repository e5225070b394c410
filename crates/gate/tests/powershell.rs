//! R12, R13: PowerShell one-liners that mean a verb, and everything that only looks like one.

use domain::action::{Command, Verb};
use gate::name;
use gate::powershell::meaning;
use proptest::prelude::*;

fn service(service: &str) -> String {
    service.to_owned()
}

/// R12: each line: a text, and the verb that it means.
#[test]
fn what_means_a_verb() {
    let key = || r"HKLM\software\vendor\pos".to_owned();
    for (text, verb) in [
        ("Get-Process", Verb::ProcessList),
        ("  get-process \n", Verb::ProcessList),
        (
            r"Get-ItemProperty HKLM:\SOFTWARE\Vendor\POS",
            Verb::RegistryRead { key: key() },
        ),
        (
            r"Get-ItemProperty -Path 'HKLM:\SOFTWARE\Vendor\POS'",
            Verb::RegistryRead { key: key() },
        ),
        (
            r#"get-itemproperty  -path  "Registry::HKEY_LOCAL_MACHINE\SOFTWARE\Vendor\POS""#,
            Verb::RegistryRead { key: key() },
        ),
        (
            r"Get-ItemProperty 'HKLM:\SOFTWARE\My App'",
            Verb::RegistryRead {
                key: r"HKLM\software\my app".into(),
            },
        ),
        (
            "Test-NetConnection gw.example.com -Port 443",
            Verb::NetProbe {
                host: "gw.example.com".into(),
                port: 443,
            },
        ),
        (
            "Test-NetConnection -Port 443 -ComputerName GW.example.com",
            Verb::NetProbe {
                host: "gw.example.com".into(),
                port: 443,
            },
        ),
        ("Get-Service", Verb::ServiceList),
        (
            "Get-Service POSPrint",
            Verb::ServiceStatus {
                service: service("POSPrint"),
            },
        ),
        (
            "Start-Service -Name 'POSPrint'",
            Verb::ServiceStart {
                service: service("POSPrint"),
            },
        ),
        (
            "Stop-Service POSPrint",
            Verb::ServiceStop {
                service: service("POSPrint"),
            },
        ),
        (
            "Restart-Service -Name POSPrint",
            Verb::ServiceRestart {
                service: service("POSPrint"),
            },
        ),
        (
            r"Get-Content C:\POS\conf.ini",
            Verb::FileRead {
                path: r"C:\pos\conf.ini".into(),
            },
        ),
        (
            r"Get-Content -Path 'C:\Program Files\POS\log.txt' -Tail 50",
            Verb::FileTail {
                path: r"C:\program files\pos\log.txt".into(),
                lines: 50,
            },
        ),
        (
            "Get-Content -Tail 50 /var/log/syslog",
            Verb::FileTail {
                path: "/var/log/syslog".into(),
                lines: 50,
            },
        ),
    ] {
        assert_eq!(meaning(text), Some(verb), "{text}");
    }
}

/// R13: what PowerShell would interpret, and what does more than the verb or something else, stays a script.
#[test]
fn what_only_looks_like_a_verb() {
    for text in [
        "",
        " ",
        "Get-Date",
        "Get-WinEvent -LogName System",
        "Get-ChildItem HKLM:\\Software",
        // Aliases, paths to commands, calls.
        "gsv POSPrint",
        "gp HKLM:\\Software\\POS",
        "cat C:\\pos\\conf.ini",
        "sc stop POSPrint",
        "& Get-Process",
        "&Get-Process",
        "&'Get-Process'",
        "'Get-Process'",
        "\"Get-Process\"",
        ". Get-Process",
        ".\\Get-Process",
        "Microsoft.PowerShell.Management\\Get-Process",
        "Get-Process.exe",
        // More than one command.
        "Get-Process; Stop-Computer",
        "Get-Process;",
        "Get-Process\nStop-Computer",
        "Get-Process\r\nStop-Computer",
        "Get-Process\rStop-Computer",
        "Get-Process | Stop-Process",
        "Get-Service POSPrint | Stop-Service",
        "Get-Process && Stop-Computer",
        "Get-Process || Stop-Computer",
        "Get-Service POSPrint & Stop-Computer",
        "Get-Process # all",
        "Get-Process <# all #>",
        "Get-Process > C:\\x",
        "Get-Process 2>&1",
        "Get-Content C:\\x < C:\\y",
        // What is put in at run time.
        "Get-Service $name",
        "Get-Service \"$name\"",
        "Get-Service \"$(Stop-Computer)\"",
        "Get-Service '$name'",
        "Get-Service $(Stop-Computer)",
        "Get-Service (Stop-Computer)",
        "Get-Service (\"POS\"+\"Print\")",
        "Get-Service @args",
        "Get-Service @{Name='POSPrint'}",
        "Get-Service {POSPrint}",
        "Get-Service [string]'POSPrint'",
        "Get-Content $env:TEMP\\x",
        "Get-Content %TEMP%\\x",
        "Get-Content ~\\x",
        // Escapes and quotes beyond simple ones.
        "Get-`Process",
        "Get-Service POS`Print",
        "Get-Service \"POS`nPrint\"",
        "Get-Service 'POS''Print'",
        "Get-Service \"POS\"\"Print\"",
        "Get-Service 'POS'Print",
        "Get-Service POS'Print'",
        "Get-Service 'POSPrint",
        "Get-Service POSPrint'",
        "Get-Service ''",
        "Get-Service \"a'b\"",
        "Get-Service \u{2018}POSPrint\u{2019}",
        "Get-Service 'POS\u{2019}; Stop-Computer; \u{2018}'",
        "Get-Service \u{201C}POSPrint\u{201D}",
        "G\"et\"-Process",
        // Dashes, blanks and letters that look like others.
        "Get\u{2013}Process",
        "Get-Service \u{2013}Name POSPrint",
        "Get-Service\u{A0}POSPrint",
        "Get-Service\tPOSPrint",
        "Get-Service POS\u{200B}Print",
        "Get-Prоcess",
        "Get-Service POSPrіnt",
        // Several, patterns, and the rest of PowerShell's parameters.
        "Get-Service POSPrint,Spooler",
        "Get-Service POSPrint, Spooler",
        "Get-Service POSPrint Spooler",
        "Get-Service POS*",
        "Get-Service 'POS*'",
        "Get-Service 'POSPrin?'",
        "Get-Service 'POSPrin[t]'",
        "Get-Service -Name POSPrint -Name Spooler",
        "Get-Service -N POSPrint",
        "Get-Service -Name:POSPrint",
        "Get-Service -Name",
        "Get-Service -Name -Name",
        "Get-Service '-Name' POSPrint",
        "Get-Service -DisplayName POSPrint",
        "Get-Service -Name POSPrint -ComputerName other",
        "Stop-Service -Name POSPrint -Force",
        "Restart-Service POSPrint -Force",
        "Stop-Service -InputObject POSPrint",
        "Restart-Service",
        "Stop-Service",
        "Get-Process -Name pos",
        "Get-Process pos",
        "Get-Process -IncludeUserName",
        "Get-ItemProperty HKLM:\\Software\\POS -Name Port",
        "Get-ItemProperty HKLM:\\Software\\POS Port",
        "Get-ItemProperty -LiteralPath HKLM:\\Software\\POS",
        "Get-ItemProperty HKLM:\\Software\\*",
        "Get-ItemProperty HKLM:\\Software\\..\\SAM",
        "Get-ItemProperty HKLM:/Software/POS",
        "Get-ItemProperty HKCU:\\Software\\POS",
        "Get-ItemProperty HKLM:",
        "Get-ItemProperty HKLM\\Software\\POS",
        "Get-ItemProperty C:\\pos\\conf.ini",
        "Get-ItemProperty .",
        "Get-Content",
        "Get-Content conf.ini",
        "Get-Content .\\conf.ini",
        "Get-Content C:conf.ini",
        "Get-Content \\\\server\\share\\x",
        "Get-Content C:\\x:stream",
        "Get-Content C:\\x -Stream y",
        "Get-Content C:\\x -Wait",
        "Get-Content C:\\x -Raw",
        "Get-Content C:\\x -Head 5",
        "Get-Content C:\\x -Tail -1",
        "Get-Content C:\\x -Tail 0",
        "Get-Content C:\\x -Tail 1kb",
        "Get-Content C:\\x -Tail 0x10",
        "Get-Content C:\\x -Tail 1e3",
        "Get-Content C:\\x 50",
        "Get-Content Env:\\Path",
        "Get-Content Function:\\prompt",
        "Test-NetConnection",
        "Test-NetConnection gw.example.com",
        "Test-NetConnection gw.example.com 443",
        "Test-NetConnection gw.example.com -CommonTCPPort HTTP",
        "Test-NetConnection gw.example.com -Port 443 -TraceRoute",
        "Test-NetConnection gw.example.com -Port 0",
        "Test-NetConnection gw.example.com -Port 65536",
        "Test-NetConnection gw.example.com -Port '443;1'",
        "Test-NetConnection https://gw.example.com -Port 443",
        // Words that PowerShell itself reads.
        "--% Get-Process",
        "Get-Service --% POSPrint",
        "if (1) { Get-Process }",
        "Get-Process -?",
        "powershell -c Get-Process",
        "Invoke-Expression Get-Process",
        "Get-Process\0",
    ] {
        assert_eq!(meaning(text), None, "{text:?}");
    }
}

proptest! {
    /// R13: whatever is typed, a meaning is canonical, and nothing that PowerShell interprets is in the text.
    #[test]
    fn a_meaning_is_plain(text in r#"(Get|Stop|Test)-(Service|Content|Process|NetConnection|ItemProperty) {1,2}(-(Name|Path|Tail|Port) )?[\PC'"$`;|&(){}\\/:. -]{0,16}"#) {
        if let Some(verb) = meaning(&text) {
            let command = Command::Verb(verb);
            prop_assert_eq!(name::check_canonical(&command), Ok(()));
            prop_assert!(!text.contains(['$', '`', ';', '|', '&', '(', ')', '{', '}', '@', '#', '<', '>', '*', '?', '[', ',']) || text.contains(['\'', '"']), "{}", text);
            prop_assert!(!text.contains(['$', '`', '*', '?', '[', ',']), "{}", text);
        }
    }
}
