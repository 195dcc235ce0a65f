//! Pages for people who aren't signed in. They tell nothing about any deployment.

use axum::http::StatusCode;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::components::{Frame, Page};
use crate::theme::Theme;

/// Stands in every colophon.
pub const VERSION: &str = concat!("Muster ", env!("CARGO_PKG_VERSION"));

/// Such a page.
pub fn outside(now: Timestamp, title: &str, status: StatusCode, body: AnyView) -> AnyView {
    if let (Some(response), true) = (use_context::<ResponseOptions>(), status != StatusCode::OK) {
        response.set_status(status);
    }
    let frame = Frame {
        now,
        deployment: None,
        person: None,
        waiting: 0,
        answers: None,
        colophon: vec![VERSION.into()],
        theme: theme(),
    };
    let title = title.to_owned();
    view! { <Page frame title still=true>{body}</Page> }.into_any()
}

/// How the reader wants pages to look.
pub fn theme() -> Theme {
    use_context::<Theme>().unwrap_or_default()
}
