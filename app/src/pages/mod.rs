//! The pages. Each is read in full before its first byte is sent, so it is complete without a script and its status is true.

use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::SsrMode;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

pub mod audit;
pub mod backups;
pub mod diagnostics;
pub mod drills;
mod error;
mod frame;
pub mod keys;
mod outside;
pub mod overview;
pub mod policy;
pub mod requests;
pub mod runbook;
mod sign_in;
pub mod source;
mod standing;
mod visit;
mod words;

pub use error::{Notice, Problem, ProblemGate, notice};
pub use frame::{Opened, open};
pub use sign_in::Demo;
pub use standing::{Reader, Standing};
pub use visit::{Session, Visit};

use crate::components::Place;

/// All pages by their addresses. Without a request it only lists them.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <FlatRoutes fallback=NoPage>
                <Route path=path!("/") view=overview::OverviewPage ssr=SsrMode::Async />
                <Route path=path!("/backups") view=backups::BackupsPage ssr=SsrMode::Async />
                <Route path=path!("/backups/:source/:label") view=backups::BackupPage ssr=SsrMode::Async />
                <Route path=path!("/sources/:source") view=source::SourcePage ssr=SsrMode::Async />
                <Route path=path!("/keys") view=keys::KeysPage ssr=SsrMode::Async />
                <Route path=path!("/drills") view=drills::DrillsPage ssr=SsrMode::Async />
                <Route path=path!("/drills/compare") view=drills::ComparePage ssr=SsrMode::Async />
                <Route path=path!("/drills/:drill") view=drills::DrillPage ssr=SsrMode::Async />
                <Route path=path!("/diagnostics") view=diagnostics::DiagnosticsPage ssr=SsrMode::Async />
                <Route path=path!("/diagnostics/rules/:code") view=diagnostics::RulePage ssr=SsrMode::Async />
                <Route path=path!("/diagnostics/:code") view=diagnostics::FindingPage ssr=SsrMode::Async />
                <Route path=path!("/requests") view=requests::Requests ssr=SsrMode::Async />
                <Route path=path!("/requests/new") view=requests::NewRequest ssr=SsrMode::Async />
                <Route path=path!("/requests/compare") view=requests::Compare ssr=SsrMode::Async />
                <Route path=path!("/requests/:number") view=requests::OneRequest ssr=SsrMode::Async />
                <Route path=path!("/requests/:number/sign/:challenge") view=requests::Sign ssr=SsrMode::Async />
                <Route path=path!("/requests/:number/reveal/:challenge") view=requests::Reveal ssr=SsrMode::Async />
                <Route path=path!("/runbook/:deployment") view=runbook::RunbookPage ssr=SsrMode::Async />
                <Route path=path!("/audit") view=audit::Audit ssr=SsrMode::Async />
                <Route path=path!("/audit/:entry") view=audit::OneEntry ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=sign_in::SignIn ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
    }
}

/// Stands where no address fits. The server asks for it with whatever it was asked for.
#[component]
pub fn NoPage() -> impl IntoView {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::NOT_FOUND);
    }
    open(Place::Overview, async |_visit| Ok(Problem::no_page().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_console_has_its_page() {
        let routes = leptos_axum::generate_route_list(App);
        let paths: Vec<_> = routes.iter().map(|route| route.path().to_owned()).collect();
        let expected = [
            "/",
            "/backups",
            "/backups/{source}/{label}",
            "/sources/{source}",
            "/keys",
            "/drills",
            "/drills/compare",
            "/drills/{drill}",
            "/diagnostics",
            "/diagnostics/rules/{code}",
            "/diagnostics/{code}",
            "/requests",
            "/requests/new",
            "/requests/compare",
            "/requests/{number}",
            "/requests/{number}/sign/{challenge}",
            "/requests/{number}/reveal/{challenge}",
            "/runbook/{deployment}",
            "/audit",
            "/audit/{entry}",
            "/sign-in",
        ];
        assert_eq!(paths, expected);
    }
}
