//! Sends calls: an end to every wait and every answer, no redirects, and nothing of the credentials in what is said about it.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use reqwest::redirect;
use url::Url;

use super::call::Call;
use super::credentials::{AccessKeys, Identity};
use super::error::AwsError;
use super::refusal::{Answer, judge};
use super::service::is_label;
use super::signature::signature;
use crate::http::{body, cause, is_loopback};

/// Longest answer. A hundred snapshots are a quarter of a megabyte.
const LONGEST: usize = 16 * 1024 * 1024;
/// How often a call is made again that AWS was too busy for.
const REPEATS: u32 = 2;
/// Longest pause before that. Who is to wait longer is told so.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How AWS is reached.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// `None`: the one that is set for all tools of AWS on this machine.
    pub region: Option<String>,
    /// Another address than AWS's own, for all services: a private endpoint, an emulator.
    pub endpoint: Option<Url>,
    /// `None`: whatever tools of AWS find on this machine.
    pub keys: Option<AccessKeys>,
    /// How long an answer may take.
    pub patience: Duration,
}

impl Default for AwsSettings {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            keys: None,
            patience: Duration::from_secs(30),
        }
    }
}

/// An account of AWS in one region. Clones share their credentials.
#[derive(Clone, Debug)]
pub struct Aws {
    region: Option<String>,
    endpoint: Option<Url>,
    identity: Arc<Identity>,
    http: reqwest::Client,
    patience: Duration,
}

impl Aws {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// If the region can be none, or the endpoint would send signed calls unprotected over a network.
    pub fn new(settings: AwsSettings) -> Result<Self, AwsError> {
        if let Some(region) = settings.region.as_deref().filter(|region| !is_label(region)) {
            return Err(AwsError::Settings(format!("{region:?} is no region of AWS")));
        }
        let near = settings.endpoint.as_ref().is_some_and(is_loopback);
        if let Some(endpoint) = settings.endpoint.as_ref()
            && endpoint.scheme() != "https"
            && !(near && endpoint.scheme() == "http")
        {
            // Without what may stand before the host.
            let host = endpoint.host_str().unwrap_or("of no host");
            return Err(AwsError::Settings(format!("the endpoint {host} isn’t https://")));
        }
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.patience.min(Duration::from_secs(10)))
            .timeout(settings.patience)
            .https_only(!near)
            .user_agent("muster");
        let client = if near { client.no_proxy() } else { client };
        Ok(Self {
            region: settings.region,
            endpoint: settings.endpoint,
            identity: Arc::new(Identity::new(settings.keys)),
            http: client.build().map_err(|error| AwsError::Settings(cause(&error)))?,
            patience: settings.patience,
        })
    }

    /// The same account in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let region = Some(region.to_owned()).filter(|region| is_label(region));
        Self {
            region: region.or_else(|| self.region.clone()),
            ..self.clone()
        }
    }

    /// Where a bucket of this region answers. An endpoint of one's own is asked as it is configured.
    pub(super) fn of_bucket(&self, region: &str) -> Self {
        match self.endpoint {
            Some(_) => self.clone(),
            None => self.in_region(region),
        }
    }

    /// The region calls go to.
    ///
    /// # Errors
    /// If none is configured and none is set on this machine.
    pub async fn region(&self) -> Result<String, AwsError> {
        if let Some(region) = &self.region {
            return Ok(region.clone());
        }
        let found = self.identity.region().await.filter(|region| is_label(region));
        found.ok_or_else(|| AwsError::Settings("no region is configured, and none is set on this machine".into()))
    }

    /// Credentials that are still good for a while.
    pub(super) async fn credentials(&self) -> Result<Credentials, AwsError> {
        self.identity.credentials(&self.region().await?).await
    }

    /// AWS no longer takes the credentials that were handed out.
    pub(super) async fn forget_credentials(&self) {
        self.identity.forget().await;
    }

    pub(super) const fn endpoint(&self) -> Option<&Url> {
        self.endpoint.as_ref()
    }

    pub(super) const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// How long an answer may take.
    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Makes a call and returns the answer's body. A busy AWS is asked again, twice, after a pause.
    ///
    /// # Errors
    /// If there is no answer, or it is another one than what was asked for.
    pub async fn call(&self, call: &Call) -> Result<Vec<u8>, AwsError> {
        let region = self.region().await?;
        let mut repeats = 0;
        loop {
            let credentials = self.identity.credentials(&region).await?;
            let answer = self.send(call, &region, &credentials).await;
            let error = match answer.and_then(|answer| judge(call, answer, &credentials)) {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            if matches!(error, AwsError::Expired(_)) {
                self.identity.forget().await;
            }
            match pause(&error, repeats) {
                Some(pause) if repeats < REPEATS => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
            repeats += 1;
        }
    }

    async fn send(&self, call: &Call, region: &str, credentials: &Credentials) -> Result<Answer, AwsError> {
        let url = self.url(call, region)?;
        let unreachable = |reason: String| AwsError::Unreachable {
            call: call.name.clone(),
            reason,
        };
        let mut request = self.http.request(call.method.clone(), url.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        for (name, value) in signature(call, &url, region, credentials)? {
            request = request.header(name, value);
        }
        let answer = request.body(call.body.clone()).send().await;
        let mut answer = answer.map_err(|error| unreachable(cause(&error)))?;
        let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let (kind, bucket_region) = (header("content-type"), header("x-amz-bucket-region"));
        let (error_type, retry_after) = (header("x-amzn-errortype"), header("retry-after"));
        let status = answer.status().as_u16();
        let body = body(&mut answer, LONGEST).await;
        Ok(Answer {
            status,
            kind,
            error_type,
            retry_after: retry_after.and_then(|seconds| Some(Duration::from_secs(seconds.trim().parse().ok()?))),
            bucket_region,
            body: body.map_err(|error| unreachable(error.to_string()))?,
        })
    }

    fn url(&self, call: &Call, region: &str) -> Result<Url, AwsError> {
        // Under a host of its own a bucket needs a name that can stand there: a dot leaves the certificate's wildcard, and others end it.
        let (host, folder) = match &call.bucket {
            Some(bucket) if self.endpoint.is_none() && is_label(bucket) => (format!("{bucket}."), None),
            bucket => (String::new(), bucket.as_deref()),
        };
        let url = match &self.endpoint {
            Some(endpoint) => Ok(endpoint.clone()),
            None => Url::parse(&format!("https://{host}{}/", call.service.host(region))),
        };
        let failed = |reason: String| AwsError::Settings(format!("no address for {}: {reason}", call.name));
        let mut url = url.map_err(|error| failed(error.to_string()))?;
        if let Some(folder) = folder {
            let mut path = url
                .path_segments_mut()
                .map_err(|()| failed("the endpoint has no path".into()))?;
            path.pop_if_empty().push(folder);
        }
        url.set_query(Some(call.query.as_str()).filter(|query| !query.is_empty()));
        Ok(url)
    }
}

fn pause(error: &AwsError, repeats: u32) -> Option<Duration> {
    // Many deployments that were refused at the same moment shouldn't come back at the same moment.
    let own = Duration::from_millis(rand::random_range(250..500) << repeats);
    match error {
        AwsError::Throttled { retry_after, .. } => {
            Some(retry_after.unwrap_or(own)).filter(|pause| *pause <= LONGEST_PAUSE)
        }
        AwsError::Faulty(_) => Some(own),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
