//! Packing, ended at every single call that changes a file of the database: leaves are in their rows or in a pack, and all are there.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;

use engine::{Config, Deps, Engine};
use futures_util::{StreamExt as _, stream};
use tokio::process::Command;

use super::{AT_ONCE, Installation, verifies};
use crate::packing::ended;
use crate::support::{Disk, count};

/// Names the folder that the first test here packs when the second one runs it as a process of its own.
const FOLDER: &str = "COUNTERSIGN_TEST_PACKS";
const PACKS: &str = "SELECT count(*) AS n FROM leaf_pack";

/// One whose server was stopped before it packed anything.
async fn unpacked() -> Installation {
    let mut made = Installation::make().await;
    made.app.boot().await;
    ended(&made.app).await;
    made.app.shut_down().await;
    made
}

/// R8: what a server left unpacked is packed by the next.
#[tokio::test]
async fn the_next_server_packs_what_was_left() {
    let (made, data) = match std::env::var_os(FOLDER) {
        Some(folder) => (None, PathBuf::from(folder)),
        None => {
            let made = unpacked().await;
            let data = made.app.data();
            (Some(made), data)
        }
    };
    let config = Config {
        data: data.clone(),
        public_url: "http://127.0.0.1".into(),
    };
    let engine = Engine::open(config, Deps::system()).await.unwrap();
    engine.pack().await.unwrap();
    engine.close().await;
    assert!(count(&data, PACKS).await > 0);
    drop(made);
}

/// What was packed when it was killed before the `n`-th call; nothing if it came to its end.
async fn dies(made: &Installation, disk: &Disk, what: &str, n: usize) -> Option<i64> {
    let data = made.copy(&format!("{what}-{n}"));
    let mut packing = Command::new(std::env::current_exe().unwrap());
    packing
        .args(["--exact", "durability::packing::the_next_server_packs_what_was_left"])
        .env(FOLDER, &data);
    disk.happens(&mut packing, what, n);
    let ended = packing.output().await.unwrap();
    let killed = ended.status.signal() == Some(9);
    assert!(killed || ended.status.success(), "{ended:?}");
    verifies(&data).await;
    let packed = count(&data, PACKS).await;
    let unpacked = "SELECT count(*) AS n FROM leaf WHERE (leaf = '') <> (pack IS NOT NULL)";
    assert_eq!(count(&data, unpacked).await, 0);
    std::fs::remove_dir_all(&data).unwrap();
    killed.then_some(packed)
}

/// R2, R4, R8: a kill or a power failure before any call leaves all leaves and texts, in their rows or in packs, and a record that
/// verifies.
#[tokio::test]
async fn packing_is_ended_before_every_write() {
    let (made, disk) = (unpacked().await, Disk::build().await);
    for what in ["kill", "power"] {
        let mut lives = stream::iter(1..).map(|n| dies(&made, &disk, what, n)).buffered(AT_ONCE);
        let (mut deaths, mut seen) = (0, BTreeSet::new());
        while let Some(Some(packed)) = lives.next().await {
            deaths += 1;
            seen.insert(packed);
        }
        assert!(
            deaths > 20 && seen.len() > 2,
            "{what}: {deaths} deaths, packs: {seen:?}"
        );
    }
}
