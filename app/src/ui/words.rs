//! How the domain's states are called and coloured, the same on every page.

use domain::action::{ActionState, Outcome};
use domain::api::{EndpointState, RequestState, UpdateStage};
use leptos::prelude::*;

use super::{Glyph, Job, StatusWord};

/// A state as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The colour's job.
    pub job: Job,
    /// The icon.
    pub glyph: Glyph,
    /// The word.
    pub word: &'static str,
}

impl Shown {
    const fn new(job: Job, glyph: Glyph, word: &'static str) -> Self {
        Self { job, glyph, word }
    }

    /// Icon, word and colour.
    pub fn view(self) -> AnyView {
        view! { <StatusWord job=self.job glyph=self.glyph word=self.word/> }.into_any()
    }
}

/// An endpoint's state.
pub fn endpoint(state: EndpointState) -> Shown {
    match state {
        EndpointState::Pending => Shown::new(
            Job::Waiting,
            Glyph::Waiting,
            "Pending: not connected or not confirmed yet",
        ),
        EndpointState::Ready => Shown::new(Job::Plain, Glyph::Ready, "Ready"),
        EndpointState::Offline => Shown::new(Job::Plain, Glyph::Offline, "Offline"),
        EndpointState::Removing => Shown::new(Job::Waiting, Glyph::Waiting, "Being removed"),
        EndpointState::Removed => Shown::new(Job::Refused, Glyph::Refused, "Removed"),
    }
}

/// An endpoint's state in one word, for dense places.
pub fn endpoint_short(state: EndpointState) -> Shown {
    match state {
        EndpointState::Pending => Shown::new(Job::Waiting, Glyph::Waiting, "Pending"),
        EndpointState::Ready | EndpointState::Offline | EndpointState::Removing | EndpointState::Removed => {
            endpoint(state)
        }
    }
}

/// An action's state, or its outcome once it has ended.
pub fn action(state: ActionState, outcome: Option<Outcome>) -> Shown {
    match (state, outcome) {
        (ActionState::Waiting, _) => Shown::new(Job::Waiting, Glyph::Waiting, "Waiting for a person"),
        (ActionState::Authorised, _) => Shown::new(Job::Authorised, Glyph::Allowed, "Allowed"),
        (ActionState::Dispatched, _) => Shown::new(Job::Authorised, Glyph::Sent, "Sent to the endpoint"),
        (ActionState::Running, _) => Shown::new(Job::Authorised, Glyph::Running, "Running"),
        (ActionState::Refused, _) => Shown::new(Job::Refused, Glyph::Refused, "Refused"),
        (ActionState::Finished, Some(Outcome::Succeeded)) => Shown::new(Job::Authorised, Glyph::Check, "Succeeded"),
        (ActionState::Finished, Some(Outcome::Failed)) => Shown::new(Job::Plain, Glyph::Cross, "Failed"),
        (ActionState::Finished, Some(Outcome::Cancelled)) => Shown::new(Job::Plain, Glyph::Withdrawn, "Cancelled"),
        (ActionState::Finished, Some(Outcome::TimedOut)) => Shown::new(Job::Plain, Glyph::Waiting, "Timed out"),
        (ActionState::Finished, Some(Outcome::Unknown) | None) => {
            Shown::new(Job::Plain, Glyph::Unknown, "Outcome unknown")
        }
    }
}

/// How far an update of an agent is.
pub fn update(stage: UpdateStage) -> Shown {
    match stage {
        UpdateStage::Asked => Shown::new(Job::Waiting, Glyph::Waiting, "Asked for"),
        UpdateStage::Refused => Shown::new(Job::Refused, Glyph::Refused, "Not taken by the agent"),
        UpdateStage::Staged => Shown::new(
            Job::Waiting,
            Glyph::Waiting,
            "On the endpoint, waits until nothing runs",
        ),
        UpdateStage::Started => Shown::new(Job::Waiting, Glyph::Running, "Being tried"),
        UpdateStage::Committed => Shown::new(Job::Authorised, Glyph::Check, "Installed"),
        UpdateStage::RolledBack => Shown::new(Job::Refused, Glyph::Withdrawn, "Did not come up; rolled back"),
    }
}

/// A request's state.
pub fn request(state: RequestState) -> Shown {
    match state {
        RequestState::Pending => Shown::new(Job::Waiting, Glyph::Waiting, "Waiting"),
        RequestState::Approved => Shown::new(Job::Authorised, Glyph::Allowed, "Approved"),
        RequestState::Narrowed => Shown::new(Job::Authorised, Glyph::Narrowed, "Approved, narrowed"),
        RequestState::Denied => Shown::new(Job::Refused, Glyph::Refused, "Denied"),
        RequestState::Expired => Shown::new(Job::Refused, Glyph::Refused, "Nobody decided in time"),
        RequestState::Withdrawn => Shown::new(Job::Plain, Glyph::Withdrawn, "Withdrawn"),
    }
}

/// A grant's state, from its word.
pub fn grant(state: &str) -> Shown {
    match state {
        "active" => Shown::new(Job::Authorised, Glyph::Allowed, "Live"),
        "revoked" => Shown::new(Job::Refused, Glyph::Refused, "Revoked"),
        "exhausted" => Shown::new(Job::Plain, Glyph::Withdrawn, "Used up"),
        "expired" => Shown::new(Job::Plain, Glyph::Waiting, "Expired"),
        _ => Shown::new(Job::Plain, Glyph::Withdrawn, "Ended"),
    }
}

/// `1 line`, `12 lines`, `0 findings`: a count with its noun, thousands apart.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `1,284`: a number with its thousands apart.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `820 bytes`, `12.4 KB`, `3.1 MB`: a size, in powers of ten.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => count(n, "byte", "bytes"),
        1_000..1_000_000 => format!("{}.{} KB", n / 1_000, n % 1_000 / 100),
        _ => format!("{}.{} MB", n / 1_000_000, n % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(number(7), "7");
        assert_eq!(number(1284), "1,284");
        assert_eq!(number(1_000_000), "1,000,000");
        assert_eq!(count(1, "line", "lines"), "1 line");
        assert_eq!(count(0, "finding", "findings"), "0 findings");
        assert_eq!(bytes(12_440), "12.4 KB");
        assert_eq!(bytes(999), "999 bytes");
    }
}
