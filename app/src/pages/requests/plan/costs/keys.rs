//! What it costs that a key leaves Muster, or that a manager gets the key in use.

use domain::plan::{Delivery, KeyCatchUp, RetrieveKey};
use leptos::prelude::*;

use crate::components::{Fact, visible};

const UNTOUCHED: &str = "the secret manager, Ampora and its database";

pub fn retrieval(plan: &RetrieveKey) -> AnyView {
    let key = plan.fingerprint.short();
    let (secrecy, once) = match &plan.delivery {
        Delivery::ShownOnce | Delivery::Sealed { .. } => (
            format!("one more person knows the key {key}; only a rotation ends that"),
            "a response that is lost is used up all the same; a second look takes a second request",
        ),
        Delivery::Split { .. } => (
            format!("two more people can make the key {key} together, and neither alone; only a rotation ends that"),
            "a response that is lost is used up all the same; new shares take a second request, and don’t fit the old ones",
        ),
        Delivery::Placed(_) => (
            format!("whoever can read the new place has the key {key}; only a rotation ends that"),
            "the place is made once; if anything is there by then, nothing is written",
        ),
    };
    view! {
        <Fact name="Secrecy">{secrecy}</Fact>
        <Fact name="Once">{once}</Fact>
        <Fact name="Not touched">{UNTOUCHED}</Fact>
    }
    .into_any()
}

pub fn retrieval_line(plan: &RetrieveKey) -> AnyView {
    let key = plan.fingerprint.short();
    match &plan.delivery {
        Delivery::ShownOnce | Delivery::Sealed { .. } => view! {
            "The requester gets the master key "<b>{key}</b>". Whoever has it can open every secret it wraps. Only a rotation undoes that."
        }
        .into_any(),
        Delivery::Split { .. } => view! {
            "Two people get a share each of the master key "<b>{key}</b>". Together they can open every secret it wraps. Only a rotation undoes that."
        }
        .into_any(),
        Delivery::Placed(place) => view! {
            "The master key "<b>{key}</b>" is put into "<b>{visible(&place.manager)}</b>
            ", where nothing is now. Whoever can read that place can open every secret it wraps. Only a rotation undoes that."
        }
        .into_any(),
    }
}

pub fn catch_up(plan: &KeyCatchUp) -> AnyView {
    let pruned = match plan.pruned.is_empty() {
        true => "nothing: every version stays".to_owned(),
        false => format!(
            "version {}, for good, by the manager’s own rule",
            plan.pruned.join(", ")
        ),
    };
    view! {
        <Fact name="Secrecy">"nobody sees the key; whoever can read the manager has the key in use from then on"</Fact>
        <Fact name="Versions lost">{visible(&pruned)}</Fact>
        <Fact name="Not touched">"Ampora, its key and its database, and the replicas of the manager"</Fact>
    }
    .into_any()
}

pub fn catch_up_line(plan: &KeyCatchUp) -> AnyView {
    let key = plan.fingerprint.short();
    let pruned = (!plan.pruned.is_empty())
        .then(|| format!(" The manager removes version {} because of it.", plan.pruned.join(", ")));
    view! {
        "The key in use, "<b>{key}</b>", becomes the current version of "<b>{visible(&plan.manager)}</b>". Nothing of Ampora changes."{pruned}
    }
    .into_any()
}
