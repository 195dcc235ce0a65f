//! Google Secret Manager, as the test kit's server stands for it. Google's own Python client looks at the same server first.

mod access;
mod hostile;

use std::path::Path;
use std::time::Duration;

use adapters::gcp::{GcpCredentials, GcpSecret, GcpSecretSettings};
use adapters::manager::{ManagerError, SecretManager as _, Value};
use chrono::{DateTime, Utc};
use domain::custody::{Keep, Life, Protection, Rotation, Secret};
use serde_json::json;
use testkit::cloud_clients::judge;
use testkit::gcp_secrets::GcpSecrets;
use zeroize::Zeroizing;

const PATH: &str = "projects/tests/secrets/master-key";
/// As no key looks, to be looked for where no key may be.
const VALUE: &[u8] = b"value-of-version-";

/// Five versions: destroyed, disabled, to be destroyed, and two that are enabled. No page holds more than two.
async fn google() -> GcpSecrets {
    let google = GcpSecrets::start().await;
    google.put(
        PATH,
        json!({
            "replication": { "userManaged": { "replicas": [
                { "location": "europe-west3" },
                { "location": "europe-west6", "customerManagedEncryption": { "kmsKeyName": "projects/tests/keys/kek" } },
            ] } },
            "labels": { "team": "platform" },
            "rotation": { "nextRotationTime": "2027-01-01T00:00:00Z", "rotationPeriod": "2592000s" },
            "expireTime": "2028-02-29T12:00:00Z",
            "versionDestroyTtl": "604800s",
            "versionAliases": { "ampora": "4", "lost": "9" },
        }),
    );
    for version in 1..=5 {
        assert_eq!(
            google.add(PATH, &[VALUE, version.to_string().as_bytes()].concat()),
            version
        );
    }
    google.change(
        PATH,
        1,
        &json!({ "state": "DESTROYED", "destroyTime": "2026-06-01T00:00:00Z" }),
    );
    google.change(PATH, 2, &json!({ "state": "DISABLED" }));
    let doomed = json!({ "state": "DISABLED", "scheduledDestroyTime": "2026-12-24T18:00:00.5Z" });
    google.change(PATH, 3, &doomed);
    google.limit_pages(2);
    google
}

fn settings(google: &GcpSecrets) -> GcpSecretSettings {
    GcpSecretSettings {
        endpoint_url: Some(google.endpoint()),
        credentials: GcpCredentials::Anonymous,
        ..GcpSecretSettings::new("tests", "master-key")
    }
}

