//! The dependency arrows between the crates, and `domain` in the browser.

use cargo_metadata::DependencyKind::{self, Development, Normal};
use std::collections::BTreeSet;
use xtask::arrows::{self, Arrow};
use xtask::checkout::Checkout;
use xtask::graph::Built;
use xtask::lint;

fn arrow(from: &str, to: &str, kind: DependencyKind) -> Arrow {
    Arrow {
        from: from.into(),
        to: to.into(),
        kind,
        features: None,
    }
}

fn complaints(arrow: Arrow) -> Vec<String> {
    arrows::between_members(&[], &[arrow])
}

fn graph(crates: &[(&str, &[&str])]) -> BTreeSet<Built> {
    let built = crates.iter().map(|(name, features)| Built {
        name: (*name).to_owned(),
        version: "1.0.0".to_owned(),
        features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        licence: "MIT".to_owned(),
    });
    built.collect()
}

#[test]
fn the_arrows_of_this_checkout_hold() {
    arrows::check(&Checkout::locate().unwrap()).unwrap();
}

#[test]
fn the_arrows_that_are_checked_are_the_ones_in_the_manifests() {
    let declared = arrows::declared(&Checkout::locate().unwrap());
    let found = |from: &str, to: &str| declared.iter().find(|arrow| arrow.from == from && arrow.to == to);
    assert!(found("recovery", "store").is_some());
    assert_eq!(
        found("app", "recovery").unwrap().features.as_deref(),
        Some(["ssr".to_owned()].as_slice())
    );
    assert_eq!(found("server", "testkit").unwrap().kind, Development);
}

#[test]
fn domain_builds_for_the_browser_on_its_own() {
    lint::domain_builds_for_wasm(&Checkout::locate().unwrap()).unwrap();
}

#[test]
fn an_arrow_back_is_refused() {
    assert_eq!(
        complaints(arrow("domain", "store", Normal)),
        ["domain must not depend on store"]
    );
    assert_eq!(
        complaints(arrow("store", "recovery", Development)),
        ["store must not depend on recovery"]
    );
}

#[test]
fn store_and_adapters_do_not_know_each_other() {
    assert_eq!(complaints(arrow("store", "adapters", Normal)).len(), 1);
    assert_eq!(complaints(arrow("adapters", "store", Normal)).len(), 1);
}

#[test]
fn testkit_is_for_tests() {
    assert_eq!(
        complaints(arrow("recovery", "testkit", Normal)),
        ["recovery uses testkit outside its tests"]
    );
    assert!(complaints(arrow("recovery", "testkit", Development)).is_empty());
}

#[test]
fn the_demo_and_the_use_cases_stay_behind_their_features() {
    let gated = |feature: &str| Arrow {
        features: Some(vec![feature.to_owned()]),
        ..arrow("server", "demo", Normal)
    };
    assert!(complaints(gated("demo")).is_empty());
    assert_eq!(complaints(gated("default")).len(), 1);
    assert_eq!(complaints(arrow("server", "demo", Normal)).len(), 1);
    assert_eq!(complaints(arrow("app", "recovery", Normal)).len(), 1);
}

#[test]
fn a_new_member_needs_a_place() {
    assert_eq!(arrows::between_members(&["newcomer".to_owned()], &[]).len(), 1);
}

#[test]
fn effects_on_the_server_are_refused() {
    assert!(arrows::in_the_server(&graph(&[("reactive_graph", &["serde"])])).is_empty());
    assert_eq!(
        arrows::in_the_server(&graph(&[("reactive_graph", &["effects"])])).len(),
        1
    );
}

#[test]
fn server_crates_in_the_browser_are_refused() {
    assert!(arrows::in_the_browser(&graph(&[("leptos", &[])])).is_empty());
    assert_eq!(
        arrows::in_the_browser(&graph(&[("leptos", &[]), ("tokio", &[])])).len(),
        1
    );
}

#[test]
fn a_test_that_changes_the_features_of_a_build_is_named() {
    let built = graph(&[("rand", &["std"])]);
    assert!(arrows::two_feature_sets(&built, &graph(&[("rand", &["std"]), ("proptest", &[])])).is_empty());
    assert_eq!(
        arrows::two_feature_sets(&built, &graph(&[("rand", &["std", "small_rng"])])).len(),
        1
    );
}
