//! Canonical JSON (RFC 8785, the JSON Canonicalization Scheme) for the subset that the product signs and hashes.
//!
//! It lives here because three crates that may not know each other (`audit`, `gate`, `wire`) hash or sign JSON and must
//! agree on the bytes. Floats are refused and integers are kept within ±(2^53 − 1), so that RFC 8785's number rules
//! reduce to plain decimal integers and every JavaScript reader sees the same numbers.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::{Map, Value};

/// The largest integer that canonical JSON may hold: 2^53 − 1 (RFC 7493 section 2.2).
pub const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// Bytes that most texts stay below.
const USUAL: usize = 256;

/// Why a value has no canonical form here.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CanonicalError {
    /// The value can't be expressed as JSON at all (a map with keys that are not strings, for example).
    #[error("the value is not JSON: {0}")]
    NotJson(String),
    /// A float, or an integer beyond ±(2^53 − 1).
    #[error("the number {0} has no canonical form: only integers within 2^53 are allowed")]
    Number(String),
}

/// The canonical bytes of `value`.
///
/// # Errors
/// When the value is not JSON, or holds a float or an integer beyond ±(2^53 − 1).
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    to_string(value).map(String::into_bytes)
}

/// The canonical text of `value`.
///
/// # Errors
/// As [`to_vec`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|e| CanonicalError::NotJson(e.to_string()))?;
    of(&value)
}

/// The canonical text of JSON.
///
/// # Errors
/// When it holds a float or an integer beyond ±(2^53 − 1).
pub fn of(value: &Value) -> Result<String, CanonicalError> {
    let mut out = String::with_capacity(USUAL);
    write_value(value, &mut out)?;
    Ok(out)
}

/// The order of an object's members: by UTF-16 code units (RFC 8785 section 3.2.3). Where two names first differ in ASCII that is the
/// order of bytes; beyond U+FFFF it is another.
pub fn order(a: &str, b: &str) -> Ordering {
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        None => a.len().cmp(&b.len()),
        Some((a, b)) if a.is_ascii() && b.is_ascii() => a.cmp(&b),
        Some(_) => a.encode_utf16().cmp(b.encode_utf16()),
    }
}

fn write_value(value: &Value, out: &mut String) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(n) => match n.as_i64() {
            Some(i) if (-MAX_INTEGER..=MAX_INTEGER).contains(&i) => out.push_str(&i.to_string()),
            _ => return Err(CanonicalError::Number(n.to_string())),
        },
        Value::String(s) => string(s, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(item, out)?;
            }
            out.push(']');
        }
        Value::Object(map) => write_object(map, out)?,
    }
    Ok(())
}

fn write_object(map: &Map<String, Value>, out: &mut String) -> Result<(), CanonicalError> {
    object(map, out, write_value)
}

/// Appends an object of these members, each value written by `value`.
///
/// # Errors
/// What `value` says.
pub fn object<'a, V: 'a>(
    members: impl IntoIterator<Item = (&'a String, &'a V)>,
    out: &mut String,
    value: impl Fn(&V, &mut String) -> Result<(), CanonicalError>,
) -> Result<(), CanonicalError> {
    let mut members: Vec<(&String, &V)> = members.into_iter().collect();
    if !members.is_sorted_by(|(a, _), (b, _)| order(a, b).is_le()) {
        members.sort_by(|(a, _), (b, _)| order(a, b));
    }
    out.push('{');
    for (i, (name, member)) in members.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        string(name, out);
        out.push(':');
        value(member, out)?;
    }
    out.push('}');
    Ok(())
}

/// Appends a string with its quotes: everything as it is but what JSON can't hold.
pub fn string(s: &str, out: &mut String) {
    out.push('"');
    let mut rest = s;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            control => out.push_str(&format!("\\u{control:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn members_are_ordered_by_utf16_code_units() {
        // RFC 8785 section 3.2.3's own example.
        let v = json!({"\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"});
        assert_eq!(
            to_string(&v).unwrap(),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\
             \"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn strings_are_escaped_as_the_scheme_says() {
        let v = json!("\u{20ac}$\u{f}\u{a}A'\u{42}\"\\\\\"/\u{7f}");
        assert_eq!(
            to_string(&v).unwrap(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\""
        );
    }

    #[test]
    fn floats_and_integers_beyond_two_to_the_53_are_refused() {
        assert!(matches!(to_vec(&json!(1.5)), Err(CanonicalError::Number(_))));
        assert!(matches!(to_vec(&json!(1.0)), Err(CanonicalError::Number(_))));
        assert!(matches!(
            to_vec(&json!(MAX_INTEGER + 1)),
            Err(CanonicalError::Number(_))
        ));
        assert!(matches!(to_vec(&json!(u64::MAX)), Err(CanonicalError::Number(_))));
        assert_eq!(
            to_string(&json!([MAX_INTEGER, -MAX_INTEGER])).unwrap(),
            "[9007199254740991,-9007199254740991]"
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back_as_the_same_value_and_is_a_fixed_point(v in any_json()) {
            let once = to_vec(&v).unwrap();
            let back: Value = serde_json::from_slice(&once).unwrap();
            prop_assert_eq!(&back, &v);
            prop_assert_eq!(to_vec(&back).unwrap(), once);
        }
    }
}
