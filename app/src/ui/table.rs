//! Tables: dense rows that fill the width, a head that stays, and on phones each row as a small card (give every `<td>` its
//! column's name as `data-label`).

use leptos::prelude::*;

/// A table. Children are `<tr>`s; the `<tbody>` is made here.
#[component]
pub fn Table(
    /// What it lists, for screen readers.
    #[prop(into)]
    caption: String,
    /// The columns' names; an empty one is a column of buttons.
    columns: &'static [&'static str],
    /// Classes beside `table`.
    #[prop(optional, into)]
    class: String,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = columns
        .iter()
        .map(|name| {
            if name.is_empty() {
                view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> }.into_any()
            } else {
                view! { <th scope="col">{*name}</th> }.into_any()
            }
        })
        .collect();
    view! {
        <div class="table-wrap">
            <table class=format!("table {class}")>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
