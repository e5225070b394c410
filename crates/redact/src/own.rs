//! An organisation's own patterns and words, with limits on what they may cost and how much of ordinary output they may hit.
//!
//! A pattern is a small language of its own and no regular expression: what it means can be told in one sentence each,
//! and it takes at most 64 steps at each place where its fixed part stands, so no pattern can be slow.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Longest pattern, in characters as written.
const LONGEST: usize = 64;
/// How many characters one `+` stands for at most.
const REPEATED: usize = 40;

/// A pattern that was checked. `#` is a digit, `^` a letter, `?` a letter or digit; `+` after one of these means one or
/// more of it; a backslash makes the next character itself; anything else is itself, in any letter case.
///
/// ```
/// let pattern = redact::OwnPattern::new("employee", "EMP-######")?;
/// assert_eq!(pattern.name(), "employee");
/// assert!(redact::OwnPattern::new("everything", "?+").is_err());
/// # Ok::<(), redact::Refused>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct OwnPattern {
    written: Written,
    steps: Vec<Step>,
    /// The fixed part to search for: its offset from the start of a match, and its characters in small letters.
    anchor: (usize, String),
}

/// A pattern as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    name: String,
    pattern: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    one: One,
    repeated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum One {
    Digit,
    Letter,
    Either,
    /// A character, in small letters.
    Itself(u8),
}

impl One {
    fn fits(self, b: u8) -> bool {
        match self {
            Self::Digit => b.is_ascii_digit(),
            Self::Letter => b.is_ascii_alphabetic(),
            Self::Either => b.is_ascii_alphanumeric(),
            Self::Itself(own) => b.to_ascii_lowercase() == own,
        }
    }

    /// Whether a character could be either's.
    fn overlaps(self, other: Self) -> bool {
        (0..128).any(|b| self.fits(b) && other.fits(b))
    }
}

/// Why a pattern or a word is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More than 64 characters.
    TooLong,
    /// Characters outside ASCII, control characters or square brackets in a pattern.
    Characters,
    /// A `+` with nothing repeatable before it, or a backslash at the end.
    Dangling,
    /// A repetition followed by something that it could have taken itself.
    Ambiguous,
    /// Fewer than two fixed characters in a row before the first `+`, one of them a letter or digit.
    NoFixedPart,
    /// Fewer than six characters in all.
    TooShort,
    /// It would hit lines of ordinary output.
    Ordinary {
        /// How many of the lines that it was tried on.
        hits: usize,
        /// How many lines there were.
        of: usize,
    },
    /// A merchant id that could not be told from ordinary text.
    PlainId,
    /// A word of fewer than three letters or digits, or one that ordinary output is full of.
    CommonWord,
    /// No name, or one of more than 40 characters.
    Name,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("A pattern or word may have 64 characters at most. Use a shorter one."),
            Self::Characters => f.write_str(
                "Patterns are written in plain ASCII without square brackets, which placeholders use. Take these characters out.",
            ),
            Self::Dangling => f.write_str(
                "A + must follow #, ^ or ?, and a backslash must stand before a character. Complete the pattern.",
            ),
            Self::Ambiguous => f.write_str(
                "What follows a + could be part of what the + repeats, so it would never match. Put a fixed character between them.",
            ),
            Self::NoFixedPart => f.write_str(
                "A pattern needs two characters in a row that are always the same, such as a prefix, before any +. Without them it would be slow and hit anything.",
            ),
            Self::TooShort => f.write_str("A pattern must stand for six characters or more. Shorter ones hit ordinary text."),
            Self::Ordinary { hits, of } => write!(
                f,
                "It hits {hits} of {of} lines of ordinary console output, so transcripts would lose their use. Make it more exact.",
            ),
            Self::PlainId => f.write_str(
                "A merchant or terminal id has six characters or more, one of them a digit, and no blanks. Shorter ones hit ordinary text.",
            ),
            Self::CommonWord => f.write_str(
                "The word is too short or stands in ordinary output everywhere. Use a longer one, such as a full name.",
            ),
            Self::Name => f.write_str("A pattern needs a name of 1 to 40 characters, to tell findings by. Give it one."),
        }
    }
}

impl std::error::Error for Refused {}

