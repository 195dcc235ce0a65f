//! Manifests, each made sure to be what its name says.

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

use super::{LARGEST_DOCUMENT, Question, Session, document, is_gone};
use crate::http;
use crate::registry::digest::Digest;
use crate::registry::failure::{Failure, content_type};
use crate::registry::manifest::{self, Manifest};
use crate::registry::settings::Version;

/// What is there under the name of a manifest.
#[derive(Debug)]
pub(in crate::registry) enum Answer {
    Manifest {
        digest: Digest,
        media_type: String,
        manifest: Manifest,
    },
    /// The registry has none of this name.
    Gone,
    /// A manifest, but another than the one that was asked for by its digest.
    Altered { digest: Digest },
}

impl Session {
    /// The manifest of a version, which is made sure to be its.
    pub(in crate::registry) async fn manifest(&self, version: &Version) -> Result<Answer, Failure> {
        let url = self.url(&format!("{}/manifests/{}", self.repository, version.as_str()));
        let mut response = self.ask(Question::Manifest, &url).await?;
        if is_gone(response.status()) {
            let known = self.is_registry(response).await?;
            return if known {
                Ok(Answer::Gone)
            } else {
                Err(Failure::NoRegistry)
            };
        }
        if !response.status().is_success() {
            return Err(Failure::of(response, self.login.has_credentials()).await);
        }
        let body = document(&mut response).await?;
        let (manifest, media_type) = manifest::parse(&body, content_type(response.headers()))?;
        let digest = match version {
            Version::Digest(wanted) if !wanted.names(&body) => {
                return Ok(Answer::Altered {
                    digest: Digest::of(&body),
                });
            }
            Version::Digest(wanted) => wanted.clone(),
            Version::Tag(_) => Digest::of(&body),
        };
        match named_digest(response.headers()) {
            Some(named) if !named.names(&body) => Err(Failure::Contradiction(format!(
                "it announced {named} and sent {digest}"
            ))),
            _ => Ok(Answer::Manifest {
                digest,
                media_type,
                manifest,
            }),
        }
    }

    /// Whether a 404 is a registry's: a wrong address and a proxy in front of a dead one answer 404, too.
    async fn is_registry(&self, mut response: Response) -> Result<bool, Failure> {
        if response.headers().contains_key("docker-distribution-api-version") {
            return Ok(true);
        }
        let body = http::body(&mut response, LARGEST_DOCUMENT).await?;
        let explains = serde_json::from_slice::<serde_json::Value>(&body).is_ok_and(|body| body["errors"].is_array());
        if explains {
            return Ok(true);
        }
        let base = self
            .wire
            .send(Question::Whole.to(self.wire.client(), &self.url("")))
            .await?;
        let page = content_type(base.headers()) == "text/html";
        Ok(!page && [StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&base.status()))
    }
}

fn named_digest(headers: &HeaderMap) -> Option<Digest> {
    headers.get("docker-content-digest")?.to_str().ok()?.parse().ok()
}
