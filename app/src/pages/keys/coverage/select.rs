//! Which rows of the matrix are shown: read from the address, so that a view of it can be sent to a colleague.

use domain::coverage::Urgency;
use leptos::prelude::*;

use super::needs::{Group, number};
use crate::components::Address;

/// Rows on one page.
pub const PAGE: usize = 24;

/// The choices, as in the address and in words. Without an urgency: everything.
const CHOICES: [(&str, &str, Option<Urgency>); 4] = [
    ("at-risk", "Missing or at risk", Some(Urgency::AtRisk)),
    ("unknown", "Unknown", Some(Urgency::Unknown)),
    ("opens", "Opens", Some(Urgency::Opens)),
    ("all", "All", None),
];

/// What somebody asked to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selection {
    pub urgency: Option<Urgency>,
    /// Counts from 1.
    pub page: usize,
}

impl Selection {
    /// Without a choice what needs a key that is missing is shown, or everything where nothing does.
    #[must_use]
    pub fn of(address: &Address, groups: &[Group<'_>]) -> Self {
        let asked = CHOICES
            .into_iter()
            .find(|(name, ..)| address.get("cover") == Some(*name));
        let at_risk = groups.iter().any(|group| group.urgency() == Urgency::AtRisk);
        Self {
            urgency: asked.map_or(at_risk.then_some(Urgency::AtRisk), |(.., urgency)| urgency),
            page: address.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        }
    }

    pub fn lets_through(&self, group: &Group<'_>) -> bool {
        self.urgency.is_none_or(|urgency| group.urgency() == urgency)
    }
}

/// The choices with how many backups each has, as links.
pub fn choices(selection: Selection, groups: &[Group<'_>], address: &Address) -> AnyView {
    let links: Vec<_> = CHOICES
        .into_iter()
        .map(|(name, words, urgency)| {
            let chosen = groups
                .iter()
                .filter(|group| urgency.is_none_or(|urgency| group.urgency() == urgency));
            let text = format!("{words}, {}", number(chosen));
            let href = format!("{}#coverage", address.without("page").with("cover", name));
            view! { <a href=href aria-current=(selection.urgency == urgency).then_some("true")>{text}</a> }
        })
        .collect();
    view! { <div><nav class="segmented" aria-label="Backups by how they open">{links}</nav></div> }.into_any()
}
