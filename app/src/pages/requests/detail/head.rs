//! How the request stands, in words and first of all, with what this person can do about it.

use domain::approval::State;
use domain::role::Action;
use domain::run::RunState;
use domain::time::span;
use leptos::prelude::*;
use recovery::approvals::{Seen, Stored};
use recovery::runs::Run;

use super::super::compare::NOW;
use super::super::plan::title;
use crate::components::{Moment, PageHead, QuotedText, StatusWord, visible};
use crate::pages::standing::Reader;

/// How the reason begins for which a runner refuses what moved.
const STALE: &str = "stale:";

#[component]
pub fn Head(seen: Seen, reader: Reader) -> impl IntoView {
    let stored = seen.stored;
    let standing = reader.standing(&stored, seen.run.as_ref());
    let number = stored.request.number.to_string();
    let says = format!("{}.", standing.says);
    let sentence = title(&stored.plan.pinned);
    let heading = view! { <StatusWord word=standing.word text=says />" "{sentence} }.into_any();
    let actions = actions(&stored, seen.run.as_ref(), &reader);
    let lede = lede(&stored, &reader);
    view! { <PageHead title=heading says=true crumb=("Requests", "/requests", number) lede actions /> }
}

/// The reason, in the requester's words, and the dates.
fn lede(stored: &Stored, reader: &Reader) -> AnyView {
    let request = &stored.request;
    let reason = match stored.reason.is_empty() {
        true => "No reason was given. ".into_any(),
        false => view! { <QuotedText text=stored.reason.clone() />" " }.into_any(),
    };
    let now = reader.now;
    view! {
        {reason}
        <span class="sub">
            <bdi>{visible(&request.requester_name)}</bdi>", "<Moment at=request.created_at now />"; "{ends(stored, reader)}
        </span>
    }
    .into_any()
}

/// The state's own word, and until when it holds or since when.
fn ends(stored: &Stored, reader: &Reader) -> AnyView {
    let now = reader.now;
    let state = stored.request.state_at(now);
    let word = state.word();
    let left = |until: domain::time::Timestamp| span((until - now).num_seconds().max(0));
    match state {
        State::Pending { expires_at, .. } => {
            view! { {word}", silence ends it in "{left(expires_at)}", at "<Moment at=expires_at now /> }.into_any()
        }
        State::Approved { run_by, .. } => {
            let can = if stored.plan.pinned.standing().is_some() {
                ", stands for the next "
            } else {
                ", can be run once in the next "
            };
            view! { {word}{can}{left(run_by)}", until "<Moment at=run_by now /> }.into_any()
        }
        State::Rejected { at, .. }
        | State::Withdrawn { at }
        | State::Expired { at }
        | State::Stale { at, .. }
        | State::Consumed { at, .. } => view! { {word}" "<Moment at now /> }.into_any(),
    }
}

fn actions(stored: &Stored, run: Option<&Run>, reader: &Reader) -> AnyView {
    let number = stored.request.number;
    let state = stored.request.state_at(reader.now);
    let approved = matches!(state, State::Approved { .. });
    let standing = stored.plan.pinned.standing().is_some();
    let withdraws = reader.owns(stored) && !state.is_over() && !(standing && approved);
    let goes = run.filter(|run| !run.state.is_over());
    view! {
        {approved.then(|| if standing { revoke_button(stored, reader) } else { run_button(stored, reader) })}
        {again(stored, run, reader)}
        {goes.map(|run| cancel_button(run, reader))}
        {withdraws.then(|| view! {
            <form method="post" action=format!("/requests/{number}/withdraw")>
                <button class="button stop" type="submit">"Withdraw"</button>
            </form>
        })}
        {matches!(state, State::Pending { .. }).then(|| view! { <span class="only-narrow"><a class="button quiet" href="#decide">"Go to the decision"</a></span> })}
    }
    .into_any()
}

/// Of what people agreed to something isn't so any more: it is shown what, and the same can be asked for as it is now.
fn again(stored: &Stored, run: Option<&Run>, reader: &Reader) -> Option<impl IntoView + use<>> {
    let refused =
        run.is_some_and(|run| matches!(&run.state, RunState::Refused { reason, .. } if reason.starts_with(STALE)));
    let stale = refused || matches!(stored.request.state, State::Stale { .. });
    let asks = reader.actor.may(Action::Request, reader.policy.roles).is_ok();
    let href = format!("/requests/compare?a={}&b={NOW}", stored.request.number);
    (stale && asks).then(|| view! { <a class="button primary" href=href>"Ask again with today’s facts"</a> })
}

/// Whoever may decide may end what stands, and the person who asked.
fn revoke_button(stored: &Stored, reader: &Reader) -> AnyView {
    if !reader.may_revoke(stored) {
        return ().into_any();
    }
    let action = format!("/requests/{}/revoke", stored.request.number);
    view! {
        <p class="note" id="about-revoke">"Drills stop handing over the key at once."</p>
        <form method="post" action=action>
            <button class="button stop" type="submit" aria-describedby="about-revoke">"Revoke"</button>
        </form>
    }
    .into_any()
}

fn run_button(stored: &Stored, reader: &Reader) -> AnyView {
    let key = stored.plan.pinned.is_handed_over();
    let action = format!("/requests/{}/run", stored.request.number);
    let about = match reader.may_run(stored) {
        Err(why) => return barred("Run", why.to_string(), "about-run"),
        Ok(()) if key => "You sign in again; then it is handed to you, once.",
        Ok(()) => "Uses the approval up.",
    };
    view! {
        <p class="note" id="about-run">{about}</p>
        <form method="post" action=action>
            <button class="button primary" type="submit" aria-describedby="about-run">"Run"</button>
        </form>
    }
    .into_any()
}

/// A button that this person can't press now, and why.
fn barred(name: &'static str, why: String, id: &'static str) -> AnyView {
    view! {
        <p class="note" id=id>{why}</p>
        <button class="button" type="button" disabled=true aria-describedby=id>{name}</button>
    }
    .into_any()
}

fn cancel_button(run: &Run, reader: &Reader) -> AnyView {
    if reader.actor.may(Action::Run, reader.policy.roles).is_err() {
        return ().into_any();
    }
    if run.cancel_wanted {
        return barred(
            "Cancel run",
            "Asked for already: the worker ends the tool.".into(),
            "about-cancel",
        );
    }
    view! {
        <form method="post" action=format!("/runs/{}/cancel", run.id)>
            <button class="button stop" type="submit">"Cancel run"</button>
        </form>
    }
    .into_any()
}
