//! Which secret, where Google answers for it, and in whose name it is asked.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use google_cloud_auth::credentials::{Builder, Credentials, anonymous, service_account};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use url::Url;

use crate::http::is_loopback;

/// Names the file of credentials to all of Google's tools: <https://cloud.google.com/docs/authentication/application-default-credentials>.
const FILE: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// A secret, and how it is reached.
#[derive(Clone, Debug)]
pub struct GcpSecretSettings {
    /// Id or number of the project.
    pub project: String,
    pub secret: String,
    /// Of a regional secret, such as `europe-west3`. `None`: a global one.
    pub location: Option<String>,
    /// Another address than Google's own: a private endpoint, a server of a test.
    pub endpoint_url: Option<Url>,
    pub credentials: GcpCredentials,
    /// How long an answer may take, retries included.
    pub patience: Duration,
}

/// In whose name Google is asked.
#[derive(Clone, Debug, Default)]
pub enum GcpCredentials {
    /// Whatever Google's own tools find: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, a login of gcloud, the account of this machine
    /// or pod. A plain-text endpoint on this host isn't Google, so it is shown no credentials but those of that file.
    #[default]
    Found,
    /// The JSON file of a service account.
    ServiceAccount(PathBuf),
    /// Nobody's, which only an endpoint of one's own can want.
    Anonymous,
}

impl GcpSecretSettings {
    /// A global secret at Google itself, with the credentials that Google's tools find.
    #[must_use]
    pub fn new(project: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            secret: secret.into(),
            location: None,
            endpoint_url: None,
            credentials: GcpCredentials::default(),
            patience: Duration::from_secs(30),
        }
    }

    pub(super) fn path(&self) -> String {
        let Self { project, secret, .. } = self;
        match &self.location {
            Some(location) => format!("projects/{project}/locations/{location}/secrets/{secret}"),
            None => format!("projects/{project}/secrets/{secret}"),
        }
    }

    /// Regional secrets have an address for each region:
    /// <https://cloud.google.com/secret-manager/docs/reference/rest#regional-service-endpoint>.
    pub(super) fn endpoint(&self) -> String {
        match (&self.endpoint_url, &self.location) {
            (Some(endpoint), _) => endpoint.as_str().trim_end_matches('/').to_owned(),
            (None, Some(location)) => format!("https://secretmanager.{location}.rep.googleapis.com"),
            (None, None) => "https://secretmanager.googleapis.com".into(),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let parts = [
            ("project", Some(&self.project)),
            ("secret", Some(&self.secret)),
            ("location", self.location.as_ref()),
        ];
        for (what, part) in parts {
            if part.is_some_and(|part| !is_name(part)) {
                return Err(format!("the {what} is no name that Google gives; nothing was asked"));
            }
        }
        match &self.endpoint_url {
            Some(endpoint)
                if endpoint.scheme() != "https" && !(endpoint.scheme() == "http" && is_loopback(endpoint)) =>
            {
                Err(format!(
                    "the endpoint {} isn’t https://; nothing was asked",
                    host(endpoint)
                ))
            }
            None if matches!(self.credentials, GcpCredentials::Anonymous) => {
                Err("Google answers nobody without credentials; nothing was asked".into())
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn credentials(&self) -> Result<Credentials, String> {
        if CryptoProvider::get_default().is_none() {
            // Without one, Google's library panics as soon as it signs.
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let in_plain_text = self
            .endpoint_url
            .as_ref()
            .is_some_and(|endpoint| endpoint.scheme() == "http");
        match &self.credentials {
            GcpCredentials::Anonymous => Ok(anonymous::Builder::new().build()),
            GcpCredentials::Found if in_plain_text && env::var_os(FILE).is_none() => {
                Ok(anonymous::Builder::new().build())
            }
            GcpCredentials::Found => Builder::default()
                .build()
                .map_err(|error| format!("the credentials of Google’s tools can’t be used: {error}")),
            GcpCredentials::ServiceAccount(path) => {
                let unusable = |why: String| format!("the service account {}: {why}", path.display());
                let text = tokio::fs::read(path)
                    .await
                    .map_err(|error| unusable(error.to_string()))?;
                // What is wrong in it isn't quoted: it holds a private key.
                let account = serde_json::from_slice(&text).map_err(|_| unusable("it is no JSON".into()))?;
                let built = service_account::Builder::new(account).build();
                built.map_err(|_| unusable("it isn’t what Google makes for a service account".into()))
            }
        }
    }
}

/// Whether this can stand in one of Google's paths: a project `acme.com:ampora`, a secret, a version's number or alias.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('.')
}

/// Whether one of Google's own addresses, private ones included, is meant.
pub(super) fn is_google(endpoint: &Url) -> bool {
    endpoint.domain().is_some_and(|host| host.ends_with(".googleapis.com"))
}

/// Host and port, without what may stand before them.
pub(super) fn host(endpoint: &Url) -> String {
    let host = endpoint.host_str().unwrap_or("no host");
    endpoint
        .port()
        .map_or_else(|| host.into(), |port| format!("{host}:{port}"))
}
