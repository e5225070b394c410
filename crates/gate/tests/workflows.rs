//! R17: the built-in workflows.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail a test")]

use std::collections::BTreeMap;

use gate::name;
use gate::workflow::{BUILTIN, Plan, Workflow};

fn plan(id: &str, values: &[(&str, &str)]) -> Result<Plan, String> {
    let values: BTreeMap<String, String> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Workflow::find(id).unwrap().plan(&values).map_err(|e| e.to_string())
}

/// R17: what each asks for and suggests.
#[test]
fn what_the_builtin_ones_come_to() {
    for (id, values, access, steps) in [
        (
            "file-inspection@1",
            vec![("folder", " /etc/pos/ "), ("files", "connection.conf\n\n sub/b.ini \n")],
            r#"file.read("/etc/pos/**")"#,
            vec![
                "disk.usage",
                "file.read /etc/pos/connection.conf",
                "file.read /etc/pos/sub/b.ini",
            ],
        ),
        (
            "file-inspection@1",
            vec![("folder", "/etc/pos/**")],
            r#"file.read("/etc/pos/**")"#,
            vec!["disk.usage"],
        ),
        (
            "file-inspection@1",
            vec![("folder", r"C:\POS")],
            r#"file.read("C:\pos\**")"#,
            vec!["disk.usage"],
        ),
        (
            "log-inspection@1",
            vec![("log", "cups.service")],
            r#"log.read("cups"){since=24h}"#,
            vec!["log.read cups (last 60 min)", "log.read cups (last 1440 min)"],
        ),
        (
            "service-restart@1",
            vec![("service", "cups")],
            r#"service.restart("cups")"#,
            vec![
                "service.status cups",
                "log.read cups (last 60 min)",
                "service.restart cups",
                "service.status cups",
            ],
        ),
        (
            "service-restart@1",
            vec![("service", "MSSQL$POS")],
            r#"service.restart("MSSQL$POS")"#,
            vec![
                "service.status MSSQL$POS",
                "service.restart MSSQL$POS",
                "service.status MSSQL$POS",
            ],
        ),
        (
            "network-check@1",
            vec![("target", "GW.example.com:443")],
            r#"net.probe("gw.example.com:443")"#,
            vec!["net.probe gw.example.com:443"],
        ),
        (
            "registry-inspection@1",
            vec![
                ("key", r"HKEY_LOCAL_MACHINE\SOFTWARE\Vendor\POS\"),
                ("target", "GW.example.com:443"),
                ("service", "POSPrint"),
            ],
            r#"registry.read("HKLM\software\vendor\pos\**")"#,
            vec![
                r"registry.read HKLM\software\vendor\pos",
                "net.probe gw.example.com:443",
                "service.restart POSPrint",
            ],
        ),
        (
            "registry-inspection@1",
            vec![("key", r"HKLM:\SOFTWARE\Vendor\**"), ("target", " ")],
            r#"registry.read("HKLM\software\vendor\**")"#,
            vec![r"registry.read HKLM\software\vendor"],
        ),
    ] {
        let plan = plan(id, &values).unwrap();
        assert_eq!((plan.workflow.as_str(), plan.access.to_string().as_str()), (id, access));
        assert_eq!(
            plan.steps.iter().map(|s| s.command.to_string()).collect::<Vec<_>>(),
            steps
        );
        for step in &plan.steps {
            assert_eq!(name::check_canonical(&step.command), Ok(()));
        }
    }
}

/// R17, R21: wrong parameters are refused with the field's name.
#[test]
fn wrong_parameters_are_refused() {
    for (id, values) in [
        ("file-inspection@1", vec![]),
        ("file-inspection@1", vec![("folder", " ")]),
        ("file-inspection@1", vec![("folder", "etc")]),
        ("file-inspection@1", vec![("folder", "/a/*")]),
        ("file-inspection@1", vec![("folder", "/a"), ("files", "../b")]),
        ("file-inspection@1", vec![("folder", "/a"), ("files", "/etc/shadow")]),
        ("file-inspection@1", vec![("folder", "/a"), ("other", "b")]),
        ("log-inspection@1", vec![("log", "../shadow")]),
        ("log-inspection@1", vec![("log", "*")]),
        ("service-restart@1", vec![("service", "*")]),
        ("service-restart@1", vec![("service", "a b")]),
        ("network-check@1", vec![("target", "gw.example.com")]),
        ("registry-inspection@1", vec![("target", "gw.example.com:443")]),
        ("registry-inspection@1", vec![("key", r"HKCU\Software")]),
        ("registry-inspection@1", vec![("key", r"HKLM\SOFTWARE\*\POS")]),
        ("registry-inspection@1", vec![("key", r"HKLM\a"), ("target", "gw")]),
        ("registry-inspection@1", vec![("key", r"HKLM\a"), ("service", "*")]),
    ] {
        assert!(plan(id, &values).is_err(), "{id} {values:?}");
    }
    let many = (0..21).map(|n| format!("f{n}\n")).collect::<String>();
    assert!(plan("file-inspection@1", &[("folder", "/a"), ("files", &many)]).is_err());
    assert_eq!(
        plan("log-inspection@1", &[]).unwrap_err(),
        "Log: Give one, such as cups."
    );
    assert!(Workflow::find("log-inspection@2").is_none());
    assert!(Workflow::find("log-inspection").is_none());
}

#[test]
fn hints_are_valid_values() {
    for workflow in BUILTIN {
        let values: Vec<(&str, &str)> = workflow.parameters.iter().map(|p| (p.name, p.hint)).collect();
        assert!(plan(&workflow.id(), &values).is_ok(), "{}", workflow.id());
    }
}
