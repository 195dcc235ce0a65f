use secrecy::ExposeSecret as _;
use serde_json::json;

use super::*;

fn body(data: Json) -> Vec<u8> {
    json!({ "request_id": "1", "data": data, "warnings": null })
        .to_string()
        .into_bytes()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_list_of_versions_is_read_by_number() {
    let version = |deletion: &str, destroyed: bool| json!({ "created_time": "2026-10-02T03:04:05.123456789Z", "deletion_time": deletion, "destroyed": destroyed });
    let versions =
        json!({ "10": version("2026-11-01T00:00:00Z", false), "9": version("", true), "2": version("", false) });
    let data = json!({
        "versions": versions, "current_version": 10, "oldest_version": 2, "max_versions": 12, "cas_required": true,
        "delete_version_after": "3h0m0s", "custom_metadata": { "owner": "platform" }, "later": [1, { "more": null }],
    });
    let metadata = metadata(&body(data)).unwrap();
    assert_eq!(metadata.versions.keys().collect::<Vec<_>>(), [&2, &9, &10]);
    assert_eq!(metadata.current, Some(10));
    assert!(metadata.versions[&9].destroyed);
    assert_eq!(
        metadata.versions[&10].deletion,
        Deletion::At(at("2026-11-01T00:00:00Z"))
    );
    assert_eq!(
        metadata.versions[&2].created_at,
        Some(at("2026-10-02T03:04:05.123456789Z"))
    );
    let rules = Rules {
        max_versions: Some(12),
        delete_version_after: Some("3h0m0s".into()),
        cas_required: true,
    };
    assert_eq!((metadata.rules, metadata.custom), (rules, vec!["owner".to_owned()]));
}

#[test]
fn what_is_odd_costs_one_version() {
    let versions = json!({
        "1": {}, "2": null, "three": {}, "0": {}, "-4": {}, "18446744073709551616": {},
        "5": { "created_time": 7, "deletion_time": "soon", "destroyed": "yes" },
        "6": { "created_time": null, "deletion_time": null, "destroyed": null },
        "7": { "deletion_time": "0001-01-01T00:00:00Z" },
        "18446744073709551615": { "deletion_time": 3 },
    });
    let metadata = metadata(&body(
        json!({ "versions": versions, "current_version": "6", "max_versions": "ten" }),
    ))
    .unwrap();
    assert_eq!(
        metadata.versions.keys().collect::<Vec<_>>(),
        [&1, &5, &6, &7, &u64::MAX]
    );
    assert_eq!(metadata.unclear, ["-4", "0", "18446744073709551616", "2", "three"]);
    let deletion = |number: u64| metadata.versions[&number].deletion.clone();
    assert_eq!([deletion(1), deletion(6), deletion(7)], [const { Deletion::Never }; 3]);
    assert_eq!([deletion(5), deletion(u64::MAX)], [const { Deletion::Unclear }; 2]);
    assert_eq!((metadata.current, metadata.rules.max_versions), (None, None));
}

#[test]
fn ten_thousand_versions_are_read() {
    let versions: Map<String, Json> = (1..=10_000)
        .map(|number: u64| (number.to_string(), json!({ "created_time": "2026-01-01T00:00:00Z" })))
        .collect();
    let metadata = metadata(&body(json!({ "versions": versions, "current_version": 10_000 }))).unwrap();
    assert_eq!(metadata.versions.len(), 10_000);
}

#[test]
fn a_login_is_a_token_with_a_time() {
    let read =
        |auth: Json| grant(json!({ "auth": auth }).to_string().as_bytes()).map(|grant| (grant.lasts, grant.renewable));
    assert_eq!(
        read(json!({ "client_token": "s.1", "lease_duration": 60, "renewable": true })),
        Ok((Some(60), true))
    );
    assert_eq!(
        read(json!({ "client_token": "s.1", "lease_duration": -1, "renewable": 1 })),
        Ok((None, false))
    );
    assert_eq!(read(json!({ "client_token": "" })), Err(Unclear::Lacks("token")));
    assert_eq!(read(json!(null)), Err(Unclear::Lacks("login")));
    assert!(read(json!({ "client_token": 7 })).is_err());
    let grant = grant(br#"{"auth":{"client_token":"s.secret"}}"#).unwrap();
    assert_eq!(grant.token.expose_secret(), "s.secret");
    assert!(!format!("{grant:?}").contains("s.secret"));
}

#[test]
fn words_are_one_line() {
    assert_eq!(
        words(b"{\"errors\":[\"1 error occurred:\\n\\t* permission denied\\n\\n\",7,\"and more\"]}"),
        "1 error occurred: * permission denied and more"
    );
    for silent in [&b"{\"errors\":[]}"[..], b"<html>", b"\xFF", b"[]", b"{\"errors\":null}"] {
        assert_eq!(words(silent), "");
    }
}

#[test]
fn a_404_tells_what_became_of_a_version() {
    let deleted = body(json!({ "data": null, "metadata": { "deletion_time": "2026-11-01T00:00:00Z", "version": 3 } }));
    assert_eq!(
        gone(&deleted).unwrap().deletion,
        Deletion::At(at("2026-11-01T00:00:00Z"))
    );
    assert_eq!(gone(b"{\"errors\":[]}"), None);
}

#[test]
fn only_vaults_own_refusals_are_believed() {
    for own in [&b"{\"errors\":[]}"[..], b"{\"data\":{\"data\":null}}"] {
        assert!(is_vaults(own));
    }
    for other in [
        &b"<html>404"[..],
        b"",
        b"{\"error\":\"not found\"}",
        b"[]",
        b"404",
        b"{\"errors\":null}",
    ] {
        assert!(!is_vaults(other));
    }
}
