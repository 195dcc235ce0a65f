use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn metadata(metadata: &Value) -> ObjectMeta {
    serde_json::from_value(metadata.clone()).unwrap()
}

fn at(time: &str) -> Option<Timestamp> {
    time.parse().ok()
}

fn written(manager: &str, time: Option<&str>, fields: &Value) -> Value {
    json!({ "manager": manager, "operation": "Update", "time": time, "fieldsType": "FieldsV1", "fieldsV1": fields })
}

const MADE: &str = "2026-01-01T00:00:00Z";

#[test]
fn the_only_version_is_as_old_as_the_latest_change_to_the_data() {
    let data = json!({ "f:data": { ".": {}, "f:KeyProtection__MasterKey": {} } });
    let labels = json!({ "f:metadata": { "f:labels": {} } });
    let told = description(&metadata(&json!({
        "resourceVersion": "4711",
        "creationTimestamp": MADE,
        "managedFields": [
            written("kubectl", Some("2026-02-01T00:00:00Z"), &data),
            written("operator", Some("2026-03-01T00:00:00Z"), &data),
            written("argocd", Some("2026-04-01T00:00:00Z"), &labels),
        ],
    })));
    let told = told.unwrap();
    assert_eq!(
        (told.versions.len(), told.current().unwrap().name.as_str()),
        (1, "4711")
    );
    assert_eq!(told.versions[0].created_at, at("2026-03-01T00:00:00Z"));
    assert!(matches!(told.versions[0].keep, Keep::Writes { left: 1, .. }));
    assert!(matches!(told.protection, Protection::Unprotected { .. }));
    assert_eq!((told.rotation, told.remarks.len()), (Rotation::Unsupported, 0));
}

#[test]
fn a_change_of_unknown_time_makes_the_age_unknown() {
    let data = json!({ "f:data": {} });
    for entries in [
        json!(null),
        json!([
            written("kubectl", Some("2026-02-01T00:00:00Z"), &data),
            written("operator", None, &data)
        ]),
    ] {
        let metadata =
            metadata(&json!({ "resourceVersion": "1", "creationTimestamp": MADE, "managedFields": entries }));
        assert_eq!(changed_at(&metadata), None);
        let told = description(&metadata).unwrap();
        assert_eq!(told.versions[0].created_at, at(MADE));
        assert!(told.remarks[0].contains("when it was made"), "{:?}", told.remarks);
    }
}

#[test]
fn what_is_being_deleted_and_who_keeps_it_is_told() {
    let told = description(&metadata(&json!({
        "resourceVersion": "1",
        "deletionTimestamp": "2026-05-01T00:00:00Z",
        "ownerReferences": [{ "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "ampora", "uid": "1", "controller": true }],
        "managedFields": [written("kubectl", Some(MADE), &json!({ "f:data": {}, "f:immutable": {} }))],
    })));
    let told = told.unwrap();
    assert_eq!(told.gone_at, at("2026-05-01T00:00:00Z"));
    assert!(matches!(told.versions[0].keep, Keep::Until { .. }));
    assert!(matches!(&told.protection, Protection::Unknown { why } if why.contains("`immutable`")));
    assert_eq!(
        told.remarks,
        ["ExternalSecret ampora keeps it, and may write over what others write"]
    );
}

#[test]
fn without_a_version_there_is_nothing_to_tell() {
    for version in [json!(null), json!("")] {
        assert_eq!(description(&metadata(&json!({ "resourceVersion": version }))), None);
    }
}

proptest! {
    #[test]
    fn no_metadata_makes_it_panic(word in "\\PC{0,30}", number: i64, keys in prop::collection::vec("[a-z:.]{0,9}", 0..5)) {
        let fields: Value = keys.iter().map(|key| (format!("f:{key}"), json!(number))).collect();
        let made = json!({
            "resourceVersion": word,
            "managedFields": [{ "manager": word, "fieldsV1": fields }, { "fieldsV1": number }, {}],
            "ownerReferences": [{ "kind": word, "name": word, "apiVersion": "", "uid": "", "controller": true }],
        });
        let _ = description(&metadata(&made));
    }
}
