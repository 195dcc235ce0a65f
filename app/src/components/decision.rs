//! The decision: what it costs in one line, then Approve and Reject, of the same size and weight.

use domain::ids::Sha256;
use leptos::prelude::*;

use super::digest::DigestCode;
use super::field::TextField;
use super::mark::{Mark, StatusMark};
use super::text_area::TextArea;

/// The form that asks for a decision. It posts `decision` (`approve` or `reject`), `note` and, where a name has to be typed, `deployment`.
#[component]
pub fn Decide(
    /// Where it is posted to.
    #[prop(into)]
    action: String,
    digest: Sha256,
    /// Who decides, as the identity provider shows them.
    #[prop(into)]
    name: String,
    /// The deployment whose name has to be typed before a destructive plan is approved.
    #[prop(optional_no_strip)]
    typed: Option<String>,
    /// What the decision entails: a login of its own, the time to run it.
    terms: Vec<(Mark, String)>,
    /// Why the last attempt was refused.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// What it costs, in one line.
    children: Children,
) -> impl IntoView {
    let typed = typed.map(|name| {
        view! { <TextField name="deployment" label=format!("Type {name} to approve a destructive plan") /> }
    });
    view! {
        <form class="decide" id="decide" method="post" action=action aria-labelledby="decide-heading">
            <h3 id="decide-heading">"Your decision, as "{name}</h3>
            <p class="agree">{children()}</p>
            <TextArea name="note" label="Note, kept in the record; required to reject" placeholder="What did you check?" error />
            {typed}
            <Pair digest />
            <Terms terms />
        </form>
    }
}

#[component]
fn Pair(digest: Sha256) -> impl IntoView {
    view! {
        <div class="pair">
            <div>
                <button class="button yes" type="submit" name="decision" value="approve" aria-describedby="about-approve">"Approve"</button>
                <p id="about-approve">"Signs "<b><DigestCode digest /></b>". Does not start it."</p>
            </div>
            <div>
                <button class="button no" type="submit" name="decision" value="reject" aria-describedby="about-reject">"Reject"</button>
                <p id="about-reject">"Ends this request for everybody."</p>
            </div>
        </div>
    }
}

#[component]
fn Terms(terms: Vec<(Mark, String)>) -> impl IntoView {
    let rows: Vec<_> = terms
        .into_iter()
        .map(|(mark, text)| view! { <li><StatusMark mark /><span>{text}</span></li> })
        .collect();
    (!rows.is_empty()).then(|| view! { <ul class="terms">{rows}</ul> })
}

/// Stands in its place where this person can't decide, or nobody can any more, and names the rule.
#[component]
pub fn NothingToDecide(#[prop(into)] reason: String) -> impl IntoView {
    view! {
        <div class="decide closed" id="decide">
            <h3>"Nothing to decide"</h3>
            <p class="note">{reason}</p>
        </div>
    }
}
