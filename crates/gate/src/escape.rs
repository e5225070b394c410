//! Untrusted text for a prompt, with nothing hidden (R25).
//!
//! An approver decides about what they see, so every character that draws nothing, draws as something else, or reorders
//! its neighbours is shown as `\u{202E}`. Ordinary letters of any script stay as they are: telling look-alike letters
//! apart is [`crate::risk`]'s (in text) and [`crate::name`]'s (in names).
//!
//! Unambiguous without styling as well: where the text itself holds `\u{`, its backslash is shown as `\u{5C}`, so that the
//! joined segments give back the text exactly. The ranges are those of the Unicode Character Database 16.0: general
//! categories Cc, Cf, Co, Zl, Zp and Zs (but for the space), Default_Ignorable_Code_Point, and blanks that draw nothing.

/// A piece of shown text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What to draw. In an escaped piece `\u{HEX}`, one or more times.
    pub text: String,
    /// Whether this stands for characters that can't be shown as themselves. Draw it set apart.
    pub escaped: bool,
}

/// How many combining marks one letter may carry before the rest are escaped (stacked marks climb over other lines).
const MARKS_PER_LETTER: usize = 3;

/// Shows `text`, keeping its line breaks (`\n`); every other control character, tabs and carriage returns included, is
/// escaped.
pub fn show(text: &str) -> Vec<Shown> {
    shown(text, true)
}

/// Shows `text` on one line: line breaks are escaped too.
pub fn show_line(text: &str) -> Vec<Shown> {
    shown(text, false)
}

/// [`show_line`] as plain text, for messages and places that have no styling.
pub fn line(text: &str) -> String {
    show_line(text).into_iter().map(|s| s.text).collect()
}

fn shown(text: &str, line_breaks: bool) -> Vec<Shown> {
    let mut out: Vec<Shown> = Vec::new();
    // Marks on the current letter; `None` where there is no letter for a mark to sit on.
    let mut marks: Option<usize> = None;
    for (at, c) in text.char_indices() {
        let stray = is_combining(c) && marks.is_none_or(|n| n >= MARKS_PER_LETTER);
        let escaped = match c {
            '\n' => !line_breaks,
            '\\' => text[at..].starts_with(r"\u{"),
            c => stray || is_hidden(c),
        };
        marks = match marks {
            Some(n) if is_combining(c) && !escaped => Some(n + 1),
            kept if is_combining(c) => kept,
            _ => (!escaped && c.is_alphabetic()).then_some(0),
        };
        push(&mut out, c, escaped);
    }
    out
}

fn push(out: &mut Vec<Shown>, c: char, escaped: bool) {
    let text = if escaped {
        format!("\\u{{{:X}}}", c as u32)
    } else {
        c.to_string()
    };
    match out.last_mut() {
        Some(last) if last.escaped == escaped => last.text.push_str(&text),
        Some(_) | None => out.push(Shown { text, escaped }),
    }
}

/// Whether `c` draws nothing, draws as blank space other than the space, or reorders text.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || HIDDEN.iter().any(|(from, to)| (*from..=*to).contains(&(c as u32)))
}

fn is_combining(c: char) -> bool {
    COMBINING.iter().any(|(from, to)| (*from..=*to).contains(&(c as u32)))
}

/// Code points that are never shown as themselves, beside the control characters.
const HIDDEN: &[(u32, u32)] = &[
    (0x00A0, 0x00A0),     // no-break space
    (0x00AD, 0x00AD),     // soft hyphen
    (0x034F, 0x034F),     // combining grapheme joiner
    (0x0600, 0x0605),     // Arabic number signs
    (0x061C, 0x061C),     // Arabic letter mark
    (0x06DD, 0x06DD),     // Arabic end of ayah
    (0x070F, 0x070F),     // Syriac abbreviation mark
    (0x0890, 0x0891),     // Arabic currency marks above
    (0x08E2, 0x08E2),     // Arabic disputed end of ayah
    (0x115F, 0x1160),     // Hangul fillers
    (0x1680, 0x1680),     // Ogham space
    (0x17B4, 0x17B5),     // Khmer inherent vowels
    (0x180B, 0x180F),     // Mongolian selectors and vowel separator
    (0x2000, 0x200F),     // spaces, zero-width characters, direction marks
    (0x2028, 0x202F),     // line and paragraph separators, embeddings and overrides, narrow no-break space
    (0x205F, 0x206F),     // mathematical space, word joiner, invisible operators, isolates, deprecated controls
    (0x2800, 0x2800),     // blank Braille pattern
    (0x3000, 0x3000),     // ideographic space
    (0x3164, 0x3164),     // Hangul filler
    (0xE000, 0xF8FF),     // private use
    (0xFDD0, 0xFDEF),     // noncharacters
    (0xFE00, 0xFE0F),     // variation selectors
    (0xFEFF, 0xFEFF),     // zero-width no-break space, byte order mark
    (0xFFA0, 0xFFA0),     // half-width Hangul filler
    (0xFFF0, 0xFFFC),     // specials: reserved, annotations, object replacement
    (0xFFFE, 0xFFFF),     // noncharacters
    (0x110BD, 0x110BD),   // Kaithi number sign
    (0x110CD, 0x110CD),   // Kaithi number sign above
    (0x13430, 0x1343F),   // Egyptian format controls
    (0x1BCA0, 0x1BCA3),   // shorthand format controls
    (0x1D159, 0x1D159),   // musical null notehead
    (0x1D173, 0x1D17A),   // musical format controls
    (0x1FFFE, 0x1FFFF),   // noncharacters
    (0xE0000, 0xE0FFF),   // tags, more variation selectors
    (0xF0000, 0x10_FFFF), // private use
];

