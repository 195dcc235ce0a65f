//! Findings about keys live as all others do: opened and resolved by proofs, kept open while nothing can be proven, and told once.

use domain::drift::Verdict;
use domain::finding::{Record, State};
use domain::rules::Rule;

use super::world::{Form, World};

/// Code and state of those about keys that were ever opened.
fn told(records: &[Record]) -> Vec<(&str, State)> {
    let about_keys = |record: &&Record| Rule::of(&record.code).is_some_and(|rule| rule.is_about_keys());
    records
        .iter()
        .filter(about_keys)
        .map(|record| (record.code.as_str(), record.state))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drift_is_opened_kept_while_unknown_resolved_and_opened_again() {
    let mut world = World::new(Form::Usual).await;
    world.manager(&[1], 1);
    world.ampora(2, None);
    world.wrap(0..20, 2).await;
    assert_eq!(told(&world.collected().await), [("key-behind", State::Open)]);

    world.lose_manager();
    let unknown = world.collected().await;
    assert_eq!(
        told(&unknown),
        [("key-behind", State::Unknown), ("key-unproven", State::Open)]
    );
    let behind = |records: &[Record]| records.iter().find(|record| record.code == "key-behind").cloned();
    let kept = behind(&unknown).expect("it is kept");
    assert!(kept.unknown.is_some(), "with the reason");

    world.manager(&[1, 2], 2);
    assert_eq!(
        told(&world.collected().await),
        [("key-behind", State::Resolved), ("key-unproven", State::Resolved)]
    );
    world.manager(&[1, 2], 1);
    let again = world.collected().await;
    assert_eq!(told(&again)[0], ("key-behind", State::Open));
    assert_eq!(behind(&again).map(|record| record.reopened), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_under_one_code_whatever_the_verdict() {
    let mut world = World::new(Form::Usual).await;
    world.manager(&[1, 2], 1);
    world.wrap(0..20, 1).await;
    world.ampora(2, None);
    let keys = world.prove().await;
    let codes = |found: Vec<domain::finding::Finding>| found.into_iter().map(|one| one.code).collect::<Vec<_>>();
    assert_eq!(codes(world.found(&keys)), ["wrong-master-key"], "{}", keys.detail);
    world.wrap(0..20, 9).await;
    let nobodys = world.prove().await;
    assert_eq!(
        nobodys.verdict,
        Verdict::ManagerBehind,
        "the current version opened all of it before"
    );
    assert_eq!(codes(world.found(&nobodys)), ["wrong-master-key"]);

    let mut world = World::new(Form::Usual).await;
    world.manager(&[1], 1);
    world.ampora(1, None);
    world.wrap(0..20, 9).await;
    let foreign = world.prove().await;
    assert_eq!(foreign.verdict, Verdict::Foreign);
    assert_eq!(codes(world.found(&foreign)), ["wrong-master-key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_with_its_previous_key_is_no_alarm_and_one_that_is_over_asks_to_clean_up() {
    let mut world = World::new(Form::Usual).await;
    world.manager(&[1, 2], 2);
    world.wrap(0..20, 1).await;
    world.prove().await;
    world.ampora(2, Some(1));
    world.wrap(0..5, 2).await;
    let moving = world.prove().await;
    let [found] = world.found(&moving).try_into().expect("one finding");
    assert_eq!((&*found.code, moving.verdict), ("key-mixed", Verdict::Mixed));
    assert!(!found.recovery.contains("Scale Ampora to 0"), "{}", found.recovery);
    world.wrap(5..20, 2).await;
    let over = world.prove().await;
    let [found] = world.found(&over).try_into().expect("one finding");
    assert_eq!(found.code, "previous-master-key-set");
    assert!(found.recovery.contains("Remove the setting"), "{}", found.recovery);
    world.ampora(2, None);
    assert_eq!(world.found(&world.prove().await), []);
}

#[test]
fn every_rule_about_keys_is_documented_where_the_keys_are() {
    let text = include_str!("../../../../../docs/key-verdicts.md");
    for rule in Rule::ALL.into_iter().filter(Rule::is_about_keys) {
        assert!(text.contains(&format!("`{}`", rule.code)), "{}", rule.code);
    }
}
