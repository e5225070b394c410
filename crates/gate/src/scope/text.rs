//! A scope as text: reading, writing, and its form in JSON (a string).

use std::fmt;
use std::str::FromStr;

use domain::action::LIMITS;
use domain::digest::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::pattern::{KeyPattern, PathPattern, read_log, read_service};
use super::{Kind, MOST_PATTERNS, Scope, ScopeError};
use crate::escape;
use crate::name::NameError;

/// The longest text that is read: room for every pattern at a usual length.
const LONGEST: usize = 32 * 1024;

fn form<T>(why: impl Into<String>) -> Result<T, ScopeError> {
    Err(ScopeError::Form(why.into()))
}

impl FromStr for Scope {
    type Err = ScopeError;

    /// Reads `verb("pattern", …){limit}`; blanks between the parts are allowed.
    fn from_str(s: &str) -> Result<Self, ScopeError> {
        if s.len() > LONGEST {
            return form("The scope is too long.");
        }
        let s = s.trim_matches(' ');
        let end = s
            .find(|c: char| !(c.is_ascii_lowercase() || c == '.'))
            .unwrap_or(s.len());
        let (verb, mut rest) = s.split_at(end);
        rest = rest.trim_start_matches(' ');
        if verb == "script" {
            return script(rest);
        }
        let (targets, mut rest) = match rest.strip_prefix('(') {
            Some(list) => quoted_list(list)?,
            None => (vec![], rest),
        };
        rest = rest.trim_start_matches(' ');
        let limit = match rest.strip_prefix('{') {
            Some(inner) => match inner.strip_suffix('}') {
                Some(limit) => Some(limit.trim_matches(' ')),
                None => return form("The limit after { has no } at the end."),
            },
            None if rest.is_empty() => None,
            None => return form(format!("After the scope stands something else: {}", escape::line(rest))),
        };
        build(verb, &targets, limit)
    }
}

fn script(rest: &str) -> Result<Scope, ScopeError> {
    let digest = rest
        .strip_prefix('(')
        .and_then(|r| r.strip_suffix(')'))
        .unwrap_or_default();
    let lower = !digest.bytes().any(|b| b.is_ascii_uppercase());
    match digest.parse::<Digest>() {
        Ok(digest) if lower => Ok(Scope(Kind::Script(digest))),
        Ok(_) | Err(_) => form("A script's scope is script(…) with 64 lower-case hexadecimal digits."),
    }
}

/// The strings of `"a", "b")…` and what follows the parenthesis.
fn quoted_list(mut rest: &str) -> Result<(Vec<&str>, &str), ScopeError> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(' ');
        let Some((name, after)) = rest.strip_prefix('"').and_then(|r| r.split_once('"')) else {
            return form("Each name stands in quotation marks, as in file.read(\"/etc/hosts\").");
        };
        found.push(name);
        if found.len() > MOST_PATTERNS {
            return form(format!("A scope lists at most {MOST_PATTERNS} names."));
        }
        let after = after.trim_start_matches(' ');
        if let Some(end) = after.strip_prefix(')') {
            return Ok((found, end));
        }
        rest = match after.strip_prefix(',') {
            Some(next) => next,
            None => return form("Names are separated by commas, and the list ends with )."),
        };
    }
}

