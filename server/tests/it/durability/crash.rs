//! The server's whole life, from its start on the log of one that was killed, over two changes, to its stop: ended at every
//! single call that changes a file of the database.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use tokio::process::Command;

use super::{AT_ONCE, BEFORE, CALLS, CHANGES, Installation, is_success};
use crate::support::{Disk, program};

/// Where a life was ended.
struct Death {
    /// Call and file.
    at: String,
    /// How many of the changes had been acknowledged.
    acknowledged: usize,
}

/// One life, ended at the `n`-th call; nothing if it came to its end by itself.
async fn dies(installation: &Installation, disk: &Disk, what: &str, n: usize) -> Option<Death> {
    let data = installation.copy(&n.to_string());
    let mut command = Command::new(program());
    disk.happens(&mut command, what, n);
    let mut kept = vec![BEFORE];
    let ended = match installation.serve(command, &data).await {
        Ok(server) => {
            for change in CHANGES {
                let Some(answer) = installation.try_open(&server, change).await else {
                    break;
                };
                assert!(is_success(&answer), "it is done or nobody is answered: {answer:?}");
                kept.push(change);
            }
            server.stop().await
        }
        Err(ended) => ended,
    };
    let acknowledged = kept.len() - 1;
    let Some(at) = Disk::happened(&ended.log) else {
        assert!(acknowledged == CHANGES.len() && ended.code() == Some(0), "{ended:?}");
        return None;
    };
    assert!(ended.was_killed(), "{ended:?}");
    installation.is_in_order(&data, &kept).await;
    std::fs::remove_dir_all(&data).unwrap();
    Some(Death { at, acknowledged })
}

/// Ends a life at every call, one after the other, until one comes to its end. There must be lives for every file and for
/// every number of changes: otherwise what ends them does nothing.
async fn dies_everywhere(what: &str, places: &[(&str, usize)]) {
    let (installation, disk) = (Installation::make_killed().await, Disk::build().await);
    let mut lives = stream::iter(1..)
        .map(|n| dies(&installation, &disk, what, n))
        .buffered(AT_ONCE);
    let (mut at, mut acknowledged) = (BTreeMap::new(), [0; CHANGES.len() + 1]);
    while let Some(Some(death)) = lives.next().await {
        *at.entry(death.at).or_default() += 1;
        acknowledged[death.acknowledged] += 1;
    }
    for (place, least) in places {
        assert!(at.get(*place).is_some_and(|n: &usize| n >= least), "{place}: {at:?}");
    }
    assert!(
        acknowledged[..CHANGES.len()].iter().all(|n| *n >= 10),
        "{acknowledged:?}"
    );
}

/// R2, R3, R4: a kill before any call leaves no row without its leaf, no leaf without its row, nothing acknowledged that is
/// missing, and a record that verifies.
#[tokio::test]
async fn killed_before_every_write() {
    dies_everywhere("kill", CALLS).await;
}

/// R2, R3, R4: the same of a write of which half is done.
#[tokio::test]
async fn killed_in_the_middle_of_every_write() {
    dies_everywhere("torn", &[CALLS[0], CALLS[2]]).await;
}

/// R2, R3, R4: the same of a power failure that takes back everything that was not synced. What was answered is on the disk.
#[tokio::test]
async fn the_power_fails_before_every_write() {
    dies_everywhere("power", CALLS).await;
}
