//! The first look at a text, from which everything else goes on: what its characters are, where candidates start, and where
//! words may be. One is looked with again and again, so that its room is made once.

use crate::candidates::Candidates;
use crate::classes::Classes;
use crate::find::MIN_DIGITS;
use crate::literals::{Literals, Words};

/// Length of the shortest IP address, `1.1.1.1`, in bytes.
const ADDRESS: usize = 7;

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
            self.candidates.fill::<ADDRESS>(&self.classes);
        } else {
            self.candidates.fill::<MIN_DIGITS>(&self.classes);
        }
        Literals::get().look(bytes, &self.classes, &mut self.words);
    }
}
