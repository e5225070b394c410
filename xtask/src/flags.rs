//! A command's flags, taken one by one from what was typed; whatever is left over at the end is an error.

use anyhow::{Context, Result, bail};

/// The arguments after the command's name that no one has taken yet.
pub(crate) struct Flags(Vec<String>);

impl Flags {
    pub(crate) fn new(args: Vec<String>) -> Self {
        Self(args)
    }

    /// True if `name` was given; takes it.
    pub(crate) fn has(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|arg| arg != name);
        self.0.len() != before
    }

    /// The value in `name VALUE` or `name=VALUE`, if the flag was given; takes both.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let prefix = format!("{name}=");
        let Some(at) = self.0.iter().position(|arg| arg == name || arg.starts_with(&prefix)) else {
            return Ok(None);
        };
        let arg = self.0.remove(at);
        if let Some(value) = arg.strip_prefix(&prefix) {
            return Ok(Some(value.to_owned()));
        }
        if at >= self.0.len() {
            bail!("{name} needs a value");
        }
        Ok(Some(self.0.remove(at)))
    }

    /// Every value of a flag that may be repeated.
    pub(crate) fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        while let Some(value) = self.value(name)? {
            all.push(value);
        }
        Ok(all)
    }

    /// A value that must be a number.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u16>> {
        self.value(name)?
            .map(|text| text.parse().with_context(|| format!("{name} {text:?} is not a port")))
            .transpose()
    }

    /// Errors if anything was typed that no one took.
    pub(crate) fn done(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        bail!("unknown arguments: {}", self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> Flags {
        Flags::new(text.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn takes_values_in_both_spellings_and_repeats() {
        let mut typed = flags("--only fmt --release --only=tidy --site out");
        assert_eq!(typed.values("--only").unwrap(), ["fmt", "tidy"]);
        assert!(typed.has("--release"));
        assert_eq!(typed.value("--site").unwrap().as_deref(), Some("out"));
        typed.done().unwrap();
    }

    #[test]
    fn refuses_what_no_one_took_and_a_missing_value() {
        let mut typed = flags("--relase");
        assert!(!typed.has("--release"));
        assert!(typed.done().is_err());
        assert!(flags("--site").value("--site").is_err());
        assert!(flags("--port many").number("--port").is_err());
    }
}
