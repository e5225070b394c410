//! `countersign serve`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::Args;
use release::folder::Folder;
use tokio::net::TcpListener;

use super::{asked_to_stop, open, tell};
use crate::wiring::{self, Alarms, Copies, MailServer};

/// What to serve, and where.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Folder with the database and the keys, as `countersign init` made it.
    #[arg(long, env = "COUNTERSIGN_DATA")]
    data: PathBuf,
    /// Address and port to listen on. TLS is a reverse proxy's to add.
    #[arg(long, env = "COUNTERSIGN_LISTEN", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Under which address people and agents reach it. With https, cookies are bound to it.
    #[arg(long, env = "COUNTERSIGN_URL", default_value = "http://127.0.0.1:3000")]
    url: String,
    /// Folder with the browser's files, as `cargo xtask build` made it.
    #[arg(long, env = "COUNTERSIGN_SITE")]
    site: PathBuf,
    /// Address of a reverse proxy whose X-Forwarded-For is to be believed.
    #[arg(long, env = "COUNTERSIGN_TRUSTED_PROXY")]
    trusted_proxy: Option<IpAddr>,
    /// A witness that is asked to cosign the record as it grows: its key, @ and its address; once for each.
    #[arg(long = "witness", value_name = "KEY@URL")]
    witnesses: Vec<String>,
    /// A file to which checkpoints of the record are appended as it grows, for others to keep.
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_CHECKPOINTS")]
    checkpoints: Option<PathBuf>,
    /// An address to which they are sent by POST.
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_CHECKPOINTS_TO", hide_env_values = true)]
    checkpoints_to: Option<String>,
    /// An address to which they are mailed, at most once an hour.
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_CHECKPOINTS_MAIL", requires_all = ["mail_server", "mail_from"])]
    checkpoints_mail: Option<String>,
    /// An address to which an alarm is sent by POST, should the record not be what was signed.
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_ALARMS_TO", hide_env_values = true)]
    alarms_to: Option<String>,
    /// An address to which an alarm is mailed.
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_ALARMS_MAIL", requires_all = ["mail_server", "mail_from"])]
    alarms_mail: Option<String>,
    /// Mails each open incident to the people it concerns: the client's contacts, and whoever may audit.
    #[arg(long, env = "COUNTERSIGN_INCIDENTS_MAIL", requires_all = ["mail_server", "mail_from"])]
    incidents_mail: bool,
    /// The mail server for all of these: smtps://name:password@host, smtp://name:password@host?tls=required, or smtp://host.
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_MAIL_SERVER", hide_env_values = true)]
    mail_server: Option<String>,
    /// The address that such mail is from.
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_MAIL_FROM")]
    mail_from: Option<String>,
    /// Folder with signed releases of the agent, as `cargo xtask sign-release` makes them.
    #[arg(long, env = "COUNTERSIGN_AGENT_RELEASES")]
    agent_releases: Option<PathBuf>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let public_url = open::checked_url(&self.url)?;
        ensure!(
            open::is_initialised(&self.data),
            "{} holds no organisation. Make one first: countersign init --data {0} --org … --admin-name … --admin-email …",
            self.data.display()
        );
        check_site(&self.site)?;
        let releases = match &self.agent_releases {
            Some(folder) => Folder::open(folder).context("reading the releases of the agent")?,
            None => Folder::default(),
        };
        let asked_to_stop = asked_to_stop();
        let witnesses = self
            .witnesses
            .iter()
            .map(|w| w.parse().with_context(|| format!("--witness {w}")))
            .collect::<Result<_>>()?;
        for (option, url) in [
            ("--checkpoints-to", &self.checkpoints_to),
            ("--alarms-to", &self.alarms_to),
        ] {
            // Not quoted: there may be a secret in its path.
            let fits = |u: reqwest::Url| matches!(u.scheme(), "http" | "https") && u.has_host();
            ensure!(
                url.as_ref().is_none_or(|url| reqwest::Url::parse(url).is_ok_and(fits)),
                "{option} is not an address that begins with http:// or https://"
            );
        }
        let server = match (&self.mail_server, &self.mail_from) {
            (Some(server), Some(from)) => Some(MailServer::new(server, from)?),
            _ => None,
        };
        let mail = |to: &Option<String>| match (to, &server) {
            (Some(to), Some(server)) => server.to(to).map(|mail| Some(Box::new(mail))),
            _ => Ok(None),
        };
        let alarms_mail = mail(&self.alarms_mail)?.map(Alarms::Mail);
        let alarms = self.alarms_to.clone().map(Alarms::Address).into_iter();
        let mail = mail(&self.checkpoints_mail)?.map(Copies::Mail);
        let file = self.checkpoints.map(Copies::File);
        let copies = file
            .into_iter()
            .chain(self.checkpoints_to.map(Copies::Address))
            .chain(mail)
            .collect();
        let (engine, deps) = open::open(&self.data, &public_url).await?;
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("listening on {}", self.listen))?;
        let config = wiring::Config {
            public_url: public_url.clone(),
            site: self.site,
            trusted_proxy: self.trusted_proxy,
            witnesses,
            copies,
            alarms: alarms.chain(alarms_mail).collect(),
            incidents: server.filter(|_| self.incidents_mail),
            releases: Arc::new(releases),
        };
        let mut running = wiring::start(listener, config, engine.clone(), deps).await?;
        tell(&format!("Countersign listens on {} as {public_url}", running.address));
        let failure = tokio::select! {
            () = asked_to_stop => None,
            error = running.failed() => Some(error),
        };
        match failure {
            None => running.stop().await,
            Some(error) => {
                engine.close().await;
                return Err(error);
            }
        }
        engine.close().await;
        tell("Stopped.");
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether the site folder holds what pages refer to: a mistyped folder would serve pages without style.
pub(super) fn check_site(site: &std::path::Path) -> Result<()> {
    for file in ["pkg/countersign.css", "pkg/countersign.js", "verifier/share.js"] {
        ensure!(
            site.join(file).is_file(),
            "{} is missing from the site folder {}. Build it: cargo xtask build",
            file,
            site.display()
        );
    }
    Ok(())
}
