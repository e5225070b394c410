//! The log as C2SP `tlog-tiles` over HTTP: read and checked with other people's tools, by those who may.

use std::collections::BTreeMap;

use audit::leaf::{self, Leaf};
use audit::tree::Frontier;
use domain::api::{ApiError, Filter, Record};
use domain::digest::Digest;
use futures_util::future::join_all;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, HashReader as _, Tile, TileHashReader, TileReader, record_hash, stored_hash_index,
};

use crate::support::{Answer, Http, Person, TestApp, unguarded};

/// The path of a tile, as the specification has it: without the crate's height, and `entries` for `data`.
fn path(tile: &Tile) -> String {
    let path = tile.path().replacen("tile/8/", "/record/log/tile/", 1);
    path.replacen("/tile/data/", "/tile/entries/", 1)
}

async fn checkpoint(http: &Http) -> Answer {
    http.get("/record/log/checkpoint").await
}

/// What a signed note says, once it is right by the key that the Record page shows.
async fn verified(person: &Person, note: &[u8]) -> Checkpoint {
    let status = person.engine.record_status(&person.caller).await.unwrap();
    let note = Note::from_bytes(note).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&status.key).unwrap())]);
    assert_eq!(note.verify(&known).unwrap().0.len(), 1);
    Checkpoint::from_bytes(note.text()).unwrap()
}

/// Has the log grow beyond a tile.
async fn grown(person: &Person) {
    let filter = Filter {
        text: "uptime".into(),
        ..Filter::default()
    };
    for _ in 0..10 {
        join_all((0..26).map(|_| person.find(filter.clone()))).await;
    }
}

/// The leaves of a bundle of entries.
fn entries(mut bundle: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = vec![];
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry.to_vec());
        bundle = rest;
    }
    assert!(bundle.is_empty());
    entries
}

/// Everything that a checkpoint commits to, as it was served.
struct Fetched {
    tiles: BTreeMap<String, Vec<u8>>,
    leaves: Vec<Vec<u8>>,
}

impl Fetched {
    async fn all(http: &Http, size: u64) -> Self {
        let (mut tiles, mut leaves) = (BTreeMap::new(), vec![]);
        for tile in Tile::new_tiles(8, 0, size) {
            tiles.insert(path(&tile), served(http, &path(&tile)).await);
            if tile.level() == 0 {
                let bundle = Tile::new(8, 0, tile.level_index(), tile.width(), true);
                let held = entries(&served(http, &path(&bundle)).await);
                assert_eq!(held.len(), tile.width() as usize);
                leaves.extend(held);
            }
        }
        Self { tiles, leaves }
    }
}

