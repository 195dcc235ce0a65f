//! The form for the worst day: what Ampora is to be brought up with, on the cluster that the configuration names.

use leptos::prelude::*;

use super::Form;
use super::dumps::Dumps;
use super::form::Hidden;
use super::keys::Places;
use super::versions::Versions;
use crate::components::{Blank, Sheet, TextField};

/// Dump, key and where both go.
#[component]
pub fn Disaster(form: Form) -> impl IntoView {
    let Form {
        view,
        asked,
        destinations,
        ..
    } = form;
    let clusters: Vec<_> = destinations
        .into_iter()
        .filter(|(_, kind)| *kind == "kubernetes")
        .collect();
    let key = if clusters.is_empty() {
        view! {
            <Blank title="No destination for keys leads to a cluster">
                "Ampora has its key from a Secret: add a [[deployment.key_destination]] with manager = \"kubernetes\" that leads there."
            </Blank>
        }
        .into_any()
    } else {
        view! {
            <Places asked=asked.clone() destinations=clusters />
            <TextField
                name="name" label="Secret of the key" value=asked.name.clone()
                hint="Left empty: the one from which the manifests have Ampora take its key. It must not be there yet."
            />
        }
        .into_any()
    };
    let suggested = view.now.format("ampora_%Y%m%d_%H%M").to_string();
    let database = if asked.database.is_empty() {
        suggested
    } else {
        asked.database.clone()
    };
    view! {
        <Sheet id="disaster" title="Bring Ampora up on a new cluster" note="All of the documented list, in its order, as one run.">
            <p>
                "[deployment.kubernetes] has to name the new cluster and the overlay of Ampora’s manifests, [deployment.restore] the new database \
                 server. The plan reads the dump, tries the key on it, renders the manifests and compares them with the cluster; it changes nothing."
            </p>
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <Dumps view=view.clone() asked=asked.clone() />
                <TextField
                    name="database" label="New database" value=database required=true
                    hint="A name that is free: a–z, 0–9 and _. Muster never restores over anything."
                />
                <Versions view asked />
                {key}
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}
