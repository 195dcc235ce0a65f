//! `/requests/compare?a=&b=`: two plans side by side, fact by fact: what moved from one to the other. `b=now` makes the plan of `a` once more,
//! with the facts of today.

use domain::plan::{Moved, Plan};
use domain::time::span;
use leptos::prelude::*;
use recovery::plans::Wish;
use recovery::{Error, approvals};

use super::new::asked::{Kind, planned};
use super::plan::title;
use crate::components::{Blank, PageHead, Place, Sheet, visible};
use crate::pages::overview::count;
use crate::pages::{Opened, Visit, open};

/// In place of a second request: the plan as it would be now.
pub const NOW: &str = "now";

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
    let a = number("a")?;
    let one = plan(&visit, a).await?;
    let deployment = one.pinned.deployment().to_owned();
    let (title, other) = if visit.address.get("b") == Some(NOW) {
        let wish = Wish::again(&one.pinned);
        let fresh = approvals::plan(&visit.services, &visit.actor, &wish).await?;
        (format!("Request {a} and today"), Other::Today(fresh, wish))
    } else {
        let b = number("b")?;
        (
            format!("Requests {a} and {b}"),
            Other::Request(b, plan(&visit, b).await?),
        )
    };
    let body = view! { <Compared plans=((a, one), other) /> }.into_any();
    Ok(Opened::new(title, body).about(deployment))
}

async fn plan(visit: &Visit, number: i64) -> Result<Plan, Error> {
    let seen = approvals::see(&visit.services, &visit.actor, number).await?;
    Ok(seen.stored.plan)
}

/// What a request's plan is compared with.
#[derive(Clone, Debug)]
pub enum Other {
    Request(i64, Plan),
    /// The same wish, planned just now; nobody has been asked.
    Today(Plan, Wish),
}

/// Two plans.
#[component]
pub fn Compared(plans: ((i64, Plan), Other)) -> impl IntoView {
    let ((a, one), other) = plans;
    let (called, crumb, plan) = match &other {
        Other::Request(b, plan) => (format!("Request {b}"), format!("{a} and {b}"), plan.clone()),
        Other::Today(plan, _) => ("Today".to_owned(), format!("{a} and today"), plan.clone()),
    };
    let moved = one.pinned.moved(&plan.pinned);
    let note = match moved.len() {
        0 => "the same digest: what is approved of one is what is approved of the other".to_owned(),
        some => format!("{} differ", count(some, "fact", "facts")),
    };
    let costs = costs(&one, &plan);
    let second = match &other {
        Other::Request(b, plan) => {
            view! { <a href=format!("/requests/{b}")>{format!("{b}: ")}{title(&plan.pinned)}</a> }.into_any()
        }
        Other::Today(..) => {
            "the same with the facts of today. Nothing has happened, and nobody has been asked.".into_any()
        }
    };
    let lede =
        view! { <a href=format!("/requests/{a}")>{format!("{a}: ")}{title(&one.pinned)}</a>" and "{second} }.into_any();
    let head = "Two plans".into_any();
    let actions = match other {
        Other::Request(..) => ().into_any(),
        Other::Today(_, wish) => {
            let asked = Kind::ALL.into_iter().find(|kind| kind.name() == one.pinned.kind());
            let href = asked.map(|kind| planned(kind, wish).to_string());
            view! { {href.map(|href| view! { <a class="button primary" href=href>"Ask again with today’s facts"</a> })} }.into_any()
        }
    };
    let called = (format!("Request {a}"), called);
    let (moved, costs) = (table(&called, moved), table(&called, costs));
    view! {
        <PageHead title=head crumb=("Requests", "/requests", crumb) lede actions />
        <Sheet id="moved" title="What is approved" note>{moved}</Sheet>
        <Sheet id="cost-moved" title="What it costs" note="no part of the digest">{costs}</Sheet>
    }
}

fn table((a, b): &(String, String), moved: Vec<Moved>) -> AnyView {
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
            <thead><tr><th scope="col">"Fact"</th><th scope="col">{a.clone()}</th><th scope="col">{b.clone()}</th></tr></thead>
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
