//! Makes ID tokens, and recognises its own when they come back at logout. Ed25519, which openidconnect both signs and verifies.

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::Sha256;
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, Audience, ClientId, EndUserName, EndUserUsername, IdToken, IdTokenClaims, IssuerUrl,
    JsonWebKeyId, LocalizedClaim, Nonce, PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
};
use rcgen::{KeyPair, PKCS_ED25519};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::memory::Grant;

/// How long an ID token can be used after it was made.
pub(super) const LIFE: TimeDelta = TimeDelta::hours(1);

/// The claim that the console takes roles from.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<String>,
}

impl AdditionalClaims for Groups {}

type Token = IdToken<Groups, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// A new signing key in PEM.
pub(crate) fn new_signing_key() -> anyhow::Result<Zeroizing<String>> {
    let pair = KeyPair::generate_for(&PKCS_ED25519).context("no signing key for the identity provider")?;
    Ok(Zeroizing::new(pair.serialize_pem()))
}

/// The signing key, ready to sign.
pub(super) struct Signer {
    key: CoreEdDsaPrivateSigningKey,
}

impl Signer {
    pub fn from_pem(pem: &str) -> anyhow::Result<Self> {
        let pair = KeyPair::from_pem(pem).context("the identity provider's signing key isn't readable")?;
        let id = Sha256::of(&[pair.public_key_pem().as_bytes()]).to_string();
        let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, Some(JsonWebKeyId::new(id[..16].to_owned())));
        Ok(Self {
            key: key.map_err(|error| anyhow!("the identity provider's signing key isn't Ed25519: {error}"))?,
        })
    }

    #[cfg(test)]
    pub fn generate() -> anyhow::Result<Self> {
        Self::from_pem(&new_signing_key()?)
    }

    /// The document behind `jwks_uri`.
    pub(super) fn public_keys(&self) -> CoreJsonWebKeySet {
        CoreJsonWebKeySet::new(vec![self.key.as_verification_key()])
    }

    /// Says who signed in, and when, whatever was asked for.
    pub(super) fn sign(&self, issuer: &str, client: &str, grant: Grant, now: DateTime<Utc>) -> anyhow::Result<String> {
        let Grant { request, session } = grant;
        let person = StandardClaims::new(SubjectIdentifier::new(session.account.subject()))
            .set_name(Some(LocalizedClaim::from(EndUserName::new(
                session.account.name.to_owned(),
            ))))
            .set_preferred_username(Some(EndUserUsername::new(session.account.name.to_owned())));
        let groups = Groups {
            groups: vec![session.account.group.to_owned()],
        };
        let audience = vec![Audience::new(client.to_owned())];
        let claims = IdTokenClaims::new(
            IssuerUrl::new(issuer.to_owned())?,
            audience,
            now + LIFE,
            now,
            person,
            groups,
        )
        .set_auth_time(Some(session.auth_time))
        .set_nonce(request.nonce.map(Nonce::new));
        Ok(Token::new(claims, &self.key, CoreJwsSigningAlgorithm::EdDsa, None, None)?.to_string())
    }

    /// The subject of a token that this provider once made for this client, expired or not.
    pub(super) fn subject_of(&self, token: &str, issuer: &str, client: &str) -> Option<String> {
        let token: Token = token.parse().ok()?;
        let client = ClientId::new(client.to_owned());
        let verifier = CoreIdTokenVerifier::new_public_client(client, IssuerUrl::new(issuer.to_owned()).ok()?, self.public_keys())
            .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa])
            // As a hint at logout an expired token is as good as a fresh one (RP-Initiated Logout 1.0, section 2).
            .set_time_fn(|| DateTime::UNIX_EPOCH);
        let claims = token.into_claims(&verifier, |_: Option<&Nonce>| Ok(())).ok()?;
        Some(claims.subject().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idp::account::ACCOUNTS;
    use crate::idp::authorize::AuthorizationRequest;
    use crate::idp::memory::Session;

    const ISSUER: &str = "http://127.0.0.1:8081";

    fn token(signer: &Signer, now: DateTime<Utc>) -> String {
        let session = Session {
            account: ACCOUNTS[0],
            auth_time: now,
        };
        signer
            .sign(
                ISSUER,
                "muster",
                Grant {
                    request: AuthorizationRequest::example(),
                    session,
                },
                now,
            )
            .unwrap()
    }

    #[test]
    fn its_own_token_is_recognised_even_when_expired() {
        let signer = Signer::generate().unwrap();
        let old = token(&signer, Utc::now() - TimeDelta::days(3));
        assert_eq!(signer.subject_of(&old, ISSUER, "muster"), Some(ACCOUNTS[0].subject()));
    }

    #[test]
    fn tokens_of_another_key_issuer_or_client_are_not() {
        let (signer, other) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let own = token(&signer, Utc::now());
        assert_eq!(signer.subject_of(&token(&other, Utc::now()), ISSUER, "muster"), None);
        assert_eq!(signer.subject_of(&own, "http://127.0.0.1:9", "muster"), None);
        assert_eq!(signer.subject_of(&own, ISSUER, "other"), None);
        assert_eq!(signer.subject_of("not a token", ISSUER, "muster"), None);
    }
}
