//! The forms about the master key: which version leaves Muster and how, or the key in use for a manager that is behind.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::settings::Reveal;

use super::Form;
use super::asked::{Asked, Kind, To};
use super::form::Hidden;
use super::versions::Versions;
use crate::components::{Address, Blank, Explained, RadioField, Sheet, TextField};

/// One version, for somebody or for a place.
#[component]
pub fn Retrieve(form: Form) -> impl IntoView {
    let Form {
        view,
        asked,
        reveal,
        destinations,
        ..
    } = form;
    let fields = match asked.to {
        To::Person => person(&asked, reveal),
        To::Split => split(&asked),
        To::Placed if destinations.is_empty() => return view! { <NoDestination asked /> }.into_any(),
        To::Placed => placed(&asked, destinations),
    };
    view! {
        <Sheet id="retrieve" title="Retrieve one version of the master key" note="Read when the approved run happens, not before.">
            <Ways asked=asked.clone() />
            <form class="form" method="get" action="/requests/new">
                <Hidden asked=asked.clone() />
                <input type="hidden" name="to" value=asked.to.name() />
                <Versions view asked />
                {fields}
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
    .into_any()
}

/// How it leaves, as links: the choice is part of the address.
#[component]
fn Ways(asked: Asked) -> impl IntoView {
    let ways: Vec<_> = To::ALL
        .into_iter()
        .map(|to| {
            let here = (to == asked.to).then_some("page");
            let address = Address::new("/requests/new", ParamsMap::new())
                .with("kind", Kind::RetrieveKey.name())
                .with("deployment", asked.deployment.clone())
                .with("version", asked.version.clone())
                .with("to", to.name());
            view! { <a href=address.to_string() aria-current=here>{to.called()}</a> }
        })
        .collect();
    view! { <nav class="actions" aria-label="How it leaves Muster"><span class="segmented">{ways}</span></nav> }
}

fn person(asked: &Asked, reveal: Reveal) -> AnyView {
    let (label, hint, required) = match reveal {
        Reveal::Shown => (
            "Recipient, if it is to be sealed",
            "An age recipient (age1…): the key then leaves Muster encrypted to it. Left empty, it is shown once in your browser.",
            false,
        ),
        Reveal::Sealed => (
            "Recipient",
            "An age recipient (age1…): this site hands out keys encrypted to their recipient, never shown.",
            true,
        ),
    };
    let [recipient, _] = asked.recipients.clone();
    view! { <TextField name="recipient" label value=recipient placeholder="age1…" hint required /> }.into_any()
}

fn split(asked: &Asked) -> AnyView {
    let [one, other] = asked.recipients.clone();
    let hint = "An age recipient (age1…) of the first person. Alone, a share says nothing of the key.";
    let hint_2 = "Another age recipient, of the second person. Both shares together make the key, without Muster.";
    view! {
        <TextField name="recipient" label="Recipient of share 1" value=one placeholder="age1…" hint required=true />
        <TextField name="recipient_2" label="Recipient of share 2" value=other placeholder="age1…" hint=hint_2 required=true />
    }
    .into_any()
}

fn placed(asked: &Asked, destinations: Vec<(String, &'static str)>) -> AnyView {
    view! {
        <Places asked=asked.clone() destinations />
        <TextField
            name="name" label="Name of the new place" value=asked.name.clone() required=true
            hint="Letters, digits and hyphens, and a name that is free: a key is only ever put where nothing was."
        />
    }
    .into_any()
}

/// Which of the destinations.
#[component]
pub fn Places(asked: Asked, destinations: Vec<(String, &'static str)>) -> impl IntoView {
    let choices = destinations.into_iter().map(|(name, kind)| Explained {
        value: name.clone(),
        called: name,
        about: format!("a new secret in {kind}"),
    });
    let choices: Vec<_> = choices.collect();
    let value = match choices.as_slice() {
        [only] => only.value.clone(),
        _ => asked.destination,
    };
    view! { <RadioField name="destination" label="Destination" choices value /> }
}

#[component]
fn NoDestination(asked: Asked) -> impl IntoView {
    view! {
        <Sheet id="retrieve" title="Retrieve one version of the master key" note="Read when the approved run happens, not before.">
            <Ways asked />
            <Blank title="No destination for keys is configured">
                "A key can be put into another secret manager once a [[deployment.key_destination]] says where."
            </Blank>
        </Sheet>
    }
}

/// The key in use for the manager: there is nothing to choose.
#[component]
pub fn CatchUp(form: Form) -> impl IntoView {
    let asked = form.asked;
    view! {
        <Sheet id="catch-up" title="Catch the secret manager up" note="For a manager that is behind; nothing of Ampora changes.">
            <p>
                "The key that Ampora runs with becomes the manager’s new current version, once it is proven to open every sampled envelope of the \
                 live database. Older versions stay. The plan proves the keys now, so it takes a moment."
            </p>
            <form class="form" method="get" action="/requests/new">
                <Hidden asked />
                <div class="actions"><button class="button" type="submit">"Make the plan"</button></div>
            </form>
        </Sheet>
    }
}
