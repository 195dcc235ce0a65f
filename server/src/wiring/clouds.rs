//! Accounts of AWS, and what lies in them.

use std::time::Duration;

use adapters::aws::{AccessKeys, Aws, AwsSettings};
use recovery::settings::{Bucket, KmsKey};
use secrecy::ExposeSecret as _;
use url::Url;

use super::Reach;
use crate::config::Secret;
use crate::config::deployment as written;

/// How long an answer of AWS may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keys as they are written. Without them, credentials come from where AWS tools look for them.
#[derive(Clone, Copy, Default)]
pub struct Keys<'a> {
    pub access_key_id: Option<&'a Secret>,
    pub secret_access_key: Option<&'a Secret>,
    pub session_token: Option<&'a Secret>,
}

/// An account in one region.
pub fn account(region: &str, endpoint: Option<&Url>, keys: Keys<'_>, reach: Reach) -> anyhow::Result<Aws> {
    Ok(Aws::new(settings(region, endpoint, keys, reach)?)?)
}

/// How an account is reached. A process that only shows pages is given no keys.
pub fn settings(region: &str, endpoint: Option<&Url>, keys: Keys<'_>, reach: Reach) -> anyhow::Result<AwsSettings> {
    let keys = match (keys.access_key_id, keys.secret_access_key) {
        (Some(id), Some(secret)) if reach >= Reach::Observe => Some(AccessKeys {
            access_key_id: id.read()?.expose_secret().into(),
            secret_access_key: secret.read()?,
            session_token: keys.session_token.map(Secret::read).transpose()?,
        }),
        _ => None,
    };
    Ok(AwsSettings {
        region: Some(region.into()),
        endpoint: endpoint.cloned(),
        keys,
        patience: PATIENCE,
    })
}

pub fn bucket(written: &written::Bucket, reach: Reach) -> anyhow::Result<Bucket> {
    let keys = Keys {
        access_key_id: written.access_key_id.as_ref(),
        secret_access_key: written.secret_access_key.as_ref(),
        session_token: None,
    };
    Ok(Bucket {
        name: written.name.clone(),
        aws: account(&written.region, written.endpoint_url.as_ref(), keys, reach)?,
    })
}

pub fn kms_key(written: &written::KmsKey, reach: Reach) -> anyhow::Result<KmsKey> {
    let keys = Keys {
        access_key_id: written.access_key_id.as_ref(),
        secret_access_key: written.secret_access_key.as_ref(),
        session_token: None,
    };
    Ok(KmsKey {
        id: written.id.clone(),
        aws: account(&written.region, written.endpoint_url.as_ref(), keys, reach)?,
    })
}
