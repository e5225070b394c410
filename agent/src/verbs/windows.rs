//! Verbs on Windows.

/// Why the registry is not looked at.
pub(super) const NO_REGISTRY: &str = "This agent does not know the registry yet.";

pub(super) mod accounts {
    /// Who an owner is; Windows' own name for the account, which is unique.
    pub(in crate::verbs) fn names() -> impl Fn(&str) -> String {
        |id: &str| id.to_owned()
    }
}

pub(super) mod file {
    use std::path::Path;

    use domain::action::Verb;
    use gate::scope::Scope;

    use crate::verbs::{Prepared, Refusal};

    /// Files are not read on Windows.
    pub(in crate::verbs) fn prepare(
        verb: &Verb,
        _path: &str,
        _lines: Option<u32>,
        _scope: &Scope,
        _private: &Path,
    ) -> Result<Prepared, Refusal> {
        Err(super::unknown(verb.name()))
    }
}

pub(super) mod log {
    use gate::scope::Scope;

    use crate::verbs::{Prepared, Refusal};

    /// Event logs are not read.
    pub(in crate::verbs) async fn prepare(
        _log: &str,
        _since_minutes: u32,
        _scope: &Scope,
        _action: &str,
    ) -> Result<Prepared, Refusal> {
        Err(super::unknown("log.read"))
    }
}

pub(super) mod service {
    use crate::verbs::{Prepared, Work};

    /// Services are not looked at.
    pub(in crate::verbs) fn prepare(service: &str, _restart: bool, _action: &str) -> Prepared {
        Prepared::new(
            service,
            Work::Failing("This agent does not know services of Windows.".into()),
        )
    }
}

fn unknown(verb: &str) -> crate::verbs::Refusal {
    crate::verbs::Refusal::unsupported(format!("This agent does not know {verb} on Windows."))
}
