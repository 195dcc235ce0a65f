//! The Keys page: is the key in the secret manager the key in use, and what does each version open? Proven by opening envelopes, with the
//! counts. A key itself is never on it.

use domain::custody::exposure::Exposure;
use domain::finding::NotJudged;
use domain::inventory::Keys;
use domain::observation::Known;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::findings::{Told, of_keys as findings_of_keys};
use recovery::keys::exposures;
use recovery::overview::{self, Gist, KeyHistory, View};

mod advice;
mod coverage;
mod elsewhere;
mod endings;
mod envelopes;
mod exposed;
mod findings;
mod fingerprints;
mod manager;
mod readings;
mod rotation;
mod spoilt;
mod state;
mod verdict;
mod versions;

use super::overview::{Links, cannot_request};
use super::{Opened, Visit, open};
use crate::components::{Address, Blank, Place, Sheet, Unread};

/// `/keys`
#[component]
pub fn KeysPage() -> impl IntoView {
    open(Place::Keys, async |visit: Visit| {
        let Visit {
            services,
            actor,
            links,
            address,
            ..
        } = &visit;
        let (told, not_judged) = findings_of_keys(services, actor, visit.deployment()).await?;
        let page = KeysOf {
            exposures: exposures(services, visit.deployment()).await?,
            told,
            not_judged,
            view: overview::view(services, actor, visit.deployment()).await?,
            history: overview::key_history(services, actor, visit.deployment()).await?,
            others: overview::others(services, actor, visit.deployment()).await?,
            links: links.clone(),
            address: address.clone(),
            cannot_request: cannot_request(actor, services.settings.approvals.roles),
        };
        Ok(Opened::new("Keys", view! { <KeysContent page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct KeysOf {
    pub view: View,
    pub history: KeyHistory,
    /// What the rules about keys found, and those that could not be judged.
    pub told: Vec<Told>,
    pub not_judged: Vec<NotJudged>,
    /// Keys that left by a request, newest first.
    pub exposures: Vec<Exposure>,
    /// The other deployments. Empty for the usual site with one.
    pub others: Vec<Gist>,
    pub links: Links,
    /// With what was chosen to be seen.
    pub address: Address,
    /// Why this reader can't ask for a key or a proof; `None` if they can.
    pub cannot_request: Option<String>,
}

/// A proof with what may be said of it now.
#[derive(Clone, Debug)]
pub struct Proof {
    pub keys: Keys,
    pub at: Timestamp,
    pub now: Timestamp,
    /// Why it can't be believed any more. Everything is then shown as last known.
    pub past: Option<String>,
}

impl Proof {
    /// `None`: there never was one.
    fn of(view: &View) -> Option<Self> {
        let (keys, at, past) = match view.keys.known(view.now) {
            Known::Fresh { value, at } => (view.proven.as_ref().unwrap_or(value), at, None),
            Known::Unknown { reason, last } => {
                let (keys, at) = last?;
                (keys, at, Some(reason))
            }
        };
        Some(Self {
            keys: keys.clone(),
            at,
            now: view.now,
            past,
        })
    }
}

/// The content of the page.
#[component]
pub fn KeysContent(page: KeysOf) -> impl IntoView {
    let KeysOf {
        view,
        history,
        told,
        not_judged,
        exposures,
        others,
        links,
        address,
        cannot_request,
    } = page;
    let (name, now) = (links.deployment.clone(), view.now);
    let proof = Proof::of(&view);
    let head = view! {
        <verdict::Verdict view=view.clone() history=history.clone() proof=proof.clone() links=links.clone() cannot=cannot_request.clone() />
    };
    let body = match proof {
        None => {
            let found = (!told.is_empty()).then(|| view! { <findings::Findings told silent=not_judged deployment=name now /> });
            view! { {nothing(&view)}{found}<exposed::Exposed exposures now /> }.into_any()
        }
        Some(proof) => view! {
            <advice::WhatToDo proof=proof.clone() left=exposed::still_in_use(&exposures) links=links.clone() cannot=cannot_request.clone() />
            <findings::Findings told silent=not_judged deployment=name now />
            <exposed::Exposed exposures now />
            <endings::Endings proof=proof.clone() />
            <versions::Versions proof=proof.clone() links=links.clone() cannot=cannot_request />
            <rotation::OverTime history proof=Some(proof.clone()) now=view.now address=address.clone() />
            <div class="split">
                <div>
                    <coverage::Matrix view=view.clone() proof=proof.clone() links address />
                    <manager::Replicas proof=proof.clone() />
                    <fingerprints::Whole proof=proof.clone() />
                </div>
                <div>
                    <manager::Manager proof=proof.clone() />
                    <envelopes::ByColumn proof=proof.clone() />
                    <readings::Readings proof interval_s=view.keys.interval_s />
                </div>
            </div>
        }
        .into_any(),
    };
    view! { {head}{body}<elsewhere::Elsewhere gists=others now=view.now /> }
}

/// No proof was ever made: because nothing is configured, or because it failed from the start.
fn nothing(view: &View) -> AnyView {
    if view.not_set_up.contains(&domain::inventory::ArtifactKind::MasterKey) {
        return view! {
            <Sheet id="versions" title="Which key opens what is live">
                <Blank title="No secret manager is configured">
                    "Without it Muster can’t say whether a restored database could be read: a perfect backup is worth nothing if its key is gone. Name the manager under [deployment.master_key] in muster.toml."
                </Blank>
            </Sheet>
        }
        .into_any();
    }
    let said = match view.keys.known(view.now) {
        Known::Unknown { reason, .. } => reason,
        Known::Fresh { .. } => String::new(),
    };
    view! {
        <Sheet id="versions" title="Which key opens what is live">
            <Unread title="The keys were never proven" said>
                "Until they are, whether the key opens a restored database is not known. Muster tries again by itself every five minutes."
            </Unread>
        </Sheet>
    }
    .into_any()
}

#[cfg(test)]
mod tests;
