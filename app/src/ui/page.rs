//! The parts of a page: its head with the title, its sections, lists of facts.

use leptos::prelude::*;
use leptos_meta::Title;

/// The page's heading and the browser's title.
#[component]
pub fn PageHead(
    /// The title.
    #[prop(into)]
    title: String,
    /// One line under it.
    #[prop(optional, into)]
    sub: ViewFn,
    /// Buttons at its end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <header class="page-head">
            <div class="page-head-words">
                <h1>{title}</h1>
                <div class="page-sub">{sub.run()}</div>
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// A section with its heading on a hairline.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// The element's id, for links to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// A count or remark beside the heading.
    #[prop(optional, into)]
    aside: Option<String>,
    /// Classes beside `section`.
    #[prop(optional, into)]
    class: String,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("section {class}") id=id>
            <header class="section-head">
                <h2>{title}</h2>
                {aside.map(|aside| view! { <span class="section-aside">{aside}</span> })}
            </header>
            {children()}
        </section>
    }
}

/// A list of facts: names and values in two columns.
#[component]
pub fn Facts(
    /// [`Fact`]s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One fact.
#[component]
pub fn Fact(
    /// Its name.
    #[prop(into)]
    name: String,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
