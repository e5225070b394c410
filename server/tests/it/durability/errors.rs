//! A disk that refuses one call and goes on: every single one of the server's whole life, over two changes, is refused once.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use sea_orm::{ConnectionTrait as _, Database};
use tokio::process::Command;

use super::{AT_ONCE, BEFORE, CALLS, CHANGES, Installation, told_of};
use crate::support::{Disk, program};

/// One life in which the `n`-th call fails, as call and file; nothing if there was no such call.
async fn fails(installation: &Installation, disk: &Disk, what: &str, n: usize) -> Option<String> {
    let data = installation.copy(&n.to_string());
    let mut command = Command::new(program());
    disk.happens(&mut command, what, n);
    let mut kept = vec![BEFORE];
    let ended = match installation.serve(command, &data).await {
        Ok(server) => {
            for change in CHANGES {
                if installation.opens(&server, change).await {
                    kept.push(change);
                }
            }
            assert!(kept.len() >= CHANGES.len(), "at most one is refused: {kept:?}");
            let ended = server.stop().await;
            assert_eq!(ended.code(), Some(0), "{ended:?}");
            ended
        }
        Err(ended) => {
            assert!(ended.code() == Some(2) && ended.log.contains("database"), "{ended:?}");
            ended
        }
    };
    let happened = Disk::happened(&ended.log);
    assert!(happened.is_some() || kept.len() > CHANGES.len(), "{ended:?}");
    let there = installation.is_in_order(&data, &kept).await;
    let synced = happened.as_deref() != Some("fsync countersign.db-wal");
    assert!(there == kept || !synced, "{happened:?}: {there:?} instead of {kept:?}");
    std::fs::remove_dir_all(&data).unwrap();
    happened
}

/// Has every call fail, one after the other, until there is none to fail. It must have been each of these.
async fn fails_everywhere(what: &str, places: &[(&str, usize)]) {
    let (installation, disk) = (Installation::make_killed().await, Disk::build().await);
    let mut lives = stream::iter(1..)
        .map(|n| fails(&installation, &disk, what, n))
        .buffered(AT_ONCE);
    let mut at = BTreeMap::new();
    while let Some(Some(place)) = lives.next().await {
        *at.entry(place).or_default() += 1;
    }
    for (place, least) in places {
        assert!(at.get(*place).is_some_and(|n: &usize| n >= least), "{place}: {at:?}");
    }
}

/// R2, R3, R4: a change that meets an I/O error is told as what it is, is not there, and costs no other change. The one exception
/// is the sync of a commit that is written: if the server ends before the next change takes its place in the log, the next
/// start finds it whole and keeps it, row and leaf, though its caller was told that it failed.
#[tokio::test]
async fn every_call_fails_once() {
    fails_everywhere("EIO", CALLS).await;
}

/// R2, R3, R4: the same of a disk that is full in the middle of a write.
#[tokio::test]
async fn every_write_finds_the_disk_full_once() {
    fails_everywhere("ENOSPC", &[CALLS[0], CALLS[2]]).await;
}

/// R2, R3: what goes wrong after an error is no worse than it would be otherwise. Another program that holds the database for
/// too long costs the changes of that time; what is answered afterwards is on the disk.
#[tokio::test]
async fn an_error_and_then_a_locked_database() {
    let (installation, disk) = (Installation::make().await, Disk::build().await);
    let (data, from) = (installation.copy("locked"), installation.app.scratch().join("from"));
    let mut command = Command::new(program());
    disk.happens_from(&mut command, "EIO", &from);
    let server = installation.serve(command, &data).await.unwrap();
    let [first, second] = CHANGES;
    assert!(installation.opens(&server, BEFORE).await);
    std::fs::write(&from, "").unwrap();
    assert!(!installation.opens(&server, "While it failed").await);
    assert!(installation.opens(&server, first).await);

    let other = Database::connect(engine::database_options(&data)).await.unwrap();
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    assert!(!installation.opens(&server, "While it was locked").await);
    other.execute_unprepared("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
    assert!(installation.opens(&server, second).await);

    server.kill().await;
    let there = installation.is_in_order(&data, &[]).await;
    assert_eq!(there, [BEFORE, first, second]);
    assert_eq!(told_of(&data).await, 2, "each refusal is in the record");
}
