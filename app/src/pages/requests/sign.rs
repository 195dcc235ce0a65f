//! Between Muster and the identity provider: what the login is going to say yes or no to. Goes on by itself, or by its link.

use domain::approval::{Challenge, Decision};
use domain::ids::ChallengeId;
use leptos::prelude::*;
use recovery::Error;
use recovery::approvals::sign_in_url;
use uuid::Uuid;

use crate::components::{DigestCode, Place};
use crate::pages::{Opened, Visit, open};

/// Seconds until the page goes on by itself: enough to see what is signed.
const PAUSE: u32 = 2;

/// `/requests/{number}/sign/{challenge}`.
#[component]
pub fn Sign() -> impl IntoView {
    open(Place::Requests, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let number = visit.params.get("number").unwrap_or_default();
    let missing = || Error::NotFound(format!("login to continue for request {number}: decide again"));
    let session = visit.session.ok_or_else(missing)?.0;
    let id = challenge_id(&visit).ok_or_else(missing)?;
    let (url, challenge) = sign_in_url(&visit.services, &visit.actor, session, id).await?;
    let url = url.to_string();
    let body = view! { <SignGate number url=url.clone() challenge /> };
    let opened = Opened::new("Sign in again", body.into_any()).still();
    Ok(opened.next(PAUSE, url))
}

/// The challenge that the address names.
pub fn challenge_id(visit: &Visit) -> Option<ChallengeId> {
    visit.params.get_str("challenge")?.parse::<Uuid>().ok().map(ChallengeId)
}

/// The page.
#[component]
pub fn SignGate(number: String, url: String, challenge: Challenge) -> impl IntoView {
    let (what, then) = match challenge.decision {
        Decision::Approve => (
            "approve",
            "Your login signs this digest; nobody can use it for anything else. It starts nothing.",
        ),
        Decision::Reject => ("reject", "Your login ends the request for everybody."),
        Decision::Promote => (
            "promote the copy of",
            "Your login lets the copy take the cluster’s place. The old one is kept.",
        ),
        Decision::GiveUp => (
            "give up the copy of",
            "Your login has the copy removed. The cluster stays as it is.",
        ),
        Decision::Reveal => (
            "be handed the key of",
            "Your login uses the approval up. What comes next is shown once.",
        ),
    };
    let back = format!("/requests/{number}");
    view! {
        <section class="gate">
            <h1 class="say small">"Sign in again to "<b>{what}</b>" request "<b>{number}</b>"."</h1>
            <p>"Plan "<b><DigestCode digest=challenge.digest /></b>". "{then}</p>
            <div class="actions">
                <a class="button primary" href=url>"Continue to sign in"</a>
                <a class="button quiet" href=back>"Not now"</a>
            </div>
            <p class="note">"The identity provider opens by itself in "{PAUSE}" s."</p>
        </section>
    }
}
