//! What is asked of Windows endpoints: access to registry keys, writes to them, and scripts that mean a verb.

use domain::action::{ActionState, Command, RegistryData, Script, Shell, Verb};
use domain::api::{Actions, Proposal};

use crate::support::TestApp;

fn read(key: &str) -> Command {
    Command::Verb(Verb::RegistryRead { key: key.into() })
}

fn powershell(text: &str) -> Command {
    Command::Script(Script {
        shell: Shell::Powershell,
        text: text.into(),
    })
}

/// R20, R21: access to keys is narrowed, and covers reading below the narrowed key, and nothing else.
#[tokio::test]
async fn access_to_keys_is_narrowed() {
    let app = TestApp::start().await;
    let mut agent = app.agent("POS-REGISTER-07").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let request = technician
        .ask_access(session, r#"registry.read("HKLM:\SOFTWARE\Vendor\**")"#)
        .await;
    contact
        .narrow(request, r#"registry.read("HKLM\software\vendor\pos\**")"#)
        .await;
    let inside = technician
        .propose(session, read(r"HKEY_LOCAL_MACHINE\SOFTWARE\Vendor\POS\Connection"))
        .await;
    assert_eq!(agent.run("Host  sz  gw.example.com\n").await, inside);
    for outside in [
        read(r"HKLM\SOFTWARE\Vendor"),
        Command::Verb(Verb::RegistryWrite {
            key: r"HKLM\SOFTWARE\Vendor\POS".into(),
            value: "Host".into(),
            data: RegistryData::Sz("x".into()),
        }),
    ] {
        let id = technician.propose(session, outside).await;
        assert_eq!(technician.action(session, id).await.state, ActionState::Waiting);
    }
    assert!(
        technician
            .try_propose(session, read(r"HKLM\SOFTWARE\Vendor\POS\..\..\..\SAM"))
            .await
            .is_err()
    );
}

/// R24, R25: who decides about a registry write sees which value is set to what.
#[tokio::test]
async fn a_registry_write_is_shown_whole() {
    let app = TestApp::start().await;
    let agent = app.agent("POS-REGISTER-07").await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician.open_session(agent.endpoint()).await;
    let write = Command::Verb(Verb::RegistryWrite {
        key: r"HKLM\SOFTWARE\Vendor\POS".into(),
        value: "Port".into(),
        data: RegistryData::Dword(8443),
    });
    let id = technician.propose(session, write).await;
    let view = contact.reads(technician.request_of(session, id).await).await;
    let shown: String = view.shown.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(shown, r#"registry.write HKLM\software\vendor\pos "Port" = dword 8443"#);
}

/// R13: a script that means a verb is only offered as one: what is proposed stays what was typed, and waits for a person.
#[tokio::test]
async fn a_script_that_means_a_verb_stays_a_script() {
    let app = TestApp::start().await;
    let agent = app.agent("POS-REGISTER-07").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let preview = |command| {
        technician
            .engine
            .preview(&technician.caller, Proposal { session, command })
    };
    let typed = powershell("Get-Process");
    let said = preview(typed.clone()).await.unwrap();
    assert_eq!(said.instead, Some(Command::Verb(Verb::ProcessList)));
    assert_eq!(said.state, ActionState::Waiting, "though the verb would run at once");
    assert_eq!(
        preview(powershell("Get-Process | Stop-Process")).await.unwrap().instead,
        None
    );

    let id = technician.propose(session, typed.clone()).await;
    let action = technician.action(session, id).await;
    assert_eq!((action.command, action.state), (typed, ActionState::Waiting));
}
