//! Values: their types, and their data as what the type says, or as bytes where they are not that.

use std::fmt;

use windows_sys::Win32::System::Registry::{
    REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_EXPAND_SZ, REG_FULL_RESOURCE_DESCRIPTOR, REG_LINK, REG_MULTI_SZ,
    REG_NONE, REG_QWORD, REG_RESOURCE_LIST, REG_RESOURCE_REQUIREMENTS_LIST, REG_SZ,
};

/// A value's type, by its number; programs may use any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u32);

/// One value, as it is in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its name; empty for the default value.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// What a value's bytes mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data<'a> {
    /// A text; variables in it are not expanded.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A number of 32 bits.
    Number32(u32),
    /// A number of 64 bits.
    Number64(u64),
    /// Bytes, because of the type, or because they are not what the type says (a text without its end, say).
    Bytes(&'a [u8]),
}

impl Kind {
    /// A text.
    pub const TEXT: Self = Self(REG_SZ);
    /// A text with variables.
    pub const EXPANDABLE: Self = Self(REG_EXPAND_SZ);
    /// A list of texts.
    pub const TEXTS: Self = Self(REG_MULTI_SZ);
    /// A number of 32 bits.
    pub const NUMBER32: Self = Self(REG_DWORD);
    /// A number of 64 bits.
    pub const NUMBER64: Self = Self(REG_QWORD);
    /// Bytes.
    pub const BYTES: Self = Self(REG_BINARY);
}

/// `REG_SZ`, or `type 4711` for a number without a name.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            REG_NONE => "REG_NONE",
            REG_SZ => "REG_SZ",
            REG_EXPAND_SZ => "REG_EXPAND_SZ",
            REG_BINARY => "REG_BINARY",
            REG_DWORD => "REG_DWORD",
            REG_DWORD_BIG_ENDIAN => "REG_DWORD_BIG_ENDIAN",
            REG_LINK => "REG_LINK",
            REG_MULTI_SZ => "REG_MULTI_SZ",
            REG_RESOURCE_LIST => "REG_RESOURCE_LIST",
            REG_FULL_RESOURCE_DESCRIPTOR => "REG_FULL_RESOURCE_DESCRIPTOR",
            REG_RESOURCE_REQUIREMENTS_LIST => "REG_RESOURCE_REQUIREMENTS_LIST",
            REG_QWORD => "REG_QWORD",
            other => return write!(f, "type {other}"),
        };
        f.write_str(name)
    }
}

impl Value {
    /// What the bytes mean.
    pub fn meaning(&self) -> Data<'_> {
        let bytes = &self.data[..];
        let meant = match self.kind.0 {
            REG_SZ | REG_EXPAND_SZ => one_text(bytes).map(Data::Text),
            REG_LINK => text(&units(bytes).unwrap_or_default()).map(Data::Text),
            REG_MULTI_SZ => texts(bytes).map(Data::Texts),
            REG_DWORD => bytes.try_into().ok().map(u32::from_le_bytes).map(Data::Number32),
            REG_DWORD_BIG_ENDIAN => bytes.try_into().ok().map(u32::from_be_bytes).map(Data::Number32),
            REG_QWORD => bytes.try_into().ok().map(u64::from_le_bytes).map(Data::Number64),
            _ => None,
        };
        meant.unwrap_or(Data::Bytes(bytes))
    }

    /// Whether the bytes are not what the type says.
    pub fn is_malformed(&self) -> bool {
        let said = matches!(
            self.kind.0,
            REG_SZ | REG_EXPAND_SZ | REG_LINK | REG_MULTI_SZ | REG_DWORD | REG_DWORD_BIG_ENDIAN | REG_QWORD
        );
        said && matches!(self.meaning(), Data::Bytes(_))
    }

    /// Its number, if it is one.
    pub(super) fn number(&self) -> Option<u64> {
        match self.meaning() {
            Data::Number32(n) => Some(n.into()),
            Data::Number64(n) => Some(n),
            Data::Text(_) | Data::Texts(_) | Data::Bytes(_) => None,
        }
    }
}

