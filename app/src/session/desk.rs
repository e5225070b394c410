//! A session's page while it is open: what was read of it, the output that arrived since, and whether it is live.
//!
//! The page is read once with its first outputs. From then on events say what arrived: output is added where it belongs,
//! and for everything else the session is read again, so that nothing on the page is ever derived from an event alone.

use std::collections::BTreeMap;

use domain::api::{ActionView, LiveItem, OutputPiece, SessionView};
use domain::ids::ActionId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::{
    self, AddNote, AskAccess, Cancel, CloseSession, EraseSession, Propose, SessionPageData, Withdraw, WithdrawRequest,
};
use super::{follow, lines};
use crate::settings::PlaceHold;
use crate::ui::Connection;

/// An action's output as far as it is on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// How many lines come before.
    pub before: u64,
    /// The pieces, in order of their leaves.
    pub pieces: Vec<OutputPiece>,
}

/// An open session's state. Cheap to copy; it lives as long as the page.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The session, without outputs.
    pub view: RwSignal<SessionView>,
    /// The outputs.
    pub outputs: RwSignal<BTreeMap<ActionId, Shown>>,
    /// The number of the action that is shown whole; 0 for none.
    pub whole: u64,
    /// Whether the reader may open the record's leaves.
    pub may_audit: bool,
    /// Whether events arrive.
    pub connection: RwSignal<Connection>,
    /// Lines that arrived below what is being read.
    pub unseen: RwSignal<u64>,
    reading: StoredValue<Reading>,
}

/// Whether the session is being read again, and whether it has to be once more after that.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    now: bool,
    again: bool,
}

/// Everything that can be done on the page. Made once, outside of what is read again, so that results stay.
#[derive(Clone, Copy)]
pub struct Acts {
    /// Proposes.
    pub propose: ServerAction<Propose>,
    /// Takes a waiting action back.
    pub withdraw: ServerAction<Withdraw>,
    /// Cancels a running action.
    pub cancel: ServerAction<Cancel>,
    /// Asks for access.
    pub ask: ServerAction<AskAccess>,
    /// Takes a request for access back.
    pub withdraw_request: ServerAction<WithdrawRequest>,
    /// Adds a note.
    pub note: ServerAction<AddNote>,
    /// Closes the session.
    pub close: ServerAction<CloseSession>,
    /// Puts its texts under a legal hold.
    pub hold: ServerAction<PlaceHold>,
    /// Erases its texts.
    pub erase: ServerAction<EraseSession>,
}

impl Acts {
    /// The actions of one page.
    pub fn new() -> Self {
        Self {
            propose: ServerAction::new(),
            withdraw: ServerAction::new(),
            cancel: ServerAction::new(),
            ask: ServerAction::new(),
            withdraw_request: ServerAction::new(),
            note: ServerAction::new(),
            close: ServerAction::new(),
            hold: ServerAction::new(),
            erase: ServerAction::new(),
        }
    }

    /// Moves whenever one of them has come back.
    pub fn version(&self) -> usize {
        self.propose.version().get()
            + self.withdraw.version().get()
            + self.cancel.version().get()
            + self.ask.version().get()
            + self.withdraw_request.version().get()
            + self.note.version().get()
            + self.close.version().get()
            + self.hold.version().get()
            + self.erase.version().get()
    }
}

impl Default for Acts {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// The page as it was read.
    pub fn new(data: SessionPageData) -> Self {
        let SessionPageData {
            mut view,
            before,
            whole,
            may_audit,
        } = data;
        let outputs = take_outputs(&mut view, &before);
        Self {
            view: RwSignal::new(view),
            outputs: RwSignal::new(outputs),
            whole,
            may_audit,
            connection: RwSignal::new(Connection::Still),
            unseen: RwSignal::new(0),
            reading: StoredValue::new(Reading::default()),
        }
    }

    /// The session's id.
    pub fn id(&self) -> String {
        self.view.with_untracked(|v| v.row.id.to_string())
    }

    /// One action, as it stands.
    pub fn action(&self, id: ActionId) -> Option<ActionView> {
        self.view.with(|v| v.actions.iter().find(|a| a.id == id).cloned())
    }

    /// Takes in what arrived.
    pub fn arrived(self, item: LiveItem) {
        match item {
            LiveItem::Output { action, piece } => self.add_output(action, piece),
            LiveItem::Changed => self.read_again(),
        }
    }

