//! The log as C2SP `tlog-tiles` lays it out: which path names which tile, and the bytes of a bundle of entries.
//!
//! A tile of hashes is a run of stored nodes (see [`crate::tree`]), one hash after the other; a bundle of entries holds the
//! leaves under a tile of level 0. Each tile has one path: any other spelling of its numbers names nothing.
//!
//! Deliberately absent: reading the rows.

use std::fmt;
use std::str::FromStr;

use crate::proof::Run;
use crate::tree::TILE_HEIGHT;

/// Hashes in a full tile.
const FULL: u16 = 1 << TILE_HEIGHT;
/// The highest level that a path can name.
const TOP: u8 = 63;
/// What one element of an index's path counts to.
const BASE: u64 = 1000;

/// A tile, or a part of one from its beginning: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// `None` for a bundle of entries.
    level: Option<u8>,
    /// Position from the left among the tiles of its level.
    index: u64,
    /// Hashes or entries in it, 1 to 256.
    width: u16,
}

/// The text is not the path of a tile.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not the path of a tile")]
pub struct NotATile;

/// A leaf that a bundle of entries can't hold: its lengths have 16 bits.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a leaf of {0} bytes is too long for a bundle of entries")]
pub struct TooLong(pub usize);

impl Tile {
    /// Whether it holds the leaves themselves, and not hashes.
    pub fn is_entries(&self) -> bool {
        self.level.is_none()
    }

    /// The stored nodes that it holds (for entries, those whose leaves it holds), or `None` where not all of them are in a
    /// tree of `size` leaves.
    pub fn run(&self, size: u64) -> Option<Run> {
        let level = self.level.unwrap_or(0);
        let nodes = size.checked_shr(u32::from(TILE_HEIGHT) * u32::from(level))?;
        let first = self.index.checked_mul(u64::from(FULL))?;
        let count = u64::from(self.width);
        (first.checked_add(count)? <= nodes).then(|| Run {
            level: TILE_HEIGHT * level,
            first,
            count,
        })
    }
}

impl FromStr for Tile {
    type Err = NotATile;

    fn from_str(path: &str) -> Result<Self, NotATile> {
        let parsed = || {
            let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
            let level = match level {
                "entries" => None,
                level => Some(level.parse().ok().filter(|l| *l <= TOP)?),
            };
            let (index, width) = match rest.split_once(".p/") {
                Some((index, width)) => (index, width.parse().ok().filter(|w| (1..FULL).contains(w))?),
                None => (rest, FULL),
            };
            let index = index.split('/').try_fold(0_u64, |index, part| {
                let part = part.trim_start_matches('x').parse().ok().filter(|n| *n < BASE)?;
                index.checked_mul(BASE)?.checked_add(part)
            })?;
            let tile = Self { level, index, width };
            // Read loosely above: what is left of all spellings is the one that is written.
            (tile.to_string() == path).then_some(tile)
        };
        parsed().ok_or(NotATile)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => f.write_str("tile/entries/")?,
        }
        above(f, self.index / BASE)?;
        write!(f, "{:03}", self.index % BASE)?;
        if self.width < FULL {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// The elements of an index's path before the last; none of 0.
fn above(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    if index == 0 {
        return Ok(());
    }
    above(f, index / BASE)?;
    write!(f, "x{:03}/", index % BASE)
}

/// A bundle of entries: for each leaf its length, two bytes with the high one first, and its bytes.
///
/// # Errors
/// When a leaf has more than 65,535 bytes.
pub fn bundle(leaves: &[Vec<u8>]) -> Result<Vec<u8>, TooLong> {
    let mut bytes = Vec::with_capacity(leaves.iter().map(|leaf| leaf.len() + 2).sum());
    for leaf in leaves {
        let length = u16::try_from(leaf.len()).map_err(|_| TooLong(leaf.len()))?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(leaf);
    }
    Ok(bytes)
}
