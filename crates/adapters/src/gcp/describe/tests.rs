use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn about(fields: Value) -> model::Secret {
    serde_json::from_value(fields).unwrap()
}

fn version(number: &str, fields: Value) -> model::SecretVersion {
    let mut version: model::SecretVersion = serde_json::from_value(fields).unwrap();
    version.name = format!("projects/7/secrets/key/versions/{number}");
    version
}

fn enabled(number: &str) -> model::SecretVersion {
    version(number, json!({ "state": "ENABLED" }))
}

fn described(fields: Value, versions: &[model::SecretVersion]) -> Secret {
    secret(Ok(&about(fields)), versions)
}

#[test]
fn versions_stand_in_the_order_of_their_numbers_each_once() {
    let listed = [enabled("10"), enabled("9"), enabled("9"), enabled("100"), enabled("2")];
    let found = described(json!({}), &listed);
    let names: Vec<_> = found.versions.iter().map(|version| version.name.as_str()).collect();
    assert_eq!(names, ["2", "9", "10", "100"]);
    assert_eq!(found.current().unwrap().name, "100");
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);
}

#[test]
fn a_version_that_cant_be_named_hides_no_other() {
    let nameless = model::SecretVersion::new().set_name("projects/7/secrets/key");
    let found = described(json!({}), &[enabled("1"), nameless, enabled("latest"), enabled("-3")]);
    assert_eq!(found.versions.len(), 1);
    assert!(found.remarks[0].starts_with("3 of its versions"), "{:?}", found.remarks);
}

#[test]
fn a_state_nobody_knows_is_not_relied_on() {
    let odd = [
        version("1", json!({ "state": "FROZEN" })),
        version("2", json!({ "state": 77 })),
        version("3", json!({})),
    ];
    let found = described(json!({}), &odd);
    assert!(found.versions.iter().all(|version| version.life == Life::Disabled));
    assert!(found.remarks[0].contains("version 1 is in a state that Muster doesn’t know (FROZEN)"));
    assert_eq!(found.remarks.len(), 4);
}

#[test]
fn what_is_to_be_destroyed_has_its_date() {
    let doomed = version(
        "1",
        json!({ "state": "DISABLED", "scheduledDestroyTime": "2026-12-24T18:00:00Z" }),
    );
    let gone = version(
        "2",
        json!({ "state": "DESTROYED", "scheduledDestroyTime": "2026-12-24T18:00:00Z" }),
    );
    let found = described(json!({}), &[doomed, gone]);
    assert!(matches!(&found.versions[0].keep, Keep::Until { at, .. } if at.timestamp() == 1_798_135_200));
    assert_eq!(found.versions[1].keep, Keep::Kept);
}

#[test]
fn a_removal_without_a_date_is_told() {
    let found = described(json!({ "ttl": "3600s" }), &[enabled("1")]);
    assert_eq!(found.gone_at, None);
    assert!(found.remarks[0].contains("doesn’t say when"), "{:?}", found.remarks);
}

#[test]
fn a_delay_of_nothing_protects_nothing() {
    for fields in [
        json!({}),
        json!({ "versionDestroyTtl": "0s" }),
        json!({ "versionDestroyTtl": "-86400s" }),
    ] {
        let found = described(fields, &[]);
        assert!(matches!(found.protection, Protection::Unprotected { .. }));
    }
}

#[test]
fn automatic_replication_names_no_place() {
    let fields = json!({ "replication": { "automatic": { "customerManagedEncryption": { "kmsKeyName": "kek" } } } });
    let found = described(fields, &[]);
    assert_eq!(found.copies.len(), 1);
    assert_eq!(found.copies[0].in_step, None);
    assert!(
        found.remarks[0].starts_with("encrypted with kek:"),
        "{:?}",
        found.remarks
    );
}

#[test]
fn ten_thousand_versions_are_described() {
    let versions: Vec<_> = (1..=10_000)
        .rev()
        .map(|number: u32| enabled(&number.to_string()))
        .collect();
    let found = described(json!({ "versionAliases": { "used": "5000" } }), &versions);
    assert_eq!(found.versions.len(), 10_000);
    assert_eq!(found.versions[4999].labels, ["used"]);
}

prop_compose! {
    fn any_version()(
        name in prop_oneof!["[0-9]{0,22}", "\\PC{0,12}"],
        state in prop_oneof![Just(json!("ENABLED")), Just(json!("DESTROYED")), any::<i32>().prop_map(Value::from), "\\PC{0,9}".prop_map(Value::from)],
        created in any::<(i64, i32)>(),
        scheduled in any::<Option<(i64, i32)>>(),
    ) -> model::SecretVersion {
        let mut version = version(&name, json!({ "state": state }));
        version.create_time = Some(wide(created));
        version.scheduled_destroy_time = scheduled.map(wide);
        version
    }
}

/// Any time that Google's type can hold, without naming that type.
fn wide<T: serde::de::DeserializeOwned>((seconds, nanos): (i64, i32)) -> T {
    let seconds = seconds.rem_euclid(315_537_897_599) - 62_135_596_800;
    let time = DateTime::from_timestamp(seconds, nanos.unsigned_abs() % 1_000_000_000).unwrap();
    serde_json::from_value(json!(time.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true))).unwrap()
}

proptest! {
    #[test]
    fn whatever_is_listed_is_described(
        versions in prop::collection::vec(any_version(), 0..20),
        aliases in prop::collection::hash_map("\\PC{0,80}", any::<i64>(), 0..5),
        labels in prop::collection::hash_map("\\PC{0,80}", "\\PC{0,80}", 0..5),
        delay in any::<Option<u32>>(),
        denied in any::<bool>(),
    ) {
        let mut about = about(json!({ "versionDestroyTtl": delay.map(|delay| format!("{delay}s")) }));
        about.version_aliases = aliases;
        about.labels = labels;
        let found = secret(if denied { Err("no") } else { Ok(&about) }, &versions);
        prop_assert!(found.versions.len() <= versions.len());
        prop_assert_eq!(found.versions.is_empty(), found.current().is_none());
        prop_assert!(found.versions.iter().filter(|version| version.current).count() <= 1);
        prop_assert!(found.remarks.iter().all(|remark| !remark.contains('\n')));
    }
}
