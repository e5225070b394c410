//! Files: held first, then looked at, then read. The path that the system itself gives for the held file is what is compared
//! with the scope, so no junction, link or short name, and no change of one in the meantime, leads elsewhere.
//!
//! Hard links can't be told from each other; a scope that covers one name of a file covers the file.

use std::path::Path;

use domain::action::Verb;
use gate::name::FilePath;
use gate::scope::Scope;
use win::files::{Held, Kind, Place, is_in_use};

use super::told;
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
    let part = tail.map_or(Part::Whole, Part::LastLines);
    let failing = |why: String| Ok(Prepared::new(path, Work::Failing(why)));
    let held = match Held::hold(path) {
        Ok(held) => held,
        Err(e) => {
            // What is not there must not tell anything about places outside the scope either.
            covered(verb.name(), would_be(path), scope, private)?;
            return failing(format!("{path} can't be opened: {}.", told(&e)));
        }
    };
    let place = match held.place() {
        Ok(place) => place,
        Err(e) => return failing(format!("Where {path} really is can't be found out: {}.", told(&e))),
    };
    let real = covered(verb.name(), place, scope, private)?;
    Ok(read(&held, real, part))
}

/// Makes reading what is held ready.
fn read(held: &Held, real: String, part: Part) -> Prepared {
    let why = match held.kind() {
        Ok(Kind::File(_)) => match held.read() {
            Ok(file) => return Prepared::new(real, Work::Stream(Source::new(file, part))),
            Err(e) if is_in_use(&e) => {
                format!("{real} is open in another program, which shares it with nobody. Close it there and try again.")
            }
            Err(e) => format!("{real} can't be read: {}.", told(&e)),
        },
        Ok(Kind::Folder) => format!("{real} is a folder; only files can be read."),
        Ok(Kind::Reparse) => format!("{real} is a link of a kind that can't be followed; only files can be read."),
        Ok(Kind::Device) => format!("{real} is a device; only files can be read."),
        Err(e) => format!("{real} can't be looked at: {}.", told(&e)),
    };
    Prepared::new(real, Work::Failing(why))
}

/// The real path, when the scope covers it and it is none of the agent's own.
fn covered(verb: &'static str, place: Place, scope: &Scope, private: &Path) -> Result<String, Refusal> {
    let real = match place {
        Place::Drive(path) => path,
        Place::Share(share) => {
            return Err(Refusal::out_of_scope(format!(
                "It leads to {share}, which is on another machine."
            )));
        }
        Place::NoLetter => {
            return Err(Refusal::out_of_scope(
                "It leads to a volume without a drive letter, which no scope can name.",
            ));
        }
    };
    let path: FilePath = real
        .parse()
        .map_err(|e| Refusal::out_of_scope(format!("It leads to a file that no scope can name: {e}")))?;
    if is_private(&path, private) {
        return Err(Refusal::out_of_scope("It is one of the agent's own files."));
    }
    scope
        .covers_path(verb, &path)
        .map_err(|miss| Refusal::out_of_scope(format!("On the endpoint: {miss}")))?;
    Ok(real)
}

/// Whether `path` is one of the agent's own files, by where the agent's folder really is. Where that can't be found out,
/// every file counts as one.
fn is_private(path: &FilePath, private: &Path) -> bool {
    // The standard library writes real paths with this in front.
    let plain = private.to_str().map(|p| p.strip_prefix(r"\\?\").unwrap_or(p));
    let folder = plain.map(|p| (p, Held::hold(p).and_then(|h| h.place())));
    let real = match folder {
        Some((_, Ok(Place::Drive(real)))) => real,
        // It is not there: nothing in it can be read, and its name is still not to be.
        Some((named, Err(e))) if e.is_not_found() => named.to_owned(),
        Some((_, Ok(Place::Share(_) | Place::NoLetter) | Err(_))) | None => return true,
    };
    let Ok(folder) = real.parse::<FilePath>() else {
        return true;
    };
    let (path, folder) = (path.to_string(), folder.to_string());
    path == folder || path.strip_prefix(&folder).is_some_and(|rest| rest.starts_with('\\'))
}

/// Where a path that can't be opened would lead: its nearest existing folder, really, and the rest as written.
fn would_be(path: &str) -> Place {
    let above = path.match_indices('\\').map(|(at, _)| at).collect::<Vec<_>>();
    for at in above.into_iter().rev() {
        let (folder, rest) = path.split_at(at);
        // A drive's own folder is written with its separator.
        let folder = if folder.ends_with(':') {
            format!("{folder}\\")
        } else {
            folder.to_owned()
        };
        if let Ok(place) = Held::hold(&folder).and_then(|h| h.place()) {
            return match place {
                Place::Drive(real) => Place::Drive(format!("{}{rest}", real.trim_end_matches('\\'))),
                Place::Share(share) => Place::Share(share),
                Place::NoLetter => Place::NoLetter,
            };
        }
    }
    Place::Drive(path.to_owned())
}

#[cfg(test)]
mod tests;
