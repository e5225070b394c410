//! Tiles: their paths and what is in them, against an independent implementation.

use std::collections::BTreeMap;

use audit::leaf;
use audit::proof::Run;
use audit::tiles::{NotATile, Tile, TooLong, bundle};
use audit::tree::{Frontier, NodeId};
use domain::digest::Digest;
use tlog_tiles::{Error, Hash, HashReader};

/// The crate's path of a tile, as the specification has it: without the height, and `entries` for `data`.
fn theirs(tile: &tlog_tiles::Tile) -> String {
    let path = tile.path();
    let (level, rest) = path.strip_prefix("tile/8/").unwrap().split_once('/').unwrap();
    let level = if level == "data" { "entries" } else { level };
    format!("tile/{level}/{rest}")
}

/// R4: every width of a tile, and indexes of every length, have the path that `tlog_tiles` gives them, and are read back.
#[test]
fn paths_are_those_of_an_independent_implementation() {
    let indexes = [
        0,
        1,
        9,
        255,
        999,
        1000,
        1234,
        999_999,
        1_000_000,
        1_234_067,
        u64::MAX >> 8,
    ];
    for (width, n) in (1..=256).flat_map(|w| indexes.map(|n| (w, n))) {
        for (level, entries) in [(0, false), (0, true), (1, false), (7, false), (63, false)] {
            let path = theirs(&tlog_tiles::Tile::new(8, level, n, width, entries));
            let tile: Tile = path.parse().unwrap();
            assert_eq!((tile.to_string(), tile.is_entries()), (path, entries));
            // The largest tree cuts off the last tile by one; above level 7 it has no nodes.
            let run = Run {
                level: 8 * level.min(7),
                first: n.wrapping_mul(256),
                count: u64::from(width),
            };
            let nodes = u64::MAX.checked_shr(8 * u32::from(level)).unwrap_or(0);
            let inside = n <= nodes >> 8 && run.count <= nodes - run.first;
            assert_eq!(tile.run(u64::MAX), inside.then_some(run), "{tile}");
        }
    }
    assert_eq!("tile/2/x001/x234/067.p/5".parse::<Tile>().unwrap().run(1 << 20), None);
}

/// R4: a tile has one path: no other spelling of a number, and nothing that only looks like a path.
#[test]
fn no_other_spelling_is_read() {
    for bad in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile//000",
        "tile/0//000",
        "Tile/0/000",
        "tile/8/0/000",
        "tile/data/000",
        "tile/Entries/000",
        "tile/entries/",
        "tile/entries",
        "tile/00/000",
        "tile/01/000",
        "tile/+1/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/256/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/+01",
        "tile/0/x000",
        "tile/0/x001",
        "tile/0/x000/001",
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/xx001/000",
        "tile/0/X001/000",
        "tile/0/x001/x000",
        "tile/0/x1/000",
        "tile/0/ 00",
        "tile/0/000 ",
        "tile/0/000\n",
        "tile/0/%30%30%30",
        "tile/0/٠٠٠",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/-1",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/65537",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000.P/1",
        "tile/0/000/.p/1",
        "tile/0/x001.p/1/000",
        "tile/0/../0/000",
        "tile/entries/x00/001",
        "tile/entries/000.p/256",
        // 2^64, and what would wrap around to 0.
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x018/x446/x744/x073/x709/x551/x616/000",
    ] {
        assert_eq!(bad.parse::<Tile>(), Err(NotATile), "{bad:?}");
    }
    let last = "tile/0/x018/x446/x744/x073/x709/x551/615";
    let tile: Tile = last.parse().unwrap();
    assert_eq!((tile.to_string().as_str(), tile.run(u64::MAX)), (last, None));
}

/// A log's hashes as the crate keeps them.
#[derive(Default)]
struct Oracle(Vec<Hash>);

impl HashReader for Oracle {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        Ok(indexes.iter().map(|&i| self.0[usize::try_from(i).unwrap()]).collect())
    }
}

/// R4: a tree has the tiles that the crate says, with the hashes that the crate computes, and none beyond.
#[test]
fn a_tree_has_the_tiles_of_an_independent_implementation() {
    const SIZE: u64 = 70_000;
    let (mut oracle, mut frontier, mut nodes) = (Oracle::default(), Frontier::new(), BTreeMap::new());
    for index in 0..SIZE {
        let hash = leaf::hash(&index.to_be_bytes());
        nodes.insert(NodeId { level: 0, index }, hash);
        nodes.extend(frontier.push(hash));
        let more = tlog_tiles::stored_hashes(index, &index.to_be_bytes(), &oracle).unwrap();
        oracle.0.extend(more);
    }
    let tiles = tlog_tiles::Tile::new_tiles(8, 0, SIZE);
    // The specification's own example.
    let widths: Vec<_> = tiles.iter().filter(|t| t.width() < 256).map(theirs).collect();
    assert_eq!(widths, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    assert_eq!(tiles.len(), 273 + 1 + 1 + 1 + 1);
    for tile in &tiles {
        let ours: Tile = theirs(tile).parse().unwrap();
        let run = ours.run(SIZE).unwrap();
        let index = run.first..run.first + run.count;
        let hashes: Vec<Digest> = index
            .map(|index| {
                nodes[&NodeId {
                    level: run.level,
                    index,
                }]
            })
            .collect();
        let bytes: Vec<u8> = hashes.iter().flat_map(|h| *h.as_bytes()).collect();
        assert_eq!(bytes, tile.read_data(&oracle).unwrap(), "{ours}");
    }
    let run = |path: &str| path.parse::<Tile>().unwrap().run(SIZE);
    for beyond in [
        "tile/0/273",
        "tile/0/273.p/113",
        "tile/0/274.p/1",
        "tile/1/001.p/18",
        "tile/1/001",
        "tile/2/000.p/2",
        "tile/3/000.p/1",
        "tile/8/000.p/1",
        "tile/63/000.p/1",
        "tile/entries/273",
        "tile/entries/274.p/1",
    ] {
        assert_eq!(run(beyond), None, "{beyond}");
    }
    assert_eq!(run("tile/entries/273.p/112"), run("tile/0/273.p/112"));
    assert!(run("tile/0/000.p/9").is_some(), "a part of what there is whole");
    assert_eq!("tile/0/000.p/1".parse::<Tile>().unwrap().run(0), None, "of no tree");
}

/// R4: what is in a bundle is what was put in, and a leaf that doesn't fit is refused, not cut.
#[test]
fn a_bundle_holds_whole_leaves_or_is_none() {
    let longest = vec![7; 65_535];
    let leaves = [vec![], b"a".to_vec(), longest, vec![1; 256]];
    let bytes = bundle(&leaves).unwrap();
    let (mut rest, mut read) = (bytes.as_slice(), vec![]);
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let (leaf, more) = more.split_at(usize::from(u16::from_be_bytes(*length)));
        read.push(leaf.to_vec());
        rest = more;
    }
    assert_eq!(read, leaves);
    assert_eq!(bundle(&[]), Ok(vec![]));
    assert_eq!(bundle(&[vec![1], vec![0; 65_536]]), Err(TooLong(65_536)));
}
