//! Opening a data folder: the folder, the migrations, the engine.

use std::path::Path;

use anyhow::{Context, Result, bail};
use engine::{Config, Deps, Engine};
use migration::Migrator;
use sea_orm_migration::MigratorTrait as _;

/// Whether a database is there.
pub(super) fn is_initialised(data: &Path) -> bool {
    data.join(engine::DATABASE_FILE).exists()
}

/// Brings the database below `data` up to date (makes it where there is none) and opens it.
pub(crate) async fn open(data: &Path, public_url: &str) -> Result<(Engine, Deps)> {
    make_private(data).with_context(|| format!("making the data folder {}", data.display()))?;
    let database = sea_orm::Database::connect(engine::database_options(data))
        .await
        .with_context(|| format!("opening the database in {}", data.display()))?;
    Migrator::up(&database, None)
        .await
        .context("bringing the database up to date")?;
    database
        .close()
        .await
        .context("closing the database after its migration")?;
    let deps = Deps::system();
    let config = Config {
        data: data.to_owned(),
        public_url: public_url.to_owned(),
    };
    let engine = Engine::open(config, deps.clone())
        .await
        .with_context(|| format!("opening {}", data.display()))?;
    Ok((engine, deps))
}

/// The address without a slash at its end, if it can be one.
pub(super) fn checked_url(url: &str) -> Result<String> {
    let trimmed = url.trim_end_matches('/');
    let parsed: http::Uri = trimmed.parse().with_context(|| format!("{url} is no address"))?;
    let is_plain = matches!(parsed.path(), "" | "/") && parsed.query().is_none();
    match parsed.scheme_str() {
        Some("http" | "https") if parsed.authority().is_some() && is_plain => Ok(trimmed.to_owned()),
        Some(_) | None => bail!("{url} must be like https://countersign.example, with no path"),
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::checked_url;

    #[test]
    fn the_public_address_is_a_scheme_and_a_host() {
        assert_eq!(
            checked_url("https://countersign.example/").unwrap(),
            "https://countersign.example"
        );
        assert_eq!(checked_url("http://127.0.0.1:3000").unwrap(), "http://127.0.0.1:3000");
        for bad in [
            "",
            "countersign.example",
            "ftp://x",
            "https://x/path",
            "https://x?q=1",
            "https://",
        ] {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
