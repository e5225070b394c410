//! An action's output on a card: numbered lines, stderr marked at its edge, findings as chips, hidden characters named.
//!
//! Lines stand in blocks of [`BLOCK`], which the browser lays out only when they come into view, so that ten thousand lines
//! scroll like ten. Text is always a text node. Deliberately absent: colours of terminal escapes, which are shown as what
//! they are.

use domain::api::OutputPiece;
use domain::finding::FindingCounts;
use domain::ids::ActionId;
use leptos::prelude::*;

use super::desk::Desk;
use super::lines::{self, Line, Segment};
use crate::ui::words;

/// Lines in a block.
const BLOCK: usize = 100;

/// The output of action `id`, as it grows.
#[component]
pub fn Output(
    /// The session.
    desk: Desk,
    /// The action.
    id: ActionId,
    /// Its number.
    number: u64,
) -> impl IntoView {
    // Every arriving piece moves the outputs of all; only this action's own size moves its lines.
    let size = Memo::new(move |_| {
        let of = |o: &super::desk::Shown| (o.before, o.pieces.len(), o.pieces.last().map(|p| p.leaf));
        desk.outputs.with(|all| all.get(&id).map_or((0, 0, None), of))
    });
    let shown = Memo::new(move |_| {
        let (before, _, _) = size.get();
        desk.outputs.with_untracked(|all| {
            all.get(&id)
                .map(|o| lines::lines(&o.pieces, before + 1))
                .unwrap_or_default()
        })
    });
    let blocks = move || (0..shown.with(Vec::len).div_ceil(BLOCK)).collect::<Vec<_>>();
    view! {
        <Show when=move || size.get().1 != 0>
            {move || earlier(size.get().0, number)}
            <div class="out" role="group" tabindex="0" aria-label=format!("Output of action {number}")>
                <For each=blocks key=|at| *at let:at>
                    <Block shown=shown at=at/>
                </For>
            </div>
        </Show>
    }
}

/// The link to what was left out at the beginning.
fn earlier(before: u64, number: u64) -> Option<AnyView> {
    (before > 0).then(|| {
        view! {
            <p class="out-earlier">
                {words::count(before, "earlier line", "earlier lines")} " not shown. "
                <a href=format!("?all={number}#action-{number}")>"Show all lines"</a>
            </p>
        }
        .into_any()
    })
}

#[component]
fn Block(shown: Memo<Vec<Line>>, at: usize) -> impl IntoView {
    let block =
        Memo::new(move |_| shown.with(|all| all.iter().skip(at * BLOCK).take(BLOCK).cloned().collect::<Vec<_>>()));
    view! {
        <div class="out-block">
            <For each=move || block.get() key=Line::key let:line>
                {line_view(&line)}
            </For>
        </div>
    }
}

/// Output that doesn't grow; `None` when there is none.
pub fn still_output(pieces: &[OutputPiece], number: u64) -> Option<AnyView> {
    let all = lines::lines(pieces, 1);
    let block = |lines: &[Line]| {
        let shown: Vec<_> = lines.iter().map(line_view).collect();
        view! { <div class="out-block">{shown}</div> }
    };
    let blocks: Vec<_> = all.chunks(BLOCK).map(block).collect();
    let label = format!("Output of action {number}");
    (!blocks.is_empty())
        .then(|| view! { <div class="out" role="group" tabindex="0" aria-label=label>{blocks}</div> }.into_any())
}

fn line_view(line: &Line) -> AnyView {
    let class = if line.stderr { "line stderr" } else { "line" };
    view! { <div class=class data-n=line.number.to_string()>{segments_view(&line.segments)}</div> }.into_any()
}

/// Segments as they are shown everywhere in the app.
pub fn segments_view(segments: &[Segment]) -> Vec<AnyView> {
    let one = |s: &Segment| match s {
        Segment::Text(text) => text.clone().into_any(),
        Segment::Chip { kind, rule, text } => {
            let title = format!(
                "{}: redacted before it was stored, by rule {rule}. It can't be brought back.",
                kind.label()
            );
            view! { <mark class="redacted" title=title>{text.clone()}</mark> }.into_any()
        }
        Segment::Hidden { text, code } => {
            view! { <span class="hidden-char" data-code=code.clone()>{text.clone()}</span> }.into_any()
        }
    };
    segments.iter().map(one).collect()
}

/// Text that a person typed or a machine gave, with what doesn't show named.
pub fn exact(text: &str) -> Vec<AnyView> {
    segments_view(&lines::segments(text, &[]))
}

/// `0 findings`, or `2 findings: 1 card, 1 e-mail`.
pub fn findings_sentence(counts: &FindingCounts) -> String {
    let total: u64 = counts.values().sum();
    let all = words::count(total, "finding", "findings");
    if total == 0 {
        return all;
    }
    let each: Vec<String> = counts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(k, n)| format!("{n} {}", k.label()))
        .collect();
    format!("{all}: {}", each.join(", "))
}
