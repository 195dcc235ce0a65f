//! `/requests/compare?a=&b=`: two plans side by side, fact by fact: what moved from one to the other.

use domain::plan::{Moved, Plan};
use domain::time::span;
use leptos::prelude::*;
use recovery::{Error, approvals};

use super::plan::title;
use crate::components::{Blank, PageHead, Place, Sheet, visible};
use crate::pages::overview::count;
use crate::pages::{Opened, Visit, open};

#[component]
pub fn Compare() -> impl IntoView {
    open(Place::Requests, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let number = |name: &str| -> Result<i64, Error> {
        let typed = visit.address.get(name).unwrap_or_default();
        let number = typed.trim().trim_start_matches('#').parse();
        number.map_err(|_| Error::Invalid(vec![format!("{typed:?} is no number of a request: name two, a and b.")]))
    };
    let (a, b) = (number("a")?, number("b")?);
    let plans = ((a, plan(&visit, a).await?), (b, plan(&visit, b).await?));
    let deployment = plans.0.1.pinned.deployment().to_owned();
    let body = view! { <Compared plans /> }.into_any();
    Ok(Opened::new(format!("Requests {a} and {b}"), body).about(deployment))
}

async fn plan(visit: &Visit, number: i64) -> Result<Plan, Error> {
    let seen = approvals::see(&visit.services, &visit.actor, number).await?;
    Ok(seen.stored.plan)
}

/// Two plans by their requests.
#[component]
pub fn Compared(plans: ((i64, Plan), (i64, Plan))) -> impl IntoView {
    let ((a, one), (b, other)) = plans;
    let moved = one.pinned.moved(&other.pinned);
    let note = match moved.len() {
        0 => "the same digest: what is approved of one is what is approved of the other".to_owned(),
        some => format!("{} differ", count(some, "fact", "facts")),
    };
    let costs = costs(&one, &other);
    let lede = view! {
        <a href=format!("/requests/{a}")>{format!("{a}: ")}{title(&one.pinned)}</a>" and "
        <a href=format!("/requests/{b}")>{format!("{b}: ")}{title(&other.pinned)}</a>
    }
    .into_any();
    let head = "Two plans".into_any();
    view! {
        <PageHead title=head crumb=("Requests", "/requests", format!("{a} and {b}")) lede />
        <Sheet id="moved" title="What is approved" note>{table(a, b, moved)}</Sheet>
        <Sheet id="cost-moved" title="What it costs" note="no part of the digest">{table(a, b, costs)}</Sheet>
    }
}

fn table(a: i64, b: i64, moved: Vec<Moved>) -> AnyView {
    if moved.is_empty() {
        return view! { <Blank title="Nothing differs">"Fact by fact they are the same."</Blank> }.into_any();
    }
    let rows: Vec<_> = moved
        .into_iter()
        .map(|moved| {
            view! { <tr><th scope="row" class="label">{visible(&moved.fact)}</th><td>{visible(&moved.was)}</td><td>{visible(&moved.is)}</td></tr> }
        })
        .collect();
    view! {
        <table>
            <thead><tr><th scope="col">"Fact"</th><th scope="col">{format!("Request {a}")}</th><th scope="col">{format!("Request {b}")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// What people weigh, where it isn't the same.
fn costs(one: &Plan, other: &Plan) -> Vec<Moved> {
    let lost = |plan: &Plan| {
        let loss = plan.advisory.data_loss.as_ref();
        let seconds = loss.and_then(|loss| loss.seconds);
        seconds.map_or_else(|| "not known".into(), |seconds| span(seconds.min))
    };
    let revived = |plan: &Plan| {
        let named = plan
            .advisory
            .resurrections
            .iter()
            .filter(|one| one.id.is_some())
            .count();
        count(named, "known", "known")
    };
    let warnings = |plan: &Plan| plan.advisory.warnings.join(" ");
    let facts = [
        ("lost, at least", lost(one), lost(other)),
        ("comes back to life", revived(one), revived(other)),
        ("warnings", warnings(one), warnings(other)),
    ];
    let differs = facts.into_iter().filter(|(_, was, is)| was != is);
    differs
        .map(|(fact, was, is)| Moved {
            fact: fact.into(),
            was,
            is,
        })
        .collect()
}