/// The scope of these parts, in canonical form.
pub(super) fn build<S: AsRef<str>>(verb: &str, targets: &[S], limit: Option<&str>) -> Result<Scope, ScopeError> {
    if targets.len() > MOST_PATTERNS {
        return form(format!("A scope lists at most {MOST_PATTERNS} names."));
    }
    let limited = matches!(verb, "file.tail" | "log.read");
    if limit.is_some() && !limited {
        return form(format!("{} takes no limit.", escape::line(verb)));
    }
    Ok(Scope(match verb {
        "system.info" => bare(Kind::SystemInfo, verb, targets)?,
        "process.list" => bare(Kind::ProcessList, verb, targets)?,
        "disk.usage" => bare(Kind::DiskUsage, verb, targets)?,
        "file.read" => Kind::FileRead(list(verb, targets, PathPattern::read)?),
        "file.tail" => Kind::FileTail {
            paths: list(verb, targets, PathPattern::read)?,
            lines: limit.map(lines).transpose()?,
        },
        "log.read" => Kind::LogRead {
            logs: list(verb, targets, read_log)?,
            since_minutes: limit.map(since).transpose()?,
        },
        "registry.read" => Kind::RegistryRead(list(verb, targets, KeyPattern::read)?),
        "registry.write" => Kind::RegistryWrite(list(verb, targets, KeyPattern::read)?),
        "net.config" => bare(Kind::NetConfig, verb, targets)?,
        "net.probe" => Kind::NetProbe(list(verb, targets, str::parse)?),
        "net.tls" => Kind::NetTls(list(verb, targets, str::parse)?),
        "service.list" => bare(Kind::ServiceList, verb, targets)?,
        "service.status" => Kind::ServiceStatus(list(verb, targets, read_service)?),
        "service.start" => Kind::ServiceStart(list(verb, targets, read_service)?),
        "service.stop" => Kind::ServiceStop(list(verb, targets, read_service)?),
        "service.restart" => Kind::ServiceRestart(list(verb, targets, read_service)?),
        other => {
            return form(format!(
                "There is no verb \"{}\".",
                escape::line(&other.chars().take(40).collect::<String>())
            ));
        }
    }))
}

fn bare<S>(kind: Kind, verb: &str, targets: &[S]) -> Result<Kind, ScopeError> {
    if targets.is_empty() {
        Ok(kind)
    } else {
        form(format!("{verb} takes no names."))
    }
}

fn list<S: AsRef<str>, T: Ord>(
    verb: &str,
    targets: &[S],
    read: impl Fn(&str) -> Result<T, NameError>,
) -> Result<Vec<T>, ScopeError> {
    if targets.is_empty() {
        return form(format!("{verb} has to name what it covers, as in {verb}(\"…\")."));
    }
    let mut all = targets
        .iter()
        .map(|t| read(t.as_ref()))
        .collect::<Result<Vec<T>, _>>()?;
    all.sort();
    all.dedup();
    Ok(all)
}

fn number(text: &str) -> Option<u32> {
    (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn lines(limit: &str) -> Result<u32, ScopeError> {
    match limit.strip_prefix("lines=").and_then(number) {
        Some(n) if n <= LIMITS.lines => Ok(n),
        Some(_) | None => form(format!(
            "The limit of file.tail is {{lines=N}}, N from 1 to {}.",
            LIMITS.lines
        )),
    }
}

fn since(limit: &str) -> Result<u32, ScopeError> {
    let minutes = limit.strip_prefix("since=").and_then(|span| {
        let unit = match span.chars().last()? {
            'm' => 1,
            'h' => 60,
            'd' => 60 * 24,
            _ => return None,
        };
        number(&span[..span.len() - 1])?.checked_mul(unit)
    });
    match minutes {
        Some(n) if n <= LIMITS.since_minutes => Ok(n),
        Some(_) | None => form("The limit of log.read is {since=60m}, {since=24h} or {since=7d}, at most 31 days."),
    }
}

/// Minutes as the limit writes them: whole hours as `h`, else `m`.
pub(super) fn minutes(n: u32) -> String {
    if n.is_multiple_of(60) {
        format!("{}h", n / 60)
    } else {
        format!("{n}m")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())?;
        if let Kind::Script(digest) = &self.0 {
            return write!(f, "({digest})");
        }
        let targets = self.targets();
        if !targets.is_empty() {
            write!(f, "(\"{}\")", targets.join("\", \""))?;
        }
        match self.limit() {
            Some(limit) => write!(f, "{{{limit}}}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
