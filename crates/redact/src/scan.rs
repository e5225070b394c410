//! The first look at a text, from which everything else goes on: what its characters are, and where words may be.

use crate::classes::Classes;
use crate::literals::{Literals, Words};

/// A text as the first look sees it.
pub(crate) struct Scan {
    pub(crate) classes: Classes,
    pub(crate) words: Words,
}

impl Scan {
    /// Of any bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::with(bytes, Classes::of(bytes))
    }

    /// Of a text that is its own view, or `None` where it isn't.
    pub(crate) fn of_plain(bytes: &[u8]) -> Option<Self> {
        Classes::of_plain(bytes).map(|classes| Self::with(bytes, classes))
    }

    fn with(bytes: &[u8], classes: Classes) -> Self {
        let words = Literals::get().places(bytes, &classes);
        Self { classes, words }
    }
}
