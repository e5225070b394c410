//! A call into Windows that failed.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_PRIVILEGE_NOT_HELD,
    ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SHARING_VIOLATION,
};

/// Which call failed, and with what code of the system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} ({call}, error {code})", message(*code))]
pub struct WinError {
    /// The system's name of the call.
    pub call: &'static str,
    /// The system's code.
    pub code: u32,
}

impl WinError {
    /// With a code that the call itself returned.
    pub fn new(call: &'static str, code: u32) -> Self {
        Self { call, code }
    }

    /// With the calling thread's last error; to be taken right after the call.
    pub fn last(call: &'static str) -> Self {
        let code = io::Error::last_os_error().raw_os_error().unwrap_or_default();
        Self::new(call, code.cast_unsigned())
    }

    /// An I/O error of the standard library, told as the call that it came from.
    pub fn of(call: &'static str, error: &io::Error) -> Self {
        Self::new(call, error.raw_os_error().unwrap_or_default().cast_unsigned())
    }

    /// Whether the account lacks a right.
    pub fn is_denied(&self) -> bool {
        matches!(self.code, ERROR_ACCESS_DENIED | ERROR_PRIVILEGE_NOT_HELD)
    }

    /// Whether somebody else uses what was named right now.
    pub fn is_in_use(&self) -> bool {
        self.code == ERROR_SHARING_VIOLATION
    }

    /// Whether what was named is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self.code,
            ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND | ERROR_SERVICE_DOES_NOT_EXIST
        )
    }
}

impl From<WinError> for io::Error {
    /// Keeps the kind that the standard library gives the code, and the whole sentence.
    fn from(error: WinError) -> Self {
        let kind = Self::from_raw_os_error(error.code.cast_signed()).kind();
        Self::new(kind, error)
    }
}

/// The system's own words for a code, in one line.
fn message(code: u32) -> String {
    let text = io::Error::from_raw_os_error(code.cast_signed()).to_string();
    // The standard library adds the number, which is told anyway.
    let words = text.split(" (os error").next().unwrap_or_default();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_call_code_and_the_systems_words() {
        let denied = WinError::new("OpenSomething", ERROR_ACCESS_DENIED);
        assert!(denied.is_denied() && !denied.is_not_found());
        let text = denied.to_string();
        assert!(text.ends_with("(OpenSomething, error 5)") && text.len() > 30, "{text}");
        assert!(!text.contains('\n') && !text.contains("os error"), "{text}");
        let io = io::Error::from(denied);
        assert_eq!(io.kind(), io::ErrorKind::PermissionDenied);
        assert!(io.to_string().contains("OpenSomething"));
        assert!(WinError::new("x", ERROR_PATH_NOT_FOUND).is_not_found());
    }
}
