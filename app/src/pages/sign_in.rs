//! Signing in: one button, and whether the identity provider can be reached at all.

use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use recovery::Services;

use super::outside::outside;
use super::visit::{actor, address};
use crate::components::{Banner, QuotedBlock, Word};

/// The accounts of a demo. Given by the server where it is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demo {
    /// Name, and what it may do.
    pub accounts: Vec<(String, String)>,
}

/// `/sign-in`.
#[component]
pub fn SignIn() -> impl IntoView {
    let Some(services) = use_context::<Services>() else {
        return ().into_any();
    };
    let return_to = local(address().get("return_to").unwrap_or("/"));
    if let Some(actor) = actor() {
        let body = view! { <AlreadyIn name=actor.name return_to /> }.into_any();
        return outside(services.clock.now(), "Sign in", StatusCode::OK, body);
    }
    let response = use_context::<ResponseOptions>();
    Suspend::new(async move {
        let unreachable = services.provider.probe().await.err().map(|error| error.to_string());
        if let (Some(response), true) = (response, unreachable.is_some()) {
            response.set_status(StatusCode::SERVICE_UNAVAILABLE);
        }
        let body = view! { <SignInGate return_to unreachable /> }.into_any();
        outside(services.clock.now(), "Sign in", StatusCode::OK, body)
    })
    .into_any()
}

/// Who signs in is sent back to where they wanted to go, and only to a page of this site.
fn local(path: &str) -> String {
    let plain = path.chars().all(|c| !c.is_control() && c != '\\');
    let own = path.starts_with('/') && !path.starts_with("//") && plain;
    if own { path.into() } else { "/".into() }
}

/// The button. `unreachable` is why the identity provider can't be asked now.
#[component]
pub fn SignInGate(return_to: String, #[prop(optional_no_strip)] unreachable: Option<String>) -> impl IntoView {
    let demo = use_context::<Demo>();
    view! {
        <section class="gate">
            <h1 class="say">"Sign in to see what comes back, and how fast."</h1>
            {unreachable.map(|said| view! { <Unreachable said /> })}
            <p>
                "Muster keeps no passwords: your identity provider says who you are and which role you have. "
                "Each approval asks for a login of its own."
            </p>
            <form method="get" action="/auth/sign-in">
                <input type="hidden" name="return_to" value=local(&return_to) />
                <button class="button primary" type="submit">"Sign in"</button>
            </form>
            {demo.map(|demo| view! { <Accounts demo /> })}
        </section>
    }
}

#[component]
fn Unreachable(said: String) -> impl IntoView {
    view! {
        <Banner word=Word::Unknown title="Nobody can sign in now.">
            "Whoever is signed in stays so; nothing that runs is touched. At a shell, "<code>"muster inventory"</code>" and "<code>"muster keys"</code>
            " work without a login."
        </Banner>
        <QuotedBlock text=said />
    }
}

#[component]
fn Accounts(demo: Demo) -> impl IntoView {
    let rows: Vec<_> = demo
        .accounts
        .into_iter()
        .map(|(name, may)| view! { <div><dt>{name}</dt><dd>{may}</dd></div> })
        .collect();
    view! {
        <h2>"This is a demo"</h2>
        <p class="note">"Its identity provider has a button for each account. Open a second browser profile to be two people."</p>
        <dl class="facts">{rows}</dl>
    }
}

#[component]
fn AlreadyIn(name: String, return_to: String) -> impl IntoView {
    view! {
        <section class="gate">
            <h1 class="say small">"You are signed in as "<b>{name}</b>"."</h1>
            <div class="actions">
                <a class="button" href=return_to>"Go on"</a>
                <form method="post" action="/auth/sign-out"><button class="button quiet" type="submit">"Sign out"</button></form>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (asked, goes) in [
            ("/requests/7?x=1", "/requests/7?x=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("", "/"),
            ("/a\nb", "/"),
        ] {
            assert_eq!(local(asked), goes, "{asked:?}");
        }
    }

    #[test]
    fn the_button_is_a_form_and_a_silent_provider_is_named() {
        let unreachable = Some("http://idp <b> can’t be reached".to_string());
        let html = view! { <SignInGate return_to="/keys".into() unreachable /> }.to_html();
        assert!(
            html.contains("action=\"/auth/sign-in\"") && html.contains("value=\"/keys\""),
            "{html}"
        );
        assert!(
            html.contains("Nobody can sign in now.") && html.contains("&lt;b&gt;"),
            "{html}"
        );
    }
}
