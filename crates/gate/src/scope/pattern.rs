//! Patterns of a scope: their reading, writing and canonical form.

use std::fmt;

use crate::glob::{Glob, Pattern};
use crate::name::{self, FilePath, Hive, NameError, Reading, RegistryKey, Root};

/// A pattern over names below a root. Those of different roots (Unix or one drive each; a hive) never meet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rooted<R> {
    pub(crate) root: R,
    pub(crate) pattern: Pattern,
}

/// A pattern over file paths.
pub(crate) type PathPattern = Rooted<Root>;

/// A pattern over keys of the registry.
pub(crate) type KeyPattern = Rooted<Hive>;

/// Where names start, and how they are written from there.
pub(crate) trait Start: Copy + Eq {
    fn write(self, segments: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Start for Root {
    fn write(self, segments: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::write(self, segments, f)
    }
}

impl Start for Hive {
    fn write(self, segments: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::write(self, segments, f)
    }
}

impl PathPattern {
    pub(crate) fn read(text: &str) -> Result<Self, NameError> {
        let (path, below) = match text.strip_suffix("**") {
            Some(folder) if folder.ends_with(['/', '\\']) => (folder, true),
            Some(_) | None => (text, false),
        };
        let (root, segments) = name::read_path(path, Reading::Pattern)?;
        Self::checked(root, segments, below)
    }

    pub(crate) fn covers(&self, path: &FilePath) -> bool {
        self.holds(path.root, &path.segments)
    }
}

impl KeyPattern {
    pub(crate) fn read(text: &str) -> Result<Self, NameError> {
        let (key, below) = match text.strip_suffix("**") {
            Some(key) if key.ends_with('\\') => (key, true),
            Some(_) | None => (text, false),
        };
        let (hive, segments) = name::read_key(key, Reading::Pattern)?;
        Self::checked(hive, segments, below)
    }

    pub(crate) fn covers(&self, key: &RegistryKey) -> bool {
        self.holds(key.hive, &key.segments)
    }
}

impl<R: Start> Rooted<R> {
    pub(crate) fn exactly(root: R, segments: &[String]) -> Self {
        Self {
            root,
            pattern: Pattern::exactly(segments),
        }
    }

    pub(crate) fn below(root: R, segments: &[String]) -> Self {
        Self {
            root,
            pattern: Pattern {
                below: true,
                ..Pattern::exactly(segments)
            },
        }
    }

    fn checked(root: R, segments: Vec<String>, below: bool) -> Result<Self, NameError> {
        let read = Self {
            root,
            pattern: Pattern {
                segments: segments.into_iter().map(Glob).collect(),
                below,
            },
        };
        // The canonical form can be longer than what was typed, and has to be readable itself.
        name::check_text(&read.to_string())?;
        Ok(read)
    }

    fn holds(&self, root: R, segments: &[String]) -> bool {
        self.root == root && self.pattern.covers(segments)
    }

    pub(crate) fn includes(&self, other: &Self) -> bool {
        self.root == other.root && self.pattern.includes(&other.pattern)
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.root == other.root && self.pattern.overlaps(&other.pattern)
    }

    /// The folder or key alone, of a pattern that ends in `**`; the pattern itself otherwise.
    pub(crate) fn start(&self) -> Self {
        Self {
            root: self.root,
            pattern: Pattern {
                below: false,
                ..self.pattern.clone()
            },
        }
    }
}

impl<R: Start> fmt::Display for Rooted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut segments: Vec<&str> = self.pattern.segments.iter().map(|g| g.0.as_str()).collect();
        if self.pattern.below {
            segments.push("**");
        }
        self.root.write(&segments, f)
    }
}

/// Patterns of logs and services, whose parts are separated by `/`.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut segments: Vec<&str> = self.segments.iter().map(|g| g.0.as_str()).collect();
        if self.below {
            segments.push("**");
        }
        f.write_str(&segments.join("/"))
    }
}

/// A pattern over logs.
pub(crate) fn read_log(text: &str) -> Result<Pattern, NameError> {
    name::check_text(text)?;
    let (name, below) = match text.strip_suffix("/**") {
        Some(folder) => (folder, true),
        None => (text, false),
    };
    let parts: Vec<&str> = name.split('/').collect();
    let alone = parts.len() == 1 && !below;
    let segments = parts
        .into_iter()
        .map(|p| name::log_segment(text, p, alone, Reading::Pattern).map(Glob))
        .collect::<Result<_, _>>()?;
    Ok(Pattern { segments, below })
}

/// A pattern over services.
pub(crate) fn read_service(text: &str) -> Result<Pattern, NameError> {
    Ok(Pattern {
        segments: vec![Glob(name::service_name(text, Reading::Pattern)?)],
        below: false,
    })
}
