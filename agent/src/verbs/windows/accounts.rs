//! Names of accounts.

use std::cell::RefCell;
use std::collections::HashMap;

/// Gives an account's name for its security identifier, or the identifier where nobody knows it.
pub(in crate::verbs) fn names() -> impl Fn(&str) -> String {
    let known: RefCell<HashMap<String, String>> = RefCell::default();
    move |sid| {
        known
            .borrow_mut()
            .entry(sid.to_owned())
            .or_insert_with(|| win::accounts::name_of(sid).unwrap_or_else(|_| sid.to_owned()))
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_names() {
        let name = names();
        assert!(name("S-1-5-18").to_uppercase().ends_with("SYSTEM"));
        assert_eq!(name("S-1-5-21-1-2-3-4711"), "S-1-5-21-1-2-3-4711");
    }
}
