//! Names of local accounts.

use std::collections::HashMap;

/// Gives an account's name for its number, or the number where `/etc/passwd` has none (accounts of a directory service).
pub(in crate::verbs) fn names() -> impl Fn(&str) -> String {
    let names = read(&std::fs::read_to_string("/etc/passwd").unwrap_or_default());
    move |uid| names.get(uid).cloned().unwrap_or_else(|| uid.to_owned())
}

fn read(passwd: &str) -> HashMap<String, String> {
    let entry = |line: &str| {
        let mut fields = line.split(':');
        let (name, uid) = (fields.next()?, fields.nth(1)?);
        Some((uid.to_owned(), name.to_owned()))
    };
    // The first entry of a number is the one that the system shows.
    passwd.lines().rev().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_names() {
        let names = read("root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nbroken\nlp:x:7:7::/:/bin/false\n");
        assert_eq!(
            (names["0"].as_str(), names["7"].as_str(), names.len()),
            ("root", "lp", 2)
        );
    }
}
