//! From what a program writes to text, before anything is looked for in it (R11).
//!
//! A program on Windows writes UTF-8, UTF-16 or the console's code page, and PowerShell wraps its errors into CLIXML when
//! nobody sits at a console. Text comes out of here as the program meant it, so that redaction finds what people would
//! read, and however the bytes are cut into pieces, the text is the same.
//!
//! Deliberately absent: guessing a code page. It is told which one the system has.

mod charset;
mod clixml;

use domain::sensitive::Raw;

use charset::Charset;
use clixml::Unwrapper;

/// What a stream's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Decoding {
    /// UTF-8. What is not becomes U+FFFD.
    #[default]
    Utf8,
    /// What a program on Windows writes: UTF-16 with a byte order mark or clearly so from its first characters, otherwise
    /// UTF-8, and what is not UTF-8 is of the code page `oem`. CLIXML is unwrapped.
    Console {
        /// The system's OEM code page, such as 437, 850 or 932.
        oem: u16,
    },
}

/// Decodes one stream.
#[derive(Debug)]
pub struct Decoder {
    charset: Charset,
    unwrapper: Unwrapper,
}

impl Decoder {
    /// For a stream of a console program, in a system with the OEM code page `oem`.
    pub fn console(oem: u16) -> Self {
        Self {
            charset: Charset::new(oem),
            unwrapper: Unwrapper::default(),
        }
    }

    /// Takes the next bytes and gives the text that is complete.
    pub fn push(&mut self, bytes: Raw<&[u8]>) -> Raw<String> {
        let mut text = String::new();
        self.charset.push(bytes.expose(), &mut text);
        let mut out = String::new();
        self.unwrapper.push(&text, &mut out);
        Raw::new(out)
    }

    /// Ends the stream and gives what was held back.
    pub fn finish(mut self) -> Raw<String> {
        let (mut text, mut out) = (String::new(), String::new());
        self.charset.finish(&mut text);
        self.unwrapper.push(&text, &mut out);
        self.unwrapper.finish(&mut out);
        Raw::new(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(oem: u16, pieces: &[&[u8]]) -> String {
        let mut decoder = Decoder::console(oem);
        let mut text: String = pieces.iter().map(|p| decoder.push(Raw::new(p)).expose()).collect();
        text.push_str(&decoder.finish().expose());
        text
    }

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        mark.into_iter()
            .chain(text.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    }

    const ERROR: &str = "#< CLIXML\r\n<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><Obj S=\"progress\" RefId=\"0\"><TN RefId=\"0\"><T>System.Object</T></TN><MS><I64 N=\"SourceId\">1</I64><PR N=\"Record\"><AV>Preparing modules for first use.</AV><AI>0</AI><Nil /><PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR><SD> </SD></PR></MS></Obj><S S=\"Error\">Get-Item : Can&apos;t find &lt;x&gt; _x263A_ _x005F_x000D_ é_x000D__x000A_</S><S S=\"Error\">    + CategoryInfo_x000D__x000A_</S><S S=\"warning\">careful</S></Objs>";

    /// What programs write: as bytes, with the code page, and as it is to be read.
    fn samples() -> Vec<(&'static str, u16, Vec<u8>, String)> {
        let text = "Zugriff verweigert: Größe 5 €, 日本 😀\r\nzweite Zeile\r\n";
        let unwrapped = "[progress] Preparing modules for first use. (Completed)\nGet-Item : Can't find <x> ☺ _x000D_ é\r\n    + CategoryInfo\r\nwarning: careful\n";
        vec![
            ("UTF-8", 850, text.into(), text.into()),
            ("UTF-8 with a mark", 850, format!("\u{feff}{text}").into(), text.into()),
            (
                "UTF-16LE with a mark",
                850,
                utf16(text, true, u16::to_le_bytes),
                text.into(),
            ),
            (
                "UTF-16BE with a mark",
                850,
                utf16(text, true, u16::to_be_bytes),
                text.into(),
            ),
            ("UTF-16LE", 437, utf16(text, false, u16::to_le_bytes), text.into()),
            ("UTF-16BE", 437, utf16(text, false, u16::to_be_bytes), text.into()),
            (
                "code page 850",
                850,
                b"Gr\x94\xe1e \x81ber \xc4\xc4\xc4".into(),
                "Größe über ───".into(),
            ),
            ("code page 437", 437, b"caf\x82 \xfb2".into(), "café √2".into()),
            (
                "code page 866",
                866,
                b"\x8e\xe8\xa8\xa1\xaa\xa0".into(),
                "Ошибка".into(),
            ),
            ("code page 1252", 1252, b"Gr\xf6\xdfe \x80".into(), "Größe €".into()),
            (
                "code page 932",
                932,
                b"\x83\x47\x83\x89\x81\x5b ok".into(),
                "エラー ok".into(),
            ),
            ("code page 936", 936, b"\xb4\xed\xce\xf3 ok".into(), "错误 ok".into()),
            (
                "UTF-8 only",
                65001,
                b"bad \xff byte \xe2\x82".into(),
                "bad \u{fffd} byte \u{fffd}".into(),
            ),
            ("an end in the middle", 850, b"caf\xc3".into(), "caf├".into()),
            ("two bytes", 850, b"ok".into(), "ok".into()),
            ("nothing", 850, vec![], String::new()),
            ("CLIXML", 850, ERROR.into(), unwrapped.into()),
            (
                "CLIXML in UTF-16",
                850,
                utf16(ERROR, true, u16::to_le_bytes),
                unwrapped.into(),
            ),
        ]
    }

    /// R11: every encoding is read as it was meant, wherever the stream is cut once.
    #[test]
    fn a_cut_changes_nothing() {
        for (what, oem, bytes, text) in samples() {
            assert_eq!(decoded(oem, &[&bytes]), text, "{what}");
            for at in 0..=bytes.len() {
                let (a, b) = bytes.split_at(at);
                assert_eq!(decoded(oem, &[a, b]), text, "{what}, cut at {at}");
            }
            let each: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(decoded(oem, &each), text, "{what}, byte by byte");
        }
    }

    proptest! {
        /// R11: any bytes, cut anywhere any number of times, give the same text.
        #[test]
        fn cuts_change_nothing_of_any_bytes(
            oem in prop::sample::select(vec![437_u16, 850, 932, 936, 1252, 65001]),
            start in prop::sample::select(vec!["", "#< CLIXML\n", "#< CLIXML\r\n<Objs>", "#< CLIXML\n<Objs><S S=\"Error\">", "\u{feff}"]),
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(b'<'), Just(b'\n'), 0xc0..=0xf4_u8, b' '..=b'~'], 0..200),
            cuts in prop::collection::vec(0..240_usize, 0..12),
        ) {
            let bytes = [start.as_bytes(), &bytes].concat();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(decoded(oem, &pieces), decoded(oem, &[&bytes]));
        }
    }
}
