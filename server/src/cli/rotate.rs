//! `countersign rotate-order-key`: a new generation of the key that signs an organisation's orders.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use domain::api::ApiError;

use super::{open, tell};

/// Whose key.
#[derive(Debug, Args)]
pub(super) struct RotateOrderKey {
    /// Folder with the database and the keys.
    #[arg(long, env = "COUNTERSIGN_DATA")]
    data: PathBuf,
    /// The organisation's name.
    #[arg(long)]
    org: String,
}

impl RotateOrderKey {
    pub(super) async fn run(self) -> Result<ExitCode> {
        if !open::is_initialised(&self.data) {
            bail!("{} holds no organisation. Check the folder.", self.data.display());
        }
        let (engine, _) = open::open(&self.data, "http://127.0.0.1").await?;
        let made = engine.rotate_order_key(&self.org).await;
        engine.close().await;
        match made {
            Ok(generation) => {
                tell(&format!(
                    "Orders of {} have a new key, generation {generation}.",
                    self.org
                ));
                tell("Start the server. Each endpoint pins the new key when it connects, and gets its orders signed");
                tell("with it from then on; agents that can't follow a new key keep the one that they have.");
                Ok(ExitCode::SUCCESS)
            }
            Err(ApiError::NotFound) => bail!(
                "No organisation, or more than one, is called {}. Nothing was changed.",
                self.org
            ),
            Err(error) => bail!("{error}"),
        }
    }
}
