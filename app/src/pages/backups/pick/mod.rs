//! "Restore to here": a time is typed, or picked in the plot, and each way to it is told with what it takes and what it loses.

use domain::time::{Timestamp, ago};
use leptos::prelude::*;
use recovery::overview::{RestoreTo, View};

mod command;
mod loss;
mod missed;
mod way;

use super::state::Kept;
use crate::components::{Address, Sheet, StatusWord, TextField, Word, full, visible};
use crate::pages::overview::{Links, count};
use crate::pages::words::typed_time;
use missed::NotReached;
use way::Ways;

/// What the address says of a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Picked {
    Nothing,
    /// This text is none.
    NotATime(String),
    At(Timestamp),
}

impl Picked {
    #[must_use]
    pub fn of(address: &Address) -> Self {
        match address.get("at") {
            None => Self::Nothing,
            Some(text) => typed_time(text).map_or_else(|| Self::NotATime(text.to_owned()), Self::At),
        }
    }

    #[must_use]
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Nothing | Self::NotATime(_) => None,
        }
    }
}

/// What is needed beside the ways themselves.
#[derive(Clone, Debug)]
pub struct Around {
    pub view: View,
    pub links: Links,
    pub address: Address,
    /// Why this reader can't ask for a restore; `None` if they can.
    pub cannot_request: Option<String>,
}

impl Around {
    /// This page with another time picked.
    fn picking(&self, at: Timestamp) -> String {
        let typed = at.format("%Y-%m-%d %H:%M:%S%.f").to_string();
        format!("{}#restore-to", self.address.with("at", typed))
    }
}

/// The form, and the ways to the time that was picked.
#[component]
pub fn RestoreHere(
    around: Around,
    picked: Picked,
    #[prop(optional_no_strip)] found: Option<RestoreTo>,
) -> impl IntoView {
    let form = form(&around, &picked);
    let suggestions = suggestions(&around);
    let outcome = found.map(|found| outcome(&around, found));
    view! {
        <Sheet id="restore-to" title="Restore to here" note="pick a time in the plot above, or type it">
            {form}
            {suggestions}
            {outcome}
        </Sheet>
    }
}

fn form(around: &Around, picked: &Picked) -> AnyView {
    let (value, error) = match picked {
        Picked::Nothing => (String::new(), None),
        Picked::At(at) => (at.format("%Y-%m-%d %H:%M:%S%.f").to_string(), None),
        Picked::NotATime(text) => {
            let error = "This is no time in the form 2026-10-06 02:38:00: year first, then the time of day.";
            (text.clone(), Some(error.to_owned()))
        }
    };
    let hint = "UTC, as 2026-10-06 02:38:00; or with its offset, as 2026-10-06 04:38:00+02:00.";
    let address = around.address.clone();
    view! {
        <form class="filters pick" method="get" action="/backups#restore-to">
            <Kept address asked=&["at"] />
            <TextField name="at" label="Time to restore to" value hint error wide=true />
            <div class="actions"><button class="button" type="submit">"Show ways"</button></div>
        </form>
    }
    .into_any()
}

/// Times that are asked for most: the newest one, and the last moment before what went wrong most often.
fn suggestions(around: &Around) -> Option<AnyView> {
    let windows = around.view.inventory.windows.iter();
    let newest = windows.map(|window| window.to).max();
    let upgrade = around.view.upgrades.last().map(|upgrade| upgrade.last_old);
    let said = [
        (newest, "the newest restorable moment"),
        (upgrade, "before the last upgrade"),
    ];
    let links: Vec<_> = said
        .into_iter()
        .filter_map(|(at, says)| Some((around.picking(at?), says)))
        .map(|(href, says)| view! { <li><a href=href>{says}</a></li> })
        .collect();
    (!links.is_empty()).then(|| view! { <ul class="shortcuts">{links}</ul> }.into_any())
}

fn outcome(around: &Around, found: RestoreTo) -> AnyView {
    let headline = headline(around, &found);
    let not_reached = found.missed.clone().map(|missed| {
        let (around, at) = (around.clone(), found.at);
        view! { <NotReached around missed at /> }
    });
    let unread = unread(around);
    let around = around.clone();
    view! {
        {headline}
        {not_reached}
        {unread}
        <Ways around found />
    }
    .into_any()
}

/// The time in words, and whether anything reaches it.
fn headline(around: &Around, found: &RestoreTo) -> AnyView {
    let words = format!("{}, {}", full(found.at), ago(found.at, around.view.now));
    let ways = found.ways.len();
    let (word, says) = match (found.missed.is_some(), ways) {
        (false, _) => (Word::Ok, format!("{} to it", count(ways, "way", "ways"))),
        (true, 0) => (Word::Broken, "nothing reaches it".into()),
        (true, _) => (
            Word::Broken,
            format!(
                "nothing reaches it; {} to a moment before it",
                count(ways, "way", "ways")
            ),
        ),
    };
    view! { <p class="say small"><b>{words}</b>": "<StatusWord word text=says />"."</p> }.into_any()
}

/// A source that couldn't be read may have a way of which nothing is known.
fn unread(around: &Around) -> Option<AnyView> {
    let sources = around.view.inventory.sources.iter();
    let unread: Vec<_> = sources
        .filter(|source| source.status == domain::status::Status::Unknown)
        .map(|source| {
            let (href, name) = (around.links.source(&source.name), visible(&source.name));
            view! { <li><StatusWord word=Word::Unknown />" "<a class="label" href=href><bdi>{name}</bdi></a>": "{visible(&source.detail)}". What it could restore is not known."</li> }
        })
        .collect();
    (!unread.is_empty()).then(|| view! { <ul class="notes">{unread}</ul> }.into_any())
}

#[cfg(test)]
pub mod tests;