    fn add_output(self, action: ActionId, piece: OutputPiece) {
        let follows = follow::is_at_end();
        let ends = piece.text.matches('\n').count() as u64;
        let mut new = false;
        let _ = self
            .outputs
            .try_update(|all| new = add(&mut all.entry(action).or_default().pieces, piece));
        if !new {
            return;
        }
        if follows {
            follow::to_end_soon();
        } else {
            let _ = self.unseen.try_update(|n| *n += ends.max(1));
        }
    }

    /// Reads the session again, once at a time.
    pub fn read_again(self) {
        let busy = self.reading.try_update_value(|r| {
            let busy = r.now;
            *r = Reading { now: true, again: busy };
            busy
        });
        if busy != Some(false) {
            return;
        }
        let (id, all) = (
            self.id(),
            if self.whole == 0 {
                String::new()
            } else {
                self.whole.to_string()
            },
        );
        spawn_local(async move {
            let read = api::session(id, all).await;
            if let Ok(data) = read {
                self.take_in(data);
            }
            let again = self.reading.try_update_value(|r| std::mem::take(r).again);
            if again == Some(true) {
                self.read_again();
            }
        });
    }

    fn take_in(self, data: SessionPageData) {
        let SessionPageData { mut view, before, .. } = data;
        let erased_before = self.view.try_with_untracked(|v| v.erased.is_some());
        if view.erased.is_some() && erased_before == Some(false) {
            // Texts stand in many places of the page, some of which are drawn once.
            crate::ui::browser::reload();
            return;
        }
        let read = take_outputs(&mut view, &before);
        let live = self.connection.try_get_untracked() == Some(Connection::Live);
        let _ = self.outputs.try_update(|all| merge(all, read, live));
        let _ = self.view.try_set(view);
    }
}

/// Moves the outputs out of the view.
fn take_outputs(view: &mut SessionView, before: &[u64]) -> BTreeMap<ActionId, Shown> {
    let before = before.iter().copied().chain(std::iter::repeat(0));
    view.actions
        .iter_mut()
        .zip(before)
        .map(|(a, before)| {
            (
                a.id,
                Shown {
                    before,
                    pieces: std::mem::take(&mut a.output),
                },
            )
        })
        .collect()
}

/// Adds a piece in its place; `false` when it is there already.
fn add(pieces: &mut Vec<OutputPiece>, piece: OutputPiece) -> bool {
    match pieces.binary_search_by_key(&piece.leaf, |p| p.leaf) {
        Ok(_) => false,
        Err(at) => {
            pieces.insert(at, piece);
            true
        }
    }
}

/// Takes in outputs that were read again. While events arrive, what is on the page is complete and may begin earlier than
/// what was read, so it stays; otherwise what was read counts.
fn merge(all: &mut BTreeMap<ActionId, Shown>, read: BTreeMap<ActionId, Shown>, live: bool) {
    for (id, shown) in read {
        match all.get(&id) {
            Some(known) if live && !known.pieces.is_empty() => {}
            Some(_) | None => drop(all.insert(id, shown)),
        }
    }
}

/// The lines of an action's output, as a text to copy.
pub fn text_of(desk: Desk, id: ActionId) -> Signal<String> {
    Signal::derive(move || {
        desk.outputs
            .with(|all| all.get(&id).map(|o| lines::plain(&o.pieces)).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(leaf: u64) -> OutputPiece {
        OutputPiece {
            leaf,
            stream: "stdout".into(),
            text: format!("{leaf}\n"),
            findings: vec![],
        }
    }

    /// R73: what arrives twice or out of order is shown once and in order.
    #[test]
    fn pieces_are_kept_once_and_in_order() {
        let mut pieces = vec![];
        let new: Vec<bool> = [7, 5, 9, 7, 5]
            .into_iter()
            .map(|leaf| add(&mut pieces, piece(leaf)))
            .collect();
        assert_eq!(new, [true, true, true, false, false]);
        assert_eq!(lines::plain(&pieces), "5\n7\n9\n");
    }

    #[test]
    fn while_live_nothing_on_the_page_is_taken_away() {
        let id = ActionId(Default::default());
        let known = BTreeMap::from([(
            id,
            Shown {
                before: 0,
                pieces: vec![piece(1), piece(2)],
            },
        )]);
        let read = BTreeMap::from([(
            id,
            Shown {
                before: 1,
                pieces: vec![piece(2)],
            },
        )]);
        let mut all = known.clone();
        merge(&mut all, read.clone(), true);
        assert_eq!(all, known);
        merge(&mut all, read.clone(), false);
        assert_eq!(all, read);
    }
}
