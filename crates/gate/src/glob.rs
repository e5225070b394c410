//! Patterns over names made of segments: `*` stands for any characters within one segment (leading dots included), and a
//! final `**` for everything below, the folder itself included.
//!
//! Inclusion is decided on the patterns themselves. It is sound (R21): when `a.includes(b)`, every name that `b` covers,
//! `a` covers. Deliberately absent: `?`, character classes and alternatives, which would make inclusion hard to see.

/// One segment, in which `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glob(pub(crate) String);

/// Segments, optionally with everything below them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    pub(crate) segments: Vec<Glob>,
    /// Ends in `**`.
    pub(crate) below: bool,
}

impl Glob {
    /// Whether every text that `other` stands for is one that `self` stands for.
    ///
    /// `other` is read as a text in which `*` is a letter of its own that only a `*` of `self` can swallow. A name holds no
    /// `*`, so the same function tells whether a pattern covers a name.
    pub(crate) fn includes(&self, other: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let text: Vec<char> = other.chars().collect();
        let (mut p, mut t) = (0, 0);
        // Where to come back to: the last star, and the text position from which it swallows one letter more.
        let mut back: Option<(usize, usize)> = None;
        while t < text.len() {
            match pattern.get(p) {
                Some('*') => {
                    back = Some((p, t));
                    p += 1;
                }
                Some(c) if *c == text[t] => {
                    p += 1;
                    t += 1;
                }
                Some(_) | None => {
                    let Some((star, from)) = back else { return false };
                    back = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
            }
        }
        pattern[p..].iter().all(|c| *c == '*')
    }

    /// Whether some text is covered by both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let a: Vec<char> = self.0.chars().collect();
        let b: Vec<char> = other.0.chars().collect();
        // meets[j]: whether a[i..] and b[j..] have a text in common; filled from the end.
        let mut meets = vec![false; b.len() + 1];
        meets[b.len()] = true;
        for j in (0..b.len()).rev() {
            meets[j] = b[j] == '*' && meets[j + 1];
        }
        for i in (0..a.len()).rev() {
            let mut next = vec![false; b.len() + 1];
            next[b.len()] = a[i] == '*' && meets[b.len()];
            for j in (0..b.len()).rev() {
                next[j] = if a[i] == '*' || b[j] == '*' {
                    meets[j] || next[j + 1]
                } else {
                    a[i] == b[j] && meets[j + 1]
                };
            }
            meets = next;
        }
        meets[0]
    }

    /// Whether it stands for exactly one text.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains('*')
    }
}

impl Pattern {
    /// The pattern that covers exactly the name made of `segments`.
    pub(crate) fn exactly(segments: &[String]) -> Self {
        Self {
            segments: segments.iter().cloned().map(Glob).collect(),
            below: false,
        }
    }

    /// Whether the name made of `segments` is covered.
    pub(crate) fn covers(&self, segments: &[String]) -> bool {
        self.reaches(segments.len()) && self.segments.iter().zip(segments).all(|(g, s)| g.includes(s))
    }

    /// Whether every name that `other` covers is covered.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        (self.below || !other.below)
            && self.reaches(other.segments.len())
            && self.segments.iter().zip(&other.segments).all(|(a, b)| a.includes(&b.0))
    }

    /// Whether some name is covered by both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let lengths_meet = self.reaches(other.segments.len()) || other.reaches(self.segments.len());
        lengths_meet && self.segments.iter().zip(&other.segments).all(|(a, b)| a.overlaps(b))
    }

    /// Whether it covers exactly one name.
    pub(crate) fn is_exact(&self) -> bool {
        !self.below && self.segments.iter().all(Glob::is_exact)
    }

    fn reaches(&self, segments: usize) -> bool {
        segments == self.segments.len() || (self.below && segments > self.segments.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn glob(s: &str) -> Glob {
        Glob(s.into())
    }

    #[test]
    fn a_star_stays_within_its_segment() {
        let p = Pattern {
            segments: vec![glob("var"), glob("*.log")],
            below: false,
        };
        assert!(p.covers(&["var".into(), "a.log".into()]));
        assert!(p.covers(&["var".into(), ".log".into()]));
        assert!(!p.covers(&["var".into(), "a.log".into(), "b.log".into()]));
        assert!(!p.covers(&["var".into()]));
    }

    fn segment() -> impl Strategy<Value = String> {
        "[ab*]{1,5}"
    }

    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..5 {
            last = last
                .iter()
                .flat_map(|t| ["a", "b", "z"].map(|c| format!("{t}{c}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    proptest! {
        /// R21: inclusion never claims too much; and it claims enough, since a letter that neither pattern holds (`z`)
        /// in place of each star gives a text that only true inclusion covers.
        #[test]
        fn inclusion_of_segments_is_exact(a in segment(), b in segment()) {
            let (a, b) = (glob(&a), glob(&b));
            if a.includes(&b.0) {
                for t in texts().iter().filter(|t| b.includes(t)) {
                    prop_assert!(a.includes(t), "{b:?} covers {t}, {a:?} does not");
                }
            } else {
                prop_assert!(!a.includes(&b.0.replace('*', "z")));
            }
        }

        #[test]
        fn overlap_of_segments_is_exact(a in segment(), b in segment()) {
            let (a, b) = (glob(&a), glob(&b));
            let met = texts().iter().any(|t| a.includes(t) && b.includes(t));
            prop_assert!(!met || a.overlaps(&b), "{a:?} and {b:?} meet");
            prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
            // Both hold at most five letters, so where they meet, they mostly meet within five; longer ones only with stars.
            if a.overlaps(&b) && a.is_exact() {
                prop_assert!(b.includes(&a.0));
            }
        }
    }
}
