//! `countersign init`: from nothing to an organisation with its first admin.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::{open, tell};

/// What to make.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder for the database and the keys; made if it isn't there.
    #[arg(long, env = "COUNTERSIGN_DATA")]
    data: PathBuf,
    /// The organisation's name.
    #[arg(long)]
    org: String,
    /// The first admin's name.
    #[arg(long)]
    admin_name: String,
    /// The first admin's e-mail address, which they sign in with.
    #[arg(long)]
    admin_email: String,
    /// Under which address people will reach the server.
    #[arg(long, env = "COUNTERSIGN_URL", default_value = "http://127.0.0.1:3000")]
    url: String,
}

impl Init {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let url = open::checked_url(&self.url)?;
        if open::is_initialised(&self.data) {
            bail!(
                "{} holds an organisation already; nothing was changed. Sign in to it, or choose another folder.",
                self.data.display()
            );
        }
        let (engine, _) = open::open(&self.data, &url).await?;
        let made = engine.create_org(&self.org, &self.admin_name, &self.admin_email).await;
        engine.close().await;
        let link = match made {
            Ok(link) => link,
            Err(error) => {
                // Without an organisation the folder is of no use, and would refuse the next try.
                remove_database(&self.data).context("removing the unfinished database")?;
                bail!("{error}");
            }
        };
        tell(&format!("The organisation {} is in {}.", self.org, self.data.display()));
        tell("Its key is in server.key there: keep a copy in a safe place, apart from backups of the database.");
        tell("");
        tell(&format!(
            "Now start the server (countersign serve --data {}), open this link, once,",
            self.data.display()
        ));
        tell(&format!(
            "before {}, and choose {}'s password:",
            link.expires.for_people(),
            self.admin_name
        ));
        tell("");
        tell(&format!("  {url}{}", link.path));
        Ok(ExitCode::SUCCESS)
    }
}

fn remove_database(data: &std::path::Path) -> std::io::Result<()> {
    for file in engine::database_files() {
        let file = data.join(file);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
