//! Files: held first, then looked at, then read. The path that the system itself gives for the held file is what is compared
//! with the scope, so no symbolic link, and no change of one in the meantime, leads elsewhere.
//!
//! Hard links can't be told from each other; a scope that covers one name of a file covers the file.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use domain::action::Verb;
use gate::name::FilePath;
use gate::scope::Scope;
use rustix::fs::{Mode, OFlags};

use crate::verbs::stream::{Part, Source};
use crate::verbs::{Prepared, Refusal, Work};

/// Makes reading a file ready: the last lines, or all of it.
///
/// # Errors
/// When what the path leads to is outside the scope, or is one of the agent's own files.
pub(in crate::verbs) fn prepare(
    verb: &Verb,
    path: &str,
    tail: Option<u32>,
    scope: &Scope,
    private: &Path,
) -> Result<Prepared, Refusal> {
    let check = |real: &Path| {
        if real.starts_with(private) {
            return Err(Refusal::out_of_scope("It is one of the agent's own files."));
        }
        covered(verb.name(), real, scope)
    };
    let part = tail.map_or(Part::Whole, Part::LastLines);
    match hold(Path::new(path)) {
        Ok(held) => {
            check(&held.real)?;
            Ok(held.read(part))
        }
        Err(e) => {
            // What is not there must not tell anything about places outside the scope either.
            check(&would_be(Path::new(path)))?;
            Ok(Prepared::new(
                path,
                Work::Failing(format!("{path} can't be opened: {e}.")),
            ))
        }
    }
}

/// A file that is held but not opened for reading, with its real path.
pub(super) struct Held {
    file: File,
    /// Where it really is.
    pub(super) real: PathBuf,
}

/// Holds a file, following links, without any effect on it.
///
/// # Errors
/// As the system says.
pub(super) fn hold(path: &Path) -> io::Result<Held> {
    let file = File::from(rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?);
    let real = std::fs::read_link(by_number(&file))?;
    Ok(Held { file, real })
}

impl Held {
    /// Whether it is a regular file that still has a name.
    pub(super) fn is_regular(&self) -> bool {
        self.file.metadata().is_ok_and(|m| m.is_file() && m.nlink() > 0)
    }

    /// Makes reading it ready.
    pub(super) fn read(self, part: Part) -> Prepared {
        let shown = self.real.display().to_string();
        let failing = |why: String| Prepared::new(shown.clone(), Work::Failing(why));
        let kind = match self.file.metadata() {
            Ok(meta) => meta,
            Err(e) => return failing(format!("{shown} can't be looked at: {e}.")),
        };
        if !kind.is_file() {
            let t = kind.file_type();
            let what = if t.is_dir() {
                "a folder"
            } else if t.is_fifo() || t.is_socket() {
                "a pipe or socket"
            } else {
                "a device"
            };
            return failing(format!("{shown} is {what}; only files can be read."));
        }
        if kind.nlink() == 0 {
            return failing("The file was deleted a moment ago.".into());
        }
        // The very file that is held, whatever the path leads to by now.
        match File::open(by_number(&self.file)) {
            Ok(file) => Prepared::new(shown, Work::Stream(Source::new(file, part))),
            Err(e) => failing(format!("{shown} can't be read: {e}.")),
        }
    }
}

fn by_number(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

fn covered(verb: &'static str, real: &Path, scope: &Scope) -> Result<(), Refusal> {
    let text = real
        .to_str()
        .ok_or_else(|| Refusal::out_of_scope("It leads to a file whose name is not UTF-8."))?;
    let path: FilePath = text
        .parse()
        .map_err(|e| Refusal::out_of_scope(format!("It leads to a file that no scope can name: {e}")))?;
    if path.to_string() != text {
        return Err(Refusal::out_of_scope(format!(
            "It leads to {text}, which has another canonical form."
        )));
    }
    scope
        .covers_path(verb, &path)
        .map_err(|miss| Refusal::out_of_scope(format!("On the endpoint: {miss}")))
}

/// Where a path that can't be opened would lead: its nearest existing folder, really, and the rest as written.
fn would_be(path: &Path) -> PathBuf {
    let mut rest = vec![];
    for folder in path.ancestors().skip(1) {
        rest.push(path.strip_prefix(folder).map(Path::to_owned).unwrap_or_default());
        if let Ok(real) = folder.canonicalize() {
            return real.join(rest.pop().unwrap_or_default());
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::action::{Command, RefusalReason};
    use std::os::unix::fs::symlink;

    struct Place {
        dir: tempfile::TempDir,
        root: PathBuf,
    }

    fn place() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["in", "out", "private"] {
            std::fs::create_dir(root.join(folder)).unwrap();
            std::fs::write(root.join(folder).join("file"), folder).unwrap();
        }
        Place { dir, root }
    }

    impl Place {
        fn ask(&self, name: &str) -> Result<Prepared, Refusal> {
            assert!(self.dir.path().exists());
            let path = self.root.join(name).display().to_string();
            let verb = Verb::FileRead { path: path.clone() };
            let scope: Scope = format!("file.read(\"{}/in/**\")", self.root.display()).parse().unwrap();
            scope.covers(&Command::Verb(verb.clone())).unwrap();
            prepare(&verb, &path, None, &scope, &self.root.join("in/agent"))
        }

        fn refused(&self, name: &str) {
            assert_eq!(
                self.ask(name).map(|p| p.resource).unwrap_err().reason,
                RefusalReason::OutOfScope,
                "{name}"
            );
        }
    }

    /// R10, R21: links inside the scope are followed, links out of it are refused, by what is really opened.
    #[test]
    fn a_link_out_of_the_scope_is_refused() {
        let p = place();
        symlink(p.root.join("in/file"), p.root.join("in/fine")).unwrap();
        symlink("../out/file", p.root.join("in/escape")).unwrap();
        symlink(p.root.join("out"), p.root.join("in/folder")).unwrap();
        symlink("/proc/self/root/etc/passwd", p.root.join("in/magic")).unwrap();
        assert_eq!(
            p.ask("in/fine").unwrap().resource,
            p.root.join("in/file").display().to_string()
        );
        p.refused("in/escape");
        p.refused("in/folder/file");
        p.refused("in/folder/missing");
        p.refused("in/magic");
    }

    #[test]
    fn the_agents_own_files_are_refused_though_in_scope() {
        let p = place();
        std::fs::create_dir(p.root.join("in/agent")).unwrap();
        std::fs::write(p.root.join("in/agent/identity.json"), "key").unwrap();
        p.refused("in/agent/identity.json");
        p.refused("in/agent/other");
    }

    #[test]
    fn what_is_no_file_fails_without_being_opened() {
        let p = place();
        std::fs::create_dir(p.root.join("in/sub")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            p.root.join("in/pipe"),
            rustix::fs::FileType::Fifo,
            Mode::RUSR,
            0,
        )
        .unwrap();
        for (name, why) in [
            ("in/sub", "is a folder"),
            ("in/pipe", "is a pipe"),
            ("in/missing", "can't be opened"),
        ] {
            let prepared = p.ask(name).unwrap();
            assert!(
                matches!(&prepared.work, Work::Failing(w) if w.contains(why)),
                "{prepared:?}"
            );
        }
    }
}
