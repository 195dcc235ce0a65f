use domain::emergency::{Alarm, Command, Contact, Drilled, Duty, Emergency, Expires, PersonSeen, Route, Writing};
use domain::finding::Step;
use domain::ids::Person;
use leptos::prelude::IntoAny as _;

use super::super::proofs::{document, holds, main, text};
use super::super::samples::{self, DAY, HOSTILE, ago};
use super::super::{Overview, OverviewContent};
use crate::components::Place;

fn route(source: &str, backup: &str, key: &str) -> Route {
    Route {
        source: source.into(),
        repo: 1,
        backup: Some(backup.into()),
        kind: Some("full".into()),
        restores_to: ago(131),
        exact: true,
        loss_seconds: Some(131),
        loss_seconds_at_most: Some(131),
        drilled: Drilled::Passed {
            at: ago(30 * DAY),
            seconds: Some(2200),
        },
        key: key.into(),
        key_version: Some("3".into()),
        expires: Expires::Promised { at: ago(-20 * DAY) },
        commands: vec![Command::new(
            "On the host, as the user of PostgreSQL",
            ["pgbackrest", "--stanza=ampora", "restore"],
        )],
    }
}

fn emergency() -> Emergency {
    Emergency {
        deployment: "ampora-prod".into(),
        alarms: vec![Alarm {
            code: "wrong-master-key".into(),
            title: "The key in use is not in the secret manager".into(),
        }],
        writing: Writing::Likely {
            newest: ago(20),
            read_at: ago(12),
        },
        first_aid: vec![Step::run("Stop Ampora.", "kubectl scale", "systemctl stop ampora")],
        ways_back: vec![
            Route {
                drilled: Drilled::Never,
                expires: Expires::unknown("nobody tells"),
                loss_seconds_at_most: None,
                ..route("dumps", "ampora.dump", "expected")
            },
            route("pgbr-main", "20261005-220004F", "missing"),
        ],
        unknown_sources: vec![("walg".into(), "connection refused".into())],
        contacts: vec![Contact {
            name: "Robin Example".into(),
            role: Some("approver".into()),
            phone: Some("+49 30 1234567".into()),
            email: None,
            hours: Some("Mon-Fri 08:00-18:00 Europe/Berlin".into()),
            duty: Duty::OutOfHours,
        }],
        approvers: Some(vec![PersonSeen {
            name: "operator-b".into(),
            person: Person {
                issuer: "https://idp.example".into(),
                subject: "b".into(),
            },
            roles: vec!["operator".into()],
            seen_at: ago(60),
        }]),
    }
}

fn page(emergency: Option<Emergency>) -> String {
    let page = Overview {
        view: samples::fresh(),
        links: samples::links(),
        waiting: Vec::new(),
        quorum: 2,
        others: Vec::new(),
        emergency,
        undelivered: Vec::new(),
    };
    document(Place::Overview, move || {
        leptos::view! { <OverviewContent page /> }.into_any()
    })
}

#[test]
fn first_aid_comes_before_the_ways_back_and_those_before_the_people() {
    let html = page(Some(emergency()));
    holds("overview-emergency", &html);
    let main = main(&html);
    let order = [
        "id=\"first-aid\"",
        "id=\"ways-back\"",
        "id=\"who-can-approve\"",
        "id=\"restorable-time\"",
    ];
    let places: Vec<_> = order
        .iter()
        .map(|id| main.find(id).unwrap_or_else(|| panic!("{id}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let said = text(&main);
    for words in [
        "Something still writes: the newest commit was 8 s old",
        "systemctl stop ampora",
        "never drilled",
        "36 min 40 s",
        "the manager lacks its key",
        "pgbackrest --stanza=ampora restore",
        "20 d more, by the policy",
        "end not known",
        "outside their hours",
        "here now",
        "1 source doesn’t answer",
    ] {
        assert!(said.contains(words), "{words}");
    }
    assert!(
        main.contains("href=\"tel:+49301234567\""),
        "the telephone is one touch away"
    );
    assert!(main.contains("/diagnostics/wrong-master-key"));
}

#[test]
fn while_all_is_well_none_of_it_is_there() {
    let main = main(&page(None));
    for id in ["first-aid", "ways-back", "who-can-approve"] {
        assert!(!main.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[test]
fn what_is_not_known_is_said_so_and_hostile_words_stay_text() {
    let mut bare = emergency();
    bare.ways_back = vec![Route {
        backup: Some(HOSTILE.into()),
        kind: None,
        loss_seconds: None,
        commands: Vec::new(),
        ..route(HOSTILE, HOSTILE, "unknown")
    }];
    bare.alarms[0].title = HOSTILE.into();
    bare.unknown_sources[0] = (HOSTILE.into(), HOSTILE.into());
    bare.contacts.clear();
    bare.approvers = None;
    bare.writing = Writing::Unknown {
        newest: None,
        reason: HOSTILE.into(),
    };
    let html = page(Some(bare));
    holds("overview-emergency-bare", &html);
    let said = text(&main(&html));
    for words in [
        "Nobody is written down",
        "Who has signed in is not known",
        "no commit is known",
        "The command isn’t known here",
        "not tried",
    ] {
        assert!(said.contains(words), "{words}");
    }
}

#[test]
fn messages_that_reached_nobody_are_a_call() {
    let undelivered = recovery::notify::Undelivered {
        channel: "webhook".into(),
        given_up: 2,
        failing: 1,
        since: ago(DAY),
        said: "hooks.example.org answers 503".into(),
    };
    let calls = super::super::calls::calls(&samples::good(), &[], &[undelivered], &samples::links());
    let found = calls
        .iter()
        .find(|call| call.title == "3 messages did not reach anybody");
    assert!(found.is_some_and(|call| call.text.contains("answers 503")), "{calls:?}");
}
