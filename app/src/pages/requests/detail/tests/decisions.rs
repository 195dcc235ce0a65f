//! Who decides, who can't and why not.

use domain::approval::{Decision, State};
use domain::role::Role;

use super::super::super::samples::{approved, key, pending, person, restore, stored};
use super::{button, page};
use crate::pages::overview::samples::{HOSTILE, ago};

#[test]
fn somebody_elses_request_offers_both_decisions_alike() {
    let main = page(
        "waits",
        stored(restore(), pending()),
        ("operator-b", Role::Operator),
        None,
        None,
    );
    assert!(main.contains("Waits for you."), "{main}");
    let approve = button(&main, "Approve").expect("is offered");
    let reject = button(&main, "Reject").expect("is offered");
    assert!(approve.contains("formaction=\"/requests/7/approve\"") && approve.contains("type=\"submit\""));
    assert!(reject.contains("formaction=\"/requests/7/reject\"") && reject.contains("type=\"submit\""));
    assert!(
        main.contains("name=\"note\"") && main.contains("pending: 1 of 2 people"),
        "{main}"
    );
    assert_eq!(button(&main, "Withdraw"), None);
    assert_eq!(button(&main, "Run"), None);
}

#[test]
fn ones_own_request_shows_both_buttons_disabled_and_the_rule() {
    let main = page(
        "own",
        stored(restore(), pending()),
        ("operator-a", Role::Operator),
        None,
        None,
    );
    assert!(main.contains("Own request: no one decides on their own request, whatever the role."));
    for name in ["Approve", "Reject"] {
        let tag = button(&main, name).expect("is shown");
        assert!(
            tag.contains(" disabled") && tag.contains("aria-describedby=\"why-barred\""),
            "{tag}"
        );
    }
    assert!(!main.contains("/requests/7/approve"), "nothing to post");
    assert!(button(&main, "Withdraw").is_some_and(|tag| !tag.contains("disabled")));
}

#[test]
fn a_viewer_is_told_which_role_it_takes() {
    let main = page(
        "viewer",
        stored(restore(), pending()),
        ("somebody", Role::Viewer),
        None,
        None,
    );
    assert!(main.contains("takes the role operator or approver"), "{main}");
    assert!(main.contains("Waits for others."));
}

#[test]
fn the_whole_digest_and_the_plan_stand_on_the_page() {
    let stored = stored(restore(), pending());
    let digest = stored.request.digest.to_string();
    let main = page("plan", stored, ("operator-b", Role::Operator), None, None);
    assert!(
        main.contains(&format!("data-copy=\"{digest}\"")),
        "the whole digest can be copied"
    );
    for words in [
        "188,566",
        "7412093318650022117",
        "2,418",
        "1 h 54 min",
        "Create database",
        "--exit-on-error",
        "about 24 s",
        "plan.json",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
}

#[test]
fn what_cannot_be_told_is_not_known_rather_than_nothing() {
    let mut plan = restore();
    plan.advisory.data_loss = None;
    plan.advisory.durations.clear();
    plan.advisory.phases.clear();
    if let domain::plan::Pinned::RestoreDump(pinned) = &mut plan.pinned {
        pinned.key_fingerprint = None;
    }
    let main = page(
        "unknown",
        stored(plan, pending()),
        ("operator-b", Role::Operator),
        None,
        None,
    );
    assert!(main.contains(">not known<") && main.contains(">no history<"), "{main}");
    assert!(
        main.contains("What it lacks isn’t known. No key at hand opens its envelopes."),
        "{main}"
    );
}

#[test]
fn an_approved_restore_can_be_run_by_operators_only() {
    let of = |name, who| page(name, stored(restore(), approved()), who, Some(Decision::Approve), None);
    let own = of("approved", ("operator-a", Role::Operator));
    assert!(own.contains("Approved, waits for you.") && own.contains("operator-b") && own.contains(" approved"));
    assert!(
        own.contains("action=\"/requests/7/run\"") && own.contains("approved: 2 of 2 people"),
        "{own}"
    );
    assert!(button(&own, "Withdraw").is_some());
    let viewer = of("approved-viewer", ("somebody", Role::Viewer));
    assert!(
        button(&viewer, "Run").is_some_and(|tag| tag.contains("disabled")),
        "{viewer}"
    );
    assert!(viewer.contains("takes the role operator"));
}

#[test]
fn an_approved_key_goes_to_its_requester_only() {
    let of = |name, who| {
        page(
            name,
            stored(key(), approved()),
            (who, Role::Operator),
            Some(Decision::Approve),
            None,
        )
    };
    let own = of("key-approved", "operator-a");
    assert!(
        button(&own, "Run").is_some_and(|tag| !tag.contains("disabled")),
        "{own}"
    );
    assert!(own.contains("it is handed to you, once"));
    let others = of("key-approved-other", "operator-b");
    assert!(button(&others, "Run").is_some_and(|tag| tag.contains("disabled")));
    assert!(others.contains("Only the person who asked can"), "{others}");
}

#[test]
fn what_is_over_says_so_and_offers_no_decision() {
    let at = ago(5);
    let rejected = State::Rejected {
        person: person("operator-b"),
        name: "operator-b".into(),
        at,
        note: "no".into(),
    };
    let moved = vec!["target.server_version was 15.17 and is 15.18".to_owned()];
    let states = [
        ("rejected", rejected, "Rejected."),
        ("withdrawn", State::Withdrawn { at }, "Withdrawn."),
        ("expired", State::Expired { at }, "Expired."),
        ("stale", State::Stale { moved, at }, "Stale."),
    ];
    for (name, state, says) in states {
        let decision = (name == "rejected").then_some(Decision::Reject);
        let main = page(
            name,
            stored(restore(), state),
            ("operator-b", Role::Operator),
            decision,
            None,
        );
        assert!(
            main.contains(says) && main.contains("Nothing to decide"),
            "{name}: {main}"
        );
        for button_name in ["Approve", "Reject", "Run", "Withdraw"] {
            assert_eq!(button(&main, button_name), None, "{name}");
        }
    }
}

#[test]
fn silence_expires_on_the_page_before_anybody_writes_it_down() {
    let late = State::Pending {
        approvals: Vec::new(),
        expires_at: ago(1),
    };
    let main = page(
        "late",
        stored(restore(), late),
        ("operator-b", Role::Operator),
        None,
        None,
    );
    assert!(
        main.contains("Expired.") && button(&main, "Approve").is_none(),
        "{main}"
    );
}

#[test]
fn an_approval_without_a_login_behind_it_is_called_out() {
    let main = page(
        "forged",
        stored(restore(), approved()),
        ("operator-a", Role::Operator),
        None,
        None,
    );
    assert!(main.contains("no login stands behind it"), "{main}");
}

#[test]
fn words_of_people_are_quoted_and_their_tricks_are_seen() {
    let mut hostile = stored(restore(), pending());
    hostile.reason = HOSTILE.into();
    hostile.request.requester_name = HOSTILE.into();
    let main = page("hostile", hostile, ("operator-b", Role::Operator), None, None);
    assert!(
        main.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && main.contains("U+202E"),
        "{main}"
    );
}
