//! When the values of the key were read, and how often that may happen: a console that reads them all day would be the best place to
//! steal them from.

use domain::time::span;
use leptos::prelude::*;

use super::Proof;
use crate::components::{Fact, Facts, Moment, Sheet, Show};

/// When, and how often.
#[component]
pub fn Readings(proof: Proof, interval_s: u32) -> impl IntoView {
    let Proof { at, now, .. } = proof;
    let interval = span(interval_s.into());
    view! {
        <Sheet id="readings" title="Readings of the values">
            <Facts>
                <Fact name="Last read"><Moment at now />" "<span class="seen"><Moment at now show=Show::Ago /></span></Fact>
                <Fact name="At most every">{interval}<span class="sub">"and at once for a new version, or when somebody asks"</span></Fact>
                <Fact name="Each reading">"is an entry in the "<a href="/audit?text=key.read">"audit log"</a></Fact>
            </Facts>
        </Sheet>
    }
}
