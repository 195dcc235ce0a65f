//! Pointing Ampora at another database: the plan before the decision, and each way in which its run ends.

use domain::approval::Decision;
use domain::role::Role;
use domain::run::RunState;

use super::super::super::samples::{consumed, pending, repoint, repoint_of_service, run, stored};
use super::page;
use crate::pages::overview::samples::{HOSTILE, ago};

#[test]
fn who_decides_reads_that_nobody_can_close_the_old_database() {
    let main = page(
        "repoint-waiting",
        stored(repoint(), pending()),
        ("operator-b", Role::Operator),
        None,
        None,
    );
    for words in [
        "can’t come back",
        "doesn’t answer",
        "Deployment ampora/ampora-web",
        "12 tenants",
        "to come from the new Secret",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
    assert!(main.contains("U+202E"), "{main}");
}

#[test]
fn who_decides_reads_by_which_commands_a_service_stops_and_starts() {
    let main = page(
        "repoint-service-waiting",
        stored(repoint_of_service(), pending()),
        ("operator-b", Role::Operator),
        None,
        None,
    );
    for words in [
        "service of /etc/ampora/ampora.env on app1",
        "systemctl stop ampora",
        "systemctl is-active ampora",
        "no session on the old database",
        "whose other lines stay as they are",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
    assert!(!main.contains("pod") && main.contains("U+202E"), "{main}");
}

#[test]
fn each_end_says_whether_ampora_may_have_written() {
    let at = ago(3);
    let reason = || format!("step 2: refused: {HOSTILE}");
    let failed = || RunState::Failed { at, reason: reason() };
    for (name, state, done, says) in [
        ("done", RunState::Succeeded { at }, 4, "full backup of the new database"),
        ("early", failed(), 0, "Nothing was changed."),
        ("stopped", failed(), 1, "Ampora may be stopped"),
        ("closed", failed(), 2, "Both databases are whole"),
        (
            "started",
            RunState::NeedsHuman { at, seen: reason() },
            3,
            "is lost if you go back",
        ),
        (
            "refused",
            RunState::Refused { at, reason: reason() },
            0,
            "The runner refused it.",
        ),
    ] {
        let stored = stored(repoint(), consumed());
        let run = run(&stored, state, done);
        let main = page(
            &format!("repoint-{name}"),
            stored,
            ("operator-a", Role::Operator),
            Some(Decision::Approve),
            Some(run),
        );
        assert!(main.contains(says), "{name}: {main}");
    }
}