impl OwnPattern {
    /// Checks a pattern, and tries it on lines of ordinary output.
    ///
    /// # Errors
    /// [`Refused`] says why it can't be used and what to do.
    pub fn new(name: &str, pattern: &str) -> Result<Self, Refused> {
        if name.trim().is_empty() || name.chars().count() > 40 {
            return Err(Refused::Name);
        }
        let steps = steps(pattern)?;
        if steps.len() < 6 && !(steps.len() >= 3 && steps.iter().any(|s| s.repeated)) {
            return Err(Refused::TooShort);
        }
        if steps.windows(2).any(|s| s[0].repeated && s[0].one.overlaps(s[1].one)) {
            return Err(Refused::Ambiguous);
        }
        let own = Self {
            anchor: anchor(&steps).ok_or(Refused::NoFixedPart)?,
            written: Written {
                name: name.trim().to_owned(),
                pattern: pattern.to_owned(),
            },
            steps,
        };
        let of = ORDINARY.lines().count();
        let hits = ORDINARY.lines().filter(|line| own.hits(line)).count();
        if hits > 0 {
            return Err(Refused::Ordinary { hits, of });
        }
        Ok(own)
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.written.name
    }

    /// The pattern as it was written.
    pub fn pattern(&self) -> &str {
        &self.written.pattern
    }

    /// Whether it finds something in a line: to try it before it is saved.
    pub fn hits(&self, line: &str) -> bool {
        let small = line.to_ascii_lowercase();
        memchr::memmem::find_iter(small.as_bytes(), self.anchor.1.as_bytes())
            .any(|at| self.at_anchor(line.as_bytes(), at).is_some())
    }

    /// What must be searched for, in small letters.
    pub(crate) fn fixed_part(&self) -> &str {
        &self.anchor.1
    }

    /// The match whose fixed part is at `at`, as a word by itself.
    pub(crate) fn at_anchor(&self, bytes: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
        let start = at.checked_sub(self.anchor.0)?;
        let mut end = start;
        for step in &self.steps {
            let most = if step.repeated { REPEATED } else { 1 };
            let len = bytes
                .get(end..)?
                .iter()
                .take(most)
                .take_while(|b| step.one.fits(**b))
                .count();
            if len == 0 {
                return None;
            }
            end += len;
        }
        let joins = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let free = !joins(start.checked_sub(1).and_then(|i| bytes.get(i))) && !joins(bytes.get(end));
        free.then_some(start..end)
    }
}

impl TryFrom<Written> for OwnPattern {
    type Error = Refused;

    fn try_from(written: Written) -> Result<Self, Refused> {
        Self::new(&written.name, &written.pattern)
    }
}

impl From<OwnPattern> for Written {
    fn from(own: OwnPattern) -> Self {
        own.written
    }
}

