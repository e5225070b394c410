//! Which package may depend on which: the table of ARCHITECTURE.md, "Dependency direction", checked against
//! `cargo metadata`. A package or an edge that is not in the table fails, so each new one is a decision made here.
//!
//! Edges of every kind count, those for tests and build scripts too.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;

/// One package: what it may use from this workspace, and which outside packages it must not know.
struct Rule {
    package: &'static str,
    may_use: &'static [&'static str],
    must_not_know: &'static [&'static str],
}

/// Web frameworks, which the business logic must not know.
const WEB: &[&str] = &[
    "axum",
    "leptos",
    "leptos_axum",
    "leptos_meta",
    "leptos_router",
    "server_fn",
    "tower-http",
];

/// What makes a pure crate impure: databases, runtimes, frameworks. (`domain` has sea-orm behind its feature `orm`.)
const IMPURE: &[&str] = &["axum", "leptos", "rand", "reqwest", "sea-orm", "sqlx", "tokio"];

/// What the views must not know: databases and keys.
const STORAGE: &[&str] = &["ed25519-dalek", "sea-orm", "sea-orm-migration", "sqlx"];

/// The whole table. The server also uses `domain` (the words of its handlers) and `audit` (`countersign verify`).
const RULES: &[Rule] = &[
    Rule {
        package: "countersign-domain",
        may_use: &[],
        must_not_know: &["axum", "leptos", "rand", "sqlx", "tokio"],
    },
    Rule {
        package: "countersign-gate",
        may_use: &["countersign-domain"],
        must_not_know: IMPURE,
    },
    Rule {
        package: "countersign-audit",
        may_use: &["countersign-domain"],
        must_not_know: IMPURE,
    },
    Rule {
        package: "countersign-redact",
        may_use: &["countersign-domain"],
        must_not_know: IMPURE,
    },
    Rule {
        package: "countersign-wire",
        may_use: &["countersign-domain"],
        must_not_know: IMPURE,
    },
    Rule {
        package: "countersign-engine",
        may_use: &[
            "countersign-domain",
            "countersign-gate",
            "countersign-audit",
            "countersign-redact",
            "countersign-wire",
        ],
        must_not_know: WEB,
    },
    Rule {
        package: "countersign-migration",
        may_use: &[],
        must_not_know: WEB,
    },
    Rule {
        package: "countersign-app",
        may_use: &["countersign-domain", "countersign-audit"],
        must_not_know: STORAGE,
    },
    Rule {
        package: "countersign-frontend",
        may_use: &["countersign-app"],
        must_not_know: STORAGE,
    },
    Rule {
        package: "countersign-verifier",
        may_use: &["countersign-audit"],
        must_not_know: WEB,
    },
    Rule {
        package: "countersign",
        may_use: &[
            "countersign-app",
            "countersign-audit",
            "countersign-domain",
            "countersign-engine",
            "countersign-migration",
            "countersign-redact",
            "countersign-release",
            "countersign-wire",
        ],
        must_not_know: &[],
    },
    Rule {
        package: "countersign-agent",
        may_use: &[
            "countersign-domain",
            "countersign-gate",
            "countersign-redact",
            "countersign-release",
            "countersign-windows",
            "countersign-wire",
        ],
        must_not_know: &["axum", "leptos", "sea-orm", "sqlx"],
    },
    Rule {
        package: "countersign-release",
        may_use: &["countersign-domain", "countersign-wire"],
        must_not_know: IMPURE,
    },
    Rule {
        package: "countersign-windows",
        may_use: &[],
        must_not_know: IMPURE,
    },
    Rule {
        package: "countersign-bench",
        may_use: &[
            "countersign",
            "countersign-agent",
            "countersign-audit",
            "countersign-domain",
            "countersign-engine",
            "countersign-gate",
            "countersign-migration",
            "countersign-redact",
            "countersign-wire",
        ],
        must_not_know: &[],
    },
    Rule {
        package: "xtask",
        may_use: &[],
        must_not_know: WEB,
    },
];

/// Features that only one package may turn on, as (dependency, feature, who).
const FEATURES: &[(&str, &str, &str)] = &[
    ("countersign-domain", "orm", "countersign-engine"),
    ("countersign-app", "ssr", "countersign"),
    ("countersign-app", "hydrate", "countersign-frontend"),
];

