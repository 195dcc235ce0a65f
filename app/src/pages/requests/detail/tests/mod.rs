//! The page of a request, rendered without a script, for each state and each kind of reader.

mod decisions;
mod disaster;
mod gap;
mod keys;
mod repoint;
mod runs;

use domain::approval::Decision;
use domain::role::Role;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::approvals::Stored;
use recovery::runs::Run;

use super::super::samples::{log, reader, seen};
use super::*;
use crate::pages::overview::proofs::{document, holds, main};

pub fn page(name: &str, stored: Stored, who: (&str, Role), decision: Option<Decision>, run: Option<Run>) -> String {
    let reader = reader(who.0, who.1);
    let detail = Detail {
        seen: seen(stored, &reader, decision, run),
        reader,
        log: Ok(log()),
        address: Address::new("/requests/7", ParamsMap::new()),
        gap: None,
        exposure: None,
    };
    let html = document(Place::Requests, move || view! { <RequestContent detail /> }.into_any());
    holds(&format!("request-{name}"), &html);
    main(&html)
}

/// The tag of the button with this name.
pub fn button<'a>(main: &'a str, name: &str) -> Option<&'a str> {
    let end = main.find(&format!(">{name}</button>"))?;
    main[..end].rfind("<button").map(|start| &main[start..end])
}
