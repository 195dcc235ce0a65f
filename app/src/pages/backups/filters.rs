//! The filters above the list. A plain form: what is chosen becomes the address.

use std::collections::BTreeSet;

use domain::backup::{Backup, Kind};
use domain::status::Status;
use leptos::prelude::*;

use super::select::Selection;
use super::state::Kept;
use crate::components::{Address, Choice, SelectField, TextField};
use crate::pages::overview::plain;

/// Only what some backup has can be chosen.
#[component]
pub fn Filters(selection: Selection, sources: Vec<String>, kinds: Vec<Kind>, address: Address) -> impl IntoView {
    let Selection {
        source,
        kind,
        status,
        text,
        ..
    } = selection;
    let sources = sources.into_iter().map(|name| (name.clone(), plain(&name)));
    let kinds = kinds
        .into_iter()
        .map(|kind| (kind.word().to_owned(), kind.word().to_owned()));
    let statuses = [Status::Ok, Status::Broken, Status::Unknown]
        .map(|status| (status.word().to_owned(), status.word().to_owned()));
    view! {
        <form class="filters" method="get" action="/backups#all">
            <Kept address asked=&["text", "kind", "status", "source"] />
            <TextField name="text" label="Label, source or reason" kind="search" wide=true value=text.unwrap_or_default() />
            <SelectField name="kind" label="Kind" choices=with_any(kinds) value=kind.unwrap_or_default() />
            <SelectField name="status" label="Status" choices=with_any(statuses) value=status.unwrap_or_default() />
            <SelectField name="source" label="Source" choices=with_any(sources) value=source.unwrap_or_default() />
            <div class="actions"><button class="button" type="submit">"Filter"</button></div>
        </form>
    }
}

fn with_any(choices: impl IntoIterator<Item = Choice>) -> Vec<Choice> {
    std::iter::once((String::new(), "any".to_owned()))
        .chain(choices)
        .collect()
}

/// The kinds that some backup is of.
#[must_use]
pub fn kinds(backups: &[Backup]) -> Vec<Kind> {
    let words: BTreeSet<_> = backups.iter().map(|backup| backup.kind.word()).collect();
    let all = [Kind::Full, Kind::Diff, Kind::Incr, Kind::Dump, Kind::Snapshot];
    all.into_iter().filter(|kind| words.contains(kind.word())).collect()
}
