//! The demo's folder: whether it is empty, half-made or complete.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::cli::open;

/// Says that the folder holds a complete demo.
const COMPLETE: &str = "demo.json";
/// Says that a demo was begun in the folder, so that what is in it is ours to remove.
const BEGUN: &str = "demo.begun";

/// What a later start can't find out again: a share's link is shown once and stored hashed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The share's path with its fragment.
    pub(super) share: String,
    /// The example session's path.
    pub(super) session: String,
    /// The endpoint's path.
    pub(super) endpoint: String,
    /// The folder that the example reads in.
    pub(super) machine: PathBuf,
}

/// The folder.
pub(super) struct Folder {
    /// Where it is, absolute.
    pub(super) path: PathBuf,
}

impl Folder {
    /// The folder at `path`, made if it isn't there.
    pub(super) fn at(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("making {}", path.display()))?;
        let path = path
            .canonicalize()
            .with_context(|| format!("finding {}", path.display()))?;
        Ok(Self { path })
    }

    /// What a complete demo kept. Otherwise makes the folder ready for a new one: what an interrupted start left is removed,
    /// anything else is left alone and refused.
    pub(super) fn read(&self) -> Result<Option<Kept>> {
        let (complete, begun) = (self.path.join(COMPLETE), self.path.join(BEGUN));
        if complete.exists() {
            let text = fs::read_to_string(&complete).with_context(|| format!("reading {}", complete.display()))?;
            return serde_json::from_str(&text)
                .map(Some)
                .with_context(|| format!("{} is damaged: remove the folder", complete.display()));
        }
        if begun.exists() {
            self.remove_unfinished()?;
        } else if open::is_initialised(&self.path) {
            bail!(
                "{} holds an installation that is no demo. Choose another folder.",
                self.path.display()
            );
        }
        fs::write(&begun, "").with_context(|| format!("writing {}", begun.display()))?;
        Ok(None)
    }

    /// Says that the demo is complete.
    pub(super) fn keep(&self, kept: &Kept) -> Result<()> {
        // Under another name first: a half-written file is never taken for a complete one.
        let unfinished = self.path.join("demo.json.new");
        fs::write(&unfinished, serde_json::to_vec_pretty(kept)?).context("writing what the demo keeps")?;
        fs::rename(&unfinished, self.path.join(COMPLETE)).context("keeping the demo")
    }

    fn remove_unfinished(&self) -> Result<()> {
        for folder in ["agent", "machine"] {
            let folder = self.path.join(folder);
            if folder.exists() {
                fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
            }
        }
        let key = std::iter::once(engine::KEY_FILE.to_owned());
        for file in key.chain(engine::database_files()) {
            let file = self.path.join(file);
            if file.exists() {
                fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept {
            share: "/s/a#b".into(),
            session: "/sessions/1".into(),
            endpoint: "/endpoints/1".into(),
            machine: "/m".into(),
        }
    }

    #[test]
    fn an_interrupted_start_begins_anew_and_a_foreign_folder_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::at(&temp.path().join("demo")).unwrap();
        assert!(folder.read().unwrap().is_none());
        fs::write(folder.path.join(engine::DATABASE_FILE), "half").unwrap();
        assert!(folder.read().unwrap().is_none());
        assert!(!open::is_initialised(&folder.path), "the half-made database must go");
        folder.keep(&kept()).unwrap();
        assert_eq!(folder.read().unwrap().unwrap().share, "/s/a#b");

        let foreign = Folder::at(&temp.path().join("real")).unwrap();
        fs::write(foreign.path.join(engine::DATABASE_FILE), "precious").unwrap();
        assert!(foreign.read().is_err());
        assert!(open::is_initialised(&foreign.path));
    }
}
