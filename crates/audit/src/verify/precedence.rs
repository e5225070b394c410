//! Order by position (R6): decision before dispatch before start before finish, for each action.
//!
//! The names are those of `domain::event`. Leaves come in order of index, so an earlier step that is met after a later
//! one is out of order.

use super::report::Findings;
use crate::leaf::HeaderRef;

/// The steps of an action, in the only order that the product makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Decided,
    Authorised,
    Dispatched,
    Started,
    Ended,
}

const STEPS: usize = 5;

impl Step {
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "approval.approved" | "approval.narrowed" => Some(Self::Decided),
            "action.authorised" => Some(Self::Authorised),
            "action.dispatched" => Some(Self::Dispatched),
            "action.started" => Some(Self::Started),
            "action.finished" | "action.refused" => Some(Self::Ended),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Decided => "approval.approved",
            Self::Authorised => "action.authorised",
            Self::Dispatched => "action.dispatched",
            Self::Started => "action.started",
            Self::Ended => "action.finished",
        }
    }

    /// The step that must have come before it.
    fn needs(self) -> Option<Self> {
        match self {
            Self::Dispatched => Some(Self::Authorised),
            Self::Started => Some(Self::Dispatched),
            Self::Decided | Self::Authorised | Self::Ended => None,
        }
    }
}

/// Where each step of an action was first met, with the leaf's kind.
type Seen = [Option<(u64, String)>; STEPS];

/// The order of every action's steps.
#[derive(Clone, Debug)]
pub(crate) struct Precedence {
    /// All leaves are here, so a step whose predecessor is missing is wrong too.
    complete: bool,
    /// Forget an action once it ended, to keep memory constant over a long log.
    forget: bool,
    /// Actions not forgotten, in order of id: a small list, kept sorted rather than as a tree to keep the browser's module small.
    actions: Vec<(String, Seen)>,
    /// Actions of which at least two steps were compared.
    pub(crate) compared: u64,
}

impl Precedence {
    pub(crate) fn new(complete: bool, forget: bool) -> Self {
        Self {
            complete,
            forget,
            actions: Vec::new(),
            compared: 0,
        }
    }

    /// Takes the next leaf.
    pub(crate) fn leaf(&mut self, f: &mut Findings, header: &HeaderRef<'_>) {
        let (Some(step), Some(action)) = (Step::of(&header.kind), header.reference("action")) else {
            return;
        };
        let index = header.index;
        let at = self
            .actions
            .binary_search_by(|(id, _)| (**id).cmp(action))
            .unwrap_or_else(|at| {
                self.actions.insert(at, (action.to_owned(), Seen::default()));
                at
            });
        let seen = &mut self.actions[at].1;
        if let Some((earlier, kind)) = seen[step as usize + 1..].iter().flatten().min() {
            let what = format!(
                "Leaf {index}: `{}` comes after `{kind}` of the same action, leaf {earlier}.",
                header.kind
            );
            f.altered(Some(index), what);
        }
        if let Some(needed) = step.needs().filter(|n| self.complete && seen[*n as usize].is_none()) {
            let (kind, needed) = (&header.kind, needed.name());
            let what = format!("Leaf {index}: `{kind}` without an earlier `{needed}` of the same action.");
            f.altered(Some(index), what);
        }
        if seen[..step as usize].iter().any(Option::is_some) && step == Step::Ended {
            self.compared += 1;
        }
        if step == Step::Ended && self.forget {
            self.actions.remove(at);
        } else {
            seen[step as usize].get_or_insert_with(|| (index, header.kind.clone().into_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use domain::event::REGISTRY;

    /// R6: the steps are found by name, so the names must be those of the registry.
    #[test]
    fn every_step_is_an_event_of_the_registry() {
        let kinds: BTreeSet<&str> = REGISTRY.iter().map(|spec| spec.name).collect();
        let steps: Vec<_> = kinds.into_iter().filter_map(Step::of).collect();
        assert_eq!(steps.len(), 7, "{steps:?}");
        for step in [
            Step::Decided,
            Step::Authorised,
            Step::Dispatched,
            Step::Started,
            Step::Ended,
        ] {
            assert_eq!(Step::of(step.name()), Some(step));
            assert!(steps.contains(&step));
        }
        let counted = REGISTRY.iter().find(|spec| spec.name == "session.closed").unwrap();
        assert!(counted.fields.iter().any(|f| (f.group, f.name) == ("what", "leaves")));
    }
}
