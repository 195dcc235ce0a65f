//! Blobs: whether they are there. Registries may send the asker elsewhere for them.

use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap};
use reqwest::{Response, StatusCode};
use url::Url;

use super::{Question, Session, document, is_gone};
use crate::registry::digest::Digest;
use crate::registry::failure::{Failure, location, without_query};
use crate::registry::manifest::Descriptor;

const MOST_HOPS: usize = 5;
/// Of the other places of a part, this many are tried.
const MOST_PLACES: usize = 3;

/// What is there under the digest of a blob.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::registry) enum Presence {
    /// With its size in bytes, if that was told.
    There(Option<u64>),
    Gone,
}

impl Session {
    /// Whether a config or layer is there, without fetching it.
    pub(in crate::registry) async fn presence(&self, part: &Descriptor) -> Result<Presence, Failure> {
        let url = self.blob_url(&part.digest);
        let mut response = self.blob(Question::Head, &url).await?;
        // Addresses that storage services sign are for one method only.
        if [400, 403, 405, 501].contains(&response.status().as_u16()) {
            response = self.blob(Question::FirstByte, &url).await?;
        }
        let mut presence = self.judge(response).await?;
        for place in part
            .urls
            .iter()
            .filter_map(|place| Url::parse(place).ok())
            .take(MOST_PLACES)
        {
            if presence == Presence::Gone && self.wire.trusts(&place) {
                presence = self.judge(self.follow(Question::Head, place).await?).await?;
            }
        }
        Ok(presence)
    }

    /// The config of an image. `None` if it isn't there. Whether it is the one that was asked for, is not made sure.
    pub(in crate::registry) async fn config(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Failure> {
        let mut response = self.blob(Question::Whole, &self.blob_url(digest)).await?;
        if !response.status().is_success() {
            return Ok(None);
        }
        document(&mut response).await.map(Some)
    }

    async fn blob(&self, question: Question, url: &Url) -> Result<Response, Failure> {
        let response = self.ask(question, url).await?;
        match location(response.headers()) {
            Some(next) if response.status().is_redirection() => {
                let next = url.join(next).map_err(|_| Failure::Redirect(without_query(next)))?;
                self.follow(question, next).await
            }
            _ => Ok(response),
        }
    }

    /// Goes where the registry keeps its blobs, without the login, which is nobody else's business.
    async fn follow(&self, question: Question, mut url: Url) -> Result<Response, Failure> {
        for _ in 0..MOST_HOPS {
            if !self.wire.trusts(&url) {
                break;
            }
            let response = self.wire.send(question.to(self.wire.client(), &url)).await?;
            let Some(next) = location(response.headers()).filter(|_| response.status().is_redirection()) else {
                return Ok(response);
            };
            url = url.join(next).map_err(|_| Failure::Redirect(without_query(next)))?;
        }
        Err(Failure::Redirect(without_query(url.as_str())))
    }

    async fn judge(&self, response: Response) -> Result<Presence, Failure> {
        let status = response.status();
        if is_gone(status) {
            return Ok(Presence::Gone);
        }
        if status.is_success() {
            return Ok(Presence::There(size(status, response.headers())));
        }
        if response.url().origin() == self.registry.origin() {
            return Err(Failure::of(response, self.login.has_credentials()).await);
        }
        Err(Failure::Storage {
            host: response.url().host_str().unwrap_or_default().to_owned(),
            status: status.as_u16(),
        })
    }

    fn blob_url(&self, digest: &Digest) -> Url {
        self.url(&format!("{}/blobs/{digest}", self.repository))
    }
}

/// The size of the whole blob, of which a 206 sends a part.
fn size(status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    let text = |name| headers.get(name)?.to_str().ok();
    if status == StatusCode::PARTIAL_CONTENT {
        return text(CONTENT_RANGE)?.rsplit('/').next()?.parse().ok();
    }
    text(CONTENT_LENGTH)?.parse().ok()
}
