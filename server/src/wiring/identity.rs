//! The identity provider, and the address it sends people back to.

use std::collections::BTreeMap;

use adapters::oidc::{Pace, Provider, ProviderSettings};
use anyhow::{Context as _, ensure};
use url::Url;

use crate::config::Config;

/// Path that the provider sends people back to, behind the public address.
const CALLBACK: &str = "auth/callback";

/// The console's address as browsers write it.
///
/// # Errors
/// If there is more to it than a scheme, a host and a port.
pub fn public_url(config: &Config) -> anyhow::Result<Url> {
    let url = match &config.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{}/", config.listen)).context("listen is no address for a browser")?,
    };
    ensure!(
        url.path() == "/" && url.query().is_none(),
        "public_url is {url}, but the console needs a host name of its own: leave {} out",
        url.path()
    );
    Ok(url)
}

/// For commands that carry out what takes nobody's approval: the configured provider, or one that nobody can sign in with.
///
/// # Errors
/// If one is configured that can't be used.
pub fn provider_or_nobody(config: &Config) -> anyhow::Result<Provider> {
    if config.oidc.is_some() {
        return provider(config);
    }
    Ok(Provider::new(ProviderSettings {
        issuer: "https://nobody.invalid".into(),
        client_id: String::new(),
        client_secret: None,
        redirect_url: public_url(config)?.join(CALLBACK)?,
        scopes: Vec::new(),
        role_claim: String::new(),
        roles: BTreeMap::new(),
        person_claim: None,
        skew: config.approvals.clock_skew.0,
        pace: Pace::default(),
    })?)
}

/// The configured provider. It isn't asked anything yet.
///
/// # Errors
/// If there is none, or it can't be used as it is configured.
pub fn provider(config: &Config) -> anyhow::Result<Provider> {
    let oidc = config
        .oidc
        .as_ref()
        .context("[oidc] is missing, so nobody could sign in and no approval could be verified. Name an identity provider in muster.toml")?;
    let redirect_url = public_url(config)?.join(CALLBACK)?;
    let secret = oidc.client_secret.as_ref().map(|secret| secret.read()).transpose()?;
    Ok(Provider::new(ProviderSettings {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: secret,
        redirect_url,
        scopes: oidc.scopes.clone(),
        role_claim: oidc.role_claim.clone(),
        roles: oidc.roles.by_role(),
        person_claim: config.approvals.person_claim.clone(),
        skew: config.approvals.clock_skew.0,
        pace: Pace::default(),
    })?)
}
