//! `net.config`, which this agent does not know on Linux.

use crate::verbs::{Prepared, Refusal};

/// Refuses.
///
/// # Errors
/// Always.
pub(in crate::verbs) fn prepare() -> Result<Prepared, Refusal> {
    Err(Refusal::unsupported("This agent does not know net.config on Linux."))
}
