//! A disk without a byte left, while the server runs on it.

use super::small::{REFUSALS, Small};
use super::{BEFORE, CHANGES, told_of};
use crate::support::Volume;

/// R2, R3: nothing is done while nothing can be recorded, and whoever asks is told so; what is there can be read. With room on
/// the disk again the server goes on by itself, what it answers from then on is on the disk, and how often it refused is in
/// the record. The same once more: a disk that was full is soon full again.
#[tokio::test]
async fn nothing_is_done_on_a_full_disk() {
    let small = Small::on(async |at| Volume::in_memory(&at, "4m").await).await;
    let server = small.serve().await;
    let refused = ["On the full disk", "On the disk that is full again"];
    for (refused, done) in refused.iter().zip(CHANGES) {
        let filler = small.volume.fill();
        small.refuses(&server, refused).await;
        std::fs::remove_file(filler).unwrap();
        small.resumes(&server, done).await;
    }
    server.kill().await;

    let data = small.left();
    let there = small.installation.is_in_order(&data, &[]).await;
    assert_eq!(there, [BEFORE, CHANGES[0], CHANGES[1]]);
    assert_eq!(told_of(&data).await, 2 * REFUSALS);
}
