//! Files in UTF-16, as many programs of Windows write them, come out as UTF-8; they are known by the mark at their beginning.
//!
//! Deliberately absent: guessing. A file without a mark is passed on byte for byte.

/// How a file's bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Byte for byte.
    Bytes,
    /// Byte for byte after the mark of UTF-8.
    MarkedUtf8,
    /// Units of two bytes, the lower one first.
    Utf16Le,
    /// Units of two bytes, the higher one first.
    Utf16Be,
}

impl Encoding {
    /// By a file's first bytes. (The mark of UTF-32, which nothing writes, begins like one of UTF-16; what comes of it is
    /// full of zeros.)
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Self::MarkedUtf8,
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ => Self::Bytes,
        }
    }

    /// Bytes of the mark.
    pub(super) fn mark(self) -> u64 {
        match self {
            Self::Bytes => 0,
            Self::MarkedUtf8 => 3,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// Bytes of a unit.
    pub(super) fn unit(self) -> usize {
        match self {
            Self::Bytes | Self::MarkedUtf8 => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// Whether a unit is a line feed.
    pub(super) fn is_line_feed(self, unit: &[u8]) -> bool {
        match self {
            Self::Bytes | Self::MarkedUtf8 => unit == b"\n",
            Self::Utf16Le => unit == [b'\n', 0],
            Self::Utf16Be => unit == [0, b'\n'],
        }
    }
}

/// Turns the pieces of a file, after its mark, into text.
#[derive(Debug)]
pub(super) struct Decoder {
    encoding: Encoding,
    /// The half of a unit that the last piece ended in.
    half: Option<u8>,
    /// The first unit of a pair that the last piece ended in.
    high: Option<u16>,
}

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            half: None,
            high: None,
        }
    }

    /// The text of the next piece; `ended` when nothing follows. What is no text becomes `U+FFFD`.
    pub(super) fn decode(&mut self, piece: Vec<u8>, ended: bool) -> Vec<u8> {
        let unit: fn([u8; 2]) -> u16 = match self.encoding {
            Encoding::Bytes | Encoding::MarkedUtf8 => return piece,
            Encoding::Utf16Le => u16::from_le_bytes,
            Encoding::Utf16Be => u16::from_be_bytes,
        };
        let bytes: Vec<u8> = self.half.take().into_iter().chain(piece).collect();
        let (pairs, half) = bytes.as_chunks::<2>();
        self.half = half.first().copied();
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        units.extend(pairs.iter().map(|p| unit(*p)));
        if !ended && let Some(last @ 0xd800..=0xdbff) = units.last().copied() {
            units.pop();
            self.high = Some(last);
        }
        let mut text = String::from_utf16_lossy(&units);
        if ended && self.half.take().is_some() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: Encoding, bytes: &[u8], size: usize) -> String {
        let mut decoder = Decoder::new(encoding);
        let mut text: Vec<u8> = bytes
            .chunks(size)
            .flat_map(|c| decoder.decode(c.to_vec(), false))
            .collect();
        text.extend(decoder.decode(vec![], true));
        String::from_utf8(text).unwrap()
    }

    /// R11: UTF-16 comes out right, however it is cut into pieces.
    #[test]
    fn utf_16_comes_out_as_text_however_it_is_cut() {
        let text = "Kasse 3: 5 € ☎ 😀 end\r\n";
        let units = || text.encode_utf16();
        let le: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for size in 1..=7 {
            assert_eq!(decode(Encoding::Utf16Le, &le, size), text);
            assert_eq!(decode(Encoding::Utf16Be, &be, size), text);
        }
        assert_eq!(
            decode(Encoding::Utf16Le, &[0x3d, 0xd8, b'a', 0, b'b'], 1),
            "\u{fffd}a\u{fffd}"
        );
        assert_eq!(decode(Encoding::Utf16Le, &[0x3d, 0xd8], 2), "\u{fffd}");
        assert_eq!(decode(Encoding::Bytes, b"a\n", 1), "a\n");
    }

    #[test]
    fn the_mark_tells() {
        for (head, encoding) in [
            (&[0xff, 0xfe, b'a', 0][..], Encoding::Utf16Le),
            (&[0xfe, 0xff], Encoding::Utf16Be),
            (b"\xef\xbb\xbfa", Encoding::MarkedUtf8),
            (b"\xef\xbb", Encoding::Bytes),
            (b"", Encoding::Bytes),
        ] {
            assert_eq!(Encoding::of(head), encoding);
        }
    }
}
