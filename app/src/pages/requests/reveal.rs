//! Before a key is handed over: one button. The key itself is never part of this page or any other; the button's answer is the only place
//! where it stands.

use domain::approval::State;
use domain::plan::{Delivery, Pinned, RetrieveKey};
use leptos::prelude::*;
use recovery::Error;
use recovery::approvals::{self, Seen};

use super::sign::challenge_id;
use crate::components::{FingerprintCode, Place, visible};
use crate::pages::{Opened, Visit, open};

/// Seconds for which a shown key stands on the screen.
const SHOWN_FOR: u32 = 60;

/// `/requests/{number}/reveal/{challenge}`.
#[component]
pub fn Reveal() -> impl IntoView {
    open(Place::Requests, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let named = visit.params.get("number").unwrap_or_default();
    let missing = || Error::NotFound(format!("key to hand over for request {named}"));
    let number = visit.number("number").ok_or_else(missing)?;
    let challenge = challenge_id(&visit).ok_or_else(missing)?;
    let seen = approvals::see(&visit.services, &visit.actor, number).await?;
    let pinned = seen.stored.plan.pinned.clone();
    let handed_over = pinned.is_handed_over();
    let (Pinned::RetrieveKey(plan), true) = (pinned, handed_over) else {
        return Err(missing());
    };
    let action = format!("/requests/{number}/reveal/{challenge}");
    let state = seen.stored.request.state_at(visit.now);
    let why_not = why_not(&seen, &state);
    let body = view! { <RevealGate number plan action why_not /> };
    Ok(Opened::new("Key", body.into_any()).still())
}

/// Why there is nothing to hand over to this person now.
fn why_not(seen: &Seen, state: &State) -> Option<String> {
    if !seen.is_own {
        return Some("Only the person who asked can be handed the key.".into());
    }
    match state {
        State::Approved { .. } => None,
        State::Consumed { .. } => {
            Some("It was handed over already, or its response was lost; both use the approval up. To have it again, make a new request.".into())
        }
        other => Some(format!("The request is {}.", other.word())),
    }
}

/// The page.
#[component]
pub fn RevealGate(
    number: i64,
    plan: RetrieveKey,
    action: String,
    #[prop(optional_no_strip)] why_not: Option<String>,
) -> impl IntoView {
    let back = format!("/requests/{number}");
    if let Some(why) = why_not {
        return view! {
            <section class="gate">
                <h1 class="say small">"There is nothing to hand over."</h1>
                <p>{why}</p>
                <a class="button" href=back>"Request "{number}</a>
            </section>
        }
        .into_any();
    }
    let (button, about) = match plan.delivery {
        Delivery::ShownOnce => (
            "Show key",
            format!("It is shown once, for {SHOWN_FOR} s. Have the place ready where it goes, and nobody behind you."),
        ),
        Delivery::Split { .. } => (
            "Get both shares",
            "They come once, each encrypted to its own recipient of the plan. Copy all of both, and hand each to its recipient.".into(),
        ),
        Delivery::Sealed { .. } | Delivery::Placed(_) => (
            "Get sealed key",
            "It comes once, encrypted to the recipient of the plan. Copy all of it.".into(),
        ),
    };
    view! {
        <section class="gate">
            <h1 class="say small">"Version "<b>{visible(&plan.version)}</b>" of the master key, "<FingerprintCode fingerprint=plan.fingerprint />"."</h1>
            <p>{about}" A response that gets lost is used up all the same: don’t reload, don’t go back."</p>
            <div class="actions">
                <form method="post" action=action><button class="button primary" type="submit">{button}</button></form>
                <a class="button quiet" href=back>"Not now"</a>
            </div>
        </section>
    }
    .into_any()
}
