use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn version(name: &str, attributes: Value) -> SecretProperties {
    let id = format!("https://acme.vault.azure.net/secrets/key/{name}");
    serde_json::from_value(json!({ "id": id, "attributes": attributes })).unwrap()
}

fn enabled(name: &str, created: i64) -> SecretProperties {
    version(
        name,
        json!({ "enabled": true, "created": created, "recoveryLevel": "Recoverable", "recoverableDays": 90 }),
    )
}

fn names(secret: &Secret) -> Vec<&str> {
    secret.versions.iter().map(|version| version.name.as_str()).collect()
}

#[test]
fn versions_stand_in_the_order_they_were_made_each_once() {
    let found = secret(&[enabled("a", 30), enabled("b", 10), enabled("b", 10), enabled("c", 20)]);
    assert_eq!(names(&found), ["b", "c", "a"]);
    assert_eq!(found.current().unwrap().name, "a");
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);
}

#[test]
fn the_newest_version_is_current_even_if_it_is_disabled() {
    let disabled = version("b", json!({ "enabled": false, "created": 20 }));
    let found = secret(&[enabled("a", 10), disabled]);
    let current = found.current().unwrap();
    assert_eq!((current.name.as_str(), current.life), ("b", Life::Disabled));
    assert!(
        found.remarks[0].contains("falls back to no older one"),
        "{:?}",
        found.remarks
    );
}

#[test]
fn two_versions_of_one_second_are_not_told_apart() {
    let found = secret(&[enabled("a", 10), enabled("b", 10)]);
    assert_eq!(found.current(), None);
    assert!(
        found.remarks[0].contains("made in the same second"),
        "{:?}",
        found.remarks
    );
    // The older ones may be twins.
    assert_eq!(
        secret(&[enabled("a", 10), enabled("b", 10), enabled("c", 11)])
            .current()
            .unwrap()
            .name,
        "c"
    );
}

#[test]
fn a_version_without_a_date_could_be_the_newest() {
    let found = secret(&[
        enabled("a", 10),
        version("b", json!({ "enabled": true, "created": null })),
    ]);
    assert_eq!(found.current(), None);
    assert!(
        found.remarks[0].contains("1 of them have no date"),
        "{:?}",
        found.remarks
    );
}

#[test]
fn what_cant_be_named_hides_no_other() {
    let mut nameless = enabled("x", 5);
    nameless.id = Some("https://acme.vault.azure.net/secrets/key".into());
    let mut bare = enabled("y", 6);
    bare.id = None;
    let found = secret(&[enabled("a", 10), nameless, bare]);
    assert_eq!(names(&found), ["a"]);
    assert!(found.remarks[0].starts_with("2 of its versions"), "{:?}", found.remarks);
}

#[test]
fn a_state_that_isnt_told_is_not_relied_on() {
    let found = secret(&[version("a", json!({ "created": 1 })), version("b", Value::Null)]);
    assert!(found.versions.iter().all(|version| version.life == Life::Disabled));
    assert!(
        found.remarks.iter().any(|remark| remark.starts_with("of 2 versions")),
        "{:?}",
        found.remarks
    );
}

#[test]
fn an_expiry_is_told_and_removes_nothing() {
    let dated = |name, created| {
        version(
            name,
            json!({ "enabled": true, "created": created, "nbf": 86_400, "exp": 172_800 }),
        )
    };
    let found = secret(&[
        dated("a", 1),
        dated("b", 2),
        dated("c", 3),
        dated("d", 4),
        dated("e", 5),
        enabled("f", 6),
    ]);
    assert!(
        found
            .versions
            .iter()
            .all(|version| (version.life, &version.keep) == (Life::Enabled, &Keep::Kept))
    );
    assert_eq!(found.gone_at, None);
    let period = "from 2 Jan 1970, 00:00 UTC until 3 Jan 1970, 00:00 UTC";
    let expected = format!(
        "marked as valid for a time: e {period}, d {period}, c {period} and 2 more; Azure hands these out before and after all the same"
    );
    assert_eq!(found.remarks, [expected]);
}

#[test]
fn only_purge_protection_protects() {
    let of = |level: &str, days: i32| {
        let attributes = json!({ "enabled": true, "created": 1, "recoveryLevel": level, "recoverableDays": days });
        secret(&[version("a", attributes)]).protection
    };
    for level in [
        "Recoverable",
        "Recoverable+ProtectedSubscription",
        "CustomizedRecoverable",
    ] {
        assert!(
            matches!(of(level, 30), Protection::Protected { how } if how.contains("30 days")),
            "{level}"
        );
    }
    for level in ["Recoverable+Purgeable", "CustomizedRecoverable+Purgeable"] {
        assert!(
            matches!(of(level, 7), Protection::Unprotected { why } if why.contains("7 days")),
            "{level}"
        );
    }
    assert!(matches!(of("Purgeable", 0), Protection::Unprotected { .. }));
    assert!(matches!(of("Indestructible", 0), Protection::Unknown { why } if why.contains("Indestructible")));
    assert!(matches!(
        secret(&[version("a", json!({}))]).protection,
        Protection::Unknown { .. }
    ));
}

#[test]
fn ten_thousand_versions_are_described() {
    let listed: Vec<_> = (0..10_000)
        .map(|number| enabled(&format!("{number:032x}"), 20_000 - number))
        .collect();
    let found = secret(&listed);
    assert_eq!(found.versions.len(), 10_000);
    assert_eq!(found.current().unwrap().name, "0".repeat(32));
}

fn any_attributes() -> impl Strategy<Value = Value> {
    let time = || prop::option::of(-377_705_116_800_i64..253_402_300_800);
    let level = prop_oneof!["(Customized)?(Recoverable)?\\+?(Purgeable)?", "\\PC{0,20}"];
    (
        any::<Option<bool>>(),
        time(),
        time(),
        time(),
        level,
        any::<Option<i32>>(),
    )
        .prop_map(|(enabled, created, from, until, level, days)| {
            json!({
                "enabled": enabled, "created": created, "nbf": from, "exp": until, "recoveryLevel": level,
                "recoverableDays": days, "field": "that nobody knows"
            })
        })
}

proptest! {
    #[test]
    fn whatever_is_listed_is_described(
        listed in prop::collection::vec(("\\PC{0,40}", any_attributes(), prop::collection::hash_map("\\PC{0,9}", "\\PC{0,9}", 0..3)), 0..20),
    ) {
        let listed: Vec<_> = listed.into_iter().map(|(name, attributes, tags)| {
            let mut version = version(&name, attributes);
            version.tags = Some(tags);
            version
        }).collect();
        let found = secret(&listed);
        prop_assert!(found.versions.len() <= listed.len());
        prop_assert!(found.versions.iter().filter(|version| version.current).count() <= 1);
        let newest = found.versions.last().is_none_or(|version| version.current || found.current().is_none());
        prop_assert!(newest);
        prop_assert!(found.remarks.iter().all(|remark| !remark.contains('\n')));
    }
}
