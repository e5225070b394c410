//! The registry, which Linux does not have.

use domain::action::Verb;
use gate::scope::Scope;

use crate::verbs::{Prepared, Refusal};

/// Refuses.
///
/// # Errors
/// Always.
pub(in crate::verbs) fn prepare(_verb: &Verb, _key: &str, _scope: &Scope) -> Result<Prepared, Refusal> {
    Err(Refusal::unsupported(
        "This endpoint runs Linux, which has no registry. Settings are in files there, often below /etc: use file.read.",
    ))
}
