//! What need not be backed up, and why: what isn't listed anywhere looks forgotten.

use domain::inventory::NotBackedUp;
use leptos::prelude::*;

use crate::components::{Fact, Facts, Sheet};

/// The short list, as in Ampora's own documentation on backups.
#[component]
pub fn OnPurpose(list: Vec<NotBackedUp>) -> impl IntoView {
    let facts: Vec<_> = list
        .into_iter()
        .map(|NotBackedUp { name, why }| view! { <Fact name=name>{why}</Fact> })
        .collect();
    view! {
        <Sheet id="on-purpose" title="Not backed up, on purpose" note="Ampora’s documentation leaves these out.">
            <Facts>{facts}</Facts>
        </Sheet>
    }
}
