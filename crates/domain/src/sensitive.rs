//! Text that must not be stored, shown or logged as it is.

use std::fmt;

/// Something read from an endpoint or typed by a person that has not been redacted yet.
///
/// It can't be serialised, displayed or cloned, and its `Debug` form is a fixed text, so the only way onwards is through
/// the `redact` crate, the only caller of [`Raw::expose`] outside this module's tests (a test of the workspace keeps it so).
///
/// ```compile_fail
/// let raw = domain::sensitive::Raw::new(String::from("4242"));
/// println!("{raw}");
/// ```
/// ```compile_fail
/// let raw = domain::sensitive::Raw::new(String::from("4242"));
/// let copy = raw.clone();
/// drop(raw);
/// ```
/// ```compile_fail
/// let raw = domain::sensitive::Raw::new(String::from("4242"));
/// serde_json::to_string(&raw).unwrap();
/// ```
pub struct Raw<T>(T);

impl<T> Raw<T> {
    /// Marks `value` as raw.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Gives the value up to be redacted (or run: the exact bytes of a script).
    pub fn expose(self) -> T {
        self.0
    }
}

impl Raw<String> {
    /// The same text, still raw, without giving it up.
    pub fn borrowed(&self) -> Raw<&str> {
        Raw(&self.0)
    }
}

impl<T> fmt::Debug for Raw<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw(..)")
    }
}
