//! What need not be backed up, and why: what isn't listed anywhere looks forgotten.

use leptos::prelude::*;

use crate::components::{Fact, Facts, Sheet};

/// The short list, as in Ampora's own documentation on backups.
#[component]
pub fn OnPurpose() -> impl IntoView {
    view! {
        <Sheet id="on-purpose" title="Not backed up, on purpose" note="Ampora’s documentation leaves these out.">
            <Facts>
                <Fact name="Deployment manifests">"in Git: applied again from there"</Fact>
                <Fact name="ConfigMaps">"in Git, with the manifests"</Fact>
                <Fact name="/tmp of a pod, EF cache">"made anew at each start; nothing in it is the only copy"</Fact>
            </Facts>
        </Sheet>
    }
}
