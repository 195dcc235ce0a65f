//! Questions to one registry about one repository.
//! Format: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>

mod blobs;
mod manifests;

use reqwest::header::{ACCEPT, CONTENT_ENCODING, RANGE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use url::Url;

use super::RegistryError;
use super::auth::Login;
use super::failure::Failure;
use super::manifest;
use super::reference::is_path;
use super::settings::ImageSettings;
use super::wire::Wire;
use crate::http::{self, is_loopback};

pub(super) use blobs::Presence;
pub(super) use manifests::Answer;

/// Longest manifest, in bytes: what registries themselves accept. Configs of images are far below, too.
const LARGEST_DOCUMENT: usize = 4 * 1024 * 1024;
/// A first answer, one more with a token, and another if that token has expired.
const MOST_ATTEMPTS: usize = 3;

/// One repository, and the login to it.
#[derive(Debug)]
pub(super) struct Session {
    wire: Wire,
    registry: Url,
    repository: String,
    login: Login,
}

/// A request without its address.
#[derive(Clone, Copy, Debug)]
enum Question {
    Manifest,
    Head,
    FirstByte,
    Whole,
}

impl Question {
    fn to(self, client: &Client, url: &Url) -> RequestBuilder {
        let method = if matches!(self, Self::Head) {
            Method::HEAD
        } else {
            Method::GET
        };
        let request = client.request(method, url.clone());
        match self {
            Self::Manifest => request.header(ACCEPT, manifest::ACCEPT),
            Self::FirstByte => request.header(RANGE, "bytes=0-0"),
            Self::Head | Self::Whole => request,
        }
    }
}

impl Session {
    /// Asks nothing yet.
    pub(super) fn new(settings: &ImageSettings) -> Result<Self, RegistryError> {
        let (registry, repository) = place(settings)?;
        let protected = registry.scheme() == "https" || is_loopback(&registry);
        if settings.credentials.is_some() && !protected {
            return Err(RegistryError::Unprotected(registry.into()));
        }
        Ok(Self {
            wire: Wire::new(&registry, settings.pace).map_err(|error| RegistryError::Client(http::cause(&error)))?,
            login: Login::new(settings.credentials.clone(), &repository),
            registry,
            repository,
        })
    }

    pub(super) const fn registry(&self) -> &Url {
        &self.registry
    }

    /// Asks the registry, and logs in if it wants that.
    async fn ask(&self, question: Question, url: &Url) -> Result<Response, Failure> {
        let mut grant = self.login.current().await;
        let mut attempt = 1;
        loop {
            let request = question.to(self.wire.client(), url);
            let response = self.wire.send(self.login.sign(request, grant.as_ref())).await?;
            if response.status() != StatusCode::UNAUTHORIZED || attempt == MOST_ATTEMPTS {
                return Ok(response);
            }
            grant = Some(self.login.answer(&self.wire, response, grant.as_ref()).await?);
            attempt += 1;
        }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.registry.clone();
        url.set_path(&format!("/v2/{path}"));
        url
    }
}

/// The registry that is asked, and the image's path there.
fn place(settings: &ImageSettings) -> Result<(Url, String), RegistryError> {
    let reference = &settings.reference;
    let Some(registry) = &settings.registry else {
        let home = reference
            .home()
            .ok_or_else(|| RegistryError::Address(reference.to_string()))?;
        return Ok((home, reference.path_at_home()));
    };
    let unusable = || RegistryError::Address(registry.to_string());
    let above = registry.path().trim_matches('/');
    // Some write the address of the interface itself.
    let above = above
        .strip_prefix("v2")
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(above);
    let above = above.trim_matches('/');
    let path = reference.path_elsewhere();
    let repository = if above.is_empty() {
        path
    } else {
        format!("{above}/{path}")
    };
    let web = ["http", "https"].contains(&registry.scheme()) && registry.has_host();
    if web && is_path(&repository) {
        Ok((registry.clone(), repository))
    } else {
        Err(unusable())
    }
}

async fn document(response: &mut Response) -> Result<Vec<u8>, Failure> {
    let packed = response
        .headers()
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity");
    if packed {
        return Err(Failure::Unreadable("it is compressed, which wasn’t asked for".into()));
    }
    Ok(http::body(response, LARGEST_DOCUMENT).await?)
}

fn is_gone(status: StatusCode) -> bool {
    [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&status)
}
