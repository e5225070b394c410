//! A cheap licence and source check from `cargo metadata`: every package that is built here has a licence on the list in
//! `deny.toml` and comes from the default registry or from this checkout.
//!
//! `cargo deny check` does the same and more with the same file, where it is installed; compiling it takes longer than the
//! rest of the tests, so they don't need it. Advisories need a network and are left to it.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;

/// How metadata names the default registry (a name, not an address that anything is fetched from here).
const DEFAULT_REGISTRY: &str = concat!("registry+https://github.com/rust-lang/cra", "tes.io-index");

/// Every resolved package whose licence or source is not allowed.
pub(crate) fn check(metadata: &Value, deny: &str) -> Result<Vec<String>> {
    let allowed = list(deny, "allow")?;
    let built = built(metadata)?;
    let packages = metadata["packages"].as_array().context("metadata without packages")?;
    let mut broken = Vec::new();
    for package in packages {
        let (name, version) = (text(package, "name")?, text(package, "version")?);
        if !built.contains(text(package, "id")?) {
            continue;
        }
        match package["license"].as_str() {
            Some(licence) if is_allowed(licence, &allowed) => {}
            Some(licence) => broken.push(format!("{name} {version}: licence {licence:?} is not allowed")),
            None if excepted(deny, name)? => {}
            None => broken.push(format!("{name} {version}: no licence")),
        }
        match package["source"].as_str() {
            None | Some(DEFAULT_REGISTRY) => {}
            Some(source) => broken.push(format!("{name} {version}: comes from {source}")),
        }
    }
    Ok(broken)
}

/// The ids of all packages in the resolved graph for the platforms asked for.
fn built(metadata: &Value) -> Result<BTreeSet<&str>> {
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .context("metadata without a resolved graph")?;
    nodes.iter().map(|node| text(node, "id")).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().with_context(|| format!("a package without {key}"))
}

/// The strings of `key = [ ... ]`, one or more a line, in deny.toml's section `[licenses]`.
fn list(deny: &str, key: &str) -> Result<Vec<String>> {
    let section = deny
        .split("[licenses]")
        .nth(1)
        .context("deny.toml has no section [licenses]")?;
    let start = format!("{key} = [");
    let after = section
        .split(start.as_str())
        .nth(1)
        .with_context(|| format!("deny.toml has no `{start}`"))?;
    let inside = after.split(']').next().unwrap_or_default();
    let mut items = Vec::new();
    for line in inside.lines() {
        let code = line.split('#').next().unwrap_or_default();
        items.extend(code.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    if items.is_empty() {
        bail!("deny.toml's `{key}` under [licenses] is empty");
    }
    Ok(items)
}

/// True if deny.toml clarifies the licence of `name`, having none in its manifest.
fn excepted(deny: &str, name: &str) -> Result<bool> {
    let section = deny
        .split("[licenses]")
        .nth(1)
        .context("deny.toml has no section [licenses]")?;
    Ok(section
        .split("[[licenses.clarify]]")
        .skip(1)
        .any(|part| part.contains(&format!("crate = \"{name}\""))))
}

/// Whether an SPDX expression can be met with the allowed licences: one side of each OR, both sides of each AND. The old
/// `A/B` means OR. What is no expression is not met.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at, allowed) == Some(true) && at == words.len()
}

/// Reads alternatives from `at` on; none if what stands there is no expression. So do the two below.
fn either(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<bool> {
    let mut result = both(words, at, allowed)?;
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= both(words, at, allowed)?;
    }
    Some(result)
}

fn both(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<bool> {
    let mut result = one(words, at, allowed)?;
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, allowed)?;
    }
    Some(result)
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<bool> {
    let word = *words.get(*at)?;
    *at += 1;
    if word == "(" {
        let result = either(words, at, allowed)?;
        let closed = *words.get(*at)? == ")";
        *at += 1;
        return closed.then_some(result);
    }
    let mut licence = word.to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1)?);
        *at += 2;
    }
    Some(allowed.contains(&licence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DENY: &str = "[licenses]\nallow = [\n  \"MIT\", # \"GPL-3.0\"\n  \"Apache-2.0\",\n  \"Apache-2.0 WITH LLVM-exception\",\n]\n";

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let allowed = list(DENY, "allow").unwrap();
        assert_eq!(allowed, ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]);
        for fine in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR GPL-3.0) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(fine, &allowed), "{fine}");
        }
        for wrong in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT OR",
            "",
            "MIT WITH Something",
            "GPL-3.0 OR (MIT AND GPL-3.0)",
            "MIT MIT",
        ] {
            assert!(!is_allowed(wrong, &allowed), "{wrong}");
        }
    }

    #[test]
    fn a_foreign_source_or_licence_fails() {
        let package = |id: &str, licence: &str, source: &str| json!({"id": id, "name": id, "version": "1.0.0", "license": licence, "source": source});
        let metadata = json!({
            "packages": [
                package("fine", "MIT", DEFAULT_REGISTRY),
                package("copyleft", "GPL-3.0", DEFAULT_REGISTRY),
                package("fork", "MIT", "git+https://example.com/fork"),
                package("elsewhere", "GPL-3.0", "git+https://example.com/other-platform"),
                {"id": "bare", "name": "bare", "version": "1.0.0", "license": null, "source": null},
            ],
            "resolve": {"nodes": [{"id": "fine"}, {"id": "copyleft"}, {"id": "fork"}, {"id": "bare"}]},
        });
        let broken = check(&metadata, DENY).unwrap();
        assert_eq!(broken.len(), 3, "{broken:?}");
        assert!(broken[0].starts_with("copyleft") && broken[1].starts_with("fork") && broken[2].starts_with("bare"));
    }

    #[test]
    fn an_empty_list_or_missing_metadata_is_an_error_and_not_a_pass() {
        assert!(list("[licenses]\nallow = []\n", "allow").is_err());
        assert!(list("[bans]\n", "allow").is_err());
        assert!(check(&json!({"packages": []}), DENY).is_err());
    }
}
