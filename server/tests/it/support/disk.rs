//! A disk on which things go wrong: what `disk.c` beside this file does to the server as it is shipped.

use std::path::{Path, PathBuf};

use tokio::process::Command;

/// The built library, in a folder of its own.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// Builds it with the C compiler that Rust needs to link anything.
    pub(crate) async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/disk.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(library(folder.path()))
            .arg(source)
            .output()
            .await
            .expect("cc is there");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Self { folder }
    }

    /// Has `what` happen to the program at the `n`-th call that it is for.
    pub(crate) fn happens(&self, program: &mut Command, what: &str, n: usize) {
        program
            .env("LD_PRELOAD", library(self.folder.path()))
            .env("COUNTERSIGN_DISK", format!("{what} {n}"));
    }

    /// Has `what` happen at the first call from when there is a file at `from`.
    pub(crate) fn happens_from(&self, program: &mut Command, what: &str, from: &Path) {
        self.happens(program, what, 1);
        program.env("COUNTERSIGN_DISK", format!("{what} 1 {}", from.display()));
    }

    /// What happened according to the program's log, as call and file.
    pub(crate) fn happened(log: &str) -> Option<String> {
        let said = log.lines().find_map(|l| l.strip_prefix("disk: "))?;
        Some(said.split(' ').skip(2).collect::<Vec<_>>().join(" "))
    }
}

fn library(folder: &Path) -> PathBuf {
    folder.join("disk.so")
}
