//! The secret managers. A process that only shows pages is given none of their credentials: what it knows of keys is what was stored.

use std::sync::Arc;
use std::time::Duration;

use adapters::aws::AwsSecret;
use adapters::gcp::{GcpCredentials, GcpSecret, GcpSecretSettings};
use adapters::key_files::KeyFiles;
use adapters::manager::{SecretManager, Unusable};

use super::{Reach, clouds};
use crate::config::deployment as written;

/// How long an answer of a manager may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A manager that can't be set up as it is written says so when it is asked: the rest of the console is needed all the more.
pub fn manager(written: &written::Manager, reach: Reach) -> Arc<dyn SecretManager> {
    if reach < Reach::Observe && !matches!(written, written::Manager::File(_)) {
        return unusable(written, "this process is given no credentials of secret managers");
    }
    usable(written).unwrap_or_else(|error| unusable(written, &error.to_string()))
}

fn usable(written: &written::Manager) -> anyhow::Result<Arc<dyn SecretManager>> {
    Ok(match written {
        written::Manager::File(folder) => Arc::new(KeyFiles {
            dir: folder.dir.clone(),
        }),
        written::Manager::Aws(secret) => Arc::new(aws(secret)?),
        written::Manager::Gcp(secret) => Arc::new(gcp(secret)?),
        other => unusable(other, "not supported by this version yet"),
    })
}

fn unusable(written: &written::Manager, why: &str) -> Arc<dyn SecretManager> {
    Arc::new(Unusable {
        kind: written.kind(),
        name: written.kind().into(),
        why: why.into(),
    })
}

fn aws(written: &written::AwsSecret) -> anyhow::Result<AwsSecret> {
    let keys = clouds::Keys {
        access_key_id: written.access_key_id.as_ref(),
        secret_access_key: written.secret_access_key.as_ref(),
        session_token: written.session_token.as_ref(),
    };
    let settings = clouds::settings(&written.region, written.endpoint_url.as_ref(), keys, Reach::Observe)?;
    Ok(AwsSecret::new(&written.secret_id, settings)?)
}

fn gcp(written: &written::GcpSecret) -> anyhow::Result<GcpSecret> {
    Ok(GcpSecret::new(GcpSecretSettings {
        location: written.location.clone(),
        endpoint_url: written.endpoint_url.clone(),
        credentials: match &written.service_account {
            Some(file) => GcpCredentials::ServiceAccount(file.clone()),
            None => GcpCredentials::Found,
        },
        patience: PATIENCE,
        ..GcpSecretSettings::new(&written.project, &written.secret)
    })?)
}
