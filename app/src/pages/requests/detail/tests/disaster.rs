//! Bringing Ampora up on a new cluster: the plan, the steps that wait for somebody's word, and each way in which its run ends.

use domain::approval::Decision;
use domain::role::Role;
use domain::run::RunState;

use super::super::super::samples::{consumed, disaster, pending, run, stored};
use super::{button, page};
use crate::pages::overview::samples::{HOSTILE, ago};

#[test]
fn who_decides_reads_all_of_it() {
    let main = page(
        "disaster-waiting",
        stored(disaster(), pending()),
        ("operator-b", Role::Operator),
        None,
        None,
    );
    for words in [
        "https://10.0.0.9:6443",
        "ampora-20261006T0130.dump",
        "Deployment ampora/ampora-web",
        "it ran while the database was at 20260901_AddPeers",
        ".data.Host: old.example → new.example",
        "stays as it is",
        "an approver who didn’t ask for it confirms it with a note",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
    assert!(main.contains("U+202E"), "{main}");
}

#[test]
fn a_step_elsewhere_waits_for_who_may_give_their_word() {
    let waits = || RunState::Paused {
        since: ago(3),
        seen: format!("2 of 4 lines are open {HOSTILE}"),
    };
    for (done, who, may) in [
        (3, ("approver-c", Role::Approver), true),
        (3, ("operator-a", Role::Approver), false),
        (3, ("viewer-d", Role::Viewer), false),
        (4, ("operator-a", Role::Operator), true),
        (4, ("approver-c", Role::Approver), false),
    ] {
        let stored = stored(disaster(), consumed());
        let run = run(&stored, waits(), done);
        let name = format!("disaster-step-{done}-{}-{may}", who.0);
        let main = page(&name, stored, who, Some(Decision::Approve), Some(run));
        let step = if done == 3 {
            "settle-what-was-revived"
        } else {
            "public-name"
        };
        assert!(main.contains(&format!("/confirm/{step}\"")), "{name}: {main}");
        let button = button(&main, "Confirm").expect("there");
        assert_eq!(!button.contains("disabled"), may, "{name}: {button}");
    }
}

#[test]
fn each_end_says_what_was_made_and_what_is_next() {
    let at = ago(3);
    let reason = || format!("step 2: refused: {HOSTILE}");
    for (name, state, done, says) in [
        (
            "done",
            RunState::Succeeded { at },
            6,
            "a full backup of the new database",
        ),
        (
            "early",
            RunState::Failed { at, reason: reason() },
            0,
            "Nothing was made.",
        ),
        (
            "half",
            RunState::Failed { at, reason: reason() },
            1,
            "Ampora wasn’t started.",
        ),
        (
            "started",
            RunState::NeedsHuman { at, seen: reason() },
            2,
            "look at the pods and their log",
        ),
        (
            "refused",
            RunState::Refused { at, reason: reason() },
            0,
            "The runner refused it.",
        ),
    ] {
        let stored = stored(disaster(), consumed());
        let run = run(&stored, state, done);
        let who = ("operator-a", Role::Operator);
        let main = page(
            &format!("disaster-{name}"),
            stored,
            who,
            Some(Decision::Approve),
            Some(run),
        );
        assert!(main.contains(says), "{name}: {main}");
    }
}
