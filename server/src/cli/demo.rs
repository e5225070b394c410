//! `countersign demo`: a whole installation on this machine, with a demo organisation, its people, a real agent and one
//! finished session, made through the same ports that people use. Nothing in it is simulated; what it writes is below one
//! folder.

mod agent;
mod folder;
mod machine;
mod people;
mod story;
mod summary;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use domain::api::{Endpoints as _, TokenSpec};
use engine::Engine;
use tokio::net::TcpListener;

use self::agent::Agent;
use self::folder::{Folder, Kept};
use super::{asked_to_stop, open, serve, tell};
use crate::wiring::{self, Running};

/// Where the demo lives.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Folder for everything that the demo writes.
    #[arg(long)]
    data: PathBuf,
    /// Folder with the browser's files, as `cargo xtask build` made it.
    #[arg(long)]
    site: PathBuf,
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The agent's program.
    #[arg(long)]
    agent: PathBuf,
}

impl Demo {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let began = Instant::now();
        serve::check_site(&self.site)?;
        let folder = Folder::at(&self.data)?;
        let kept = folder.read()?;
        agent::end_leftover(&folder.path, &self.agent);
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("listening on {}", self.listen))?;
        let url = format!("http://{}", listener.local_addr()?);
        let (engine, deps) = open::open(&folder.path, &url).await?;
        let config = wiring::Config {
            public_url: url.clone(),
            site: self.site.clone(),
            trusted_proxy: None,
            witnesses: vec![],
            copies: vec![],
            alarms: vec![],
            incidents: None,
            releases: Default::default(),
        };
        let mut running = wiring::start(listener, config, engine.clone(), deps).await?;

        let set_up = self.set_up(&engine, &folder, &url, kept, &running);
        let (kept, mut agent) = tokio::select! {
            done = set_up => done?,
            () = asked_to_stop() => {
                tell("Stopped before the demo was complete; the next start begins anew.");
                return Ok(ExitCode::SUCCESS);
            }
        };
        summary::print(&url, &folder.path, &kept, began.elapsed());
        watch(&mut running, &mut agent).await?;
        agent.stop().await;
        running.stop().await;
        engine.close().await;
        tell("Stopped. Start again in seconds with the same command; `make clean-demo` removes everything.");
        Ok(ExitCode::SUCCESS)
    }

    /// The demo as it was kept, or made now; with its agent running.
    async fn set_up(
        &self,
        engine: &Engine,
        folder: &Folder,
        url: &str,
        kept: Option<Kept>,
        running: &Running,
    ) -> Result<(Kept, Agent)> {
        let agent_data = folder.path.join("agent");
        if let Some(kept) = kept {
            let agent = Agent::start(&self.agent, &agent_data)?;
            let people = people::sign_in(engine).await?;
            agent::wait_until_ready(engine, &people.admin).await?;
            return Ok((kept, agent));
        }
        tell("Making the demo organisation …");
        let machine = machine::make(&folder.path)?;
        let people = people::make(engine).await?;
        let client = people::client(engine, &people, running.address).await?;
        let token = engine.create_token(&people.admin, TokenSpec::once(client)).await?.token;
        tell("Enrolling this machine's agent …");
        agent::enrol(&self.agent, &agent_data, url, &token).await?;
        let agent = Agent::start(&self.agent, &agent_data)?;
        let endpoint = agent::wait_until_ready(engine, &people.admin).await?;
        tell("Playing one session: asked, narrowed, run, refused, closed, shared …");
        let kept = story::play(engine, &people, endpoint, &machine, running.address).await?;
        folder.keep(&kept)?;
        Ok((kept, agent))
    }
}

/// Waits until the operator ends the demo. An agent that ends by itself is said, and the server goes on: that is what an
/// endpoint going offline looks like.
async fn watch(running: &mut Running, agent: &mut Agent) -> Result<()> {
    let mut agent_runs = true;
    loop {
        tokio::select! {
            () = asked_to_stop() => return Ok(()),
            error = running.failed() => return Err(error),
            status = agent.ended(), if agent_runs => {
                agent_runs = false;
                tell(&format!("The agent ended ({status}). Its endpoint is offline until the demo is started again."));
            }
        }
    }
}

/// A path as text; the demo writes it into scopes and commands.
fn text(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .with_context(|| format!("{} is not UTF-8", path.display()))
}
