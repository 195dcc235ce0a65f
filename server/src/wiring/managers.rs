//! The secret managers. A process that only shows pages is given none of their credentials: what it knows of keys is what was stored.

use std::sync::Arc;
use std::time::Duration;

use adapters::aws::AwsSecret;
use adapters::azure::{AzureCredential, AzureSecret, AzureSecretSettings};
use adapters::gcp::{GcpCredentials, GcpSecret, GcpSecretSettings};
use adapters::key_files::KeyFiles;
use adapters::kubernetes::{KubernetesSecret, KubernetesSettings};
use adapters::manager::{SecretManager, Unusable};
use adapters::vault::{Vault, VaultAuth, VaultSettings};

use super::{Reach, clouds};
use crate::config::deployment as written;

/// How long an answer of a manager may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A manager that can't be set up as it is written says so when it is asked: the rest of the console is needed all the more.
pub fn manager(
    written: &written::Manager,
    cluster: Option<&written::Kubernetes>,
    reach: Reach,
) -> Arc<dyn SecretManager> {
    if reach < Reach::Observe && !matches!(written, written::Manager::File(_)) {
        return unusable(written, "this process is given no credentials of secret managers");
    }
    usable(written, cluster).unwrap_or_else(|error| unusable(written, &error.to_string()))
}

fn usable(written: &written::Manager, cluster: Option<&written::Kubernetes>) -> anyhow::Result<Arc<dyn SecretManager>> {
    Ok(match written {
        written::Manager::File(folder) => Arc::new(KeyFiles {
            dir: folder.dir.clone(),
        }),
        written::Manager::Vault(secret) => Arc::new(vault(secret)?),
        written::Manager::Aws(secret) => Arc::new(aws(secret)?),
        written::Manager::Gcp(secret) => Arc::new(gcp(secret)?),
        written::Manager::Azure(secret) => Arc::new(azure(secret)?),
        written::Manager::Kubernetes(secret) => {
            let usual = cluster.map_or(written::NAMESPACE, |cluster| cluster.namespace.as_str());
            let namespace = secret.namespace.as_deref().unwrap_or(usual);
            Arc::new(kubernetes(&secret.secret, namespace, cluster))
        }
    })
}

fn unusable(written: &written::Manager, why: &str) -> Arc<dyn SecretManager> {
    Arc::new(Unusable {
        kind: written.kind(),
        name: written.kind().into(),
        why: why.into(),
    })
}

fn vault(written: &written::VaultSecret) -> anyhow::Result<Vault> {
    Ok(Vault::new(&VaultSettings {
        namespace: written.namespace.clone(),
        ca: written.ca_file.clone(),
        patience: PATIENCE,
        ..VaultSettings::new(written.address.clone(), &written.mount, &written.path, login(written)?)
    })?)
}

fn login(written: &written::VaultSecret) -> anyhow::Result<VaultAuth> {
    if let Some(role) = &written.approle {
        return Ok(VaultAuth::AppRole {
            mount: role.mount.clone(),
            role_id: role.role_id.clone(),
            secret_id: role.secret_id.read()?,
        });
    }
    if let Some(pod) = &written.kubernetes_auth {
        return Ok(VaultAuth::Kubernetes {
            mount: pod.mount.clone(),
            role: pod.role.clone(),
            token_file: pod.token_file.clone(),
        });
    }
    let token = written
        .token
        .as_ref()
        .expect("the configuration was checked: there is one way to log in");
    Ok(VaultAuth::Token(token.read()?))
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

fn azure(written: &written::AzureSecret) -> anyhow::Result<AzureSecret> {
    let credential = match (&written.tenant_id, &written.client_id, &written.client_secret) {
        (Some(tenant_id), Some(client_id), Some(secret)) => AzureCredential::ClientSecret {
            tenant_id: tenant_id.clone(),
            client_id: client_id.clone(),
            client_secret: secret.read()?,
        },
        _ => AzureCredential::Found,
    };
    Ok(AzureSecret::new(AzureSecretSettings {
        verify_challenge_resource: written.verify_challenge_resource,
        credential,
        authority_url: written.authority_url.clone(),
        ca: written.ca_file.clone(),
        patience: PATIENCE,
        ..AzureSecretSettings::new(written.vault_url.clone(), &written.secret)
    })?)
}

/// A Secret in the cluster of `[deployment.kubernetes]`, or in the one that kubectl would ask.
pub fn kubernetes(secret: &str, namespace: &str, cluster: Option<&written::Kubernetes>) -> KubernetesSecret {
    let settings = KubernetesSettings {
        kubeconfig: cluster.and_then(|cluster| cluster.kubeconfig.clone()),
        context: cluster.and_then(|cluster| cluster.context.clone()),
    };
    KubernetesSecret::new(settings, namespace, secret)
}
