//! One element of CLIXML: where it ends, and what it says.

/// How far an element reaches.
pub(super) enum Extent {
    /// This many bytes.
    Whole(usize),
    /// Its end has not come.
    Unfinished,
    /// The text does not begin with one.
    NoElement,
}

/// A tag at the beginning of a text.
struct Tag<'a> {
    /// What is between `<` and `>`, without slashes.
    inner: &'a str,
    len: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Empty,
}

/// The tag that `text` begins with. None when its end has not come.
fn tag(text: &str) -> Option<Tag<'_>> {
    let end = text.find('>')?;
    let inner = &text[1..end];
    let (inner, kind) = if let Some(name) = inner.strip_prefix('/') {
        (name, Kind::Close)
    } else if let Some(name) = inner.strip_suffix('/') {
        (name, Kind::Empty)
    } else {
        (inner, Kind::Open)
    };
    Some(Tag {
        inner,
        len: end + 1,
        kind,
    })
}

/// How far the element at the beginning of `text` reaches.
pub(super) fn extent(text: &str) -> Extent {
    if !text.starts_with('<') {
        return Extent::NoElement;
    }
    let (mut at, mut depth) = (0, 0_u32);
    loop {
        let Some(tag) = tag(&text[at..]) else {
            return Extent::Unfinished;
        };
        at += tag.len;
        depth = match tag.kind {
            Kind::Open => depth + 1,
            Kind::Empty => depth,
            Kind::Close if depth == 0 => return Extent::NoElement,
            Kind::Close => depth - 1,
        };
        if depth == 0 {
            return Extent::Whole(at);
        }
        match text[at..].find('<') {
            Some(next) => at += next,
            None => return Extent::Unfinished,
        }
    }
}

/// Adds what a whole element says.
pub(super) fn unwrap(element: &str, out: &mut String) {
    let said = tag(element).and_then(|open| {
        let stream = attribute(open.inner, "S")?;
        match name(open.inner) {
            "S" => {
                let end = element[open.len..].find('<')? + open.len;
                Some(text(stream, &element[open.len..end]))
            }
            "Obj" if stream == "progress" => progress(element),
            _ => None,
        }
    });
    let said = said.as_deref().unwrap_or(element);
    out.push_str(said);
    // Records are lines; PowerShell ends most of them itself.
    if !said.ends_with('\n') {
        out.push('\n');
    }
}

fn text(stream: &str, content: &str) -> String {
    let content = unescape(&entities(content));
    if stream.eq_ignore_ascii_case("error") {
        content
    } else {
        format!("{stream}: {content}")
    }
}

/// A progress record's activity and state.
fn progress(element: &str) -> Option<String> {
    let record = &element[element.find("<PR ")?..];
    let of = |name: &str| {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let from = record.find(&open)? + open.len();
        let content = &record[from..from + record[from..].find(&close)?];
        Some(unescape(&entities(content)).trim().to_owned()).filter(|t| !t.is_empty())
    };
    let (activity, state) = (of("AV")?, of("T")?);
    Some(match of("SD") {
        Some(status) => format!("[progress] {activity} {status} ({state})"),
        None => format!("[progress] {activity} ({state})"),
    })
}

fn name(inner: &str) -> &str {
    inner.split_whitespace().next().unwrap_or_default()
}

fn attribute<'a>(inner: &'a str, wanted: &str) -> Option<&'a str> {
    inner.split_whitespace().skip(1).find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        (name == wanted).then_some(value)
    })
}

/// XML's own escapes; one that is not known stays as it is.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest.find(';').and_then(|end| Some((entity(&rest[1..end])?, end + 1)));
        let (c, len) = known.unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// CLIXML's escapes of UTF-16 units, `_x000D_`. Half a pair becomes U+FFFD.
fn unescape(text: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        units.extend(rest[..at].encode_utf16());
        rest = &rest[at..];
        let unit = rest.get(2..7).and_then(|u| u.strip_suffix('_')).and_then(hex);
        match unit {
            Some(unit) => {
                units.push(unit);
                rest = &rest[7..];
            }
            None => {
                units.extend("_x".encode_utf16());
                rest = &rest[2..];
            }
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

fn hex(digits: &str) -> Option<u16> {
    let all = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    all.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        assert_eq!(unescape("a_x000D__x000A_b"), "a\r\nb");
        assert_eq!(unescape("_xD83D__xDE00_"), "😀");
        assert_eq!(unescape("_xD83D_"), "\u{fffd}");
        assert_eq!(unescape("_x005F_x000D_"), "_x000D_");
        for plain in ["_x", "_x12_", "_x00é_", "x_x", "_x00G0_"] {
            assert_eq!(unescape(plain), plain);
        }
        assert_eq!(entities("&lt;&gt;&amp;&quot;&apos;&#65;&#x42;"), "<>&\"'AB");
        for plain in ["&", "&nope;", "&#xD800;", "a & b; c"] {
            assert_eq!(entities(plain), plain);
        }
    }
}
