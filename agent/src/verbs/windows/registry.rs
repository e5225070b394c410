//! The registry: a key is opened first, and where it really is, by the kernel's name for it, is what is compared with the
//! scope. So a symbolic link is followed only to where the scope reaches, too.

mod show;

use domain::action::{RegistryData, Verb};
use gate::escape;
use gate::name::RegistryKey;
use gate::scope::Scope;
use win::error::WinError;
use win::registry::{Access, Data, Hive, Key, Kind, Value};

use super::{Speaker, Task, told};
use crate::verbs::{Prepared, Refusal, Work};

/// A key that is open for reading.
#[derive(Debug)]
pub(in crate::verbs) struct Reading {
    key: Key,
    real: String,
}

/// A value that is to be set in an open key.
#[derive(Debug)]
pub(in crate::verbs) struct Setting {
    key: Key,
    real: String,
    name: String,
    kind: Kind,
    data: Vec<u8>,
}

/// Makes reading a key, or setting a value in it, ready.
///
/// # Errors
/// When what the key's name leads to is outside the scope.
pub(in crate::verbs) fn prepare(verb: &Verb, key: &str, scope: &Scope) -> Result<Prepared, Refusal> {
    let asked: RegistryKey = key
        .parse()
        .map_err(|e| Refusal::out_of_scope(format!("It names no key: {e}")))?;
    let set = if let Verb::RegistryWrite { value, data, .. } = verb {
        Some((value, encoded(data)))
    } else {
        None
    };
    let access = if set.is_some() { Access::Write } else { Access::Read };
    let failing = |why: String| Ok(Prepared::new(key, Work::Failing(why)));
    let open = match open(&asked, asked.segments().len(), access) {
        Ok(open) => open,
        Err(e) => {
            // What is not there must not tell anything about keys outside the scope either.
            covered(verb.name(), would_be(&asked), scope)?;
            return failing(if e.is_not_found() {
                format!("There is no key {key}.")
            } else {
                format!("{key} can't be opened: {}.", told(&e))
            });
        }
    };
    let real = match open.real() {
        Ok(real) => covered(verb.name(), real, scope)?,
        Err(e) => return failing(format!("Where {key} really is can't be found out: {}.", told(&e))),
    };
    let task = match set {
        Some((name, (kind, data))) => Task::Value(Setting {
            key: open,
            real: real.clone(),
            name: name.clone(),
            kind,
            data,
        }),
        None => Task::Key(Reading {
            key: open,
            real: real.clone(),
        }),
    };
    Ok(Prepared::new(real, Work::Task(task)))
}

impl Reading {
    pub(super) fn run(self, say: &Speaker) -> Result<(), String> {
        let contents = self
            .key
            .contents()
            .map_err(|e| format!("{} can't be read: {}.", self.real, told(&e)))?;
        say.say(show::contents(&self.real, &contents));
        Ok(())
    }
}

impl Setting {
    pub(super) fn run(self, say: &Speaker) -> Result<(), String> {
        let Self {
            key,
            real,
            name,
            kind,
            data,
        } = self;
        let failed = |what: &str, e: &WinError| format!("{real}: the value {what}: {}.", told(e));
        let before = key.set(&name, kind, &data).map_err(|e| failed("can't be set", &e))?;
        let after = key.value(&name).map_err(|e| failed("can't be read back", &e))?;
        say.say(show::change(&real, before.as_ref(), after.as_ref()));
        let wanted = Value { name, kind, data };
        match after {
            Some(after) if (after.kind, &after.data) == (wanted.kind, &wanted.data) => Ok(()),
            Some(_) | None => Err(format!(
                "{real}: the value \"{}\" was set, and is another by now. Another program changes it, too.",
                escape::line(&wanted.name)
            )),
        }
    }
}

/// Opens the first `depth` levels of a key.
fn open(key: &RegistryKey, depth: usize, access: Access) -> Result<Key, WinError> {
    let hive = match key.hive() {
        gate::name::Hive::LocalMachine => Hive::Machine,
        gate::name::Hive::Users => Hive::Users,
    };
    Key::open(hive, &key.segments()[..depth].join("\\"), access)
}

/// Where a key that can't be opened would be: the nearest key above it that can, really, and the rest as written.
fn would_be(key: &RegistryKey) -> Option<String> {
    let segments = key.segments();
    for depth in (0..segments.len()).rev() {
        if let Ok(real) = open(key, depth, Access::Read).and_then(|k| k.real()) {
            let rest = segments[depth..].join("\\");
            return real.map(|real| format!("{real}\\{rest}"));
        }
    }
    Some(key.to_string())
}

/// The real key, when the scope covers it.
fn covered(verb: &'static str, real: Option<String>, scope: &Scope) -> Result<String, Refusal> {
    let real = real.ok_or_else(|| Refusal::out_of_scope("It leads to a key that no scope can name."))?;
    let key: RegistryKey = real
        .parse()
        .map_err(|e| Refusal::out_of_scope(format!("It leads to a key that no scope can name: {e}")))?;
    scope
        .covers_key(verb, &key)
        .map_err(|miss| Refusal::out_of_scope(format!("On the endpoint: {miss}")))?;
    Ok(real)
}

/// Type and bytes of a value that is to be written.
fn encoded(data: &RegistryData) -> (Kind, Vec<u8>) {
    let (kind, data) = match data {
        RegistryData::Sz(text) => (Kind::TEXT, Data::Text(text.clone())),
        RegistryData::ExpandSz(text) => (Kind::EXPANDABLE, Data::Text(text.clone())),
        RegistryData::MultiSz(texts) => (Kind::TEXTS, Data::Texts(texts.clone())),
        RegistryData::Dword(n) => (Kind::NUMBER32, Data::Number32(*n)),
        RegistryData::Qword(n) => (Kind::NUMBER64, Data::Number64(*n)),
        RegistryData::Binary(hex) => return (Kind::BYTES, from_hex(hex)),
    };
    (kind, data.bytes(kind))
}

/// The bytes of pairs of hexadecimal digits, which the command was checked to have.
fn from_hex(hex: &str) -> Vec<u8> {
    let (pairs, _) = hex.as_bytes().as_chunks::<2>();
    let digit = |d: u8| char::from(d).to_digit(16).unwrap_or_default() as u8;
    pairs
        .iter()
        .map(|[high, low]| digit(*high) << 4 | digit(*low))
        .collect()
}

#[cfg(test)]
mod tests;
