//! What part of the log is listed, as it stands in the address.

use domain::audit::Outcome;
use leptos::prelude::*;
use recovery::audit::Filter;

use crate::components::{Address, SelectField, TextField};
use crate::pages::words::typed_time;

/// Areas of actions, as beginnings of their names, and what they are called.
const AREAS: [(&str, &str); 7] = [
    ("", "any"),
    ("request.", "requests"),
    ("run.", "runs"),
    ("key.", "keys"),
    ("drill.", "drills"),
    ("login.", "logins for decisions"),
    ("session.", "sessions"),
];

const OUTCOMES: [(&str, &str); 4] = [
    ("", "any"),
    ("ok", "done"),
    ("refused", "refused"),
    ("failed", "failed"),
];

/// Views that people come back to: name, parameter, value.
const SAVED: [(&str, &str, &str); 4] = [
    ("Everything", "", ""),
    ("Refusals", "outcome", "refused"),
    ("Keys", "action", "key."),
    ("Requests", "action", "request."),
];

/// What a time that can't be read is answered with.
const NO_TIME: &str = "Not a time. Write 2026-10-06 02:38:00, in UTC. The list isn’t limited by it.";

/// The filter in an address. What can't be read limits nothing, and the form says so.
#[must_use]
pub fn filter(address: &Address) -> Filter {
    let text = |name: &str| {
        address
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    };
    let number = |name: &str| address.get(name).and_then(|value| value.trim().parse().ok());
    let time = |name: &str| address.get(name).and_then(typed_time);
    Filter {
        deployment: text("deployment"),
        action: text("action"),
        person: text("person"),
        outcome: match address.get("outcome") {
            Some("ok") => Some(Outcome::Ok),
            Some("refused") => Some(Outcome::Refused),
            Some("failed") => Some(Outcome::Failed),
            _ => None,
        },
        request: number("request"),
        from: time("from"),
        to: time("to"),
        before: number("before"),
    }
}

/// Whether anything is left out of the list.
#[must_use]
pub fn is_narrow(filter: &Filter) -> bool {
    Filter {
        before: None,
        ..filter.clone()
    } != Filter::default()
}

/// The form.
#[component]
pub fn Filters(address: Address) -> impl IntoView {
    let value = |name: &str| address.get(name).unwrap_or_default().to_owned();
    let choices = |known: &[(&str, &str)]| {
        known
            .iter()
            .map(|(sent, called)| ((*sent).into(), (*called).into()))
            .collect()
    };
    let wrong = |name: &str| {
        address
            .get(name)
            .filter(|typed| typed_time(typed).is_none())
            .map(|_| NO_TIME.to_owned())
    };
    let deployment = address
        .get("deployment")
        .map(|name| view! { <input type="hidden" name="deployment" value=name.to_owned() /> });
    view! {
        <form class="filters" method="get" action="/audit">
            {deployment}
            <TextField name="person" label="Who" value=value("person") placeholder="anyone" kind="search" />
            <SelectField name="action" label="Action" choices=areas(&value("action")) value=value("action") />
            <SelectField name="outcome" label="Outcome" choices=choices(&OUTCOMES) value=value("outcome") />
            <TextField name="request" label="Request" value=value("request") placeholder="any" />
            <TextField name="from" label="From, UTC" value=value("from") placeholder="2026-10-06 02:38:00" error=wrong("from") />
            <TextField name="to" label="To, UTC" value=value("to") placeholder="now" error=wrong("to") />
            <div class="actions"><button class="button" type="submit">"Search"</button></div>
        </form>
    }
}

/// The areas, and whatever else the address asks for.
fn areas(asked: &str) -> Vec<(String, String)> {
    let mut choices: Vec<(String, String)> = AREAS
        .iter()
        .map(|(sent, called)| ((*sent).into(), (*called).into()))
        .collect();
    if !AREAS.iter().any(|(sent, _)| *sent == asked) {
        choices.push((asked.into(), asked.into()));
    }
    choices
}

/// The views that people come back to.
#[component]
pub fn Saved(address: Address) -> impl IntoView {
    let filter = filter(&address);
    let links: Vec<_> = SAVED
        .into_iter()
        .map(|(called, name, value)| {
            let here = match name {
                "" => !is_narrow(&filter),
                name => address.get(name) == Some(value),
            };
            let href = if name.is_empty() {
                "/audit".to_owned()
            } else {
                format!("/audit?{name}={value}")
            };
            view! { <a href=href aria-current=here.then_some("page")>{called}</a> }
        })
        .collect();
    view! { <nav class="actions" aria-label="Saved views"><span class="segmented">{links}</span></nav> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_router::params::ParamsMap;

    #[test]
    fn what_cannot_be_read_limits_nothing_and_is_said() {
        let address = Address::new("/audit", ParamsMap::new())
            .with("from", "yesterday")
            .with("outcome", "perhaps")
            .with("request", "x");
        assert!(!is_narrow(&filter(&address)));
        let html = view! { <Filters address /> }.to_html();
        assert!(
            html.contains("Not a time.") && html.contains("value=\"yesterday\""),
            "{html}"
        );
    }

    #[test]
    fn an_action_of_a_link_stays_chosen() {
        let address = Address::new("/audit", ParamsMap::new()).with("action", "key.read");
        assert_eq!(filter(&address).action.as_deref(), Some("key.read"));
        let html = view! { <Filters address /> }.to_html();
        assert!(html.contains("<option value=\"key.read\" selected"), "{html}");
    }
}
