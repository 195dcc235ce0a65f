//! The issuer of a certificate, as it runs and as it is saved. With cert-manager and ACME the certificate can be made again, so what must be
//! saved is the issuer's configuration.

use std::path::Path;

use domain::status::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manifests::{Manifests, difference};
use crate::tls::plain;

/// Kinds that hold, or bring back, a Secret: as it is, sealed, or from a secret manager.
const SECRETS: [&str; 3] = ["Secret", "SealedSecret", "ExternalSecret"];

/// An Issuer or ClusterIssuer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IssuerReading {
    pub kind: String,
    pub name: String,
    /// `None` for a ClusterIssuer.
    pub namespace: Option<String>,
    pub ready: Option<bool>,
    /// Secret with the key of its ACME account. A new account can be made where it is lost.
    pub account_secret: Option<String>,
    /// Secret with the key of its own authority. Where it is lost, so are all clients' trust.
    pub authority_secret: Option<String>,
    pub saved: SavedIssuer,
}

/// The saved configuration against the live one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum SavedIssuer {
    Same,
    /// The first field that differs.
    Differs {
        at: String,
    },
    Missing,
    /// It is the same, and the key of its authority isn't among what is saved.
    WithoutKey,
    NotConfigured,
    Unread {
        reason: String,
    },
}

impl IssuerReading {
    /// Reads the live object's specification. Names of Secrets only, never their contents.
    pub(super) fn of(kind: &str, name: &str, namespace: Option<&str>, live: &Value) -> Self {
        let text = |pointer: &str| live.pointer(pointer).and_then(Value::as_str).map(plain);
        Self {
            kind: kind.into(),
            name: name.into(),
            namespace: namespace.map(str::to_owned),
            ready: ready(live).map(|(ready, _)| ready),
            account_secret: text("/spec/acme/privateKeySecretRef/name"),
            authority_secret: text("/spec/ca/secretName"),
            saved: SavedIssuer::NotConfigured,
        }
    }

    /// Compares the live object with the manifests at `path`. Blocks.
    pub(super) fn compare(&self, live: &Value, path: &Path) -> SavedIssuer {
        match Manifests::read(path) {
            Ok(manifests) => self.compare_with(live, &manifests),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => SavedIssuer::Missing,
            Err(error) => SavedIssuer::Unread {
                reason: format!("{} can’t be read: {error}", path.display()),
            },
        }
    }

    fn compare_with(&self, live: &Value, manifests: &Manifests) -> SavedIssuer {
        let saved: Vec<&Value> = manifests
            .named(&self.kind, &self.name)
            .filter(|saved| self.is(saved))
            .collect();
        let differences = saved
            .iter()
            .map(|saved| difference(&saved["spec"], &live["spec"], "spec"));
        let mut first = None;
        for difference in differences {
            match difference {
                None => return self.with_key(manifests),
                Some(at) => first = first.or(Some(at)),
            }
        }
        match (first, manifests.unread.first()) {
            (Some(at), _) => SavedIssuer::Differs { at },
            (None, Some(reason)) => SavedIssuer::Unread { reason: reason.clone() },
            (None, None) => SavedIssuer::Missing,
        }
    }

    /// Manifests often leave the namespace to whoever applies them.
    fn is(&self, saved: &Value) -> bool {
        let group = saved["apiVersion"].as_str().unwrap_or_default();
        let namespace = saved["metadata"]["namespace"].as_str();
        let same_place = match (&self.namespace, namespace) {
            (Some(live), Some(saved)) => live == saved,
            _ => true,
        };
        group.starts_with("cert-manager.io/") && same_place
    }

    fn with_key(&self, manifests: &Manifests) -> SavedIssuer {
        let Some(secret) = &self.authority_secret else {
            return SavedIssuer::Same;
        };
        let is_saved = SECRETS
            .iter()
            .any(|kind| manifests.named(kind, secret).next().is_some());
        if is_saved {
            SavedIssuer::Same
        } else {
            SavedIssuer::WithoutKey
        }
    }

    /// Fact and meaning.
    pub(super) fn finding(&self) -> (Status, String) {
        let issuer = format!("{} {}", self.kind, self.name);
        match &self.saved {
            SavedIssuer::Same => (Status::Ok, format!("{issuer} is saved as it is")),
            SavedIssuer::Differs { at } => {
                let said = format!("{issuer} isn’t what is saved: they differ at {at}; save it again");
                (Status::Broken, said)
            }
            SavedIssuer::Missing => {
                let said = format!("{issuer} isn’t saved: after a loss the certificate can’t be issued again from it");
                (Status::Broken, said)
            }
            SavedIssuer::WithoutKey => {
                let secret = self.authority_secret.as_deref().unwrap_or_default();
                let said = format!(
                    "{issuer} is saved as it is, but the key of its authority (Secret {secret}) isn’t beside it"
                );
                (Status::Unknown, said)
            }
            SavedIssuer::NotConfigured => {
                let said = format!("whether {issuer} is saved isn’t known: saved_issuer isn’t configured");
                (Status::Unknown, said)
            }
            SavedIssuer::Unread { reason } => {
                let said = format!("whether {issuer} is saved isn’t known: {reason}");
                (Status::Unknown, said)
            }
        }
    }
}

/// The condition `Ready` and what is said to it.
pub(super) fn ready(object: &Value) -> Option<(bool, String)> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    let said = plain(ready["message"].as_str().unwrap_or_default());
    match ready["status"].as_str()? {
        "True" => Some((true, said)),
        "False" => Some((false, said)),
        _ => None,
    }
}
