use std::collections::BTreeMap;

use domain::audit::{Entry, Outcome, Phase, Who, leaf_hash};
use domain::ids::{EntryId, RequestId, Sha256};
use domain::role::Role;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::audit::{AuditRow, Joined, Listed, SeenEntry};
use uuid::Uuid;

use super::entry::EntryContent;
use super::list::{Log, LogContent};
use crate::components::{Address, Place};
use crate::pages::overview::proofs::{document, holds, main};
use crate::pages::overview::samples::{HOSTILE, ago};
use crate::pages::requests::samples::{person, reader};

const REQUEST: RequestId = RequestId(Uuid::from_u128(77));

fn row(number: u128, action: &str, phase: Phase, outcome: Option<Outcome>, intent: Option<u128>) -> AuditRow {
    let entry = Entry {
        id: EntryId(Uuid::from_u128(number)),
        at: ago(1_000 - i64::try_from(number).expect("small")),
        who: Who {
            person: person("operator-a"),
            name: "operator-a".into(),
            roles: vec![Role::Operator],
            address: Some("127.0.0.1".into()),
        },
        action: action.into(),
        phase,
        outcome,
        intent: intent.map(|id| EntryId(Uuid::from_u128(id))),
        deployment: Some("ampora-prod".into()),
        request: action.starts_with("request.").then_some(REQUEST),
        object: "request 7".into(),
        detail: BTreeMap::new(),
    };
    let leaf = entry.leaf([7; 16]);
    AuditRow {
        number: i64::try_from(number).expect("small"),
        index: Some(i64::try_from(number).expect("small")),
        leaf_hash: leaf_hash(&leaf),
        leaf,
        entry,
        root: Some(Sha256::of(&[b"root"])),
    }
}

fn alone(row: AuditRow) -> Joined {
    Joined { row, other: None }
}

/// A refusal, an act of two entries side by side, one whose outcome nobody wrote down, and one by somebody hostile.
fn listed() -> Listed {
    let intent = row(50, "key.read", Phase::Intent, None, None);
    let outcome = row(51, "key.read", Phase::Outcome, Some(Outcome::Ok), Some(50));
    let mut refused = row(52, "request.approve", Phase::Fact, Some(Outcome::Refused), None);
    let why = "Own request: no one decides on their own request, whatever the role.";
    refused.entry.detail.insert("why".into(), why.into());
    let mut hostile = row(53, "session.begin", Phase::Fact, Some(Outcome::Ok), None);
    hostile.entry.who.name = HOSTILE.into();
    hostile.entry.object = HOSTILE.into();
    hostile.index = None;
    let apart = Joined {
        other: Some(row(40, "run.step", Phase::Intent, None, None)),
        row: row(49, "run.step", Phase::Outcome, Some(Outcome::Failed), Some(40)),
    };
    Listed {
        entries: vec![
            alone(hostile),
            alone(refused),
            Joined {
                row: outcome.clone(),
                other: Some(intent.clone()),
            },
            Joined {
                row: intent,
                other: Some(outcome),
            },
            apart,
            alone(row(48, "run.step", Phase::Intent, None, None)),
        ],
        requests: [(REQUEST, 7)].into(),
        next: Some(48),
        size: 48_377,
    }
}

fn list(name: &str, listed: Listed, params: &[(&'static str, &str)]) -> String {
    let address = Address::new("/audit", ParamsMap::new());
    let log = Log {
        listed,
        address: params
            .iter()
            .fold(address, |address, (name, value)| address.with(name, *value)),
        reader: reader("auditor", Role::Auditor),
    };
    let html = document(Place::Audit, move || view! { <LogContent log /> }.into_any());
    holds(&format!("audit-{name}"), &html);
    main(&html)
}

#[test]
fn an_act_of_two_entries_is_joined_and_one_without_an_end_is_unknown() {
    let main = list("list", listed(), &[]);
    let class = |id: u128| {
        let tag = main
            .split("<tr")
            .find(|tag| tag.contains(&format!("id=\"entry-{}\"", Uuid::from_u128(id))));
        let tag = tag.expect("the row is there").split('>').next().unwrap_or_default();
        tag.split_once("class=\"")
            .and_then(|(_, rest)| rest.split('"').next())
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        (class(51), class(50), class(49)),
        ("outcome".into(), "intent".into(), String::new())
    );
    assert!(
        main.contains(&format!("href=\"/audit/{}\">intent</a>", Uuid::from_u128(40))),
        "apart, by a link: {main}"
    );
    assert!(main.contains("no outcome yet"), "{main}");
    assert!(main.contains("48,377 entries in the log") && main.contains("href=\"/audit?before=48\""));
    assert!(main.contains("action=\"/audit/export\"") && main.contains(">Export</button>"));
}

#[test]
fn a_refusal_names_its_rule_and_its_request() {
    let main = list("refusals", listed(), &[("outcome", "refused")]);
    assert!(
        main.contains("Own request: no one decides") && main.contains("href=\"/requests/7\""),
        "{main}"
    );
    assert!(
        main.contains("title=\"https://idp.example.org · operator-a-7f0e21c4\""),
        "the subject is at hand"
    );
    assert!(
        main.contains("href=\"/audit?outcome=refused\" aria-current=\"page\""),
        "{main}"
    );
}

#[test]
fn an_empty_log_and_an_empty_search_differ() {
    assert!(list("empty", Listed::default(), &[]).contains("Nothing has been done yet"));
    assert!(list("nothing", Listed::default(), &[("person", "nobody")]).contains("No entry fits"));
}

fn entry(name: &str, joined: Joined) -> String {
    let seen = SeenEntry {
        joined,
        request: Some(7),
        size: 48_377,
    };
    let html = document(Place::Audit, move || {
        view! { <EntryContent seen now=ago(0) /> }.into_any()
    });
    holds(&format!("entry-{name}"), &html);
    main(&html)
}

#[test]
fn an_entry_shows_every_field_and_the_bytes_that_are_hashed() {
    let entries = listed().entries;
    let main = entry("outcome", entries[2].clone());
    let row = &entries[2].row;
    for words in [
        row.leaf_hash.to_string(),
        Sha256::of(&[b"root"]).to_string(),
        "operator-a-7f0e21c4".into(),
        "127.0.0.1".into(),
        "key.read".into(),
        "muster.audit/1".into(),
        "has its hash".into(),
        "its intent".into(),
        "/audit?request=7".into(),
        "/audit/50".into(),
        "/audit/52".into(),
    ] {
        assert!(main.contains(&words), "{words}: {main}");
    }
}

#[test]
fn an_entry_that_was_changed_is_called_so() {
    let mut joined = listed().entries[1].clone();
    joined.row.leaf.push(b' ');
    let main = entry("changed", joined);
    assert!(main.contains("was changed: it doesn’t have its hash"), "{main}");
}

#[test]
fn an_entry_without_a_place_waits_for_one_and_hostile_words_are_seen() {
    let main = entry("hostile", listed().entries[0].clone());
    assert!(main.contains("not numbered yet") && main.contains("U+202E"), "{main}");
}
