//! What one side can do, as words.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The most words.
const MOST: usize = 256;

/// The most bytes of a word.
const LONGEST: usize = 64;

/// Words such as `verb:registry.read` and `shell:powershell`: sorted, each once, at most 256 of at most 64 bytes, made of
/// lower-case letters, digits and `:._-`. A word that the other side does not know means nothing to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Capabilities(BTreeSet<String>);

/// The words are no capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCapabilities {
    /// More than 256.
    #[error("there are more than {MOST} capabilities")]
    TooMany,
    /// Empty, too long, or with a character that no capability has.
    #[error("a capability is 1 to {LONGEST} letters, digits and : . _ -")]
    Word,
    /// Not in order, or one twice.
    #[error("capabilities are sorted, and each stands once")]
    Unsorted,
}

impl Capabilities {
    /// The capabilities that `words` name, in any order.
    ///
    /// # Errors
    /// See [`NotCapabilities`].
    pub fn new(words: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, NotCapabilities> {
        let words: BTreeSet<String> = words.into_iter().map(Into::into).collect();
        if words.len() > MOST {
            return Err(NotCapabilities::TooMany);
        }
        if words.iter().all(|w| is_word(w)) {
            Ok(Self(words))
        } else {
            Err(NotCapabilities::Word)
        }
    }

    /// Whether `word` is among them.
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// The words, sorted.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn is_word(word: &str) -> bool {
    (1..=LONGEST).contains(&word.len())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b":._-".contains(&b))
}

impl TryFrom<Vec<String>> for Capabilities {
    type Error = NotCapabilities;

    fn try_from(words: Vec<String>) -> Result<Self, NotCapabilities> {
        if words.is_sorted_by(|a, b| a < b) {
            Self::new(words)
        } else {
            Err(NotCapabilities::Unsorted)
        }
    }
}

impl From<Capabilities> for Vec<String> {
    fn from(capabilities: Capabilities) -> Self {
        capabilities.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_few_short_plain_and_sorted() {
        let some = Capabilities::new(["verb:file.read", "shell:sh"]).unwrap();
        assert_eq!(some.words().collect::<Vec<_>>(), ["shell:sh", "verb:file.read"]);
        assert!(some.has("shell:sh") && !some.has("shell:cmd"));
        assert_eq!(
            serde_json::to_string(&some).unwrap(),
            r#"["shell:sh","verb:file.read"]"#
        );
        for bad in [
            r#"["b","a"]"#,
            r#"["a","a"]"#,
            r#"[""]"#,
            r#"["A"]"#,
            r#"["a b"]"#,
            r#"["é"]"#,
        ] {
            assert!(serde_json::from_str::<Capabilities>(bad).is_err(), "{bad}");
        }
        let many = |n: usize| Capabilities::new((0..n).map(|i| i.to_string()));
        assert!(many(256).is_ok());
        assert_eq!(many(257), Err(NotCapabilities::TooMany));
        assert_eq!(Capabilities::new(["x".repeat(65)]), Err(NotCapabilities::Word));
    }
}
