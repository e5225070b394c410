//! The first look at a text, from which everything else goes on: what its characters are, where candidates start, and where
//! words may be. One is looked with again and again, so that its room is made once.

use crate::candidates::Candidates;
use crate::classes::Classes;
use crate::literals::{Literals, Words};

/// A text as the first look sees it.
#[derive(Default)]
pub(crate) struct Scan {
    pub(crate) classes: Classes,
    pub(crate) candidates: Candidates,
    pub(crate) words: Words,
}

impl Scan {
    /// Looks at any bytes. `addresses`: whether numbers can be as short as an IP address.
    pub(crate) fn look(&mut self, bytes: &[u8], addresses: bool) {
        self.classes.look(bytes, false);
        self.go_on(bytes, addresses);
    }

    /// Looks at a text if it is its own view. Gives whether it is.
    pub(crate) fn look_if_plain(&mut self, bytes: &[u8], addresses: bool) -> bool {
        let plain = self.classes.look(bytes, true);
        if plain {
            self.go_on(bytes, addresses);
        }
        plain
    }

    fn go_on(&mut self, bytes: &[u8], addresses: bool) {
        if addresses {
            self.candidates.fill::<7>(&self.classes);
        } else {
            self.candidates.fill::<9>(&self.classes);
        }
        Literals::get().look(bytes, &self.classes, &mut self.words);
    }
}
