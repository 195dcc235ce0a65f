//! What can be asked for of a managed database: a new instance for good, or copies for drills.

use leptos::prelude::*;
use recovery::overview::View;

use super::Form;
use super::asked::Asked;
use super::form::Hidden;
use crate::components::{Sheet, TextField};

/// The one that is named, or the first there is.
fn source(view: &View, asked: &Asked) -> String {
    if !asked.source.is_empty() {
        return asked.source.clone();
    }
    let mut managed = view.inventory.sources.iter().filter(|source| source.kind == "rds");
    managed.next().map(|source| source.name.clone()).unwrap_or_default()
}

#[component]
pub fn NewInstance(form: Form) -> impl IntoView {
    let Form { view, asked, .. } = form;
    let source = source(&view, &asked);
    let suggested = view.now.format("ampora-%Y%m%d-%H%M").to_string();
    let instance = if asked.instance.is_empty() {
        suggested
    } else {
        asked.instance.clone()
    };
    view! {
        <Sheet id="new-instance" title="Make a new RDS instance" note="AWS never sets an instance back: a new one is made, and Ampora goes on with the old.">
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <TextField name="source" label="RDS source" value=source required=true />
                <TextField
                    name="at" label="To" value=asked.at required=true placeholder="2026-04-01T02:00:00Z"
                    hint="A time with its offset, or the word latest."
                />
                <TextField name="instance" label="New instance" value=instance required=true hint="A name that is free in the region." />
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}

#[component]
pub fn Copies(form: Form) -> impl IntoView {
    let Form { view, asked, .. } = form;
    let source = source(&view, &asked);
    let days = if asked.days.is_empty() {
        "90".to_owned()
    } else {
        asked.days.clone()
    };
    view! {
        <Sheet id="copies" title="Let drills copy an RDS instance" note="A drill of a managed database has AWS make a second one for as long as it lasts: it costs money, and holds all that production holds.">
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <TextField name="source" label="RDS source" value=source required=true />
                <TextField
                    name="days" label="For how many days" value=days required=true
                    hint="90 at most. Class and networks of the copies stand in Muster’s configuration, and in the plan."
                />
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}
