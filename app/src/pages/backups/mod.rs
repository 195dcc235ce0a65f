//! The Backups page: what can be restored, and every single backup it rests on.

use leptos::prelude::*;
use recovery::overview::{self, RestoreTo, View};

mod chain;
mod contents;
mod detail;
mod facts;
mod filters;
mod head;
mod keys;
mod list;
mod needed;
mod pick;
mod restore;
mod select;
mod state;
mod windows;

pub use detail::BackupPage;

use super::overview::{Links, RANGES, Sources, all_sources, cannot_request, plot, range};
use super::policy::Policy;
use super::{Opened, Visit, open};
use crate::components::{Address, Place, Sheet};
use crate::plots::RestorablePlot;
use domain::time::Timestamp;
use pick::{Around, Picked, RestoreHere};

/// `/backups`
#[component]
pub fn BackupsPage() -> impl IntoView {
    open(Place::Backups, async |visit: Visit| {
        let Visit {
            services,
            actor,
            links,
            address,
            ..
        } = &visit;
        let (view, found) = match Picked::of(address) {
            Picked::At(at) => {
                let (view, found) = overview::restore_to(services, actor, visit.deployment(), at).await?;
                (view, Some(found))
            }
            _ => (overview::view(services, actor, visit.deployment()).await?, None),
        };
        let page = Backups {
            view,
            found,
            links: links.clone(),
            address: address.clone(),
            cannot_request: cannot_request(actor, services.settings.approvals.roles),
        };
        Ok(Opened::new("Backups", view! { <BackupsContent page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Backups {
    pub view: View,
    /// The ways to the time that was picked, if one was.
    pub found: Option<RestoreTo>,
    pub links: Links,
    /// With the filters.
    pub address: Address,
    /// Why this reader can't ask for a restore; `None` if they can.
    pub cannot_request: Option<String>,
}

/// The content of the page.
#[component]
pub fn BackupsContent(page: Backups) -> impl IntoView {
    let Backups {
        view,
        found,
        links,
        address,
        cannot_request,
    } = page;
    let picked = Picked::of(&address);
    let around = Around {
        view: view.clone(),
        links: links.clone(),
        address: address.clone(),
        cannot_request: cannot_request.clone(),
    };
    view! {
        <head::Head view=view.clone() links=links.clone() cannot=cannot_request />
        <Restorable view=view.clone() address=address.clone() picked=picked.at() />
        <RestoreHere around picked found />
        <windows::Windows view=view.clone() />
        <list::List view=view.clone() links=links.clone() address=address.clone() />
        <Policy lines=view.inventory.policy.clone() now=view.now address />
        <Sources view links />
    }
}

#[component]
fn Restorable(view: View, address: Address, #[prop(optional_no_strip)] picked: Option<Timestamp>) -> impl IntoView {
    let range = range(&view, address.get("range"), picked);
    let drawing = crate::plots::Restorable {
        picked,
        ..plot(&view, "restorable", range)
    };
    let choices: Vec<_> = RANGES
        .into_iter()
        .map(|(name, ..)| {
            let href = address.with("range", name).to_string();
            view! { <a href=href aria-current=(name == range.0).then_some("true")>{name}</a> }
        })
        .collect();
    let seen = all_sources(&view);
    view! {
        <Sheet id="restorable-time" title="What can be restored" note=format!("in the last {}", range.1) seen>
            <div><nav class="segmented" aria-label="The last">{choices}</nav></div>
            <RestorablePlot plot=drawing pick=address />
        </Sheet>
    }
}

#[cfg(test)]
mod tests;
