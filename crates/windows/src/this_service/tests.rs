use super::*;

const NAME: &str = "CountersignWinTest";

fn installation(file: &std::path::Path) -> Installation {
    let tests = std::env::current_exe().unwrap();
    Installation {
        name: NAME.into(),
        display_name: "Countersign test service".into(),
        description: "Made by a test, and removed by it.".into(),
        executable: tests.ancestors().nth(2).unwrap().join("examples/child.exe"),
        arguments: vec!["serve".into(), NAME.into(), file.into()],
        account: None,
    }
}

/// R16: the service is installed with its recovery settings, started, stopped and removed; each can be done again.
#[test]
fn a_service_lives_from_installation_to_removal() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a b");
    let said = || std::fs::read_to_string(&file).unwrap_or_default();
    uninstall(NAME).unwrap();
    assert_eq!(query(NAME).unwrap(), None);
    assert!(start(NAME).unwrap_err().is_not_found());

    install(&installation(&file)).unwrap();
    install(&installation(&file)).unwrap();
    assert_eq!(query(NAME).unwrap(), Some(State::Stopped));
    let service = open(NAME, ServiceAccess::QUERY_CONFIG).unwrap();
    let config = service.query_config().unwrap();
    assert_eq!(config.start_type, ServiceStartType::AutoStart);
    assert!(config.executable_path.to_string_lossy().contains("serve"));
    drop(service);

    for round in 1..=2 {
        start(NAME).unwrap();
        start(NAME).unwrap();
        assert_eq!(query(NAME).unwrap(), Some(State::Running));
        stop(NAME).unwrap();
        stop(NAME).unwrap();
        assert_eq!(query(NAME).unwrap(), Some(State::Stopped));
        assert_eq!(said(), "served, was asked to stop\n".repeat(round));
    }
    start(NAME).unwrap();
    uninstall(NAME).unwrap();
    assert_eq!(query(NAME).unwrap(), None);
    assert_eq!(said(), "served, was asked to stop\n".repeat(3));
}

#[test]
fn what_no_service_manager_started_is_no_service() {
    let refused = run("CountersignNotAService", |_| true).unwrap_err();
    assert_eq!(refused.call, "StartServiceCtrlDispatcherW");
}
