use domain::role::Role;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::overview::View;
use recovery::settings::Reveal;

use super::super::samples::{catch_up, key, placed, reader, repoint, restore, shares};
use super::*;
use crate::components::Address;
use crate::pages::overview::proofs::{document, holds, main};
use crate::pages::overview::samples;

fn address(params: &[(&'static str, &str)]) -> Address {
    let address = Address::new("/requests/new", ParamsMap::new());
    params
        .iter()
        .fold(address, |address, (name, value)| address.with(name, *value))
}

fn form(name: &str, view: View, params: &[(&'static str, &str)], refused: &[&str]) -> String {
    let form = Form {
        asked: Asked::of(&address(params), "ampora-prod"),
        view,
        reveal: Reveal::Shown,
        destinations: vec![("dr-vault".into(), "vault"), ("stick<b>".into(), "file")],
        others: vec!["eu".into()],
        refused: refused.iter().map(ToString::to_string).collect(),
    };
    let html = document(Place::Requests, move || view! { <FormContent form /> }.into_any());
    holds(&format!("new-{name}"), &html);
    main(&html)
}

#[test]
fn the_dumps_are_offered_with_what_is_known_of_them() {
    let main = form("restore", samples::fresh(), &[], &[]);
    assert_eq!(
        main.matches("type=\"radio\"").count(),
        2,
        "the broken one is not offered: {main}"
    );
    assert!(main.contains("1 dump not offered") && main.contains("ends 1 byte early"));
    assert!(
        main.contains("key: not in the manager") && main.contains("key: version 2, current"),
        "{main}"
    );
    assert!(
        main.contains("value=\"restored_20261006_0114\""),
        "a free name is proposed"
    );
    let chosen = main
        .split("<input")
        .find(|tag| tag.contains(" checked"))
        .expect("one is chosen");
    assert!(
        chosen.contains("value=\"dumps/ampora-20261006T0130.dump\""),
        "the newest that was read: {chosen}"
    );
}

#[test]
fn a_link_fills_the_form_in() {
    let main = form(
        "prefilled",
        samples::fresh(),
        &[
            ("source", "dumps"),
            ("backup", "ampora-20260928T0130.dump"),
            ("database", "mine"),
        ],
        &[],
    );
    let chosen = main
        .split("<input")
        .find(|tag| tag.contains(" checked"))
        .expect("one is chosen");
    assert!(chosen.contains("value=\"dumps/ampora-20260928T0130.dump\""), "{chosen}");
    assert!(main.contains("value=\"mine\""));
}

#[test]
fn the_versions_are_offered_with_what_they_open() {
    let main = form(
        "key",
        samples::good(),
        &[("kind", "retrieve-key"), ("version", "2")],
        &[],
    );
    assert!(main.contains("opens 214 of 214 live envelopes") && main.contains("opens 0 of 214 live envelopes"));
    assert!(
        main.contains("c41e 5f06") && main.contains("name=\"recipient\""),
        "{main}"
    );
    let silent = form("key-unread", samples::empty(), &[("kind", "retrieve-key")], &[]);
    assert!(
        silent.contains("The versions could not be read") && silent.contains("name=\"version\""),
        "{silent}"
    );
}

#[test]
fn each_way_out_of_muster_has_a_form_of_its_own() {
    let of = |to: &'static str| {
        let params = [("kind", "retrieve-key"), ("version", "2"), ("to", to)];
        form(&format!("key-{to}"), samples::good(), &params, &[])
    };
    let split = of("split");
    assert!(
        split.contains("name=\"recipient\"") && split.contains("name=\"recipient_2\""),
        "{split}"
    );
    assert!(split.contains("type=\"hidden\" name=\"to\" value=\"split\""), "{split}");
    let placed = of("placed");
    assert!(
        placed.contains("value=\"dr-vault\"") && placed.contains("stick&lt;b&gt;"),
        "{placed}"
    );
    assert!(
        placed.contains("name=\"name\"") && !placed.contains("name=\"recipient\""),
        "{placed}"
    );
    for main in [&split, &placed] {
        assert!(
            main.contains("To one person") && main.contains("to=placed") && main.contains("to=split"),
            "{main}"
        );
        assert!(main.contains("version=2"), "what was chosen is kept: {main}");
    }
}

#[test]
fn a_manager_is_caught_up_without_any_choice() {
    let main = form(
        "catch-up",
        samples::good(),
        &[("kind", "key-catch-up")],
        &["It isn’t behind."],
    );
    assert!(
        main.contains("value=\"key-catch-up\"") && main.contains("It isn’t behind."),
        "{main}"
    );
    assert!(
        !main.contains("type=\"radio\"") && main.contains("Make the plan"),
        "{main}"
    );
}

#[test]
fn a_refused_plan_lists_every_reason_and_keeps_what_was_typed() {
    let reasons = [
        "The database ampora exists on /run/postgresql:5432; Muster never restores over anything. Choose another name.",
        "The role <ampora> doesn’t exist\u{202e}.",
    ];
    let typed = [
        ("dump", "dumps/ampora-20261006T0130.dump"),
        ("database", "\"; drop database"),
        ("step", "plan"),
    ];
    let main = form("refused", samples::fresh(), &typed, &reasons);
    assert!(main.contains("for 2 reasons") && main.contains("Choose another name.") && main.contains("&lt;ampora&gt;"));
    assert!(main.contains("value=\"&quot;; drop database\""), "{main}");
}

#[test]
fn hostile_names_are_seen_as_what_they_are() {
    let main = form("hostile", samples::hostile(), &[], &[]);
    assert!(main.contains("U+202E"), "{main}");
    form("key-hostile", samples::hostile(), &[("kind", "retrieve-key")], &[]);
}

#[test]
fn nothing_known_is_a_form_that_says_so() {
    let main = form("empty", samples::empty(), &[], &[]);
    assert!(main.contains("No dump is known"), "{main}");
    let unknown = form("unknown", samples::unknown(), &[], &[]);
    assert!(!unknown.contains(" checked"), "what isn’t known is chosen for nobody");
    assert!(unknown.contains("last known: "), "{unknown}");
}

#[test]
fn the_plan_is_asked_for_by_one_post_with_its_digest() {
    let cases = [
        ("plan-restore", restore(), "Request restore", "restore-dump"),
        ("plan-key", key(), "Request key", "retrieve-key"),
        ("plan-shares", shares(), "Request key", "retrieve-key"),
        ("plan-placed", placed(), "Request key", "retrieve-key"),
        ("plan-catch-up", catch_up(), "Request catch-up", "key-catch-up"),
        ("plan-repoint", repoint(), "Request the change", "repoint"),
    ];
    for (name, plan, button, kind) in cases {
        let digest = plan.pinned.digest().to_string();
        let address = address(&[
            ("kind", kind),
            ("dump", "dumps/x.dump"),
            ("database", "mine"),
            ("version", "2"),
        ]);
        let planned = Planned {
            plan,
            asked: Asked::of(&address, "ampora-prod"),
            reader: reader("operator-a", Role::Operator),
            change: address,
        };
        let html = document(Place::Requests, move || view! { <PlannedContent planned /> }.into_any());
        holds(&format!("new-{name}"), &html);
        let main = main(&html);
        assert!(main.contains(&format!(">{button}</button>")), "{main}");
        assert!(main.contains(&format!("name=\"digest\" value=\"{digest}\"")), "{name}");
        assert!(
            main.contains("method=\"post\" action=\"/requests\"")
                && main.contains(&format!("name=\"kind\" value=\"{kind}\""))
        );
        assert_eq!(
            main.matches("method=\"post\"").count(),
            1,
            "one button that does anything"
        );
    }
}
