//! A disk that can't be written to any more, while the server runs on it.
//!
//! `mount -o remount,ro` is refused while a file is open for writing, so that is not what happens to a running server. What
//! does is that ext4 makes itself read-only after an error (EROFS on every write), which `-o remount,abort` asks for; nothing
//! but mounting it again undoes that. Files that can't be changed (`chattr +i`, EPERM on every write) can be made to be as
//! before under the running server. Both need root and a loop device.

use super::small::{REFUSALS, Small};
use super::{BEFORE, CHANGES, told_of};
use crate::support::Volume;

/// The files of the database, but for the log's index: that is mapped memory, and a write to it would end the server.
const FILES: &str = "\"$0/data/countersign.db\" \"$0/data/countersign.db-wal\"";

async fn on_ext4() -> Small {
    Small::on(async |at| Volume::ext4(&at, &at.with_extension("img")).await).await
}

/// R2, R3: as on a full disk.
#[tokio::test]
async fn nothing_is_done_with_files_that_cannot_be_changed() {
    let small = on_ext4().await;
    let server = small.serve().await;
    let refused = ["Unchangeable", "Unchangeable again"];
    for (refused, done) in refused.iter().zip(CHANGES) {
        small.volume.run(&format!("chattr +i {FILES}")).await;
        small.refuses(&server, refused).await;
        small.volume.run(&format!("chattr -i {FILES}")).await;
        small.resumes(&server, done).await;
    }
    server.kill().await;

    let data = small.left();
    let there = small.installation.is_in_order(&data, &[]).await;
    assert_eq!(there, [BEFORE, CHANGES[0], CHANGES[1]]);
    assert_eq!(told_of(&data).await, 2 * REFUSALS);
}

/// R2, R3, R4: as on a full disk, but for good: the server does not start on a disk that it can't write to, and says so. On the
/// disk mounted anew it goes on from what it had acknowledged.
#[tokio::test]
async fn nothing_is_done_on_a_disk_that_became_read_only() {
    let small = on_ext4().await;
    let server = small.serve().await;
    small.volume.run("mount -o remount,abort \"$0\"").await;
    small.refuses(&server, "On the read-only disk").await;
    server.kill().await;

    let ended = small.try_serve().await.err().unwrap();
    assert!(ended.code() == Some(2) && ended.log.contains("database"), "{ended:?}");

    small.volume.mount_anew().await;
    let data = small.left();
    assert_eq!(small.installation.is_in_order(&data, &[]).await, [BEFORE]);
}
