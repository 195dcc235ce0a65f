//! Lets the SDK speak through the client that all other services of AWS are asked by: the same proxies, the same trust, no redirects, and an
//! end to every answer.

use std::fmt;

use aws_sdk_secretsmanager::config::http::{HttpRequest, HttpResponse};
use aws_sdk_secretsmanager::config::{HttpClient, RuntimeComponents};
use aws_sdk_secretsmanager::error::{BoxError, ConnectorError};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};

use crate::http::{body, cause};

/// Longest answer. A value has at most 64 KiB, a page of versions some more.
const LONGEST: usize = 4 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Transport(pub reqwest::Client);

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl HttpClient for Transport {
    /// The client has its own limits of time.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { send(&client, request).await })
    }
}

async fn send(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let unfit = |error: BoxError| ConnectorError::user(error);
    let request = request.try_into_http1x().map_err(|error| unfit(error.into()))?;
    let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
    let request = reqwest::Request::try_from(request).map_err(|error| unfit(error.into()))?;
    let answer = client.execute(request).await;
    let mut answer = answer.map_err(|error| {
        let why = cause(&error).into();
        if error.is_timeout() {
            ConnectorError::timeout(why)
        } else {
            ConnectorError::io(why)
        }
    })?;
    let mut response = http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let body = body(&mut answer, LONGEST).await;
    let body = body.map_err(|error| ConnectorError::io(error.to_string().into()))?;
    let response = response.body(body.into()).map_err(|error| unfit(error.into()))?;
    HttpResponse::try_from(response).map_err(|error| unfit(error.into()))
}