impl TileReader for Fetched {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        Ok(tiles.iter().map(|tile| self.tiles[&path(tile)].clone()).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// A tile that must be there, and what goes with it.
async fn served(http: &Http, path: &str) -> Vec<u8> {
    let answer = http.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(answer.header("vary"), "cookie", "another web session's log is another");
    answer.body
}

/// The root over hashes of leaves.
fn root(hashes: impl IntoIterator<Item = Digest>) -> [u8; 32] {
    let mut frontier = Frontier::new();
    hashes.into_iter().for_each(|hash| drop(frontier.push(hash)));
    frontier.root().0
}

/// R1, R4: from checkpoint, tiles and entries alone other people's tools reach the signed root, and the record says once that
/// it was read.
#[tokio::test]
async fn the_log_is_checked_from_its_tiles() {
    let app = TestApp::start().await;
    let director = app.director().await;
    grown(&director).await;
    let before = app.record().await;
    let answer = checkpoint(&director).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let signed = verified(&director, &answer.body).await;
    assert!(signed.size() > 256 && signed.size() == before.last().unwrap().index + 1);
    assert_eq!(signed.origin(), format!("countersign/{}", director.caller.org));

    let fetched = Fetched::all(&director, signed.size()).await;
    let level_0 = |n: u64| Tile::new(8, 0, n, (signed.size() - n * 256).min(256) as u32, false);
    let hashes: Vec<u8> = [0, 1]
        .iter()
        .flat_map(|n| fetched.tiles[&path(&level_0(*n))].clone())
        .collect();
    let hashes = hashes.chunks_exact(32).map(|h| Digest(h.try_into().unwrap()));
    assert_eq!(root(hashes), signed.hash().0, "of the tiles of hashes");
    assert_eq!(
        root(fetched.leaves.iter().map(|l| leaf::hash(l))),
        signed.hash().0,
        "of the entries"
    );
    let indexes: Vec<u64> = (0..signed.size()).map(|n| stored_hash_index(0, n)).collect();
    let reader = TileHashReader::new(signed.size(), *signed.hash(), &fetched);
    let proven = reader.read_hashes(&indexes).unwrap();
    let of_entries: Vec<_> = fetched.leaves.iter().map(|l| record_hash(l)).collect();
    assert!(proven == of_entries, "each entry is the leaf that its tile proves");
    for (index, bytes) in (0..).zip(&fetched.leaves) {
        let header = Leaf::parse(bytes).unwrap().header;
        assert_eq!((header.index, header.org), (index, director.caller.org.to_string()));
    }

    assert_eq!(app.recorded("record.read").await, 1, "not once for each tile");
    let read = app.record().await.pop().unwrap();
    assert_eq!((read.kind.as_str(), read.index), ("record.read", signed.size()));
    let what = read.groups.iter().find(|(name, _)| name == "what").unwrap();
    assert_eq!(what.1, Some(format!("{{\"size\":{}}}", signed.size())));
    assert_eq!(read.who, "Dora Director");

    let later = verified(&director, &checkpoint(&director).await.body).await;
    assert_eq!(later.size(), signed.size() + 1, "its own reading");
    let old = path(&level_0(1));
    assert_eq!(served(&director, &old).await, fetched.tiles[&old], "a part stays");
}

/// R51: only those who may see the Record page, and it is recorded who tried.
#[tokio::test]
async fn the_tiles_are_for_those_who_may_see_the_record() {
    let app = TestApp::start().await;
    let tried = ["checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"].map(|path| format!("/record/log/{path}"));
    let forged = Http {
        address: app.address,
        token: Some("forged".into()),
    };
    let (technician, contact) = (app.technician().await, app.contact().await);
    let (director, admin) = (app.director().await, app.admin().await);
    let askers: [(&Http, u16); 6] = [
        (&app.nobody(), 401),
        (&forged, 401),
        (&technician, 403),
        (&contact, 403),
        (&director, 200),
        (&admin, 200),
    ];
    for (http, status) in askers {
        for path in &tried {
            let answer = http.get(path).await;
            assert_eq!(answer.status, status, "{path}");
            if status != 200 {
                assert_eq!(answer.header("cache-control"), "no-store");
                assert!(answer.text().lines().count() == 1, "a sentence: {}", answer.text());
            }
        }
    }
    assert_eq!(app.recorded("access.refused").await, 2 * tried.len());
    assert_eq!(app.recorded("record.read").await, 2);
    let elsewhere = [("sec-fetch-site", "cross-site")];
    assert_eq!(director.get_with(&tried[0], &elsewhere).await.status, 403);
    assert_eq!(
        app.recorded("record.read").await,
        2,
        "not set off by another site's page"
    );
}

/// R52: the same addresses are another organisation's member's own log, and nothing of ours.
#[tokio::test]
async fn another_organisation_reads_its_own_log() {
    let app = TestApp::start().await;
    let (director, stranger) = (app.director().await, app.stranger().await);
    let ours = verified(&director, &checkpoint(&director).await.body).await;
    let theirs = verified(&stranger, &checkpoint(&stranger).await.body).await;
    assert_eq!(theirs.origin(), format!("countersign/{}", stranger.caller.org));
    assert!(
        theirs.size() + 1 < ours.size(),
        "so that ours has tiles where theirs has none"
    );
    let fetched = Fetched::all(&stranger, theirs.size()).await;
    for leaf in &fetched.leaves {
        assert_eq!(Leaf::parse(leaf).unwrap().header.org, stranger.caller.org.to_string());
    }
    assert_eq!(root(fetched.leaves.iter().map(|l| leaf::hash(l))), theirs.hash().0);
    for kind in ["0", "entries"] {
        let beyond = format!("/record/log/tile/{kind}/000.p/{}", ours.size());
        served(&director, &beyond).await;
        assert_eq!(stranger.get(&beyond).await.status, 404);
    }
    let origin = director.caller.org.to_string();
    assert!(
        !fetched
            .leaves
            .iter()
            .any(|l| String::from_utf8_lossy(l).contains(&origin))
    );
}

/// R4: what the checkpoint does not commit to, and what is spelt otherwise, is not there, and the answer says no more than that.
#[tokio::test]
async fn what_is_no_tile_is_not_there() {
    let app = TestApp::start().await;
    let director = app.director().await;
    let size = verified(&director, &checkpoint(&director).await.body).await.size();
    assert!((2..200).contains(&size));
    // One more: that it was read.
    served(&director, &format!("/record/log/tile/0/000.p/{}", size + 1)).await;
    served(&director, "/record/log/tile/entries/000.p/1").await;
    let more = [size + 2, 255].map(|width| format!("0/000.p/{width}"));
    let bad = [
        "0/000",
        "0/001",
        "0/001.p/1",
        "1/000.p/1",
        "7/000.p/1",
        "8/000.p/1",
        "63/000.p/1",
        "64/000.p/1",
        "entries/000",
        "entries/001.p/1",
        "data/000.p/1",
        "0/x000/000.p/1",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/256",
        "0/00.p/1",
        "00/000.p/1",
        "0/000.p/1/",
        "0//000.p/1",
        "0/%30%30%30.p/1",
        "0/000%2Ep/1",
        "0/000.p%2F1",
        "0/../0/000.p/1",
        "0/x018/x446/x744/x073/x709/x551/615",
        "0/%FF",
        "'; DROP TABLE leaf",
    ];
    let said = format!("{}\n", ApiError::NotFound);
    for path in bad.iter().copied().chain(more.iter().map(String::as_str)) {
        let answer = director
            .get(&format!("/record/log/tile/{}", path.replace(' ', "%20")))
            .await;
        assert_eq!((answer.status, answer.text()), (404, said.clone()), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for path in ["", "checkpoint/", "tile", "tile/", "entries/000", "0/000.p/1"] {
        assert_eq!(director.get(&format!("/record/log/{path}")).await.status, 404, "{path}");
    }
    assert_eq!(app.recorded("record.read").await, 1);
}

/// R4: a leaf is served as it stands, so that a change shows, and a tile with a gap is not served as a shorter one.
#[tokio::test]
async fn tampering_is_not_smoothed_over() {
    let app = TestApp::start().await;
    let director = app.director().await;
    let signed = verified(&director, &checkpoint(&director).await.body).await;
    let database = unguarded(&app.data()).await;
    let run = async |sql: &str| {
        sea_orm::ConnectionTrait::execute_unprepared(&database, sql)
            .await
            .unwrap()
    };
    run("UPDATE leaf SET leaf = replace(leaf, '\"index\":2,', '\"index\":9,') WHERE idx = 2").await;
    let fetched = Fetched::all(&director, signed.size()).await;
    assert_ne!(root(fetched.leaves.iter().map(|l| leaf::hash(l))), signed.hash().0);
    assert!(String::from_utf8_lossy(&fetched.leaves[2]).contains("\"index\":9,"));

    run("DELETE FROM leaf_text WHERE idx = 3").await;
    run("DELETE FROM leaf WHERE idx = 3").await;
    database.close().await.unwrap();
    for kind in ["0", "entries"] {
        let answer = director.get(&format!("/record/log/tile/{kind}/000.p/5")).await;
        assert_eq!(answer.status, 500);
        let text = answer.text();
        assert!(
            text.starts_with("Something went wrong on our side") && text.lines().count() == 1,
            "{text}"
        );
        served(&director, &format!("/record/log/tile/{kind}/000.p/3")).await;
    }
}
