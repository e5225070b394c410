//! Every page and its address.
//!
//! All pages are rendered whole before they are sent (`SsrMode::Async`): their data is one local read away, and a page that
//! arrives in pieces can't be read without script, can't carry a status, and can't redirect.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::hooks::use_params_map;
use leptos_router::{SsrMode, path};

use crate::account::{SignInPage, WelcomePage};
use crate::approvals::{ApprovalsPage, ApprovePage};
use crate::endpoints::{EndpointPage, EndpointsPage};
use crate::frame::{Frame, NotFoundPage};
use crate::history::HistoryPage;
use crate::incidents::{IncidentPage, IncidentsPage};
use crate::overview::OverviewPage;
use crate::record::RecordPage;
use crate::session::{SessionPage, SessionsPage};
use crate::settings::{ClientsPage, EnrolmentPage, PeoplePage, RedactionPage, RetentionPage};
use crate::share::ShareReviewPage;
use crate::ui::{Announcer, Clock, Live};

/// The app: what every page shares, and the pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Clock::provide(start_of_page());
    Live::provide();
    let announcer = Announcer::provide();
    view! {
        <Title formatter=page_title/>
        {announcer.region()}
        <Router>
            <Pages/>
        </Router>
    }
}

/// `till · Countersign`. What is rendered on the server goes into the head as it stands, so a name that holds markup is escaped
/// there; in the browser a title is set as text.
fn page_title(title: String) -> String {
    let title = if cfg!(feature = "ssr") {
        title.replace('&', "&amp;").replace('<', "&lt;")
    } else {
        title
    };
    if title.is_empty() {
        "Countersign".to_owned()
    } else {
        format!("{title} · Countersign")
    }
}

/// The pages.
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFoundPage/> }>
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/welcome/:secret") view=WelcomePage ssr=SsrMode::Async/>
            <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                <Route path=path!("") view=OverviewPage ssr=SsrMode::Async/>
                <Route path=path!("endpoints") view=EndpointsPage ssr=SsrMode::Async/>
                <Route path=path!("endpoints/:id") view=EndpointPage ssr=SsrMode::Async/>
                <Route path=path!("sessions") view=SessionsPage ssr=SsrMode::Async/>
                <Route path=path!("sessions/:id") view=SessionPage ssr=SsrMode::Async/>
                <Route path=path!("sessions/:id/share") view=ShareReviewPage ssr=SsrMode::Async/>
                <Route path=path!("actions/:id") view=crate::history::ActionRedirect ssr=SsrMode::Async/>
                <Route path=path!("approvals") view=ApprovalsPage ssr=SsrMode::Async/>
                <Route path=path!("approvals/:id") view=ApprovePage ssr=SsrMode::Async/>
                <Route path=path!("history") view=HistoryPage ssr=SsrMode::Async/>
                <Route path=path!("record") view=RecordPage ssr=SsrMode::Async/>
                <Route path=path!("incidents") view=IncidentsPage ssr=SsrMode::Async/>
                <Route path=path!("incidents/:id") view=IncidentPage ssr=SsrMode::Async/>
                <Route path=path!("settings") view=|| view! { <Redirect path="/settings/people"/> } ssr=SsrMode::Async/>
                <Route path=path!("settings/people") view=PeoplePage ssr=SsrMode::Async/>
                <Route path=path!("settings/clients") view=ClientsPage ssr=SsrMode::Async/>
                <Route path=path!("settings/enrolment") view=EnrolmentPage ssr=SsrMode::Async/>
                <Route path=path!("settings/redaction") view=RedactionPage ssr=SsrMode::Async/>
                <Route path=path!("settings/retention") view=RetentionPage ssr=SsrMode::Async/>
            </ParentRoute>
        </Routes>
    }
}

/// A part of the page's address, such as the id in `/endpoints/:id`; empty when it is not there.
pub fn param(name: &'static str) -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|p| p.get(name)).unwrap_or_default())
}

#[cfg(feature = "ssr")]
fn start_of_page() -> domain::timestamp::Timestamp {
    crate::ctx::page_clock()
}

#[cfg(not(feature = "ssr"))]
fn start_of_page() -> domain::timestamp::Timestamp {
    crate::ui::clock::browser_clock(0)
}
