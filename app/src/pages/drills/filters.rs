//! What part of the history is listed, as it stands in the address.

use domain::drill::Verdict;
use leptos::prelude::*;
use recovery::drills::{Filter, Place};

use super::words::id;
use crate::components::{Address, Choice, SelectField, TextField};
use crate::pages::overview::plain;
use crate::pages::words::typed_time;

/// Drills on a page.
const PAGE: i64 = 50;

const NO_TIME: &str = "Not a time. Write 2026-10-06 02:38:00, in UTC. The list isn’t limited by it.";

/// Names of the parameters that make the list shorter.
pub const NARROWING: [&str; 6] = ["deployment", "verdict", "source", "text", "from", "until"];

/// The filter in an address. What can't be read limits nothing, and the form says so.
#[must_use]
pub fn filter(address: &Address) -> Filter {
    let text = |name: &str| address.get(name).map(|value| value.trim().to_owned());
    let verdict = address.get("verdict");
    Filter {
        deployment: text("deployment"),
        verdict: Verdict::ALL.into_iter().find(|known| verdict == Some(known.word())),
        backup: text("text"),
        source: text("source"),
        from: address.get("from").and_then(typed_time),
        until: address.get("until").and_then(typed_time),
        before: address.get("before").and_then(place),
        limit: PAGE,
    }
}

/// A place in the history as it stands in an address: microseconds and the drill.
fn place(text: &str) -> Option<Place> {
    let (micros, drill) = text.split_once('.')?;
    Some(Place {
        queued_at: chrono::DateTime::from_timestamp_micros(micros.parse().ok()?)?,
        id: id(Some(drill))?,
    })
}

/// The same, to be written into an address.
#[must_use]
pub fn written(place: Place) -> String {
    format!("{}.{}", place.queued_at.timestamp_micros(), place.id)
}

/// A plain form: what is chosen becomes the address.
#[component]
pub fn Filters(address: Address, deployments: Vec<String>, sources: Vec<String>) -> impl IntoView {
    let value = |name: &str| address.get(name).unwrap_or_default().to_owned();
    let error = |name: &str| {
        let written = address.get(name)?;
        typed_time(written).is_none().then(|| NO_TIME.to_owned())
    };
    let named = |names: Vec<String>| with_any(names.into_iter().map(|name| (name.clone(), plain(&name))));
    let verdicts = Verdict::ALL.map(|verdict| (verdict.word().to_owned(), verdict.words().to_owned()));
    view! {
        <form class="filters" method="get" action="/drills#history">
            <SelectField name="deployment" label="Deployment" choices=named(deployments) value=value("deployment") />
            <SelectField name="verdict" label="Verdict" choices=with_any(verdicts) value=value("verdict") />
            <SelectField name="source" label="Source" choices=named(sources) value=value("source") />
            <TextField name="text" label="Backup" kind="search" value=value("text") />
            <TextField name="from" label="From" placeholder="2026-10-06 02:38" value=value("from") error=error("from") />
            <TextField name="until" label="Until" placeholder="UTC" value=value("until") error=error("until") />
            <div class="actions"><button class="button" type="submit">"Filter"</button></div>
        </form>
    }
}

fn with_any(choices: impl IntoIterator<Item = Choice>) -> Vec<Choice> {
    std::iter::once((String::new(), "any".to_owned()))
        .chain(choices)
        .collect()
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;

    use super::*;

    #[test]
    fn a_place_survives_the_address() {
        let at = Place {
            queued_at: chrono::DateTime::from_timestamp_micros(1_791_249_266_123_456).expect("in range"),
            id: id(Some("00000000-0000-4000-8000-00000000000a")).expect("an id"),
        };
        assert_eq!(place(&written(at)), Some(at));
    }

    #[test]
    fn whatever_an_address_says_it_is_a_filter() {
        for text in [
            "",
            ".",
            "1.",
            ".x",
            "9999999999999999999.00000000-0000-4000-8000-00000000000a",
            "\u{202e}",
            "soon",
        ] {
            let address = Address::new("/drills", ParamsMap::new())
                .with("before", text)
                .with("from", text);
            let read = filter(
                &NARROWING
                    .into_iter()
                    .fold(address, |address, name| address.with(name, text)),
            );
            assert_eq!((read.before, read.from, read.verdict), (None, None, None), "{text:?}");
        }
    }
}
