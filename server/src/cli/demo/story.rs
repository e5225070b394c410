//! The demo's example session, run for real through the agent: three bases for three actions, one refusal, one redaction,
//! and a share of it all.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use domain::action::{ActionState, Command, Script, Shell, Verb};
use domain::api::{
    ActionView, Actions, ApiError, Approvals, AskAccess, Decision, NewSession, NewShare, Proposal, Ruling, Sessions,
    Shares,
};
use domain::ids::{ActionId, EndpointId, RequestId, SessionId};
use engine::Engine;
use tokio::time::{sleep, timeout};

use super::folder::Kept;
use super::machine::Machine;
use super::people::People;
use super::text;

/// How long one action may take.
const ACTION_LIMIT: Duration = Duration::from_secs(60);

/// Plays the session from its opening to its share.
pub(super) async fn play(
    engine: &Engine,
    people: &People,
    endpoint: EndpointId,
    machine: &Machine,
    server: SocketAddr,
) -> Result<Kept> {
    let story = Story { engine, people };
    let session = story.open(endpoint).await?;
    story.narrowed_access(session, machine).await?;

    // Basis: the contact's grant, narrowed to one folder. One merchant id is redacted on the way.
    let read = story
        .run(
            session,
            verb(Verb::FileRead {
                path: text(&machine.terminal)?,
            }),
        )
        .await?;
    ensure!(
        read.findings.values().sum::<u64>() > 0,
        "the merchant id was not redacted"
    );
    // Basis: the rule for probes of registered hosts.
    let probe = Verb::NetProbe {
        host: server.ip().to_string(),
        port: server.port(),
    };
    story.run(session, verb(probe)).await?;
    // Outside what was allowed.
    story
        .refused(
            session,
            verb(Verb::FileRead {
                path: text(&machine.outside)?,
            }),
        )
        .await?;
    // Basis: a second approval, of these exact bytes.
    let script = format!("ls -l '{}'", text(&machine.settings)?);
    story
        .approved(
            session,
            Command::Script(Script {
                shell: Shell::Sh,
                text: script,
            }),
        )
        .await?;

    engine
        .add_note(
            &people.technician,
            session,
            "Keepalive is off in terminal.conf; the vendor's default is 60 s.".into(),
        )
        .await?;
    engine
        .close_session(
            &people.technician,
            session,
            "Cause found: keepalive off. Vendor ticket raised.".into(),
        )
        .await?;
    let share = engine
        .create_share(&people.director, NewShare::of(session))
        .await
        .context("sharing the session")?;
    Ok(Kept {
        share: share.link.context("a new share has its link")?,
        session: format!("/sessions/{session}"),
        endpoint: format!("/endpoints/{endpoint}"),
        machine: machine.pos.clone(),
    })
}

struct Story<'a> {
    engine: &'a Engine,
    people: &'a People,
}

impl Story<'_> {
    async fn open(&self, endpoint: EndpointId) -> Result<SessionId> {
        let new = NewSession {
            endpoint,
            reason: "Card terminal of register 07 loses its connection".into(),
            ticket: "POS-4711".into(),
        };
        self.engine
            .open_session(&self.people.technician, new)
            .await
            .context("opening the session")
    }

    /// The technician asks for the whole folder; the contact allows one below it.
    async fn narrowed_access(&self, session: SessionId, machine: &Machine) -> Result<()> {
        let scope = |folder| -> Result<String> { Ok(format!("file.read(\"{}/**\")", text(folder)?)) };
        let ask = AskAccess {
            session,
            scope: scope(&machine.pos)?,
            workflow: Some("file-inspection@1".into()),
        };
        let request = self
            .engine
            .ask_access(&self.people.technician, ask)
            .await
            .context("asking for access")?;
        self.decide(
            request,
            Ruling::Narrow {
                scope: scope(&machine.settings)?,
            },
        )
        .await
    }

    /// The contact reads the request and decides it.
    async fn decide(&self, request: RequestId, ruling: Ruling) -> Result<()> {
        let shown = self
            .engine
            .approval(&self.people.contact, request)
            .await
            .context("reading the request")?;
        let decision = Decision {
            request,
            shown: shown.digest,
            ruling,
        };
        self.engine
            .decide(&self.people.contact, decision)
            .await
            .context("deciding the request")
    }

    async fn propose(&self, session: SessionId, command: Command) -> Result<ActionId, ApiError> {
        self.engine
            .propose(&self.people.technician, Proposal { session, command })
            .await
    }

    /// Proposes what is allowed already, and waits for its end.
    async fn run(&self, session: SessionId, command: Command) -> Result<ActionView> {
        let what = command.to_string();
        let action = self
            .propose(session, command)
            .await
            .with_context(|| format!("proposing {what}"))?;
        let ended = self.ended(session, action).await?;
        ensure!(
            ended.state == ActionState::Finished,
            "{what} was not run: {}",
            ended.detail
        );
        Ok(ended)
    }

    /// Proposes what needs the contact, who approves it.
    async fn approved(&self, session: SessionId, command: Command) -> Result<()> {
        let what = command.to_string();
        let action = self
            .propose(session, command)
            .await
            .with_context(|| format!("proposing {what}"))?;
        let request = self
            .action(session, action)
            .await?
            .request
            .context("a script waits for the contact")?;
        self.decide(request, Ruling::Approve).await?;
        let ended = self.ended(session, action).await?;
        ensure!(
            ended.state == ActionState::Finished,
            "{what} was not run: {}",
            ended.detail
        );
        Ok(())
    }

    /// Proposes what must not run: refused at once, or by the contact.
    async fn refused(&self, session: SessionId, command: Command) -> Result<()> {
        let what = command.to_string();
        let action = match self.propose(session, command).await {
            Ok(action) => action,
            Err(ApiError::Refused { .. }) => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("proposing {what}")),
        };
        let proposed = self.action(session, action).await?;
        if let (ActionState::Waiting, Some(request)) = (proposed.state, proposed.request) {
            self.decide(
                request,
                Ruling::Deny {
                    reason: "Not needed for the connection. Stay in ConnectionSettings.".into(),
                },
            )
            .await?;
        }
        let ended = self.ended(session, action).await?;
        ensure!(ended.state == ActionState::Refused, "{what} was not refused");
        Ok(())
    }

    async fn action(&self, session: SessionId, action: ActionId) -> Result<ActionView> {
        let session = self.engine.session(&self.people.technician, session).await?;
        session
            .actions
            .into_iter()
            .find(|a| a.id == action)
            .context("the action is not in its session")
    }

    async fn ended(&self, session: SessionId, action: ActionId) -> Result<ActionView> {
        let ended = timeout(ACTION_LIMIT, async {
            loop {
                let view = self.action(session, action).await?;
                if matches!(view.state, ActionState::Finished | ActionState::Refused) {
                    return Ok::<_, anyhow::Error>(view);
                }
                sleep(Duration::from_millis(50)).await;
            }
        });
        match ended.await {
            Ok(ended) => ended,
            Err(_) => bail!(
                "an action did not end within {} s; the agent's log is in agent.log",
                ACTION_LIMIT.as_secs()
            ),
        }
    }
}

fn verb(verb: Verb) -> Command {
    Command::Verb(verb)
}
