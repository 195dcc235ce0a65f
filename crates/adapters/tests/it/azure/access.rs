//! In whose name Azure is asked, and what that one may do.

use zeroize::Zeroizing;

use super::*;

fn with_secret(site: &Site, client_secret: &str) -> AzureSecretSettings {
    AzureSecretSettings {
        credential: AzureCredential::ClientSecret {
            tenant_id: TENANT.into(),
            client_id: CLIENT.into(),
            client_secret: client_secret.into(),
        },
        ..site.settings()
    }
}

#[tokio::test]
async fn absent_and_denied_are_told_apart() {
    let site = Site::empty().await;
    let secret = site.secret();
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Absent(..)), "{error:?}");
    assert!(
        error.to_string().contains("no such secret, nor a deleted one"),
        "{error}"
    );
    let version = site.vault.add(NAME, "value-of-version-1", START);
    site.vault.deny("get");
    let error = refused(&secret, &version).await;
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("Forbidden/ForbiddenByRbac"), "{error}");
    secret.describe().await.unwrap();
    site.vault.deny("list");
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("readMetadata"), "{error}");
}

#[tokio::test]
async fn a_token_is_fetched_once_and_shown_to_nobody_else() {
    let site = Site::new().await;
    let secret = site.secret();
    secret.describe().await.unwrap();
    secret.clone().read(&site.made[0]).await.unwrap();
    let requests = site.vault.requests();
    let logins: Vec<_> = requests.iter().filter(|request| request.method == "POST").collect();
    assert_eq!(logins.len(), 1, "{logins:?}");
    assert_eq!(logins[0].path, format!("/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(logins[0].authorization, None);
}

#[tokio::test]
async fn an_application_with_a_wrong_secret_is_denied() {
    let site = Site::new().await;
    let secret = AzureSecret::new(with_secret(&site, "secret-of-another-application")).unwrap();
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("AADSTS7000215"), "{error}");
    assert!(!error.to_string().contains("secret-of-another"), "{error}");
    assert!(!format!("{secret:?} {:?}", site.settings()).contains(CLIENT_SECRET));
}

#[tokio::test]
async fn a_login_service_that_isnt_there_is_unreachable() {
    let site = Site::new().await;
    let closed = format!("https://localhost:{}", testkit::peer::free_port());
    let settings = AzureSecretSettings {
        authority_url: Some(closed.parse().unwrap()),
        ..site.settings()
    };
    let error = AzureSecret::new(settings).unwrap().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Unreachable(..)), "{error:?}");
    assert!(error.to_string().contains("no credentials to ask with"), "{error}");
}

#[tokio::test]
async fn a_vault_that_wants_a_login_for_another_domain_gets_none() {
    let site = Site::new().await;
    let settings = AzureSecretSettings {
        verify_challenge_resource: true,
        ..site.settings()
    };
    let error = AzureSecret::new(settings).unwrap().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Odd(..)), "{error:?}");
    assert!(error.to_string().contains("verify_challenge_resource"), "{error}");
    let requests = site.vault.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.authorization.is_none() && request.method == "GET")
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let site = Site::new().await;
    let settings = AzureSecretSettings {
        ca: None,
        ..site.settings()
    };
    let error = AzureSecret::new(settings).unwrap().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Unreachable(..)), "{error:?}");
    assert!(site.vault.requests().is_empty());
    for content in [None, Some("no certificate")] {
        let path = site.folder.path().join("other.pem");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let settings = AzureSecretSettings {
            ca: Some(path),
            ..site.settings()
        };
        let error = AzureSecret::new(settings).unwrap().describe().await.unwrap_err();
        assert!(matches!(error, ManagerError::Unsupported(..)), "{error:?}");
        assert!(error.to_string().contains("other.pem"), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_ever_written() {
    let site = Site::new().await;
    let secret = site.secret();
    let value = Value::Whole(Zeroizing::new(b"value-of-nothing".to_vec()));
    for refused in [secret.create(&value).await, secret.append(&value, &site.made[4]).await] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ManagerError::Unsupported(..)), "{error:?}");
        assert!(error.to_string().contains("doesn’t write to it"), "{error}");
        assert_secret(&error);
    }
    assert!(site.vault.requests().is_empty());
}

#[test]
fn settings_that_can_be_none_are_refused() {
    let usual = AzureSecretSettings::new("https://acme.vault.azure.net".parse().unwrap(), NAME);
    let vault = |url: &str| AzureSecretSettings {
        vault_url: url.parse().unwrap(),
        ..usual.clone()
    };
    let bad = [
        vault("http://localhost:8443"),
        vault("https://key:in-url@acme.vault.azure.net"),
        vault("https://acme.vault.azure.net/secrets/other"),
        vault("https://acme.vault.azure.net/?in-url"),
        AzureSecretSettings {
            authority_url: Some("http://login.example.org".parse().unwrap()),
            ..usual.clone()
        },
        AzureSecretSettings {
            secret: "a/b".into(),
            ..usual.clone()
        },
        AzureSecretSettings {
            secret: String::new(),
            ..usual.clone()
        },
    ];
    for settings in bad {
        let error = AzureSecret::new(settings).unwrap_err();
        assert!(matches!(error, ManagerError::Unsupported(..)), "{error:?}");
        assert!(!error.to_string().contains("in-url"), "{error}");
    }
    let identity = |settings| AzureSecret::new(settings).unwrap().identity();
    let shouted = AzureSecretSettings {
        secret: "Master-KEY".into(),
        ..vault("https://ACME.vault.azure.net:443/")
    };
    assert_eq!(identity(usual.clone()), identity(shouted));
    assert_ne!(
        identity(usual.clone()),
        identity(vault("https://other.vault.azure.net"))
    );
}
