//! Azure Key Vault, as the test kit's server stands for it. Microsoft's own Python client looks at the same server first.

mod access;
mod hostile;

use std::path::{Path, PathBuf};
use std::time::Duration;

use adapters::azure::{AzureCredential, AzureSecret, AzureSecretSettings};
use adapters::manager::{ManagerError, SecretManager as _, Value};
use chrono::DateTime;
use domain::custody::{Keep, Life, Protection, Rotation};
use serde_json::json;
use tempfile::TempDir;
use testkit::azure_vault::{AzureVault, CLIENT, CLIENT_SECRET, TENANT, TOKEN};
use testkit::cloud_clients::judge;

const NAME: &str = "master-key";
/// 1 January 2026.
const START: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

/// A vault, the file of the authority that vouches for it, and names of versions by age.
struct Site {
    vault: AzureVault,
    folder: TempDir,
    made: Vec<String>,
}

impl Site {
    async fn empty() -> Self {
        let vault = AzureVault::start().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), vault.authority()).unwrap();
        let made = Vec::new();
        Self { vault, folder, made }
    }

    /// Five versions, of which the second is disabled and the third is only to be used for a time. No page holds more than two.
    async fn new() -> Self {
        let mut site = Self::empty().await;
        for day in 0..5 {
            let version = site
                .vault
                .add(NAME, &format!("value-of-version-{}", day + 1), START + day * DAY);
            site.made.push(version);
        }
        site.vault.change(NAME, &site.made[1], &json!({ "enabled": false }));
        let dates = json!({ "nbf": 1_767_000_000, "exp": 1_768_000_000 });
        site.vault.change(NAME, &site.made[2], &dates);
        site.vault.tag(NAME, &site.made[3], json!({ "ampora": "4.2" }));
        site.vault.limit_pages(2);
        site
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    fn settings(&self) -> AzureSecretSettings {
        AzureSecretSettings {
            verify_challenge_resource: false,
            credential: AzureCredential::ClientSecret {
                tenant_id: TENANT.into(),
                client_id: CLIENT.into(),
                client_secret: CLIENT_SECRET.into(),
            },
            authority_url: Some(self.vault.url()),
            ca: Some(self.authority()),
            ..AzureSecretSettings::new(self.vault.url(), NAME)
        }
    }

    fn secret(&self) -> AzureSecret {
        AzureSecret::new(self.settings()).unwrap()
    }

    async fn judge(&self, part: &str, token: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/azure/judge.py");
        let (url, authority) = (self.vault.url(), self.authority());
        judge(&script, &[part, url.as_str(), authority.to_str().unwrap(), token]).await;
    }
}

fn text(value: Value) -> String {
    match value {
        Value::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Value::Fields(_) => panic!("Azure keeps one value"),
    }
}

/// No error shows a value, a token or a password.
fn assert_secret(error: &ManagerError) {
    let shown = format!("{error} {error:?}");
    for hidden in ["value-of", "dmFsdWUtb2Y", TOKEN, CLIENT_SECRET] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

async fn refused(secret: &AzureSecret, version: &str) -> ManagerError {
    let error = secret.read(version).await.unwrap_err();
    assert_secret(&error);
    error
}

#[tokio::test]
async fn microsofts_own_client_is_content_with_our_server() {
    let site = Site::new().await;
    site.judge("asked", TOKEN).await;
    site.judge("stranger", "token-of-somebody").await;
    site.vault.delete(NAME, 1_770_000_000, 1_777_776_000);
    site.judge("deleted", TOKEN).await;
    site.vault.deny("get");
    site.vault.deny("list");
    site.judge("denied", TOKEN).await;
}

#[tokio::test]
async fn every_version_is_described_over_several_pages() {
    let site = Site::new().await;
    let described = site.secret().describe().await.unwrap();
    let names: Vec<_> = described.versions.iter().map(|version| version.name.clone()).collect();
    assert_eq!(names, site.made);
    let lives: Vec<_> = described.versions.iter().map(|version| version.life).collect();
    use Life::{Disabled, Enabled};
    assert_eq!(lives, [Enabled, Disabled, Enabled, Enabled, Enabled]);
    assert_eq!(described.current().unwrap().name, site.made[4]);
    assert_eq!(
        described.versions[1].created_at,
        DateTime::from_timestamp(START + DAY, 0)
    );
    assert_eq!(described.versions[3].labels, ["ampora=4.2"]);
    // A date of its own is no rule that removes it.
    assert!(described.versions.iter().all(|version| version.keep == Keep::Kept));
    assert!(
        described.remarks[0].contains("until 9 Jan 2026"),
        "{:?}",
        described.remarks
    );
    assert_eq!(described.rotation, Rotation::Unsupported);
    assert!(matches!(&described.protection, Protection::Protected { how } if how.contains("90 days")));
    let requests = site.vault.requests();
    let pages = requests
        .iter()
        .filter(|request| request.path.ends_with("/versions") && request.authorization.is_some());
    assert_eq!(pages.count(), 3);
    // Describing reads no value.
    assert!(!requests.iter().any(|request| request.path.contains(&site.made[4])));
}

#[tokio::test]
async fn a_version_is_read_if_azure_hands_it_out() {
    let site = Site::new().await;
    let secret = site.secret();
    for number in [1, 3, 4, 5] {
        let value = secret.read(&site.made[number - 1]).await.unwrap();
        assert_eq!(text(value), format!("value-of-version-{number}"));
    }
    let error = refused(&secret, &site.made[1]).await;
    assert!(matches!(error, ManagerError::Absent(..)), "{error:?}");
    assert!(
        error.to_string().contains("not allowed on a disabled secret"),
        "{error}"
    );
    for nothing in ["0".repeat(32).as_str(), "", "versions/..", "..", "a?b", "ä"] {
        let error = refused(&secret, nothing).await;
        assert!(matches!(error, ManagerError::Absent(..)), "{nothing}: {error:?}");
    }
}

#[tokio::test]
async fn the_newest_version_is_current_even_if_it_is_disabled() {
    let site = Site::new().await;
    site.vault.change(NAME, &site.made[4], &json!({ "enabled": false }));
    let described = site.secret().describe().await.unwrap();
    let current = described.current().unwrap();
    assert_eq!((&current.name, current.life), (&site.made[4], Life::Disabled));
}

#[tokio::test]
async fn a_deleted_secret_is_absent_and_said_to_be_recoverable() {
    let site = Site::new().await;
    let secret = site.secret();
    site.vault.delete(NAME, 1_770_000_000, 1_777_776_000);
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Absent(..)), "{error:?}");
    let expected = "it was deleted on 2 Feb 2026, 02:40 UTC and can be recovered until 3 May 2026, 02:40 UTC";
    assert!(error.to_string().contains(expected), "{error}");
    assert!(matches!(
        refused(&secret, &site.made[0]).await,
        ManagerError::Absent(..)
    ));
    site.vault.deny("get");
    let error = secret.describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Absent(..)), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("whether it was deleted and can be had back isn’t known"),
        "{error}"
    );
}

/// As a secret is reached that answers late or never.
fn impatient(site: &Site, vault: &str) -> AzureSecret {
    AzureSecret::new(AzureSecretSettings {
        vault_url: vault.parse().unwrap(),
        patience: Duration::from_secs(2),
        ..site.settings()
    })
    .unwrap()
}
