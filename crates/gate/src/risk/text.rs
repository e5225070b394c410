//! Looking for words in a text, and for text that deceives.

/// A script's text, prepared for looking.
pub(super) struct Text(String);

impl Text {
    /// Lower-case, each run of blanks one space, and PowerShell's and the shell's ways to break words apart (a backtick, a
    /// backslash, a caret or empty quotes before a letter) undone in a second copy that is looked at too.
    pub(super) fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let joined: String = lower
            .replace("\\\n", "")
            .replace("`\n", "")
            .replace(['`', '^', '"', '\''], "");
        let blank = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(format!("{}\n{}", blank(&lower), blank(&joined)))
    }

    /// Whether `sign` stands in the text as a word of its own.
    pub(super) fn holds(&self, sign: &str) -> bool {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        self.0.match_indices(sign).any(|(at, _)| {
            let before = self.0[..at].chars().next_back();
            let after = self.0[at + sign.len()..].chars().next();
            let starts_inside = word(sign.chars().next())
                && (word(before) || before == Some('-') || before == Some('.') && sign.len() < 4);
            let ends_inside = word(sign.chars().next_back()) && word(after);
            !starts_inside && !ends_inside
        })
    }
}

/// Whether a word holds Latin letters and letters of an alphabet that looks like it.
pub(super) fn mixes_alphabets(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(looks_latin))
}

/// Greek, Cyrillic, Armenian, Cherokee, Lisu, letter-like symbols, mathematical and full-width letters (the alphabets that
/// Unicode's confusables table maps to Latin most; UTS 39).
fn looks_latin(c: char) -> bool {
    matches!(c as u32,
        0x0370..=0x03FF | 0x0400..=0x052F | 0x0530..=0x058F | 0x13A0..=0x13FF | 0x1D00..=0x1D7F | 0x2100..=0x214F | 0xA4D0..=0xA4FF
        | 0xAB70..=0xABBF | 0xFF21..=0xFF5A | 0x1D400..=0x1D7FF)
}

/// Whether the text holds so much blank space that what follows it could be overlooked.
pub(super) fn leaves_blank_space(text: &str) -> bool {
    text.contains(&" ".repeat(40)) || text.contains("\n\n\n\n\n\n") || text.contains(&"\t".repeat(10))
}
