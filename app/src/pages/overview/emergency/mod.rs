//! When something is broken: what to do before anything is restored, every way back, and whom to call. While all is well none of it is there.

mod aid;
mod back;
mod people;

use domain::emergency::Emergency;
use domain::time::Timestamp;
use leptos::prelude::*;

use super::links::Links;

/// The three sections, in the order in which they are needed.
#[component]
pub fn InEmergency(
    #[prop(optional_no_strip)] emergency: Option<Emergency>,
    now: Timestamp,
    links: Links,
    quorum: usize,
) -> impl IntoView {
    let emergency = emergency?;
    Some(view! {
        <aid::FirstAid emergency=emergency.clone() now links=links.clone() />
        <back::WaysBack emergency=emergency.clone() now links />
        <people::WhoCanApprove emergency now quorum />
    })
}

#[cfg(test)]
mod tests;
