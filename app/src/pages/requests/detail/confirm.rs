//! A step that is done elsewhere: the run waits for somebody's word about it.

use domain::plan::Confirmer;
use domain::run::{RunState, StepState};
use leptos::prelude::*;
use recovery::approvals::Seen;
use recovery::plans::full_disaster::CHECKLIST;

use crate::components::{QuotedBlock, TextArea, visible};
use crate::pages::standing::Reader;
use crate::pages::words::step_name;

/// The box, while a run waits at a manual step. `listed`: what came back to life is listed on the page.
#[must_use]
pub fn confirm(seen: &Seen, reader: &Reader, listed: bool) -> Option<AnyView> {
    let run = seen.run.as_ref()?;
    let RunState::Paused { seen: found, .. } = &run.state else {
        return None;
    };
    let under_way = |(_, state): &&(_, StepState)| matches!(state, StepState::Running { .. });
    let (step, _) = run.steps.iter().find(under_way)?;
    let who = step.manual?;
    let request = &seen.stored.request;
    let action = format!("/requests/{}/confirm/{}", request.number, step.name);
    let own = who == Confirmer::Approver && request.requester == reader.actor.person;
    let barred = reader.actor.may(who.action(), reader.policy.roles).err();
    let why = match barred {
        Some(barred) => Some(barred.to_string()),
        None if own => Some("You asked for this yourself: somebody else has to say so.".into()),
        None => None,
    };
    let closed = why.is_some();
    let title = format!("{}, by {}", step_name(&step.name), who.word());
    let list = (listed && step.name == CHECKLIST)
        .then(|| view! { <p><a href="#gap">"Work off the list"</a>" first; then confirm here that it was."</p> });
    let detail = step.detail.clone();
    Some(
        view! {
            <form class="decide" id="confirm" method="post" action=action aria-labelledby="confirm-heading">
                <h3 id="confirm-heading">{title}</h3>
                <p>{visible(&detail)}</p>
                <QuotedBlock text=found.clone() />
                {list}
                {why.map(|why| view! { <p class="agree">{why}</p> })}
                <TextArea name="note" label="What was done, or what you looked at; kept in the record" placeholder="Who did it, when, how it was checked" />
                <div class="actions">
                    <button class="button yes" type="submit" disabled=closed>"Confirm"</button>
                </div>
                <p class="note">"Muster looks once more. What it sees not to be so keeps the run waiting, whatever is confirmed."</p>
            </form>
        }
        .into_any(),
    )
}
