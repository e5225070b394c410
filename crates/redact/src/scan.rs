//! The digit pass: groups of digits, and chains of groups that one separator apart could be one number.

/// Digits in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What is between this group and the one before it in its chain (`Gap::None` for the first).
    pub(crate) gap: Gap,
}

impl Group {
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What separates two groups of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// First of its chain.
    None,
    Space,
    Dash,
    Dot,
    /// A parenthesis, with a space or dash beside it or not, as in `(555) 123-4567`.
    Paren,
}

/// Calls `chain` with each chain that has at least `min_digits` digits or, where `dotted`, at least four groups.
pub(crate) fn chains(bytes: &[u8], min_digits: usize, dotted: bool, mut chain: impl FnMut(&[Group])) {
    let mut groups: Vec<Group> = Vec::with_capacity(32);
    let mut digits = 0;
    let mut flush = |groups: &mut Vec<Group>, digits: usize| {
        if digits >= min_digits || (dotted && groups.len() >= 4) {
            chain(groups);
        }
        groups.clear();
    };
    digit_groups(bytes, |start, end| {
        let gap = match groups.last() {
            Some(last) => gap(&bytes[last.end..start]),
            None => Gap::None,
        };
        if gap == Gap::None {
            flush(&mut groups, digits);
            digits = 0;
        }
        groups.push(Group { start, end, gap });
        digits += end - start;
    });
    flush(&mut groups, digits);
}

fn gap(between: &[u8]) -> Gap {
    match between {
        b" " => Gap::Space,
        b"-" => Gap::Dash,
        b"." => Gap::Dot,
        b")" | b"(" | b") " | b" (" | b")-" | b"-(" | b")." => Gap::Paren,
        _ => Gap::None,
    }
}

/// Calls `group` with start and end of each run of ASCII digits, 64 bytes at a time.
fn digit_groups(bytes: &[u8], mut group: impl FnMut(usize, usize)) {
    let mut open: Option<usize> = None;
    let (blocks, rest) = bytes.as_chunks::<64>();
    for (n, block) in blocks.iter().enumerate() {
        let base = n * 64;
        let mut mask = digit_mask(block);
        if let Some(start) = open {
            let len = (!mask).trailing_zeros();
            if len == 64 {
                continue;
            }
            group(start, base + len as usize);
            open = None;
            mask &= u64::MAX << len;
        }
        while mask != 0 {
            let first = mask.trailing_zeros();
            let len = (!(mask >> first)).trailing_zeros();
            if first + len == 64 {
                open = Some(base + first as usize);
                break;
            }
            group(base + first as usize, base + (first + len) as usize);
            mask &= u64::MAX << (first + len);
        }
    }
    let base = bytes.len() - rest.len();
    for (i, b) in rest.iter().enumerate() {
        match (open, b.is_ascii_digit()) {
            (None, true) => open = Some(base + i),
            (Some(start), false) => {
                group(start, base + i);
                open = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    if let Some(start) = open {
        group(start, bytes.len());
    }
}

/// A bit for each digit among 64 bytes; eight bytes at a time within a word, since `unsafe` vector code is not allowed.
fn digit_mask(block: &[u8; 64]) -> u64 {
    let (words, _) = block.as_chunks::<8>();
    words.iter().enumerate().fold(0, |mask, (i, word)| {
        mask | high_bits(digits_high(u64::from_le_bytes(*word))) << (8 * i)
    })
}

/// Sets the high bit of each byte that is a digit and clears all others.
fn digits_high(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let low = word & !HIGH;
    let at_least_0 = low + 0x5050_5050_5050_5050;
    let above_9 = low + 0x4646_4646_4646_4646;
    at_least_0 & !above_9 & !word & HIGH
}

/// Gathers the high bits of eight bytes, the first byte's lowest (a multiplication moves bit 8i+7 to bit 56+i).
fn high_bits(word: u64) -> u64 {
    word.wrapping_mul(0x0002_0408_1020_4081) >> 56
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut groups = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let len = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            if len > 0 {
                groups.push((at, at + len));
            }
            at += len.max(1);
        }
        groups
    }

    proptest! {
        /// The bit arithmetic finds what a loop finds.
        #[test]
        fn groups_are_those_of_a_plain_loop(bytes in proptest::collection::vec(prop_oneof![
            4 => b'0'..=b'9', 1 => any::<u8>(), 1 => Just(b'/'), 1 => Just(b':'), 1 => Just(0xb5u8),
        ], 0..300)) {
            let mut groups = Vec::new();
            digit_groups(&bytes, |s, e| groups.push((s, e)));
            prop_assert_eq!(groups, naive(&bytes));
        }
    }

    #[test]
    fn chains_end_where_more_than_one_separator_stands() {
        let mut found = Vec::new();
        chains(b"12 3456-789  5555 (22) 1.2.3.4", 5, true, |groups| {
            found.push(groups.len())
        });
        assert_eq!(found, [3, 2 + 1 + 4 - 1]);
    }
}
