//! What cert-manager knows of a certificate (<https://cert-manager.io/docs/reference/api-docs/>): by whom it is issued, until when, and
//! whether that issuer could be set up again. Secrets aren't read: they hold private keys.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta};
use domain::status::Status;
use domain::time::Timestamp;
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::issuer::{IssuerReading, SavedIssuer, ready};
use super::{Cluster, KubernetesError};
use crate::tls::{CertFacts, plain, together};

const GROUP: &str = "cert-manager.io";
/// An endpoint may take some time to pick up a renewed certificate, which authorities date back by an hour.
const PICKED_UP_WITHIN: TimeDelta = TimeDelta::hours(3);

/// Which certificate, and where its issuer's configuration is saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertManagerSettings {
    /// Name of the Certificate.
    pub certificate: String,
    pub namespace: String,
    /// A manifest, or a folder of them.
    pub saved_issuer: Option<PathBuf>,
}

/// What cert-manager says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertManagerReading {
    /// `namespace/name`
    pub certificate: String,
    /// Secret that it keeps the certificate in.
    pub secret: Option<String>,
    pub names: Vec<String>,
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
    pub renewal_time: Option<Timestamp>,
    pub ready: Option<bool>,
    pub issuer: Option<IssuerReading>,
    pub status: Status,
    /// The worst first.
    pub detail: String,
}

/// Who issues it.
struct IssuerRef {
    kind: String,
    name: String,
    group: String,
}

impl CertManagerReading {
    /// Asks for the Certificate and its issuer. What can't be read is unknown, with the reason.
    pub async fn read(cluster: Option<&Cluster>, settings: &CertManagerSettings) -> Self {
        let mut reading = Self::unread(settings);
        let Some(cluster) = cluster else {
            return reading.told(vec![(Status::Unknown, "cert-manager: no cluster is configured".into())]);
        };
        let what = format!("Certificate {}", reading.certificate);
        let live = cluster.object("Certificate", Some(&settings.namespace), &settings.certificate, &what);
        let live = match live.await {
            Ok(live) => live,
            Err(error) => return reading.told(vec![finding(&error)]),
        };
        reading.take(&live);
        let mut findings = vec![readiness(&what, &live)];
        match issuer_ref(&live) {
            Some(issuer) => findings.extend(reading.take_issuer(cluster, settings, &issuer).await),
            None => findings.push((Status::Unknown, format!("{what} doesn’t say by whom it is issued"))),
        }
        reading.told(findings)
    }

    fn unread(settings: &CertManagerSettings) -> Self {
        Self {
            certificate: format!("{}/{}", settings.namespace, settings.certificate),
            secret: None,
            names: Vec::new(),
            not_before: None,
            not_after: None,
            renewal_time: None,
            ready: None,
            issuer: None,
            status: Status::Unknown,
            detail: String::new(),
        }
    }

    fn told(mut self, findings: Vec<(Status, String)>) -> Self {
        (self.status, self.detail) = together(findings);
        self
    }

    fn take(&mut self, live: &Value) {
        let text = |pointer: &str| live.pointer(pointer).and_then(Value::as_str);
        let time = |pointer: &str| {
            DateTime::parse_from_rfc3339(text(pointer)?)
                .ok()
                .map(|time| time.to_utc())
        };
        let names = live.pointer("/spec/dnsNames").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        self.secret = text("/spec/secretName").map(plain);
        self.names = names.map(plain).collect();
        self.not_before = time("/status/notBefore");
        self.not_after = time("/status/notAfter");
        self.renewal_time = time("/status/renewalTime");
        self.ready = ready(live).map(|(ready, _)| ready);
    }

    async fn take_issuer(
        &mut self,
        cluster: &Cluster,
        settings: &CertManagerSettings,
        issuer: &IssuerRef,
    ) -> Vec<(Status, String)> {
        let IssuerRef { kind, name, group } = issuer;
        let what = format!("{kind} {name}");
        if group != GROUP || !["Issuer", "ClusterIssuer"].contains(&kind.as_str()) {
            let said = format!("it is issued by {what} of {group}, which Muster doesn’t read");
            return vec![(Status::Unknown, said)];
        }
        let namespace = (kind == "Issuer").then_some(settings.namespace.as_str());
        let live = match cluster.object(kind, namespace, name, &what).await {
            Ok(live) => live,
            Err(error) => return vec![finding(&error)],
        };
        let mut reading = IssuerReading::of(kind, name, namespace, &live);
        let readiness = readiness(&what, &live);
        if let Some(path) = settings.saved_issuer.clone() {
            let (known, live) = (reading.clone(), live);
            let compared = tokio::task::spawn_blocking(move || known.compare(&live, &path)).await;
            reading.saved = compared.unwrap_or_else(|error| SavedIssuer::Unread {
                reason: format!("the manifests could not be compared: {error}"),
            });
        }
        let saved = reading.finding();
        self.issuer = Some(reading);
        vec![readiness, saved]
    }

    /// Whether the served certificate is the one that cert-manager keeps. `None` if the Certificate wasn't read.
    pub(crate) fn against(&self, served: &CertFacts, now: Timestamp) -> Option<(Status, String)> {
        self.secret.as_ref()?;
        let kept = format!("cert-manager’s {}", self.certificate);
        let Some(ends) = self.not_after else {
            return Some((Status::Unknown, format!("{kept} doesn’t say until when it is valid")));
        };
        let covers = |name: &String| served.names.iter().any(|served| served.eq_ignore_ascii_case(name));
        if ends == served.not_after && self.names.iter().all(covers) {
            return Some((Status::Ok, format!("it is {kept}")));
        }
        let is_new = self.not_before.is_some_and(|from| now - from < PICKED_UP_WITHIN);
        Some(if is_new {
            (
                Status::Unknown,
                format!("{kept} was just renewed, and the endpoint doesn’t serve it yet"),
            )
        } else {
            let ends = ends.format("%Y-%m-%d %H:%M UTC");
            let said = format!(
                "the endpoint doesn’t serve {kept}, which is valid until {ends}: it serves another certificate"
            );
            (Status::Broken, said)
        })
    }
}

impl Cluster {
    async fn object(
        &self,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        what: &str,
    ) -> Result<Value, KubernetesError> {
        let plural = format!("{}s", kind.to_lowercase());
        let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(GROUP, "v1", kind), &plural);
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        Ok(self.ask(what, api.get(name)).await?.data)
    }
}

/// What isn't there can't issue; what couldn't be asked may well do.
fn finding(error: &KubernetesError) -> (Status, String) {
    let status = match error {
        KubernetesError::Missing(_) => Status::Broken,
        _ => Status::Unknown,
    };
    (status, format!("cert-manager: {error}"))
}

fn readiness(what: &str, live: &Value) -> (Status, String) {
    match ready(live) {
        Some((true, _)) => (Status::Ok, format!("{what} is ready")),
        Some((false, said)) => (Status::Broken, format!("{what} isn’t ready: {said}")),
        None => (Status::Unknown, format!("{what} doesn’t say whether it is ready")),
    }
}

fn issuer_ref(live: &Value) -> Option<IssuerRef> {
    let issuer = live.pointer("/spec/issuerRef")?;
    let text = |key: &str| issuer[key].as_str().filter(|text| !text.is_empty()).map(plain);
    Some(IssuerRef {
        kind: text("kind").unwrap_or_else(|| "Issuer".into()),
        name: text("name")?,
        group: text("group").unwrap_or_else(|| GROUP.into()),
    })
}
