//! Asking for access: from what a form holds to the scope that is asked for (R17, R20).
//!
//! Pure. Only the scope's text is made here; whether it is one, and in which canonical form, is the gate's to say.

#[cfg(feature = "ssr")]
use domain::api::{ApiError, AskAccess, Field};
#[cfg(feature = "ssr")]
use domain::ids::SessionId;

/// A kind of access that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The workflow's id as recorded; empty for a scope that is written out.
    pub workflow: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What the field means.
    pub target: &'static str,
    /// An example.
    pub example: &'static str,
}

/// Every kind, in the order in which they are offered.
pub const KINDS: &[Kind] = &[
    Kind {
        workflow: "file-inspection@1",
        title: "Files below a folder",
        target: "Folder",
        example: "/etc/pos",
    },
    Kind {
        workflow: "log-inspection@1",
        title: "A log, the last 24 hours",
        target: "Log",
        example: "cups",
    },
    Kind {
        workflow: "service-restart@1",
        title: "Restart a service",
        target: "Service",
        example: "cups",
    },
    Kind {
        workflow: "network-check@1",
        title: "Probe a host",
        target: "Host and port",
        example: "gw.example.com:443",
    },
    Kind {
        workflow: "registry-inspection@1",
        title: "Registry keys below a key",
        target: "Key",
        example: r"HKLM\SOFTWARE\Vendor\POS",
    },
    Kind {
        workflow: "",
        title: "A scope, written out",
        target: "Scope",
        example: "file.read(\"/var/log/pos/*.log\")",
    },
];

/// The scope that `target` means for `workflow`.
///
/// # Errors
/// A sentence saying what to change, in our words alone.
pub fn scope_of(workflow: &str, target: &str) -> Result<String, String> {
    let target = target.trim();
    if target.is_empty() {
        return Err("Say what it is for.".into());
    }
    if !workflow.is_empty() && target.contains(['"', '\n', '\r']) {
        return Err("Leave out quotation marks and line breaks.".into());
    }
    Ok(match workflow {
        "" => target.to_owned(),
        "file-inspection@1" => {
            let folder = target.trim_end_matches("**").trim_end_matches(['/', '\\']);
            if target.starts_with('/') {
                format!("file.read(\"{folder}/**\")")
            } else if target.get(1..3) == Some(r":\") {
                format!("file.read(\"{folder}\\**\")")
            } else {
                return Err(r"Give the folder's whole path, such as /etc/pos or C:\POS.".into());
            }
        }
        "log-inspection@1" => format!("log.read(\"{target}\"){{since=24h}}"),
        "service-restart@1" => format!("service.restart(\"{target}\")"),
        "network-check@1" => format!("net.probe(\"{target}\")"),
        "registry-inspection@1" => {
            let key = target.trim_end_matches("**").trim_end_matches('\\');
            format!("registry.read(\"{key}\\**\")")
        }
        _ => return Err("Choose what to ask for.".into()),
    })
}

/// What is asked of the backend.
///
/// # Errors
/// [`ApiError::Invalid`] at the scope.
#[cfg(feature = "ssr")]
pub(super) fn ask(session: SessionId, workflow: &str, target: &str) -> Result<AskAccess, ApiError> {
    let scope = scope_of(workflow, target).map_err(|why| ApiError::invalid(Field::Scope, why))?;
    Ok(AskAccess {
        session,
        scope,
        workflow: (!workflow.is_empty()).then(|| workflow.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R20: every request has a scope.
    #[test]
    fn each_kind_makes_the_scope_it_says() {
        let scopes: Vec<_> = KINDS.iter().map(|k| scope_of(k.workflow, k.example).unwrap()).collect();
        assert_eq!(
            scopes,
            [
                "file.read(\"/etc/pos/**\")",
                "log.read(\"cups\"){since=24h}",
                "service.restart(\"cups\")",
                "net.probe(\"gw.example.com:443\")",
                r#"registry.read("HKLM\SOFTWARE\Vendor\POS\**")"#,
                "file.read(\"/var/log/pos/*.log\")"
            ]
        );
        assert_eq!(
            scope_of("file-inspection@1", " /etc/pos/** ").unwrap(),
            "file.read(\"/etc/pos/**\")"
        );
        assert_eq!(scope_of("file-inspection@1", "/").unwrap(), "file.read(\"/**\")");
        for folder in [r"C:\POS", r"C:\POS\", r"C:\POS\**"] {
            assert_eq!(
                scope_of("file-inspection@1", folder).unwrap(),
                r#"file.read("C:\POS\**")"#
            );
        }
        for key in [r"HKLM:\SOFTWARE", r"HKLM:\SOFTWARE\", r"HKLM:\SOFTWARE\**"] {
            assert_eq!(
                scope_of("registry-inspection@1", key).unwrap(),
                r#"registry.read("HKLM:\SOFTWARE\**")"#
            );
        }
    }

    /// R21: a target can't break out of its quotation marks.
    #[test]
    fn what_is_no_target_is_refused() {
        assert!(scope_of("service-restart@1", "cups\", \"ssh").is_err());
        assert!(scope_of("log-inspection@1", "a\nb").is_err());
        assert!(scope_of("file-inspection@1", "etc").is_err());
        assert!(scope_of("file-inspection@1", "C:pos").is_err());
        assert!(scope_of("registry-inspection@1", "HKLM\", \"HKU").is_err());
        assert!(scope_of("file-inspection@2", "/etc").is_err());
        assert!(scope_of("", "  ").is_err());
    }
}
