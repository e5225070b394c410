//! Keys and values as text: a line a value, in an order and form that stay the same, so that two readings can be compared.

use domain::timestamp::Timestamp;
use gate::escape;
use win::registry::{Contents, Data, Value};

use crate::verbs::table::table;

const HEAD: [&str; 3] = ["NAME", "TYPE", "DATA"];

/// From 1601, where Windows begins to count, to 1970, in its units of 100 nanoseconds.
const EPOCH: i64 = 116_444_736_000_000_000;

/// A key's values and the names of the keys in it.
pub(super) fn contents(real: &str, contents: &Contents) -> String {
    let Contents {
        values,
        subkeys,
        class,
        last_written,
    } = contents;
    let mut text = format!(
        "{}\nLast written: {}\n",
        escape::line(real),
        time(*last_written).for_people()
    );
    if !class.is_empty() {
        text.push_str(&format!("Class: {}\n", escape::line(class)));
    }
    text.push_str(&format!("\nValues: {}\n", values.len()));
    if !values.is_empty() {
        let rows: Vec<Vec<String>> = values.iter().flat_map(rows).collect();
        text.push_str(&table(&HEAD, &rows, &[]));
    }
    text.push_str(&format!("\nKeys: {}\n", subkeys.len()));
    for subkey in subkeys {
        text.push_str(&escape::line(subkey));
        text.push('\n');
    }
    text
}

/// A value before and after it was set.
pub(super) fn change(real: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let side = |word: &str, value: Option<&Value>| match value {
        Some(value) => format!("{word}:\n{}", table(&HEAD, &rows(value), &[])),
        None => format!("{word}: there was no such value.\n"),
    };
    format!(
        "{}\n{}{}",
        escape::line(real),
        side("Before", before),
        side("After", after)
    )
}

/// A value's lines; lists have one for each text.
fn rows(value: &Value) -> Vec<Vec<String>> {
    let name = if value.name.is_empty() {
        "(default)".to_owned()
    } else {
        escape::line(&value.name)
    };
    let mut data = match value.meaning() {
        Data::Text(text) => vec![escape::line(&text)],
        Data::Texts(texts) => texts.iter().map(|t| escape::line(t)).collect(),
        Data::Number32(n) => vec![format!("0x{n:08x} ({n})")],
        Data::Number64(n) => vec![format!("0x{n:016x} ({n})")],
        Data::Bytes(bytes) => vec![hex(bytes, value.is_malformed())],
    }
    .into_iter();
    let first = vec![name, value.kind.to_string(), data.next().unwrap_or_default()];
    let more = data.map(|d| vec![String::new(), String::new(), d]);
    std::iter::once(first).chain(more).collect()
}

fn hex(bytes: &[u8], malformed: bool) -> String {
    let pairs: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let word = if malformed { "malformed: " } else { "" };
    format!("{word}{}", pairs.join(" "))
}

fn time(filetime: u64) -> Timestamp {
    let units = i64::try_from(filetime).unwrap_or(i64::MAX);
    Timestamp(units.saturating_sub(EPOCH).saturating_mul(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use win::registry::Kind;

    fn value(name: &str, kind: u32, data: &[u8]) -> Value {
        Value {
            name: name.into(),
            kind: Kind(kind),
            data: data.to_vec(),
        }
    }

    /// R11, R12: every value has its line, and nothing in it can pass for another.
    #[test]
    fn a_key_is_told_line_by_line() {
        let key = Contents {
            values: vec![
                value("", 1, b"a\0\0\0"),
                value("list", 7, b"a\0\0\0b\0\0\0\0\0"),
                value("n", 4, &[16, 0, 0, 0]),
                value("odd", 1, b"a\0b"),
                value("raw", 3, &[0xde, 0xad]),
                value("x\ny", 1, &[0x2e, 0x20, 0, 0]),
            ],
            subkeys: vec!["Printer".into()],
            class: String::new(),
            last_written: 134_168_068_290_000_000,
        };
        assert_eq!(
            contents(r"HKLM\SOFTWARE\POS", &key),
            "HKLM\\SOFTWARE\\POS\n\
             Last written: 2026-03-01 02:47:09 UTC\n\
             \n\
             Values: 6\n\
             NAME       TYPE          DATA\n\
             (default)  REG_SZ        a\n\
             list       REG_MULTI_SZ  a\n\
             \x20                        b\n\
             n          REG_DWORD     0x00000010 (16)\n\
             odd        REG_SZ        malformed: 61 00 62\n\
             raw        REG_BINARY    de ad\n\
             x\\u{A}y    REG_SZ        \\u{202E}\n\
             \n\
             Keys: 1\n\
             Printer\n"
        );
    }

    #[test]
    fn a_change_shows_both_sides() {
        assert_eq!(
            change(r"HKLM\X", None, Some(&value("Port", 4, &[1, 0, 0, 0]))),
            "HKLM\\X\nBefore: there was no such value.\nAfter:\nNAME  TYPE       DATA\nPort  REG_DWORD  0x00000001 (1)\n"
        );
    }
}