fn steps(pattern: &str) -> Result<Vec<Step>, Refused> {
    if pattern.len() > LONGEST {
        return Err(Refused::TooLong);
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut rest = pattern.bytes();
    while let Some(b) = rest.next() {
        let one = match b {
            b'#' => One::Digit,
            b'^' => One::Letter,
            b'?' => One::Either,
            b'+' => {
                match steps.last_mut() {
                    Some(last) if !matches!(last.one, One::Itself(_)) && !last.repeated => last.repeated = true,
                    _ => return Err(Refused::Dangling),
                }
                continue;
            }
            b'\\' => One::Itself(rest.next().ok_or(Refused::Dangling)?),
            other => One::Itself(other.to_ascii_lowercase()),
        };
        if let One::Itself(b) = one
            && (!(b == b' ' || b.is_ascii_graphic()) || matches!(b, b'[' | b']'))
        {
            return Err(Refused::Characters);
        }
        steps.push(Step { one, repeated: false });
    }
    Ok(steps)
}

/// The longest run of fixed characters before the first repetition.
fn anchor(steps: &[Step]) -> Option<(usize, String)> {
    let fixed = steps.iter().position(|s| s.repeated).unwrap_or(steps.len());
    let mut best = (0, String::new());
    let mut at = 0;
    while at < fixed {
        let run: String = steps[at..fixed]
            .iter()
            .map_while(|s| match s.one {
                One::Itself(b) => Some(char::from(b.to_ascii_lowercase())),
                One::Digit | One::Letter | One::Either => None,
            })
            .collect();
        let next = at + run.len().max(1);
        if run.len() > best.1.len() && run.bytes().any(|b| b.is_ascii_alphanumeric()) {
            best = (at, run);
        }
        at = next;
    }
    (best.1.len() >= 2).then_some(best)
}

/// Checks a client's merchant or terminal id: it must be told from ordinary text without words around it.
///
/// # Errors
/// [`Refused`] says why it can't be used and what to do.
pub fn check_merchant_id(id: &str) -> Result<(), Refused> {
    let id = id.trim();
    if id.len() > LONGEST {
        return Err(Refused::TooLong);
    }
    if id.contains(['[', ']']) {
        return Err(Refused::Characters);
    }
    let plain = id.len() < 6 || !id.bytes().any(|b| b.is_ascii_digit()) || !id.bytes().all(|b| b.is_ascii_graphic());
    if plain { Err(Refused::PlainId) } else { Ok(()) }
}

/// Checks a word of a word list: names of people, products, places.
///
/// # Errors
/// [`Refused`] says why it can't be used and what to do.
pub fn check_term(term: &str) -> Result<(), Refused> {
    let term = term.trim();
    if term.len() > LONGEST {
        return Err(Refused::TooLong);
    }
    if term.contains(['[', ']']) || term.chars().any(char::is_control) {
        return Err(Refused::Characters);
    }
    let letters = term.chars().filter(|c| c.is_alphanumeric()).count();
    let wide = !term.is_ascii();
    let small = term.to_lowercase();
    if letters < if wide { 2 } else { 3 } || ORDINARY_WORDS.contains(&small) {
        return Err(Refused::CommonWord);
    }
    Ok(())
}

/// Console output of the usual kinds, in which a pattern or word must not find anything.
const ORDINARY: &str = include_str!("ordinary.txt");

/// Its words, in small letters.
static ORDINARY_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let words = ORDINARY.split(|c: char| !c.is_alphanumeric());
    words.map(str::to_lowercase).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    /// R32: a pattern finds what it says, as a word by itself.
    #[test]
    fn a_pattern_finds_what_it_says() {
        let own = OwnPattern::new("employee", "EMP-####^").unwrap();
        assert!(own.hits("id emp-1234x.") && own.hits("EMP-0000Z"));
        assert!(!own.hits("TEMP-1234x") && !own.hits("EMP-1234") && !own.hits("EMP-1234xy"));
        let own = OwnPattern::new("loyalty", "?#LY-#+/^+").unwrap();
        assert!(own.hits("(a1ly-99/x)") && !own.hits("ly-99/x") && !own.hits("a1ly-/x"));
        assert!(OwnPattern::new("plus", r"AC\+\###").unwrap().hits("ac+#12"));
    }

    /// R32: what would be slow, hit anything or never match is refused, with the reason.
    #[test]
    fn bad_patterns_are_refused_with_the_reason() {
        let refused = |pattern: &str| OwnPattern::new("x", pattern).unwrap_err();
        assert_eq!(refused(&"A".repeat(65)), Refused::TooLong);
        assert_eq!(refused("[card]##"), Refused::Characters);
        assert_eq!(refused("straße##"), Refused::Characters);
        assert_eq!(refused("+ABCDEF"), Refused::Dangling);
        assert_eq!(refused("ABCDEF\\"), Refused::Dangling);
        assert_eq!(refused("ABC#+#"), Refused::Ambiguous);
        assert_eq!(refused("######"), Refused::NoFixedPart);
        assert_eq!(refused("#+ABCD#"), Refused::NoFixedPart);
        assert_eq!(refused("AB#"), Refused::TooShort);
        assert!(matches!(refused("spooler"), Refused::Ordinary { hits: 1.., of: 1.. }));
        assert_eq!(OwnPattern::new(" ", "EMP-####").unwrap_err(), Refused::Name);
        assert_eq!(check_term("root").unwrap_err(), Refused::CommonWord);
        assert_eq!(check_term("ab").unwrap_err(), Refused::CommonWord);
        assert_eq!(check_term("Jane Doe"), Ok(()));
        assert_eq!(check_term("李雷"), Ok(()));
        assert_eq!(check_merchant_id("4711"), Err(Refused::PlainId));
        assert_eq!(check_merchant_id("MERCHANT"), Err(Refused::PlainId));
        assert_eq!(check_merchant_id("4711-88"), Ok(()));
    }

    /// A stored pattern is checked again when it is read.
    #[test]
    fn stored_patterns_are_checked_again() {
        let own = OwnPattern::new("employee", "EMP-####").unwrap();
        let json = serde_json::to_string(&own).unwrap();
        assert_eq!(json, r#"{"name":"employee","pattern":"EMP-####"}"#);
        assert_eq!(serde_json::from_str::<OwnPattern>(&json).unwrap(), own);
        assert!(serde_json::from_str::<OwnPattern>(r#"{"name":"x","pattern":"?+"}"#).is_err());
    }
}
