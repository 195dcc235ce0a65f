//! The second decision of a restore that waits at its target: the copy takes the cluster's place, or is given up.

use domain::plan::{Pinned, Plan, Step};
use domain::run::{RunState, StepState};
use leptos::prelude::*;
use recovery::approvals::Seen;
use recovery::plans::pitr_steps::DECIDE;

use crate::components::{Mark, QuotedBlock, StatusMark, TextArea, visible};
use crate::pages::standing::Reader;

/// The box, while a run waits.
#[must_use]
pub fn go_on(seen: &Seen, plan: &Plan, reader: &Reader) -> Option<AnyView> {
    let (RunState::Paused { seen: found, .. }, Pinned::RestorePitr(pitr)) = (&seen.run.as_ref()?.state, &plan.pinned)
    else {
        return None;
    };
    let decides = |(step, state): &(Step, StepState)| step.name == DECIDE && matches!(state, StepState::Running { .. });
    if !seen.run.as_ref()?.steps.iter().any(decides) {
        return None;
    }
    let number = seen.stored.request.number;
    let (promote, give_up) = (
        format!("/requests/{number}/promote"),
        format!("/requests/{number}/give-up"),
    );
    let deployment = pitr.deployment.clone();
    let barred = seen.stored.request.may_go_on(&reader.actor, reader.policy.roles).err();
    let why = barred.as_ref().map(ToString::to_string);
    let closed = why.is_some();
    let label = format!("Type {deployment}, the name of the deployment, to promote");
    let action = promote.clone();
    let (heading, promoted, given_up) = match pitr.in_place {
        None => (
            "The copy waits for a second decision",
            "The server is stopped and the copy takes its place.",
            "The copy is removed; the cluster stays as it is.",
        ),
        Some(_) => (
            "The restored cluster waits for a second decision",
            "Recovery ends, and it goes on from here.",
            "It stays down, and a person puts back what was copied aside.",
        ),
    };
    Some(
        view! {
            <form class="decide" id="decide" method="post" action=action aria-labelledby="decide-heading">
                <h3 id="decide-heading">{heading}</h3>
                <QuotedBlock text=found.clone() />
                {why.map(|why| view! { <p class="agree">{why}</p> })}
                <TextArea name="note" label="Note, kept in the record" placeholder="What did you look at?" />
                <label class="field"><span>{visible(&label)}</span><input name="deployment" autocomplete="off" disabled=closed /></label>
                <div class="pair">
                    <div>
                        <button class="button yes" type="submit" formaction=promote disabled=closed>"Promote"</button>
                        <p>{promoted}</p>
                    </div>
                    <div>
                        <button class="button no" type="submit" formaction=give_up disabled=closed>"Give up"</button>
                        <p>{given_up}</p>
                    </div>
                </div>
                <ul class="terms">
                    <li><StatusMark mark=Mark::Key /><span>"You sign in again, for exactly this plan and this decision."</span></li>
                </ul>
            </form>
        }
        .into_any(),
    )
}
