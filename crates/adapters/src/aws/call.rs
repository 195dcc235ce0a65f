//! A call as data, in the three dialects that AWS's services speak.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::Value;

use super::service::Service;

/// What stays as it is in a form: <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One question to one service.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) service: Service,
    /// As policies write it: `rds:DescribeDBInstances`.
    pub(super) name: String,
    pub(super) method: Method,
    /// Of a bucket. It is part of the host name or of the path, depending on the endpoint.
    pub(super) bucket: Option<String>,
    /// Encoded, without the question mark.
    pub(super) query: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Call {
    /// A call of the query protocol: RDS, STS and IAM. They answer in XML.
    #[must_use]
    pub fn query(service: Service, action: &str, parameters: &[(&str, &str)]) -> Self {
        let version = service.version().map(|version| ("Version", version));
        let own = [("Action", action)].into_iter().chain(version);
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        let form = own.chain(parameters.iter().copied());
        let form: Vec<_> = form
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        Self {
            service,
            name: format!("{}:{action}", service.word()),
            method: Method::POST,
            bucket: None,
            query: String::new(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".into(),
            )],
            body: form.join("&").into_bytes(),
        }
    }

    /// A call of KMS, which speaks JSON. Its protocol calls it `TrentService`.
    #[must_use]
    pub fn kms(action: &str, body: &Value) -> Self {
        Self {
            service: Service::Kms,
            name: format!("kms:{action}"),
            method: Method::POST,
            bucket: None,
            query: String::new(),
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".into()),
                ("x-amz-target", format!("TrentService.{action}")),
            ],
            body: body.to_string().into_bytes(),
        }
    }

    /// A question about a bucket as a whole: `subresource` is `versioning`, `object-lock`, …
    #[must_use]
    pub fn bucket(action: &str, bucket: &str, subresource: &str) -> Self {
        Self {
            service: Service::S3,
            name: format!("s3:{action}"),
            method: Method::GET,
            bucket: Some(bucket.into()),
            query: format!("{subresource}="),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same, but writing `body`.
    #[must_use]
    pub fn putting(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.method = Method::PUT;
        self.body = body.into();
        self
    }
}