/// Every edge in `metadata` (of `cargo metadata --no-deps`) that the table does not allow.
pub(crate) fn check(metadata: &Value) -> Result<Vec<String>> {
    let packages = packages(metadata)?;
    let mut broken = Vec::new();
    for (package, dependencies) in &packages {
        let Some(rule) = RULES.iter().find(|rule| rule.package == package) else {
            broken.push(format!("{package} is in no rule: say in tidy/edges.rs what it may use"));
            continue;
        };
        for dependency in dependencies {
            let name = dependency.name.as_str();
            if packages.contains_key(name) && !rule.may_use.contains(&name) {
                broken.push(format!("{package} -> {name}"));
            }
            if rule.must_not_know.contains(&name) {
                broken.push(format!("{package} -> {name}, which it must not know"));
            }
            for (of, feature, who) in FEATURES {
                if name == *of && package != who && dependency.features.iter().any(|given| given == feature) {
                    broken.push(format!("{package} turns on {of}/{feature}, which only {who} may"));
                }
            }
        }
    }
    Ok(broken)
}

/// A dependency as its manifest names it, after renaming.
struct Dependency {
    name: String,
    features: Vec<String>,
}

fn packages(metadata: &Value) -> Result<BTreeMap<String, Vec<Dependency>>> {
    let list = metadata["packages"].as_array().context("metadata without packages")?;
    list.iter()
        .map(|package| {
            let name = package["name"].as_str().context("a package without a name")?;
            let dependencies = package["dependencies"]
                .as_array()
                .context("a package without dependencies")?;
            Ok((
                name.to_owned(),
                dependencies.iter().map(dependency).collect::<Result<_>>()?,
            ))
        })
        .collect()
}

fn dependency(value: &Value) -> Result<Dependency> {
    let name = value["name"]
        .as_str()
        .context("a dependency without a name")?
        .to_owned();
    let features = value["features"].as_array().map_or(&[][..], Vec::as_slice);
    Ok(Dependency {
        name,
        features: features
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Metadata of packages named with what they depend on, as (package, [(dependency, feature)]).
    fn metadata(packages: &[(&str, &[(&str, &str)])]) -> Value {
        let list: Vec<Value> = packages
            .iter()
            .map(|(name, dependencies)| {
                let dependencies: Vec<Value> = dependencies
                    .iter()
                    .map(|(name, feature)| json!({"name": name, "features": [feature]}))
                    .collect();
                json!({"name": name, "dependencies": dependencies})
            })
            .collect();
        json!({ "packages": list })
    }

    #[test]
    fn allowed_edges_pass() {
        let fine = metadata(&[
            ("countersign-domain", &[("serde", "derive")]),
            ("countersign-gate", &[("countersign-domain", ""), ("serde", "derive")]),
            (
                "countersign-engine",
                &[("countersign-domain", "orm"), ("countersign-gate", ""), ("sea-orm", "")],
            ),
        ]);
        assert_eq!(check(&fine).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_edge_against_the_direction_fails() {
        let wrong = metadata(&[
            ("countersign-domain", &[("countersign-gate", "")]),
            ("countersign-gate", &[]),
            ("countersign-app", &[("countersign-engine", "")]),
            ("countersign-engine", &[]),
        ]);
        let broken = check(&wrong).unwrap();
        assert_eq!(
            broken,
            [
                "countersign-app -> countersign-engine",
                "countersign-domain -> countersign-gate"
            ]
        );
    }

    #[test]
    fn an_unknown_package_fails_and_so_does_an_outside_crate_or_a_feature_in_the_wrong_place() {
        let wrong = metadata(&[
            ("countersign-app", &[("countersign-domain", "orm"), ("sea-orm", "")]),
            ("countersign-domain", &[("tokio", "")]),
            ("countersign-engine", &[("axum", "ws")]),
            ("countersign-extra", &[]),
        ]);
        let broken = check(&wrong).unwrap().join("\n");
        for part in [
            "app turns on countersign-domain/orm",
            "app -> sea-orm",
            "domain -> tokio",
            "engine -> axum",
            "extra is in no",
        ] {
            assert!(broken.contains(part), "{part} not in:\n{broken}");
        }
    }

    #[test]
    fn metadata_that_cannot_be_read_is_an_error_and_not_a_pass() {
        assert!(check(&json!({})).is_err());
        assert!(check(&json!({"packages": [{"name": "countersign"}]})).is_err());
    }
}
