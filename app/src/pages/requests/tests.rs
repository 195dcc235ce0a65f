use domain::approval::{Challenge, Decision, State};
use domain::ids::{ChallengeId, RequestId};
use domain::plan::{Delivery, Pinned, Plan};
use domain::role::Role;
use domain::run::RunState;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::approvals::Listed;
use uuid::Uuid;

use super::list::{List, ListContent};
use super::reveal::RevealGate;
use super::samples::{approved, consumed, key, pending, person, reader, restore, run, stored};
use super::sign::SignGate;
use crate::components::{Address, Place};
use crate::pages::overview::cannot_request;
use crate::pages::overview::proofs::{document, holds, main};
use crate::pages::overview::samples::{HOSTILE, ago, links};
use crate::pages::standing::Reader;

fn listed(number: i64, plan: Plan, state: State, run_state: Option<(RunState, usize)>) -> Listed {
    let mut stored = stored(plan, state);
    stored.request.number = number;
    let run = run_state.map(|(state, done)| run(&stored, state, done));
    Listed { stored, run }
}

fn list(name: &str, reader: Reader, rows: Vec<Listed>, params: &[(&'static str, &str)]) -> String {
    let address = Address::new("/requests", ParamsMap::new());
    let address = params
        .iter()
        .fold(address, |address, (name, value)| address.with(name, *value));
    let is_open = |listed: &&Listed| !listed.stored.request.state.is_over();
    let list = List {
        open: rows.iter().filter(is_open).cloned().collect(),
        links: links(),
        cannot_request: cannot_request(&reader.actor, reader.policy.roles),
        unproven_logins: name == "unproven",
        next: rows.last().map(|listed| listed.stored.request.number),
        address,
        reader,
        rows,
    };
    let html = document(Place::Requests, move || view! { <ListContent list /> }.into_any());
    holds(&format!("requests-{name}"), &html);
    main(&html)
}

#[test]
fn an_issuer_that_cannot_prove_fresh_logins_is_named() {
    assert!(!list("proven", reader("operator-b", Role::Operator), all(), &[]).contains("can’t prove fresh logins"));
    assert!(
        list("unproven", reader("operator-b", Role::Operator), all(), &[])
            .contains("This issuer can’t prove fresh logins")
    );
}

fn all() -> Vec<Listed> {
    let at = ago(3);
    let moved = vec!["target.server_version was 15.17 and is 15.18".to_owned()];
    let reason = "step 3: pg_restore failed".to_owned();
    let mut hostile = listed(9, restore(), State::Withdrawn { at }, None);
    hostile.stored.reason = HOSTILE.into();
    hostile.stored.request.requester_name = HOSTILE.into();
    vec![
        hostile,
        listed(8, key(), approved(), None),
        listed(7, restore(), pending(), None),
        listed(6, restore(), consumed(), Some((RunState::Running, 2))),
        listed(5, restore(), consumed(), Some((RunState::Succeeded { at }, 6))),
        listed(4, restore(), consumed(), Some((RunState::Failed { at, reason }, 2))),
        listed(3, restore(), State::Stale { moved, at }, None),
        listed(2, restore(), State::Expired { at }, None),
        listed(1, restore(), consumed(), None),
    ]
}

#[test]
fn the_list_says_first_what_waits_for_this_reader() {
    let of_b = list("other", reader("operator-b", Role::Operator), all(), &[]);
    assert!(
        of_b.contains("Requests: <b>1</b> waits for you, 1 for others."),
        "{of_b}"
    );
    assert!(of_b.contains("action=\"/requests/new\"") && of_b.contains(">New request</button>"));
    let words = [
        "Waits for you",
        "Approved, not run yet",
        "Running, step 3 of 6",
        "Done",
        "Failed",
        "Stale",
        "Expired",
    ];
    for word in words {
        assert!(of_b.contains(&format!("<span>{word}</span>")), "{word}: {of_b}");
    }
    assert!(
        of_b.contains("Run, and its record is missing"),
        "a lost record isn’t passed over"
    );
    let of_a = list("own", reader("operator-a", Role::Operator), all(), &[]);
    assert!(
        of_a.contains("Waits for another person") && of_a.contains("Approved, waits for you"),
        "{of_a}"
    );
}

#[test]
fn a_viewer_sees_the_list_and_why_they_ask_for_nothing() {
    let main = list("viewer", reader("somebody", Role::Viewer), all(), &[]);
    assert!(
        main.contains("Requests: <b>2</b> wait for others, none for you."),
        "{main}"
    );
    assert!(
        main.contains("disabled") && main.contains("takes the role operator"),
        "{main}"
    );
    assert!(!main.contains("action=\"/requests/new\""));
}

#[test]
fn nothing_to_list_says_why() {
    let reader = || reader("operator-a", Role::Operator);
    let none = list("none", reader(), Vec::new(), &[]);
    assert!(
        none.contains("Nobody has asked for anything yet") && none.contains("Requests: nothing waits."),
        "{none}"
    );
    let filtered = list(
        "filtered",
        reader(),
        Vec::new(),
        &[("state", "stale"), ("text", "\"><script>alert(1)</script>")],
    );
    assert!(
        filtered.contains("No request fits") && filtered.contains("value=\"stale\" selected"),
        "{filtered}"
    );
}

#[test]
fn older_requests_are_one_link_away_and_keep_the_filter() {
    let main = list(
        "paged",
        reader("operator-b", Role::Operator),
        all(),
        &[("state", "consumed"), ("before", "99")],
    );
    assert!(
        main.contains("href=\"/requests?state=consumed&amp;before=1\""),
        "{main}"
    );
    assert!(main.contains("href=\"/requests?state=consumed\""), "back to the newest");
}

fn challenge(decision: Decision) -> Challenge {
    Challenge {
        id: ChallengeId(Uuid::from_u128(8)),
        request: RequestId(Uuid::from_u128(7)),
        digest: restore().pinned.digest(),
        decision,
        random: [7; 32],
        created_at: ago(2),
        person: person("operator-b"),
    }
}

#[test]
fn the_way_to_the_provider_names_what_is_signed() {
    for (decision, what) in [
        (Decision::Approve, "approve"),
        (Decision::Reject, "reject"),
        (Decision::Reveal, "be handed the key of"),
    ] {
        let url = "https://idp.example.org/authorize?nonce=abc&prompt=login".to_owned();
        let challenge = challenge(decision);
        let digest = challenge.digest.short();
        let gate = move || view! { <SignGate number="7".into() url challenge /> }.into_any();
        let html = document(Place::Requests, gate);
        holds(&format!("sign-{}", decision.word()), &html);
        let main = main(&html);
        assert!(
            main.contains("href=\"https://idp.example.org/authorize?nonce=abc&amp;prompt=login\""),
            "{main}"
        );
        assert!(
            main.contains(">Continue to sign in</a>")
                && main.contains(&format!("<b>{what}</b>"))
                && main.contains(&digest)
        );
    }
}

#[test]
fn the_page_before_a_key_holds_one_button_and_no_key() {
    let Pinned::RetrieveKey(plan) = key().pinned else {
        panic!("a key")
    };
    let sealed = domain::plan::RetrieveKey {
        delivery: Delivery::Sealed {
            recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".into(),
        },
        ..plan.clone()
    };
    for (name, plan, button) in [
        ("shown", plan.clone(), "Show key"),
        ("sealed", sealed, "Get sealed key"),
    ] {
        let gate = move || view! { <RevealGate number=7 plan action="/requests/7/reveal/8".into() /> }.into_any();
        let html = document(Place::Requests, gate);
        holds(&format!("reveal-{name}"), &html);
        let main = main(&html);
        assert!(
            main.contains(&format!(">{button}</button>")) && main.contains("action=\"/requests/7/reveal/8\""),
            "{main}"
        );
        assert_eq!(main.matches("<form").count(), 1);
    }
    let why_not = Some("It was handed over already.".to_owned());
    let gate = move || view! { <RevealGate number=7 plan action="/requests/7/reveal/8".into() why_not /> }.into_any();
    let main = main(&document(Place::Requests, gate));
    assert!(
        main.contains("handed over already") && !main.contains("<form"),
        "{main}"
    );
}
