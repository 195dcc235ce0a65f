//! The form: which dump into which new database, or what about the key. What was typed stays in it when it is refused.

use leptos::prelude::*;

use super::Form;
use super::asked::{Asked, Kind};
use super::disaster::Disaster;
use super::dumps::Dumps;
use super::keys::{CatchUp, Retrieve};
use super::managed::{Copies, NewInstance};
use crate::components::{Mark, PageHead, Sheet, StatusMark, TextField, visible};

/// The content of the page.
#[component]
pub fn FormContent(form: Form) -> impl IntoView {
    let title = view! { "New request for "<b>{form.view.name.clone()}</b>"." }.into_any();
    let lede = "First the plan, then the decision: nothing happens before you have read what will be done, and another person agreed.".into_any();
    view! {
        <PageHead title says=true crumb=("Requests", "/requests", "new".into()) lede />
        <Refused reasons=form.refused.clone() />
        <Kinds asked=form.asked.clone() others=form.others.clone() />
        {match form.asked.kind {
            Kind::RestoreDump => view! { <Restore form /> }.into_any(),
            Kind::RestorePitr => view! { <SetBack form /> }.into_any(),
            Kind::RetrieveKey => view! { <Retrieve form /> }.into_any(),
            Kind::KeyCatchUp => view! { <CatchUp form /> }.into_any(),
            Kind::RestoreRds => view! { <NewInstance form /> }.into_any(),
            Kind::Repoint => view! { <Repoint form /> }.into_any(),
            Kind::DrillWithKey => view! { <Standing form /> }.into_any(),
            Kind::DrillOnRds => view! { <Copies form /> }.into_any(),
            Kind::FullDisaster => view! { <Disaster form /> }.into_any(),
        }}
    }
}

/// Every reason at once: nobody should have to find them one by one.
#[component]
fn Refused(reasons: Vec<String>) -> impl IntoView {
    let title = match reasons.len() {
        1 => "This can’t be planned. Nothing was changed.".to_owned(),
        many => format!("This can’t be planned, for {many} reasons. Nothing was changed."),
    };
    let rows: Vec<_> = reasons
        .iter()
        .map(|reason| view! { <li class="error"><StatusMark mark=Mark::Broken /><span>{visible(reason)}</span></li> })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="sheet" id="refused" aria-labelledby="refused-heading">
                <header><h2 id="refused-heading">{title}</h2></header>
                <ul>{rows}</ul>
            </section>
        }
    })
}

/// What else could be asked for, as links: the choice is part of the address.
#[component]
fn Kinds(asked: Asked, others: Vec<String>) -> impl IntoView {
    let kinds: Vec<_> = Kind::ALL
        .into_iter()
        .map(|kind| {
            let here = (kind == asked.kind).then_some("page");
            let href = address(kind, &asked.deployment);
            view! { <a href=href aria-current=here>{kind.called()}</a> }
        })
        .collect();
    let others: Vec<_> = others
        .iter()
        .map(|name| view! { " "<a href=address(asked.kind, name)>{visible(name)}</a> })
        .collect();
    let others = (!others.is_empty()).then(|| view! { <p class="note">"Or for another deployment:"{others}</p> });
    view! {
        <nav class="actions" aria-label="What to ask for">
            <span class="segmented">{kinds}</span>
            {others}
        </nav>
    }
}

fn address(kind: Kind, deployment: &str) -> String {
    let params = leptos_router::params::ParamsMap::new();
    let address = crate::components::Address::new("/requests/new", params);
    address
        .with("kind", kind.name())
        .with("deployment", deployment)
        .to_string()
}

#[component]
pub fn Hidden(asked: Asked) -> impl IntoView {
    view! {
        <input type="hidden" name="step" value="plan" />
        <input type="hidden" name="kind" value=asked.kind.name() />
        <input type="hidden" name="deployment" value=asked.deployment />
    }
}

#[component]
fn Restore(form: Form) -> impl IntoView {
    let Form { view, asked, .. } = form;
    let suggested = view.now.format("restored_%Y%m%d_%H%M").to_string();
    let database = if asked.database.is_empty() {
        suggested
    } else {
        asked.database.clone()
    };
    view! {
        <Sheet id="restore" title="Restore a dump into a new database" note="Ampora goes on with the database it has.">
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <Dumps view asked />
                <TextField
                    name="database" label="New database" value=database required=true
                    hint="A name that is free: a–z, 0–9 and _. Muster never restores over anything."
                />
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}

#[component]
fn SetBack(form: Form) -> impl IntoView {
    let Form { view, asked, .. } = form;
    let stanzas = view
        .inventory
        .sources
        .iter()
        .filter(|source| source.kind == "pgbackrest");
    let first = stanzas.map(|source| source.name.clone()).next().unwrap_or_default();
    let source = if asked.source.is_empty() {
        first
    } else {
        asked.source.clone()
    };
    let (exclusive, in_place) = (asked.exclusive, asked.in_place);
    view! {
        <Sheet id="set-back" title="Set the whole cluster back" note="A copy is made beside it; it takes the cluster’s place after a second decision.">
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <TextField name="source" label="pgBackRest source" value=source required=true />
                <TextField
                    name="at" label="To" value=asked.at required=true placeholder="2026-04-01T02:00:00Z"
                    hint="A time with its offset, or the word latest. The Backups page offers the times that can be reached."
                />
                <label class="field"><input type="checkbox" name="exclusive" checked=exclusive />" Stop just before that moment: without a bad transaction of exactly then"</label>
                <TextField
                    name="affects" label="Other databases that go back with it" value=asked.affects
                    hint="Every other database of the cluster has to be named, since all of it goes back."
                />
                <label class="field"><input type="checkbox" name="in_place" checked=in_place />" In place, only where there is no room for a copy: the server is down from the beginning, and a failure half-way needs a person"</label>
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}

#[component]
fn Standing(form: Form) -> impl IntoView {
    let asked = form.asked;
    let days = if asked.days.is_empty() {
        "30".to_owned()
    } else {
        asked.days.clone()
    };
    view! {
        <Sheet id="standing" title="Let drills hand over the key" note="Drills can try a real connection of an agent only if something serves the copy, and that takes the key.">
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <TextField
                    name="days" label="For how many days" value=days required=true
                    hint="90 at most. Which program it is stands in Muster’s configuration, and in the plan."
                />
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}

#[component]
fn Repoint(form: Form) -> impl IntoView {
    let asked = form.asked;
    let gone = asked.old_is_gone;
    view! {
        <Sheet id="repoint" title="Point Ampora at a restored database" note="Ampora stops, its old database is closed, and it starts on the other one.">
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <TextField
                    name="database" label="Restored database" value=asked.database required=true
                    hint="On the server that restores go to. It is looked through before anybody is asked."
                />
                <label class="field"><input type="checkbox" name="old_is_gone" checked=gone />" The server of the old database is gone and can’t come back"</label>
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}