impl Data<'_> {
    /// The bytes that mean this, as a value of `kind` holds them.
    pub fn bytes(&self, kind: Kind) -> Vec<u8> {
        let wide = |text: &str| {
            text.encode_utf16()
                .chain([0])
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>()
        };
        match self {
            Self::Text(text) => wide(text),
            Self::Texts(all) => all.iter().flat_map(|t| wide(t)).chain([0, 0]).collect(),
            Self::Number32(n) if kind.0 == REG_DWORD_BIG_ENDIAN => n.to_be_bytes().into(),
            Self::Number32(n) => n.to_le_bytes().into(),
            Self::Number64(n) => n.to_le_bytes().into(),
            Self::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

fn units(bytes: &[u8]) -> Option<Vec<u16>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|p| u16::from_le_bytes(*p)).collect())
}

fn text(units: &[u16]) -> Option<String> {
    String::from_utf16(units).ok()
}

/// A text that ends in its only zero.
fn one_text(bytes: &[u8]) -> Option<String> {
    let units = units(bytes)?;
    let (end, units) = units.split_last()?;
    (*end == 0 && !units.contains(&0)).then(|| text(units))?
}

/// Texts that each end in a zero, and one more zero; an empty list may be one zero alone.
fn texts(bytes: &[u8]) -> Option<Vec<String>> {
    let units = units(bytes)?;
    let all = match &units[..] {
        [0] | [0, 0] => return Some(vec![]),
        [all @ .., 0, 0] => all,
        _ => return None,
    };
    let parts = all.split(|u| *u == 0);
    parts.map(|p| (!p.is_empty()).then(|| text(p))?).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(kind: u32, data: &[u8]) -> Value {
        Value {
            name: String::new(),
            kind: Kind(kind),
            data: data.to_vec(),
        }
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// R12: every type means what it says.
    #[test]
    fn well_formed_data_means_what_its_type_says() {
        for (kind, data, meaning) in [
            (REG_SZ, wide("a b\0"), Data::Text("a b".into())),
            (REG_EXPAND_SZ, wide("%TEMP%\\x\0"), Data::Text("%TEMP%\\x".into())),
            (
                REG_LINK,
                wide(r"\Registry\Machine"),
                Data::Text(r"\Registry\Machine".into()),
            ),
            (
                REG_MULTI_SZ,
                wide("a\0b\0\0"),
                Data::Texts(vec!["a".into(), "b".into()]),
            ),
            (REG_MULTI_SZ, wide("\0"), Data::Texts(vec![])),
            (REG_DWORD, vec![1, 2, 0, 0], Data::Number32(513)),
            (REG_DWORD_BIG_ENDIAN, vec![0, 0, 2, 1], Data::Number32(513)),
            (REG_QWORD, vec![0, 0, 0, 0, 1, 0, 0, 0], Data::Number64(1 << 32)),
        ] {
            let value = value(kind, &data);
            assert_eq!(value.meaning(), meaning, "{}", value.kind);
            if kind != REG_LINK {
                assert_eq!(meaning.bytes(value.kind), data, "{}", value.kind);
            }
        }
    }

    /// R11, R12: what is not what its type says is shown as the bytes that it is.
    #[test]
    fn malformed_data_stays_bytes() {
        for (kind, data) in [
            (REG_SZ, wide("no end")),
            (REG_SZ, wide("two\0ends\0")),
            (REG_SZ, vec![b'a', 0, 0]),
            (REG_SZ, vec![]),
            (REG_SZ, vec![0x00, 0xd8, 0, 0]),
            (REG_MULTI_SZ, wide("one end\0")),
            (REG_MULTI_SZ, wide("a\0\0b\0\0")),
            (REG_DWORD, vec![1, 2, 3]),
            (REG_QWORD, vec![1, 2, 3, 4]),
            (REG_BINARY, wide("text\0")),
            (REG_NONE, vec![1]),
            (REG_RESOURCE_LIST, vec![1]),
            (4711, vec![1]),
        ] {
            let value = value(kind, &data);
            assert_eq!(value.meaning(), Data::Bytes(&data), "{}", value.kind);
            assert_eq!(
                value.is_malformed(),
                !matches!(kind, REG_BINARY | REG_NONE | REG_RESOURCE_LIST | 4711)
            );
        }
        assert_eq!(value(4711, &[]).kind.to_string(), "type 4711");
    }
}
