//! The reader against a general parser and the writer.

use super::*;
use domain::canonical;
use proptest::prelude::*;
use serde_json::{Value, json};

fn canonical_by_round_trip(bytes: &[u8]) -> bool {
    let value = serde_json::from_slice::<Value>(bytes).ok();
    value
        .and_then(|v| canonical::to_vec(&v).ok())
        .is_some_and(|b| b == bytes)
}

fn accepts(bytes: &[u8]) -> bool {
    read_all(bytes, Reader::skip).is_ok()
}

#[test]
fn only_the_one_spelling_is_read() {
    let good = [
        "0",
        "-1",
        "9007199254740991",
        "\"\"",
        "\"\\u000f\\n\u{7f}\u{20ac}\"",
        "[]",
        "[1,[null]]",
        "{}",
        "{\"a\":1,\"b\":{}}",
        "{\"\u{1f600}\":1,\"\u{fb33}\":2}",
    ];
    let bad = [
        "",
        " 0",
        "0 ",
        "00",
        "-0",
        "01",
        "1.0",
        "1e3",
        "9007199254740992",
        "+1",
        "\"",
        "\"\n\"",
        "\"\\u000a\"",
        "\"\\u000F\"",
        "\"\\/\"",
        "\"\\u0041\"",
        "[1,]",
        "[1 ]",
        "[",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{,}",
        "tru",
        "{\"\u{fb33}\":2,\"\u{1f600}\":1}",
        "nul",
        "-",
    ];
    for text in good {
        assert!(
            accepts(text.as_bytes()) && canonical_by_round_trip(text.as_bytes()),
            "{text}"
        );
    }
    for text in bad {
        assert!(
            !accepts(text.as_bytes()) && !canonical_by_round_trip(text.as_bytes()),
            "{text}"
        );
    }
    assert!(!accepts(b"\"\xff\""));
    assert!(!accepts("[".repeat(500).as_bytes()), "depth is bounded");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x7f]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Agrees with the general parser and the writer on canonical bytes and on every change of one byte of them.
    #[test]
    fn reads_exactly_what_is_written(v in any_json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = canonical::to_vec(&v).unwrap();
        prop_assert!(accepts(&bytes));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        prop_assert_eq!(accepts(&bytes), canonical_by_round_trip(&bytes), "{:?}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn strings_come_back(s in any::<String>()) {
        let bytes = canonical::to_vec(&s).unwrap();
        let read = read_all(&bytes, Reader::string).unwrap();
        prop_assert_eq!(read.as_ref(), s.as_str());
    }
}

#[test]
fn members_are_given_as_they_stand() {
    let object = r#"{"leaves":2,"subject":"2026-11"}"#;
    assert_eq!(
        members(object, ["subject", "leaves"]),
        [Some(r#""2026-11""#), Some("2")]
    );
    assert_eq!(members(object, ["subject"])[0].and_then(text), Some("2026-11"));
    assert_eq!(members(r#"{"leaves":2}"#, ["subject"]), [None]);
    for other in [
        "",
        "2",
        r#"{"subject":"2026-11""#,
        r#"{"subject":"2026-11","leaves":2}"#,
    ] {
        assert_eq!(members(other, ["subject"]), [None], "{other} is no canonical object");
    }
}

/// R4: of all bytes in all places, the lower-case digits alone are read, each as what it is.
#[test]
fn eight_digits_are_read_or_refused() {
    for place in 0..8 {
        for byte in 0..=255_u8 {
            let mut digits = *b"7d07d0f9";
            digits[place] = byte;
            let (value, wrong) = eight_digits(u64::from_le_bytes(digits));
            let spelled = std::str::from_utf8(&digits)
                .ok()
                .and_then(|text| u32::from_str_radix(text, 16).ok())
                .filter(|_| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            match spelled {
                Some(number) => assert_eq!((value, wrong), (number.swap_bytes(), 0), "{digits:?}"),
                None => assert_ne!(wrong, 0, "{digits:?}"),
            }
        }
    }
}
