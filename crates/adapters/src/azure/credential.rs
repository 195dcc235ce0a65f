//! Who asks: an application that is configured, or whom Azure's tools would find. The order is that of the other SDKs' default:
//! <https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains#defaultazurecredential-overview>.

use std::env;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, Transport};
use azure_core::time::Duration as Span;
use azure_core::{Error, Result as Answer};
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions, DeveloperToolsCredential,
    DeveloperToolsCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::developer::Tools;
use super::refusal::words;
use super::settings::{AzureCredential, AzureSecretSettings};
use super::wire::{self, Wire};

type Credential = Arc<dyn TokenCredential>;

pub(super) fn of(settings: &AzureSecretSettings) -> Result<Credential, String> {
    match &settings.credential {
        AzureCredential::ClientSecret {
            tenant_id,
            client_id,
            client_secret,
        } => application(settings, tenant_id, client_id, client_secret),
        AzureCredential::Found => found(settings),
    }
}

fn found(settings: &AzureSecretSettings) -> Result<Credential, String> {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let client_id = set("AZURE_CLIENT_ID");
    if let (Some(tenant), Some(client), Some(secret)) =
        (&set("AZURE_TENANT_ID"), &client_id, set("AZURE_CLIENT_SECRET"))
    {
        return application(settings, tenant, client, &secret.into());
    }
    if set("AZURE_FEDERATED_TOKEN_FILE").is_some() {
        return workload(settings);
    }
    Ok(Arc::new(Chain {
        sources: vec![
            ("managed identity of this machine", machine(settings, client_id)?),
            ("login of az or azd", developer()?),
        ],
        found: OnceLock::new(),
    }))
}

fn application(
    settings: &AzureSecretSettings,
    tenant_id: &str,
    client_id: &str,
    secret: &SecretString,
) -> Result<Credential, String> {
    let options = ClientSecretCredentialOptions {
        client_options: login(settings)?,
    };
    let secret = Secret::new(secret.expose_secret().to_owned());
    let made = ClientSecretCredential::new(tenant_id, client_id.into(), secret, Some(options));
    Ok(made.map_err(unusable)?)
}

fn workload(settings: &AzureSecretSettings) -> Result<Credential, String> {
    let options = WorkloadIdentityCredentialOptions {
        credential_options: ClientAssertionCredentialOptions {
            client_options: login(settings)?,
        },
        ..WorkloadIdentityCredentialOptions::default()
    };
    Ok(WorkloadIdentityCredential::new(Some(options)).map_err(unusable)?)
}

/// A machine can have several identities; the variable says which.
fn machine(settings: &AzureSecretSettings, client_id: Option<String>) -> Result<Credential, String> {
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: client_id.map(UserAssignedId::ClientId),
        client_options: options(settings, wire::to_this_machine(settings)?),
    };
    Ok(ManagedIdentityCredential::new(Some(options)).map_err(unusable)?)
}

fn developer() -> Result<Credential, String> {
    let options = DeveloperToolsCredentialOptions {
        executor: Some(Arc::new(Tools)),
    };
    Ok(DeveloperToolsCredential::new(Some(options)).map_err(unusable)?)
}

fn login(settings: &AzureSecretSettings) -> Result<ClientOptions, String> {
    let mut options = options(settings, wire::to_login(settings)?);
    if let Some(authority) = &settings.authority_url {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = authority.to_string();
        options.cloud = Some(Arc::new(cloud.into()));
    }
    Ok(options)
}

fn options(settings: &AzureSecretSettings, wire: Wire) -> ClientOptions {
    ClientOptions {
        transport: Some(Transport::new(Arc::new(wire))),
        retry: wire::repeats(1, Span::seconds_f64(settings.patience.as_secs_f64())),
        ..ClientOptions::default()
    }
}

fn unusable(error: Error) -> String {
    format!("the credentials can’t be used: {}", words(&error))
}

/// Several places that may know who asks. The first one that does is asked from then on.
#[derive(Debug)]
struct Chain {
    sources: Vec<(&'static str, Credential)>,
    found: OnceLock<Credential>,
}

#[async_trait]
impl TokenCredential for Chain {
    async fn get_token(&self, scopes: &[&str], options: Option<TokenRequestOptions<'_>>) -> Answer<AccessToken> {
        if let Some(found) = self.found.get() {
            return found.get_token(scopes, options).await;
        }
        let mut missing = Vec::new();
        for (what, source) in &self.sources {
            match source.get_token(scopes, options.clone()).await {
                Ok(token) => {
                    let _ = self.found.set(Arc::clone(source));
                    return Ok(token);
                }
                Err(error) => missing.push(format!("no {what} ({})", words(&error))),
            }
        }
        Err(Error::with_message(ErrorKind::Credential, missing.join(", ")))
    }
}

#[cfg(test)]
mod tests;
