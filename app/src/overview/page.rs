//! The overview page, in the order in which a person needs it.

use leptos::prelude::*;

use super::grid::EndpointGrid;
use super::waiting::{OpenSessions, Waiting};
use super::week::LastDays;
use super::{First, read_overview};
use crate::ui::{Loaded, PageHead, use_live};

/// The first page.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let live = use_live();
    let first = Resource::new(move || live.head.get(), |_| read_overview());
    view! {
        <PageHead title="Overview"/>
        <Loaded resource=first rows=12 let:first>
            <Everything first=first/>
        </Loaded>
    }
    .into_any()
}

#[component]
fn Everything(first: First) -> impl IntoView {
    let First {
        overview,
        may_read_endpoints,
        may_read_history,
        may_administer,
        may_initiate,
    } = first;
    let machines = if may_read_endpoints {
        overview
            .endpoints
            .iter()
            .filter(|e| e.needs_confirmation)
            .cloned()
            .collect()
    } else {
        vec![]
    };
    view! {
        <div class="overview-now">
            <Waiting rows=overview.waiting incidents=overview.incidents machines=machines/>
            <OpenSessions rows=overview.open_sessions may_initiate=may_initiate/>
        </div>
        <EndpointGrid rows=overview.endpoints may_open=may_read_endpoints may_enrol=may_administer/>
        <LastDays week=overview.week refused=overview.refused findings=overview.findings may_open=may_read_history/>
    }
    .into_any()
}
