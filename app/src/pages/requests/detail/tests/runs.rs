//! The run of a request, while it goes on and after each of its ends.

use domain::approval::Decision;
use domain::plan::Plan;
use domain::role::Role;
use domain::run::RunState;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::super::super::samples::{consumed, key, reader, restore, run, seen, stored};
use super::super::{Detail, RequestContent};
use super::{button, page};
use crate::components::{Address, Place};
use crate::pages::overview::proofs::document;
use crate::pages::overview::samples::{HOSTILE, ago};

fn with_run(name: &str, plan: Plan, state: RunState, done: usize) -> String {
    let stored = stored(plan, consumed());
    let run = run(&stored, state, done);
    page(
        name,
        stored,
        ("operator-a", Role::Operator),
        Some(Decision::Approve),
        Some(run),
    )
}

#[test]
fn a_running_restore_comes_first_and_can_be_cancelled() {
    let main = with_run("running", restore(), RunState::Running, 2);
    assert!(main.contains("Running, step 3 of 6."), "{main}");
    assert!(main.contains("/runs/00000000-0000-0000-0000-000000000009/cancel"));
    assert!(main.contains("Log, the last 4 of 1,204 lines"));
    assert!(main.contains("/log\""), "the whole of it can be taken away");
    assert!(
        main.find("id=\"run\"") < main.find("id=\"plan\""),
        "the run stands before the plan"
    );
    assert!(main.contains("<progress"));
}

#[test]
fn each_end_says_what_is_unharmed_and_what_comes_next() {
    let at = ago(3);
    let reason = || format!("step 3: pg_restore: error: {HOSTILE}");
    let ends = [
        (
            "done",
            RunState::Succeeded { at },
            6,
            "Restored into ampora_restored.",
            "before anything is pointed at it",
        ),
        (
            "failed",
            RunState::Failed { at, reason: reason() },
            2,
            "It failed.",
            "may stand unfinished on",
        ),
        (
            "failed-early",
            RunState::Failed { at, reason: reason() },
            0,
            "It failed.",
            "No database was made.",
        ),
        (
            "cancelled",
            RunState::Cancelled { at },
            2,
            "It was cancelled.",
            "Unharmed: the live database",
        ),
        (
            "refused",
            RunState::Refused { at, reason: reason() },
            0,
            "The runner refused it.",
            "make a new request",
        ),
        (
            "needs-human",
            RunState::NeedsHuman { at, seen: reason() },
            2,
            "somebody has to look",
            "Look at it, then drop it.",
        ),
    ];
    for (name, state, done, says, next) in ends {
        let main = with_run(name, restore(), state, done);
        assert!(main.contains(says) && main.contains(next), "{name}: {main}");
        assert_eq!(button(&main, "Cancel run"), None, "{name}");
    }
    let main = with_run("key-lost", key(), RunState::NeedsHuman { at, seen: reason() }, 0);
    assert!(
        main.contains("take it as seen") && !main.contains("role=\"log\""),
        "{main}"
    );
}

#[test]
fn who_may_not_read_the_log_is_told_so() {
    let reader = reader("somebody", Role::Viewer);
    let stored = stored(restore(), consumed());
    let run = run(&stored, RunState::Running, 1);
    let detail = Detail {
        seen: seen(stored, &reader, Some(Decision::Approve), Some(run)),
        reader,
        log: Err("To read the audit log takes the role auditor.".into()),
        address: Address::new("/requests/7", ParamsMap::new()),
        gap: None,
        exposure: None,
    };
    let html = document(Place::Requests, move || view! { <RequestContent detail /> }.into_any());
    assert!(html.contains("takes the role auditor") && !html.contains("role=\"log\""));
    assert!(!html.contains("Cancel run"), "a viewer cancels nothing");
}