/// Blocks of marks that are drawn onto the character before them.
const COMBINING: &[(u32, u32)] = &[
    (0x0300, 0x036F),   // combining diacritical marks
    (0x0483, 0x0489),   // Cyrillic combining marks
    (0x0591, 0x05BD),   // Hebrew points
    (0x0610, 0x061A),   // Arabic signs
    (0x064B, 0x065F),   // Arabic points
    (0x1AB0, 0x1AFF),   // combining diacritical marks, extended
    (0x1DC0, 0x1DFF),   // combining diacritical marks, supplement
    (0x20D0, 0x20FF),   // combining marks for symbols
    (0x302A, 0x302F),   // ideographic tone marks
    (0x3099, 0x309A),   // kana voicing marks
    (0xFE20, 0xFE2F),   // combining half marks
    (0x1D165, 0x1D169), // musical combining marks
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn joined(text: &str) -> String {
        show(text).into_iter().map(|s| s.text).collect()
    }

    /// Reads joined segments back, as the module's documentation promises is possible.
    fn read_back(shown: &str) -> String {
        let mut out = String::new();
        let mut rest = shown;
        while let Some((before, after)) = rest.split_once(r"\u{") {
            let (hex, tail) = after.split_once('}').unwrap();
            out.push_str(before);
            out.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
            rest = tail;
        }
        out + rest
    }

    /// R25: control, bidi and zero-width characters are shown escaped.
    #[test]
    fn hidden_characters_are_shown_as_escapes() {
        for (text, want) in [
            ("a\u{202E}b", r"a\u{202E}b"),
            ("a\u{2066}b\u{2069}", r"a\u{2066}b\u{2069}"),
            ("\u{200E}\u{200F}\u{61C}", r"\u{200E}\u{200F}\u{61C}"),
            (
                "rm\u{200B}x\u{200D}\u{2060}\u{FEFF}",
                r"rm\u{200B}x\u{200D}\u{2060}\u{FEFF}",
            ),
            ("\u{E0041}", r"\u{E0041}"),
            ("a\u{A0}b\u{3000}c", r"a\u{A0}b\u{3000}c"),
            (
                "a\u{0}\u{7}\u{1b}[2Kb\u{7f}\u{9b}",
                r"a\u{0}\u{7}\u{1B}[2Kb\u{7F}\u{9B}",
            ),
            ("ls\rrm", r"ls\u{D}rm"),
            ("a\tb", r"a\u{9}b"),
            ("a\u{2028}b\u{85}c", r"a\u{2028}b\u{85}c"),
            (
                "\u{AD}\u{3164}\u{2800}\u{FE0F}\u{E000}",
                r"\u{AD}\u{3164}\u{2800}\u{FE0F}\u{E000}",
            ),
        ] {
            assert_eq!(joined(text), want);
        }
    }

    /// R25: an escape in the text itself can't pass for one that we made.
    #[test]
    fn a_literal_escape_is_told_from_a_real_one() {
        assert_ne!(joined(r"\u{202E}"), joined("\u{202E}"));
        assert_eq!(joined(r"\u{202E}"), r"\u{5C}u{202E}");
        assert_eq!(joined(r"C:\users\u2"), r"C:\users\u2", "only the exact form needs it");
        let real = show("a\u{202E}");
        assert_eq!(
            real[1],
            Shown {
                text: r"\u{202E}".into(),
                escaped: true
            }
        );
    }

    #[test]
    fn line_breaks_stay_in_text_and_are_escaped_on_a_line() {
        assert_eq!(
            show("a\nb"),
            vec![Shown {
                text: "a\nb".into(),
                escaped: false
            }]
        );
        assert_eq!(line("a\nb"), r"a\u{A}b");
    }

    #[test]
    fn letters_of_all_scripts_stay_and_stray_marks_do_not() {
        for kept in ["Müller", "e\u{301}te\u{301}", "日本語", "שלום", "Привет", "🙂"] {
            assert_eq!(joined(kept), kept);
        }
        assert_eq!(joined("/\u{338}etc"), r"/\u{338}etc");
        assert_eq!(joined("\u{301}x"), r"\u{301}x");
        assert_eq!(
            joined(&format!("e{}", "\u{301}".repeat(5))),
            "e\u{301}\u{301}\u{301}\\u{301}\\u{301}"
        );
    }

    proptest! {
        /// R25: nothing is lost, added or ambiguous, and nothing hidden is left.
        #[test]
        fn what_is_shown_reads_back_and_hides_nothing(text in any::<String>()) {
            let joined = joined(&text);
            prop_assert_eq!(read_back(&joined), text.clone());
            prop_assert!(joined.chars().all(|c| c == '\n' || !is_hidden(c)));
            prop_assert!(line(&text).chars().all(|c| !is_hidden(c)));
        }
    }
}
