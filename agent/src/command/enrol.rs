//! `enrol`: trades a one-time token for an identity.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use tokio::time::timeout;
use wire::link::HANDSHAKE_LIMIT;
use wire::{AgentEvent, AgentLinkState, AgentMessage, Challenge, Enrol, Enrolled};

use crate::agent::VERSION;
use crate::data::{DataDir, write_atomically};
use crate::identity::{Identity, enrolment_key};
use crate::link::{Socket, connect, receive, send};
use crate::say::say;
use crate::server_url::ServerUrl;
use crate::settings::{Settings, certificates};
use crate::update::ReleaseKey;
use crate::{capabilities, clock, service};

/// What `enrol` is told.
#[derive(Debug)]
pub struct Enrolment<'a> {
    /// The server's address.
    pub url: &'a str,
    /// The token.
    pub token: &'a str,
    /// The data folder.
    pub data: &'a Path,
    /// The name to enrol as; none for the host's own.
    pub name: Option<String>,
    /// A file with the only certificates that the server's may come from, now and later; none for those that the system
    /// trusts.
    pub ca: Option<&'a Path>,
    /// Releases of the agent are taken when this signed them; none leaves what is there.
    pub release_key: Option<ReleaseKey>,
}

/// Enrols this endpoint.
///
/// # Errors
/// When it is enrolled already, the server can't be reached, or refuses.
pub async fn enrol(asked: Enrolment<'_>) -> anyhow::Result<()> {
    let Enrolment {
        url,
        token,
        data,
        name,
        ca,
        release_key,
    } = asked;
    let server: ServerUrl = url.parse()?;
    let data = DataDir::create(data).with_context(|| format!("the data folder {} can't be used", data.display()))?;
    let identity = data.identity();
    ensure!(
        !identity.exists(),
        "This endpoint is enrolled already. To enrol it anew, stop the agent and remove {} first.",
        identity.display()
    );
    let mut settings = Settings::load(&data)?;
    let pinned = match ca {
        None => None,
        Some(file) => {
            let pem = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
            settings.ca = Some(certificates(&file.display().to_string(), &pem)?);
            Some(pem)
        }
    };
    if let Some(key) = release_key {
        key.save(&data).context("the release key can't be saved")?;
    }
    let key = enrolment_key(&data).context("the device key can't be made")?;
    let enrol = Enrol {
        protocol: wire::PROTOCOL,
        token: token.trim().to_owned(),
        public_key: String::new(),
        hostname: name.unwrap_or_else(service::host_name),
        os: service::os_name(),
        agent_version: VERSION.to_owned(),
        capabilities: None,
        signature: String::new(),
    };
    let sign = |challenge: &Challenge, protocol| {
        Enrol {
            protocol,
            capabilities: (protocol >= 2).then(capabilities::capabilities),
            ..enrol.clone()
        }
        .sign(challenge, &key)
    };
    let socket = connect(&server, &settings)
        .await
        .with_context(|| format!("{server} can't be reached"))?;
    let enrolled = timeout(HANDSHAKE_LIMIT, exchange(socket, sign))
        .await
        .context("the server did not answer in time")??;

    let order_key = wire::parse_public_key(&enrolled.order_key).context("the server's order key can't be read")?;
    let Enrolled {
        endpoint,
        org,
        name,
        log_key,
        more,
        ..
    } = enrolled;
    let confirmation = more.as_ref().is_some_and(|m| m.confirmation);
    let identity = Identity {
        server,
        endpoint,
        org,
        name,
        order_key,
        order_generation: more.map_or(1, |m| m.order_generation),
        log_key,
        device_key: key,
    };
    if let Some(pem) = pinned {
        write_atomically(&data.ca(), &pem).context("the pinned certificates can't be saved")?;
    }
    identity.save(&data).context("the identity can't be saved")?;
    say(&format!("Enrolled as {} ({endpoint}).", identity.name))?;
    say(&format!("Fingerprint of its key: {}", identity.fingerprint()))?;
    if confirmation {
        say(
            "Nothing runs here before an admin has compared this fingerprint with the one on the endpoint's page, and confirmed it.",
        )?;
    }
    say(&format!(
        "Its identity is in {}. Start it with: countersign-agent run --data {}",
        data.identity().display(),
        data.root().display()
    ))?;
    Ok(())
}

async fn exchange<E>(mut socket: Socket, sign: impl Fn(&Challenge, u32) -> Result<Enrol, E>) -> anyhow::Result<Enrolled>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let mut state = AgentLinkState::new(clock::monotonic());
    while let Some(frame) = receive(&mut socket).await {
        match state.receive(&frame, clock::monotonic())? {
            AgentEvent::Challenged { challenge, protocol } => {
                let message = AgentMessage::Enrol(sign(&challenge, protocol)?);
                send(&mut socket, state.send(&message, clock::monotonic())?).await?;
            }
            AgentEvent::Enrolled(enrolled) => return Ok(enrolled),
            AgentEvent::Rejected(rejected) => bail!("The server refused: {}", rejected.reason.sentence()),
            AgentEvent::Ready(_)
            | AgentEvent::Redaction(_)
            | AgentEvent::Order(_)
            | AgentEvent::Cancel(_)
            | AgentEvent::Ack { .. }
            | AgentEvent::Heartbeat
            | AgentEvent::Retire
            | AgentEvent::KeyRotation(_)
            | AgentEvent::UpdateOffer(_)
            | AgentEvent::UpdatePart(_)
            | AgentEvent::UpdateNoted { .. } => {}
        }
    }
    bail!("The connection ended before the server answered.")
}
