//! What follows a verb: reading paths, names, numbers, hosts and what a registry value is set to.

use domain::action::{RegistryData, Verb};

use super::Mistake;

pub(super) fn alone(verb: Verb, argument: &str) -> Result<Verb, Mistake> {
    if argument.is_empty() {
        Ok(verb)
    } else {
        Err(format!("{} takes nothing after it.", verb.name()).into())
    }
}

pub(super) fn needed(text: &str, otherwise: &str) -> Result<String, Mistake> {
    if text.is_empty() {
        Err(otherwise.into())
    } else {
        Ok(text.to_owned())
    }
}

pub(super) fn path(text: &str) -> Result<String, Mistake> {
    needed(unquoted(text), "Say which file, by its whole path, such as /etc/hosts.")
}

pub(super) fn service(verb: &str, text: &str) -> Result<String, Mistake> {
    let name = needed(unquoted(text), &format!("Say which service, such as {verb} cups."))?;
    if name.contains(char::is_whitespace) {
        return Err("One service at a time: each is an action with its own approval.".into());
    }
    Ok(name)
}

/// Without the double quotes around it, if there are any.
pub(super) fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text)
}

/// `text` without a number at its end, and that number with its unit. A quoted text has no number inside.
pub(super) fn trailing_number(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(char::is_whitespace) {
        Some((before, last)) if last.starts_with(|c: char| c.is_ascii_digit()) && !last.ends_with('"') => {
            (before.trim_end(), Some(last))
        }
        _ => (text, None),
    }
}

pub(super) fn number(text: &str) -> Result<u32, Mistake> {
    text.parse()
        .map_err(|_| "After the path comes a number of lines. Put a path with spaces in double quotes.".into())
}

/// Minutes: `60`, `90m`, `24h`, `2d`.
pub(super) fn span(text: &str) -> Result<u32, Mistake> {
    let (digits, each) = match text.strip_suffix(['m', 'h', 'd']) {
        Some(digits) if text.ends_with('m') => (digits, 1),
        Some(digits) if text.ends_with('h') => (digits, 60),
        Some(digits) => (digits, 60 * 24),
        None => (text, 1),
    };
    let count: Option<u32> = digits.parse().ok();
    count
        .and_then(|n| n.checked_mul(each))
        .ok_or_else(|| "After the log comes a time: minutes, or 90m, 24h, 2d.".into())
}

/// Host and port for `verb`.
pub(super) fn target(verb: &str, text: &str) -> Result<(String, u16), Mistake> {
    let how = format!("Say which host and port, such as {verb} gw.example.com:443.");
    let (host, port) = text
        .rsplit_once(char::is_whitespace)
        .or_else(|| text.rsplit_once(':'))
        .ok_or_else(|| Mistake::from(how.as_str()))?;
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    let port = port
        .trim()
        .parse()
        .map_err(|_| format!("A port is a number from 1 to 65535. {how}"))?;
    Ok((needed(host, &how)?, port))
}

/// Key, value and data: `HKLM\SOFTWARE\POS Port dword:5`.
pub(super) fn registry_write(text: &str) -> Result<Verb, Mistake> {
    const HOW: &str = "Write the key, the value and its data, such as registry.write HKLM\\SOFTWARE\\POS Port dword:5. Put names with spaces in double quotes.";
    let (key, rest) = token(text).ok_or(HOW)?;
    let (value, data) = token(rest).ok_or(HOW)?;
    let is_default = value == DEFAULT_VALUE && !rest.trim_start().starts_with('"');
    let (word, data) = data
        .split_once(':')
        .filter(|(word, _)| !word.trim().contains(char::is_whitespace))
        .ok_or(HOW)?;
    Ok(Verb::RegistryWrite {
        key: needed(&key, HOW)?,
        value: if is_default { String::new() } else { value },
        data: registry_data(word.trim(), data.trim())?,
    })
}

/// How a key's default value is named, without quotes.
pub(super) const DEFAULT_VALUE: &str = "(default)";

fn registry_data(word: &str, data: &str) -> Result<RegistryData, Mistake> {
    const NUMBER: &str = "A dword or qword is a whole number, as in dword:5 or dword:0x1f.";
    Ok(match word {
        "sz" => RegistryData::Sz(text_of_data(data)),
        "expand_sz" => RegistryData::ExpandSz(text_of_data(data)),
        "dword" => RegistryData::Dword(whole(data).and_then(|n| n.try_into().ok()).ok_or(NUMBER)?),
        "qword" => RegistryData::Qword(whole(data).ok_or(NUMBER)?),
        "multi_sz" => {
            let (mut all, mut rest) = (vec![], data);
            while let Some((text, after)) = token(rest) {
                all.push(text);
                rest = after;
            }
            if !rest.trim().is_empty() {
                return Err("A text in double quotes ends with a double quote; one inside is written twice.".into());
            }
            RegistryData::MultiSz(all)
        }
        "binary" => RegistryData::Binary(data.replace([' ', ','], "").to_ascii_lowercase()),
        _ => {
            return Err(
                "The data's type is one of sz, expand_sz, multi_sz, dword, qword and binary, with a colon after it."
                    .into(),
            );
        }
    })
}

/// A text as it stands, or what is in the double quotes around it.
fn text_of_data(data: &str) -> String {
    match token(data) {
        Some((text, rest)) if data.starts_with('"') && rest.trim().is_empty() => text,
        Some(_) | None => data.to_owned(),
    }
}

fn whole(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => text
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten(),
    }
}

/// The first word of `text`, or what is in its first double quotes, in which two stand for one; and what follows.
fn token(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut inside = String::new();
    loop {
        let (piece, after) = rest.split_once('"')?;
        inside.push_str(piece);
        match after.strip_prefix('"') {
            Some(more) => {
                inside.push('"');
                rest = more;
            }
            None => return Some((inside, after)),
        }
    }
}
