//! How each kind of bucket is reached. Credentials that are configured count alone; without any, those of the process count: the
//! variables of the service's own tools, or what the machine or pod it runs on is given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{DumpBucket, reason};
use crate::dumps::DumpError;
use crate::process::Secrets;

/// To reach the service at all.
const CONNECT: Duration = Duration::from_secs(10);
/// Between two pieces of an answer. How long a whole one may take is for the caller to say: dumps are large.
const SILENCE: Duration = Duration::from_secs(30);
const RETRIES: usize = 3;
const RETRY_WITHIN: Duration = Duration::from_secs(60);

/// A bucket of Amazon S3 or of what speaks its protocol.
#[derive(Clone, Debug)]
pub struct S3Location {
    pub bucket: String,
    pub prefix: String,
    /// `us-east-1` if it isn't known.
    pub region: Option<String>,
    /// Left out: Amazon's. One whose host begins with the bucket's name gets no bucket in the path.
    pub endpoint: Option<Url>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<SecretString>,
}

/// A bucket of Google Cloud Storage.
#[derive(Clone, Debug)]
pub struct GcsLocation {
    pub bucket: String,
    pub prefix: String,
    /// Left out: Google's.
    pub endpoint: Option<Url>,
    /// The JSON file of a service account.
    pub service_account: Option<PathBuf>,
}

/// A container of Azure Blob Storage.
#[derive(Clone, Debug)]
pub struct AzureLocation {
    pub account: String,
    pub container: String,
    pub prefix: String,
    /// Left out: Azure's public cloud.
    pub endpoint: Option<Url>,
    pub account_key: Option<SecretString>,
    /// A shared access signature, as the portal shows it.
    pub sas_token: Option<SecretString>,
}

impl DumpBucket {
    /// # Errors
    /// If this is no place of S3. Nothing is connected to yet.
    pub fn s3(name: impl Into<String>, location: &S3Location) -> Result<Self, DumpError> {
        let url = url_of("s3", &location.bucket, &location.prefix);
        let mut secrets = Secrets::default();
        let mut builder = if location.access_key_id.is_some() || location.secret_access_key.is_some() {
            AmazonS3Builder::new()
        } else {
            AmazonS3Builder::from_env()
        };
        builder = builder
            .with_bucket_name(&location.bucket)
            .with_client_options(client(location.endpoint.as_ref()))
            .with_retry(retry());
        if let Some(region) = &location.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &location.endpoint {
            let own_host = without_bucket(endpoint, &location.bucket).is_some();
            builder = builder
                .with_endpoint(endpoint.as_str().trim_end_matches('/'))
                .with_virtual_hosted_style_request(own_host);
        }
        if let Some(id) = &location.access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = &location.secret_access_key {
            builder = builder.with_secret_access_key(keep(&mut secrets, secret));
        }
        let endpoint = location.endpoint.as_ref();
        let endpoint = endpoint.map(|endpoint| for_tools(endpoint, &location.bucket));
        Ok(Self {
            endpoint,
            ..Self::of(name.into(), url, &location.prefix, secrets, builder.build())?
        })
    }

    /// # Errors
    /// If this is no place of Google Cloud Storage, or the file of the service account isn't one. Nothing is connected to yet.
    pub fn gcs(name: impl Into<String>, location: &GcsLocation) -> Result<Self, DumpError> {
        let url = url_of("gs", &location.bucket, &location.prefix);
        let mut builder = location
            .service_account
            .as_ref()
            .map_or_else(GoogleCloudStorageBuilder::from_env, |_| {
                GoogleCloudStorageBuilder::new()
            })
            .with_bucket_name(&location.bucket)
            .with_client_options(client(location.endpoint.as_ref()))
            .with_retry(retry());
        if let Some(endpoint) = &location.endpoint {
            builder = builder.with_base_url(endpoint.as_str().trim_end_matches('/'));
        }
        if let Some(path) = &location.service_account {
            builder = builder.with_service_account_path(path.to_string_lossy());
        }
        Self::of(name.into(), url, &location.prefix, Secrets::default(), builder.build())
    }

    /// # Errors
    /// If this is no place of Azure Blob Storage, or the key or signature isn't one. Nothing is connected to yet.
    pub fn azure(name: impl Into<String>, location: &AzureLocation) -> Result<Self, DumpError> {
        let url = url_of("az", &location.container, &location.prefix);
        let mut secrets = Secrets::default();
        let mut builder = if location.account_key.is_some() || location.sas_token.is_some() {
            MicrosoftAzureBuilder::new()
        } else {
            MicrosoftAzureBuilder::from_env()
        };
        builder = builder
            .with_account(&location.account)
            .with_container_name(&location.container)
            .with_client_options(client(location.endpoint.as_ref()))
            .with_retry(retry());
        if let Some(endpoint) = &location.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/').to_owned());
        }
        if let Some(key) = &location.account_key {
            builder = builder.with_access_key(keep(&mut secrets, key));
        }
        if let Some(token) = &location.sas_token {
            builder = builder.with_config(AzureConfigKey::SasKey, keep(&mut secrets, token));
        }
        Self::of(name.into(), url, &location.prefix, secrets, builder.build())
    }

    fn of(
        name: String,
        url: String,
        prefix: &str,
        secrets: Secrets,
        built: object_store::Result<impl ObjectStore>,
    ) -> Result<Self, DumpError> {
        let refused = |error: &object_store::Error| DumpError::Bucket {
            url: url.clone(),
            reason: reason::of(error, &secrets),
        };
        let prefix = Path::parse(prefix).map_err(|error| refused(&error.into()))?;
        let store = Arc::new(built.map_err(|error| refused(&error))?);
        Ok(Self {
            name,
            url,
            endpoint: None,
            prefix,
            store,
            heads: Arc::default(),
            secrets,
        })
    }
}

/// The host of an endpoint that begins with the bucket's name, without it.
fn without_bucket<'a>(endpoint: &'a Url, bucket: &str) -> Option<&'a str> {
    endpoint.host_str()?.strip_prefix(bucket)?.strip_prefix('.')
}

/// An endpoint as tools take it, which put the bucket's name before the host or into the path by themselves. Whoever types it has
/// credentials of their own.
fn for_tools(endpoint: &Url, bucket: &str) -> String {
    let (host, port) = (without_bucket(endpoint, bucket), endpoint.port());
    let host = host.or(endpoint.host_str()).unwrap_or_default();
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    format!(
        "{}://{host}{port}{}",
        endpoint.scheme(),
        endpoint.path().trim_end_matches('/')
    )
}

fn url_of(scheme: &str, bucket: &str, prefix: &str) -> String {
    let separator = if prefix.is_empty() { "" } else { "/" };
    format!("{scheme}://{bucket}{separator}{prefix}")
}

/// The secret, which from now on is taken out of every error.
fn keep<'a>(secrets: &mut Secrets, secret: &'a SecretString) -> &'a str {
    secrets.add(secret.expose_secret().as_bytes());
    secret.expose_secret()
}

/// Without TLS only where the endpoint says so itself.
fn client(endpoint: Option<&Url>) -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(CONNECT)
        .with_read_timeout(SILENCE)
        .with_timeout_disabled()
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.scheme() == "http"))
}

fn retry() -> RetryConfig {
    RetryConfig {
        max_retries: RETRIES,
        retry_timeout: RETRY_WITHIN,
        ..RetryConfig::default()
    }
}
