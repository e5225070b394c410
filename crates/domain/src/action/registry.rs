//! What a value of the Windows registry holds, for writing one.
//!
//! Deliberately absent: the types that no setting uses (`REG_NONE`, `REG_LINK`, resource lists). Reading tells them as they
//! are; they can't be written.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::LIMITS;

/// The data of one value, with its type: `{"dword":5}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryData {
    /// `REG_SZ`: text.
    Sz(String),
    /// `REG_EXPAND_SZ`: text in which programs put in the environment's variables.
    ExpandSz(String),
    /// `REG_DWORD`: a number of 32 bits.
    Dword(u32),
    /// `REG_QWORD`: a number of 64 bits; in JSON its decimal digits as text, since JavaScript has no such numbers.
    #[serde(with = "decimal")]
    Qword(u64),
    /// `REG_MULTI_SZ`: texts, none of them empty.
    MultiSz(Vec<String>),
    /// `REG_BINARY`: bytes, as lower-case hexadecimal digits.
    Binary(String),
}

impl RegistryData {
    /// The type's word, such as `dword`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Sz(_) => "sz",
            Self::ExpandSz(_) => "expand_sz",
            Self::Dword(_) => "dword",
            Self::Qword(_) => "qword",
            Self::MultiSz(_) => "multi_sz",
            Self::Binary(_) => "binary",
        }
    }

    /// What came from a person, as text.
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Sz(text) | Self::ExpandSz(text) | Self::Binary(text) => vec![text.into()],
            Self::Dword(n) => vec![n.to_string().into()],
            Self::Qword(n) => vec![n.to_string().into()],
            Self::MultiSz(all) => all.iter().map(Into::into).collect(),
        }
    }

    /// Whether the registry can hold it, and it is within [`LIMITS`].
    ///
    /// # Errors
    /// A sentence saying what to change.
    pub(super) fn check(&self) -> Result<(), String> {
        let bytes: usize = self.texts().iter().map(|t| t.len()).sum();
        if bytes > LIMITS.data {
            return Err(format!(
                "The data has {bytes} bytes; at most {} are taken.",
                LIMITS.data
            ));
        }
        match self {
            Self::Sz(_) | Self::ExpandSz(_) | Self::MultiSz(_)
                if self.texts().iter().any(|t| t.contains(char::is_control)) =>
            {
                Err("The data holds a control character.".into())
            }
            Self::MultiSz(all) if all.iter().any(String::is_empty) => {
                Err("The data holds an empty text, where a list of texts would end.".into())
            }
            Self::Binary(hex) if !is_hex(hex) => Err("Write bytes as pairs of the digits 0 to 9 and a to f.".into()),
            Self::Sz(_) | Self::ExpandSz(_) | Self::Dword(_) | Self::Qword(_) | Self::MultiSz(_) | Self::Binary(_) => {
                Ok(())
            }
        }
    }
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `text` in quotation marks; one inside is doubled, so that where it ends is never in doubt.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// `dword 5`, `sz "text"`, `multi_sz "one" "two"`, `binary 00ff`.
impl fmt::Display for RegistryData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::Sz(text) | Self::ExpandSz(text) => write!(f, " {}", quoted(text)),
            Self::Dword(n) => write!(f, " {n}"),
            Self::Qword(n) => write!(f, " {n}"),
            Self::MultiSz(all) => all.iter().try_for_each(|text| write!(f, " {}", quoted(text))),
            Self::Binary(hex) => write!(f, " {hex}"),
        }
    }
}

/// A number as its decimal digits, in their one form.
mod decimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(n: &u64, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(n)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
        let text = String::deserialize(d)?;
        match text.parse::<u64>() {
            Ok(n) if n.to_string() == text => Ok(n),
            Ok(_) | Err(_) => Err(D::Error::custom("a qword is written as decimal digits")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;

    /// R10: each type has one written form, also numbers that JavaScript can't hold.
    #[test]
    fn every_type_reads_back_and_has_a_canonical_form() {
        for (data, json, shown) in [
            (RegistryData::Sz("a\"b".into()), r#"{"sz":"a\"b"}"#, r#"sz "a""b""#),
            (
                RegistryData::ExpandSz("%TEMP%".into()),
                r#"{"expand_sz":"%TEMP%"}"#,
                r#"expand_sz "%TEMP%""#,
            ),
            (
                RegistryData::Dword(u32::MAX),
                r#"{"dword":4294967295}"#,
                "dword 4294967295",
            ),
            (
                RegistryData::Qword(u64::MAX),
                r#"{"qword":"18446744073709551615"}"#,
                "qword 18446744073709551615",
            ),
            (
                RegistryData::MultiSz(vec!["a".into(), "b c".into()]),
                r#"{"multi_sz":["a","b c"]}"#,
                r#"multi_sz "a" "b c""#,
            ),
            (
                RegistryData::Binary("00ff".into()),
                r#"{"binary":"00ff"}"#,
                "binary 00ff",
            ),
        ] {
            assert_eq!(canonical::to_string(&data).unwrap(), json);
            assert_eq!(serde_json::from_str::<RegistryData>(json).unwrap(), data);
            assert_eq!(data.to_string(), shown);
            assert_eq!(data.check(), Ok(()));
        }
        for other in [
            r#"{"qword":"05"}"#,
            r#"{"qword":"+5"}"#,
            r#"{"qword":5}"#,
            r#"{"dword":4294967296}"#,
            r#"{"dword":5,"sz":"a"}"#,
            r#"{"link":"a"}"#,
        ] {
            assert!(serde_json::from_str::<RegistryData>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn what_the_registry_can_not_hold_is_refused() {
        for bad in [
            RegistryData::Sz("a\0b".into()),
            RegistryData::ExpandSz("a\nb".into()),
            RegistryData::MultiSz(vec!["a".into(), String::new()]),
            RegistryData::Binary("0".into()),
            RegistryData::Binary("0A".into()),
            RegistryData::Binary("xx".into()),
            RegistryData::Sz("x".repeat(LIMITS.data + 1)),
        ] {
            assert!(bad.check().unwrap_err().ends_with('.'), "{bad}");
        }
        assert_eq!(RegistryData::Sz(String::new()).check(), Ok(()));
        assert_eq!(RegistryData::MultiSz(vec![]).check(), Ok(()));
        assert_eq!(RegistryData::Binary(String::new()).check(), Ok(()));
    }
}
