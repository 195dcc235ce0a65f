//! The console on HTTP: pages, forms, sign-in, events. Forms decide nothing here; they build the actor, call one use case and answer with a
//! redirect or with what was refused.

mod answer;
mod documents;
mod drills;
mod events;
mod findings;
mod forms;
mod gap;
mod guard;
mod headers;
mod health;
mod key;
mod local;
mod log;
mod people;
pub mod session;
mod sign_in;
mod site;
mod state;

use app::pages::App;
use app::shell::shell;
use app::theme::Theme;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::request::Parts;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;

pub use site::Site;
pub use state::Web;

/// Forms hold a reason of some thousand characters at most.
const LARGEST_FORM: usize = 64 * 1024;

/// Every route with everything that stands before it.
pub fn router(web: Web) -> Router {
    let routes = generate_route_list(App);
    let context = {
        let web = web.clone();
        move || page_context(&web)
    };
    let document = {
        let options = web.leptos.clone();
        move || shell(&options, || view! { <App /> }.into_any())
    };
    let pages = Router::new()
        .leptos_routes_with_context(&web, routes, context.clone(), document.clone())
        .fallback(leptos_axum::render_app_async_with_context(context, document));
    let console = pages
        .route("/auth/sign-in", get(sign_in::begin))
        .route("/auth/callback", get(sign_in::callback))
        .route("/auth/sign-out", post(session::end))
        .route("/theme", post(forms::theme))
        .route("/requests", post(forms::create))
        .route("/requests/{number}/approve", post(forms::approve))
        .route("/requests/{number}/reject", post(forms::reject))
        .route("/requests/{number}/promote", post(forms::promote))
        .route("/requests/{number}/give-up", post(forms::give_up))
        .route("/requests/{number}/confirm/{step}", post(forms::confirm))
        .route("/requests/{number}/withdraw", post(forms::withdraw))
        .route("/requests/{number}/revoke", post(forms::revoke))
        .route("/requests/{number}/run", post(forms::run))
        .route("/requests/{number}/reveal/{challenge}", post(key::reveal))
        .route("/requests/{number}/plan.json", get(documents::plan))
        .route("/runbook/{deployment}/runbook.html", get(documents::runbook))
        .route("/requests/{number}/log", get(documents::run_log))
        .route("/requests/{number}/gap.json", get(gap::report))
        .route("/requests/{number}/gap/{line}/done", post(gap::done))
        .route("/requests/{number}/gap/{line}/waive", post(gap::waive))
        .route("/runs/{run}/cancel", post(forms::cancel))
        .route("/keys/prove", post(forms::prove))
        .route("/drills", post(drills::start))
        .route("/drills/{drill}/cancel", post(drills::cancel))
        .route("/drills/{drill}/receipt", get(drills::receipt))
        .route("/drills/{drill}/log", get(drills::log))
        .route("/drills/receipt-keys.pem", get(drills::keys))
        .route("/diagnostics/check", post(findings::check))
        .route("/diagnostics/{code}/acknowledge", post(findings::acknowledge))
        .route("/audit/export", get(documents::export))
        .route("/events", get(events::stream))
        .layer(from_fn_with_state(web.clone(), people::know))
        .layer(session::layer(&web));
    console
        .merge(health::routes())
        .merge(site::routes(&web.site))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn_with_state(web.clone(), guard::same_origin))
        .layer(from_fn(headers::finish))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(headers::time_limit))
        .layer(from_fn_with_state(web.clone(), headers::add))
        .layer(from_fn(log::answers))
        .with_state(web)
}

/// What a page may ask for. Called for each request; its parts are there already.
fn page_context(web: &Web) {
    provide_context(web.services.clone());
    if let Some(demo) = &web.demo {
        provide_context(demo.clone());
    }
    let parts = use_context::<Parts>();
    let cookies = parts
        .as_ref()
        .and_then(|parts| parts.headers.get("cookie")?.to_str().ok());
    provide_context(cookies.map(Theme::from_cookies).unwrap_or_default());
    headers::allow_nonce();
}