fn reached(google: &GcpSecrets) -> GcpSecret {
    GcpSecret::new(settings(google)).unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn text(value: Value) -> String {
    match value {
        Value::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Value::Fields(_) => panic!("Google keeps one value"),
    }
}

/// No error shows a value, in whatever form.
fn assert_secret(error: &ManagerError) {
    let shown = format!("{error} {error:?}");
    for form in ["value-of", "dmFsdWUtb2Y", "76616c75652d6f66"] {
        assert!(!shown.contains(form), "{shown}");
    }
}

async fn refused(secret: &GcpSecret, version: &str) -> ManagerError {
    let error = secret.read(version).await.unwrap_err();
    assert_secret(&error);
    error
}

#[tokio::test]
async fn googles_own_client_is_content_with_our_server() {
    let google = google().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/gcp/judge.py");
    judge(&script, &["asked", google.endpoint().as_str()]).await;
    for permission in ["secrets.get", "versions.list", "versions.access"] {
        google.deny(&format!("secretmanager.{permission}"));
    }
    judge(&script, &["denied", google.endpoint().as_str()]).await;
    google.close();
    judge(&script, &["closed", google.endpoint().as_str()]).await;
}

#[tokio::test]
async fn every_version_is_described_over_several_pages() {
    let google = google().await;
    let described = reached(&google).describe().await.unwrap();
    let versions: Vec<_> = described
        .versions
        .iter()
        .map(|version| (version.name.as_str(), version.life))
        .collect();
    let expected = [
        ("1", Life::Destroyed),
        ("2", Life::Disabled),
        ("3", Life::Disabled),
        ("4", Life::Enabled),
        ("5", Life::Enabled),
    ];
    assert_eq!(versions, expected);
    assert_eq!(described.current().unwrap().name, "5");
    assert_eq!(described.versions[3].labels, ["ampora"]);
    assert_eq!(
        described.versions[4].created_at,
        Some(time("2026-01-05T00:00:00.123456Z"))
    );
    let kept: Vec<_> = described
        .versions
        .iter()
        .map(|version| version.keep == Keep::Kept)
        .collect();
    assert_eq!(kept, [true, true, false, true, true]);
    assert!(matches!(&described.versions[2].keep, Keep::Until { at, .. } if *at == time("2026-12-24T18:00:00.5Z")));
    let pages = google
        .requests()
        .iter()
        .filter(|request| request.path.ends_with("/versions"))
        .count();
    assert_eq!(pages, 3);
    // Describing reads no value.
    assert!(!google.requests().iter().any(|request| request.path.contains(":access")));
}

#[tokio::test]
async fn the_rules_of_the_secret_are_described() {
    let google = google().await;
    let described = reached(&google).describe().await.unwrap();
    let every = Some("30 d".to_owned());
    let next = Some(time("2027-01-01T00:00:00Z"));
    assert_eq!(
        described.rotation,
        Rotation::On {
            every,
            last: None,
            next
        }
    );
    assert_eq!(described.gone_at, Some(time("2028-02-29T12:00:00Z")));
    assert!(matches!(&described.protection, Protection::Protected { how } if how.contains("7 d")));
    let places: Vec<_> = described
        .copies
        .iter()
        .map(|copy| (copy.place.as_str(), copy.in_step))
        .collect();
    assert_eq!(places, [("europe-west3", None), ("europe-west6", None)]);
    for expected in [
        "alias lost names version 9, which isn’t there",
        "labelled team=platform",
        "encrypted with projects/tests/keys/kek",
        "Google only sends a message",
    ] {
        assert!(
            described.remarks.iter().any(|remark| remark.contains(expected)),
            "{expected}: {:?}",
            described.remarks
        );
    }
}

#[tokio::test]
async fn a_regional_secret_is_asked_for_by_its_region() {
    let google = GcpSecrets::start().await;
    let path = "projects/tests/locations/europe-west3/secrets/master-key";
    google.put(path, json!({}));
    google.add(path, b"value-of-a-region");
    let settings = GcpSecretSettings {
        location: Some("europe-west3".into()),
        ..settings(&google)
    };
    let secret = GcpSecret::new(settings).unwrap();
    assert_eq!(text(secret.read("1").await.unwrap()), "value-of-a-region");
    let described = secret.describe().await.unwrap();
    assert_eq!(
        described,
        Secret {
            rotation: Rotation::Off,
            protection: Protection::Unprotected {
                why: "destroying a version takes effect at once: no delay (version_destroy_ttl) is set".into()
            },
            versions: described.versions.clone(),
            ..Secret::default()
        }
    );
}

#[tokio::test]
async fn a_version_is_read_if_google_hands_it_out() {
    let google = google().await;
    let secret = reached(&google);
    assert_eq!(text(secret.read("4").await.unwrap()), "value-of-version-4");
    assert_eq!(text(secret.read("ampora").await.unwrap()), "value-of-version-4");
    assert_eq!(text(secret.read("latest").await.unwrap()), "value-of-version-5");
    for (version, state) in [("1", "DESTROYED"), ("2", "DISABLED"), ("3", "DISABLED")] {
        let error = refused(&secret, version).await;
        assert!(matches!(error, ManagerError::Absent(..)), "{error:?}");
        assert!(error.to_string().contains(&format!("is in {state} state")), "{error}");
    }
    for nothing in ["6", "0", "none", "", "../5", "5:access", "5?x", "5/../4", "ä"] {
        let error = refused(&secret, nothing).await;
        assert!(matches!(error, ManagerError::Absent(..)), "{nothing}: {error:?}");
    }
}

#[tokio::test]
async fn the_newest_version_is_current_even_if_nobody_can_have_it() {
    let google = google().await;
    google.change(PATH, 5, &json!({ "state": "DISABLED" }));
    let described = reached(&google).describe().await.unwrap();
    let current = described.current().unwrap();
    assert_eq!((current.name.as_str(), current.life), ("5", Life::Disabled));
    let warned = described
        .remarks
        .iter()
        .any(|remark| remark.contains("it is 5, which isn’t enabled"));
    assert!(warned, "{:?}", described.remarks);
}

#[tokio::test]
async fn a_value_that_doesnt_fit_its_checksum_is_refused() {
    let google = google().await;
    google.damage(PATH, 4);
    let secret = reached(&google);
    let error = refused(&secret, "4").await;
    assert!(matches!(error, ManagerError::Odd(..)), "{error:?}");
    assert!(error.to_string().contains("checksum"), "{error}");
    assert_eq!(text(secret.read("5").await.unwrap()), "value-of-version-5");
}

/// As a secret is reached that answers late or never.
fn impatient(endpoint: &str) -> GcpSecret {
    GcpSecret::new(GcpSecretSettings {
        endpoint_url: Some(endpoint.parse().unwrap()),
        credentials: GcpCredentials::Anonymous,
        patience: Duration::from_secs(2),
        ..GcpSecretSettings::new("tests", "master-key")
    })
    .unwrap()
}
