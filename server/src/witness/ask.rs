//! Asking witnesses to cosign our logs' checkpoints, as they grow.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use audit::cosignature::WitnessKey;
use domain::ids::OrgId;
use engine::Engine;

use super::follow::{Follower, follow};
use crate::wiring::Stop;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// A witness of ours: its key, and where it listens.
#[derive(Clone, Debug)]
pub struct Asked {
    key: WitnessKey,
    url: String,
}

impl Asked {
    /// Whose cosignatures are asked for.
    pub(crate) fn key(&self) -> &WitnessKey {
        &self.key
    }
}

impl FromStr for Asked {
    type Err = anyhow::Error;

    /// `KEY@URL`, the key as `countersign witness` prints it.
    fn from_str(s: &str) -> Result<Self> {
        let (key, url) = s
            .find("@http")
            .map(|at| (&s[..at], &s[at + 1..]))
            .context("write it as KEY@https://witness.example")?;
        let key = key.parse().context("the part before @ is not a witness's key")?;
        let url = url.trim_end_matches('/');
        Ok(Self {
            key,
            url: format!("{url}/add-checkpoint"),
        })
    }
}

impl Follower for Asked {
    const FAILING: &'static str = "a witness did not cosign";
    const WELL_AGAIN: &'static str = "the witness cosigns again";

    fn name(&self) -> String {
        self.key.name().to_owned()
    }

    fn pace(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn tell(&mut self, engine: &Engine, client: &reqwest::Client, org: OrgId) -> Result<()> {
        ask(engine, client, self, org).await
    }
}

/// Asks each of `witnesses` until the server stops.
pub(crate) fn keep_asking(engine: &Engine, witnesses: Vec<Asked>, stop: &Stop) -> Result<()> {
    follow(engine, witnesses, stop)
}

/// Asks about one log; where the witness has another size than is known here, once more from that.
async fn ask(engine: &Engine, client: &reqwest::Client, witness: &Asked, org: OrgId) -> Result<()> {
    let mut old = None;
    for _ in 0..2 {
        let Some(asked) = engine.to_witness(org, &witness.key, old).await? else {
            return Ok(());
        };
        let (status, text) = post(client, &witness.url, asked.to_string()).await?;
        match status {
            200 if engine.cosigned(org, &witness.key, &asked.note, &text).await? => return Ok(()),
            200 => bail!("its answer holds no right cosignature"),
            409 if old.is_none() => {
                let size = text.trim().parse().context("it refused, without a size")?;
                old = Some(size);
            }
            _ => bail!("it answered with status {status}"),
        }
    }
    bail!("it says each time that it cosigned another size")
}

async fn post(client: &reqwest::Client, url: &str, body: String) -> Result<(u16, String)> {
    let mut answer = client
        .post(url)
        .body(body)
        .send()
        .await
        .context("it can't be reached")?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await.context("its answer broke off")? {
        bytes.extend_from_slice(&part);
        if bytes.len() > LONGEST {
            bail!("its answer is too long");
        }
    }
    Ok((status, String::from_utf8(bytes).context("its answer is no text")?))
}
