//! Patterns of a scope: their reading, writing and canonical form.

use std::fmt;

use crate::glob::{Glob, Pattern};
use crate::name::{self, FilePath, NameError, Reading, Root};

/// A pattern over file paths. Paths of different roots (Unix, or one drive each) never meet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathPattern {
    pub(crate) root: Root,
    pub(crate) pattern: Pattern,
}

impl PathPattern {
    pub(crate) fn exactly(path: &FilePath) -> Self {
        Self {
            root: path.root,
            pattern: Pattern::exactly(&path.segments),
        }
    }

    pub(crate) fn below(folder: &FilePath) -> Self {
        Self {
            root: folder.root,
            pattern: Pattern {
                below: true,
                ..Pattern::exactly(&folder.segments)
            },
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self, NameError> {
        let (path, below) = match text.strip_suffix("**") {
            Some(folder) if folder.ends_with(['/', '\\']) => (folder, true),
            Some(_) | None => (text, false),
        };
        let (root, segments) = name::read_path(path, Reading::Pattern)?;
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

    pub(crate) fn covers(&self, path: &FilePath) -> bool {
        self.root == path.root && self.pattern.covers(&path.segments)
    }

    pub(crate) fn includes(&self, other: &Self) -> bool {
        self.root == other.root && self.pattern.includes(&other.pattern)
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.root == other.root && self.pattern.overlaps(&other.pattern)
    }

    /// The folder alone, of a pattern that ends in `**`; the pattern itself otherwise.
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

impl fmt::Display for PathPattern {
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
