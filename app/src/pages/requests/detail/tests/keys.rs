//! Requests about keys: every pinned fact in words, who may start them, how their runs ended, and what became of a key that left.

use chrono::Duration;
use domain::approval::Decision;
use domain::custody::exposure::{Exposure, Left, Rotated};
use domain::plan::{Delivery, Pinned, Plan};
use domain::role::Role;
use domain::run::RunState;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::super::super::samples::{
    approved, catch_up, consumed, key, pending, placed, reader, run, seen, shares, stored,
};
use super::super::{Detail, RequestContent};
use super::{button, page};
use crate::components::{Address, Place};
use crate::pages::overview::proofs::{document, holds, main};
use crate::pages::overview::samples::{HOSTILE, ago, fingerprint};

fn waiting(name: &str, plan: Plan) -> String {
    page(
        name,
        stored(plan, pending()),
        ("operator-b", Role::Operator),
        None,
        None,
    )
}

#[test]
fn every_pinned_fact_of_a_key_plan_stands_on_its_page() {
    let main = waiting("shares", shares());
    for words in [
        "age1one",
        "age1other",
        "exclusive or",
        "python3 -c",
        "Share 1 to",
        "neither alone",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
    assert!(main.contains("U+202E"), "{main}");
    let main = waiting("placed", placed());
    for words in [
        "vault secret/recovered/keys at https://vault.dr",
        "dr-vault",
        ">keys<",
        "in the field master_key",
        "nothing is there now",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
    assert!(
        main.contains("U+202E") && main.contains("none of them destructive"),
        "{main}"
    );
    let main = waiting("catch-up", catch_up());
    for words in [
        "/etc/ampora/ampora.env",
        "vault https://vault secret/ampora",
        "Behind version",
        "Held already",
        "Removed by it",
        "hex, the whole value",
        "for good",
        "scale Ampora to 0",
        "Nothing of Ampora changes",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
}

#[test]
fn what_no_person_sees_is_started_by_any_operator_and_the_rest_by_its_requester() {
    for (name, plan, others) in [
        ("placed", placed(), true),
        ("catch-up", catch_up(), true),
        ("shares", shares(), false),
    ] {
        let other = page(
            &format!("{name}-approved"),
            stored(plan, approved()),
            ("operator-b", Role::Operator),
            Some(Decision::Approve),
            None,
        );
        let enabled = button(&other, "Run").is_some_and(|tag| !tag.contains("disabled"));
        assert_eq!(enabled, others, "{name}: {other}");
        assert_eq!(other.contains("Uses the approval up"), others, "{name}");
    }
}

#[test]
fn each_end_of_a_key_run_says_where_the_key_is() {
    let at = ago(3);
    let reason = || format!("step 2: refused: {HOSTILE}");
    let failed = || RunState::Failed { at, reason: reason() };
    let doubt = || RunState::NeedsHuman { at, seen: reason() };
    let ends = [
        ("placed-done", placed(), RunState::Succeeded { at }, 3, "was read back"),
        ("placed-failed", placed(), failed(), 1, "No key was delivered."),
        ("placed-unfinished", placed(), failed(), 2, "the run wasn’t finished"),
        ("placed-doubt", placed(), doubt(), 1, "somebody has to look"),
        (
            "placed-refused",
            placed(),
            RunState::Refused { at, reason: reason() },
            0,
            "The runner refused it.",
        ),
        (
            "caught-up",
            catch_up(),
            RunState::Succeeded { at },
            4,
            "and proven again",
        ),
        ("catch-up-failed", catch_up(), failed(), 0, "Nothing was written."),
        (
            "catch-up-unfinished",
            catch_up(),
            failed(),
            3,
            "was written; the run wasn’t finished",
        ),
        ("catch-up-doubt", catch_up(), doubt(), 1, "Prove now"),
        (
            "catch-up-cancelled",
            catch_up(),
            RunState::Cancelled { at },
            0,
            "It was cancelled. Nothing was written.",
        ),
    ];
    for (name, plan, state, done, says) in ends {
        let stored = stored(plan, consumed());
        let run = run(&stored, state, done);
        let main = page(
            name,
            stored,
            ("operator-a", Role::Operator),
            Some(Decision::Approve),
            Some(run),
        );
        assert!(main.contains(says) && main.contains("Unharmed: "), "{name}: {main}");
        assert!(main.contains("role=\"log\""), "{name}: what a worker did has a log");
    }
}

fn exposed(name: &str, how: Delivery, certain: bool, rotated: Rotated) -> String {
    let reader = reader("operator-a", Role::Operator);
    let stored = stored(key(), consumed());
    let run = run(&stored, RunState::Succeeded { at: ago(15) }, 1);
    let exposure = Exposure {
        request: 7,
        fingerprint: fingerprint('7'),
        at: ago(15),
        who: format!("operator-a{HOSTILE}"),
        how: Left::Retrieved {
            version: "2".into(),
            delivery: how,
        },
        certain,
        rotated,
    };
    let detail = Detail {
        seen: seen(stored, &reader, Some(Decision::Approve), Some(run)),
        reader,
        log: Ok(super::log()),
        address: Address::new("/requests/7", ParamsMap::new()),
        gap: None,
        exposure: Some(exposure),
    };
    let html = document(Place::Requests, move || view! { <RequestContent detail /> }.into_any());
    holds(&format!("request-{name}"), &html);
    main(&html)
}

#[test]
fn after_a_retrieval_the_page_says_whether_the_key_was_rotated() {
    let place = match placed().pinned {
        Pinned::RetrieveKey(plan) => plan.delivery,
        other => panic!("{other:?}"),
    };
    let unknown = || Rotated::Unknown {
        why: format!("expired{HOSTILE}"),
    };
    let still = exposed("exposed", Delivery::ShownOnce, true, Rotated::StillInUse);
    assert!(
        still.contains("not rotated yet") && still.contains("KeyProtection__PreviousMasterKey"),
        "{still}"
    );
    assert!(still.contains("was seen by") && still.contains("U+202E"), "{still}");
    let rotated = exposed("rotated", place.clone(), true, Rotated::Yes { since: ago(5) });
    assert!(
        rotated.contains(">rotated<") && rotated.contains("was put into") && rotated.contains("https://vault.dr"),
        "{rotated}"
    );
    let before = Rotated::Yes {
        since: ago(15) - Duration::hours(1),
    };
    assert!(exposed("out-of-use", Delivery::ShownOnce, true, before).contains("out of use"));
    let doubt = exposed("maybe-exposed", place, false, unknown());
    assert!(
        doubt.contains("may have been put into") && doubt.contains(">not known<"),
        "{doubt}"
    );
}
