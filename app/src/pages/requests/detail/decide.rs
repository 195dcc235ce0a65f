//! The decision: its cost once more, then Approve and Reject, of the same size and weight. Who can't decide sees both, and why not.

use domain::approval::State;
use domain::ids::Sha256;
use domain::plan::Plan;
use domain::time::span;
use leptos::prelude::*;
use recovery::approvals::Stored;

use super::super::plan::cost_line;
use crate::components::{DigestCode, Mark, NothingToDecide, StatusMark, TextArea, visible};
use crate::pages::standing::Reader;

/// The box that fits the state and the reader.
#[must_use]
pub fn decide(stored: &Stored, plan: &Plan, reader: &Reader) -> AnyView {
    let state = stored.request.state_at(reader.now);
    if !matches!(state, State::Pending { .. }) {
        let reason = over(&state, reader);
        return view! { <NothingToDecide reason /> }.into_any();
    }
    match reader.may_decide(stored) {
        Ok(()) => view! { <Decide stored=stored.clone() plan=plan.clone() reader=reader.clone() /> }.into_any(),
        Err(why) => {
            let (digest, why) = (stored.request.digest, why.to_string());
            view! { <Barred digest why /> }.into_any()
        }
    }
}

/// Why nobody decides any more, and what comes next.
fn over(state: &State, reader: &Reader) -> String {
    let window = span(reader.policy.execution_window.num_seconds());
    match state {
        State::Pending { .. } => String::new(),
        State::Approved { .. } => {
            format!("Enough people agreed. It can be run once, for {window} after the last of them.")
        }
        State::Rejected { .. } => "One rejection ended it. The plan can be asked for again, as a new request.".into(),
        State::Withdrawn { .. } => "The requester took it back. Nothing was run.".into(),
        State::Expired { .. } => {
            "Its time ran out before it was run. Nothing was done. A new request starts over.".into()
        }
        State::Stale { moved, .. } => format!(
            "A fact moved after the plan was made, so the approval no longer fits: {}. Nothing was done. Make a new request.",
            moved.join("; ")
        ),
        State::Consumed { .. } => "It was run; each approval is good for one run.".into(),
    }
}

#[component]
fn Decide(stored: Stored, plan: Plan, reader: Reader) -> impl IntoView {
    let path = format!("/requests/{}", stored.request.number);
    let (approve, reject) = (format!("{path}/approve"), format!("{path}/reject"));
    let action = approve.clone();
    let name = reader.actor.name.clone();
    view! {
        <form class="decide" id="decide" method="post" action=action aria-labelledby="decide-heading">
            <h3 id="decide-heading">"Your decision, as "<bdi>{visible(&name)}</bdi></h3>
            <p class="agree">{cost_line(&plan)}</p>
            <TextArea name="note" label="Note, kept in the record; required to reject" placeholder="What did you check?" />
            <div class="pair">
                <div>
                    <button class="button yes" type="submit" formaction=approve aria-describedby="about-approve">"Approve"</button>
                    <AboutApprove digest=stored.request.digest />
                </div>
                <div>
                    <button class="button no" type="submit" formaction=reject aria-describedby="about-reject">"Reject"</button>
                    <AboutReject />
                </div>
            </div>
            <Terms key=plan.pinned.is_handed_over() reader />
        </form>
    }
}

#[component]
fn AboutApprove(digest: Sha256) -> impl IntoView {
    view! { <p id="about-approve">"Signs "<b><DigestCode digest /></b>". Does not start it."</p> }
}

#[component]
fn AboutReject() -> impl IntoView {
    view! { <p id="about-reject">"Ends this request for everybody."</p> }
}

#[component]
fn Terms(key: bool, reader: Reader) -> impl IntoView {
    let window = span(reader.policy.execution_window.num_seconds());
    let then = if key {
        format!("Once approved, the requester can have it for {window}, once.")
    } else {
        format!("Once approved, Run is open for {window}, once.")
    };
    view! {
        <ul class="terms">
            <li><StatusMark mark=Mark::Key /><span>"You sign in again, for exactly this plan and this decision."</span></li>
            <li><StatusMark mark=Mark::Waiting /><span>{then}</span></li>
        </ul>
    }
}

/// The same box for who can't decide: both buttons, disabled, and the rule.
#[component]
fn Barred(digest: Sha256, why: String) -> impl IntoView {
    view! {
        <div class="decide closed" id="decide" role="group" aria-labelledby="decide-heading">
            <h3 id="decide-heading">"Not your decision"</h3>
            <p class="agree" id="why-barred">{why}</p>
            <div class="pair">
                <div>
                    <button class="button" type="button" disabled=true aria-describedby="why-barred">"Approve"</button>
                    <AboutApprove digest />
                </div>
                <div>
                    <button class="button" type="button" disabled=true aria-describedby="why-barred">"Reject"</button>
                    <AboutReject />
                </div>
            </div>
        </div>
    }
}
