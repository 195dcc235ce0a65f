//! The plan before anybody was asked: what will be done, what it costs, its digest, and the one button that puts it before another person.

use domain::plan::{Pinned, Plan};
use domain::role::Action;
use domain::time::span;
use leptos::prelude::*;

use super::super::plan::{Digest, PlanSheets, cost_line, title};
use super::asked::{Asked, Kind};
use crate::components::{Address, Mark, PageHead, StatusMark, TextArea, visible};
use crate::pages::standing::Reader;

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Planned {
    pub plan: Plan,
    pub asked: Asked,
    pub reader: Reader,
    /// Back to the form, with what was typed.
    pub change: Address,
}

/// The content of the page.
#[component]
pub fn PlannedContent(planned: Planned) -> impl IntoView {
    let Planned {
        plan,
        asked,
        reader,
        change,
    } = planned;
    let digest = plan.pinned.digest();
    let title = view! { <StatusMark mark=Mark::Waiting />" The plan: "{title(&plan.pinned)} }.into_any();
    let lede = "Nothing has happened, and nobody has been asked. Read what will be done and what it costs.".into_any();
    let actions = view! {
        <a class="button quiet" href=change.to_string()>"Change it"</a>
        <span class="only-narrow"><a class="button quiet" href="#ask">"Go to the button"</a></span>
    }
    .into_any();
    let about = "If a fact moves before you ask, the digest is another one and the plan is made again.".into_any();
    view! {
        <PageHead title says=true crumb=("Requests", "/requests", "new".into()) lede actions />
        <div class="split">
            <div><PlanSheets plan=plan.clone() now=reader.now /></div>
            <div class="stick">
                <Digest digest about />
                <Ask plan asked reader />
            </div>
        </div>
    }
}

#[component]
fn Ask(plan: Plan, asked: Asked, reader: Reader) -> impl IntoView {
    let mut fields = asked.fields();
    fields.push(("digest", plan.pinned.digest().to_string()));
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    let button = match asked.kind {
        Kind::RestoreDump | Kind::RestorePitr | Kind::RestoreRds | Kind::FullDisaster => "Request restore",
        Kind::RetrieveKey => "Request key",
        Kind::KeyCatchUp => "Request catch-up",
        Kind::Repoint => "Request the change",
        Kind::DrillWithKey | Kind::DrillOnRds => "Request the approval",
    };
    let then = then(&plan.pinned);
    let name = reader.actor.name.clone();
    view! {
        <form class="decide" id="ask" method="post" action="/requests" aria-labelledby="ask-heading">
            <h3 id="ask-heading">"Your request, as "<bdi>{visible(&name)}</bdi></h3>
            <p class="agree">{cost_line(&plan)}</p>
            {fields}
            <TextArea name="reason" label="Reason, for whoever decides and for the record" placeholder="What happened, and what is this for?" />
            <div class="actions"><button class="button primary" type="submit">{button}</button></div>
            <Terms reader then />
        </form>
    }
}

/// What follows the approval.
fn then(plan: &Pinned) -> &'static str {
    if plan.is_handed_over() {
        "Then it is handed to you alone, after a login of its own. You can’t approve it yourself."
    } else if plan.standing().is_some() {
        "Then drills use it, and nobody has to start anything. You can’t approve it yourself."
    } else {
        "Then you or another operator start it. You can’t approve it yourself."
    }
}

#[component]
fn Terms(reader: Reader, then: &'static str) -> impl IntoView {
    let others = reader.policy.quorum.people() - 1;
    let people = if others == 1 {
        "Another person".to_owned()
    } else {
        format!("{others} other people")
    };
    let roles = Action::Decide.allowed_roles(reader.policy.roles);
    let ttl = span(reader.policy.request_ttl.num_seconds());
    view! {
        <ul class="terms">
            <li><StatusMark mark=Mark::PersonOpen /><span>{people}" with the role "{roles}" has to agree within "{ttl}"."</span></li>
            <li><StatusMark mark=Mark::Waiting /><span>{then}</span></li>
        </ul>
    }
}
