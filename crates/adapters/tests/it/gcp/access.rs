//! In whose name Google is asked, and what that one may do.

use super::*;

#[tokio::test]
async fn absent_and_denied_are_told_apart() {
    let google = GcpSecrets::start().await;
    let secret = reached(&google);
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Absent(..)), "{error:?}");
    assert!(matches!(refused(&secret, "1").await, ManagerError::Absent(..)));
    google.put(PATH, json!({}));
    google.add(PATH, VALUE);
    google.deny("secretmanager.versions.access");
    let error = refused(&secret, "1").await;
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("secretmanager.versions.access"), "{error}");
    secret.describe().await.unwrap();
    google.deny("secretmanager.versions.list");
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
}

#[tokio::test]
async fn versions_are_described_where_the_rest_is_denied() {
    let google = google().await;
    google.deny("secretmanager.secrets.get");
    let described = reached(&google).describe().await.unwrap();
    assert_eq!(described.versions.len(), 5);
    assert_eq!(described.rotation, Rotation::Unknown);
    assert!(matches!(&described.protection, Protection::Unknown { why } if why.contains("secretmanager.secrets.get")));
    // An expiry could remove them all.
    assert_eq!(described.versions[4].keep, Keep::Unknown);
    assert!(
        described.remarks[0].contains("Google refuses"),
        "{:?}",
        described.remarks
    );
}

#[tokio::test]
async fn nobody_is_refused_where_somebody_is_wanted() {
    let google = google().await;
    google.close();
    let error = refused(&reached(&google), "5").await;
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("UNAUTHENTICATED"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let account = folder.path().join("account.json");
    std::fs::write(&account, testkit::google::service_account()).unwrap();
    let known = GcpSecretSettings {
        credentials: GcpCredentials::ServiceAccount(account),
        ..settings(&google)
    };
    let known = GcpSecret::new(known).unwrap();
    assert_eq!(text(known.read("5").await.unwrap()), "value-of-version-5");
    let last = google.requests().pop().unwrap();
    let token = last.authorization.unwrap();
    assert!(
        token.starts_with("Bearer ") && token.matches('.').count() == 2,
        "a signed token"
    );
}

#[tokio::test]
async fn an_account_that_is_none_is_said_to_be_none() {
    let google = google().await;
    let folder = tempfile::tempdir().unwrap();
    let account = folder.path().join("account.json");
    for content in [
        None,
        Some("no json, private-key"),
        Some(r#"{"private_key": "private-key"}"#),
    ] {
        if let Some(content) = content {
            std::fs::write(&account, content).unwrap();
        }
        let none = GcpSecretSettings {
            credentials: GcpCredentials::ServiceAccount(account.clone()),
            ..settings(&google)
        };
        let error = GcpSecret::new(none).unwrap().describe().await.unwrap_err();
        assert!(matches!(error, ManagerError::Unsupported(..)), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("account.json") && !said.contains("private-key"), "{said}");
    }
    assert!(google.requests().is_empty());
}

#[tokio::test]
async fn nothing_is_ever_written() {
    let google = google().await;
    let secret = reached(&google);
    let value = Value::Whole(Zeroizing::new(VALUE.to_vec()));
    for refused in [secret.create(&value).await, secret.append(&value, "5").await] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ManagerError::Unsupported(..)), "{error:?}");
        assert!(error.to_string().contains("doesn’t write to it"), "{error}");
    }
    assert!(google.requests().is_empty());
}

#[test]
fn settings_that_can_be_none_are_refused() {
    let usual = GcpSecretSettings::new("tests", "master-key");
    let bad = [
        GcpSecretSettings {
            project: "a/b".into(),
            ..usual.clone()
        },
        GcpSecretSettings {
            secret: String::new(),
            ..usual.clone()
        },
        GcpSecretSettings {
            secret: "..".into(),
            ..usual.clone()
        },
        GcpSecretSettings {
            location: Some("eu?".into()),
            ..usual.clone()
        },
        GcpSecretSettings {
            credentials: GcpCredentials::Anonymous,
            ..usual.clone()
        },
        GcpSecretSettings {
            endpoint_url: Some("http://key:in-url@vault.example.org/".parse().unwrap()),
            ..usual.clone()
        },
    ];
    for settings in bad {
        let error = GcpSecret::new(settings).unwrap_err();
        assert!(matches!(error, ManagerError::Unsupported(..)), "{error:?}");
        assert!(!error.to_string().contains("in-url"), "{error}");
    }
    let identity = |settings: GcpSecretSettings| GcpSecret::new(settings).unwrap().identity();
    let private = GcpSecretSettings {
        endpoint_url: Some("https://secretmanager-vpc.p.googleapis.com/".parse().unwrap()),
        ..usual.clone()
    };
    let elsewhere = GcpSecretSettings {
        endpoint_url: Some("https://localhost:8443".parse().unwrap()),
        ..usual.clone()
    };
    assert_eq!(identity(usual.clone()), identity(private));
    assert_ne!(identity(usual), identity(elsewhere));
}

#[tokio::test]
async fn a_server_of_this_host_is_shown_no_login_of_this_machine() {
    assert!(
        std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS").is_none(),
        "tests run without a login at Google"
    );
    let google = google().await;
    let found = GcpSecretSettings {
        credentials: GcpCredentials::Found,
        ..settings(&google)
    };
    GcpSecret::new(found).unwrap().describe().await.unwrap();
    assert!(google.requests().iter().all(|request| request.authorization.is_none()));
}
