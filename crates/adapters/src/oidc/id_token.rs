//! ID tokens: verified, and taken apart into what Muster needs. Nothing of a token is looked at before its signature was.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use domain::approval::Login;
use domain::ids::Person;
use domain::role::Role;
use domain::time::Timestamp;
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier};
use openidconnect::{ClaimsVerificationError, ClientId, Nonce, SignatureVerificationError};
use serde_json::{Map, Value};

use super::directory::Published;
use super::error::TokenFault;
use super::people;
use super::settings::ProviderSettings;

/// What a verified ID token says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claims {
    /// Issuer and `sub`; where a `person_claim` is configured, issuer and the value of that claim.
    pub person: Person,
    /// The `sub` of the account that signed in.
    pub account: String,
    pub audience: Vec<String>,
    pub nonce: String,
    /// When the person proved who they are. `None` if the provider doesn't say; never filled from `issued_at`.
    pub auth_time: Option<Timestamp>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// For reading only.
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// The provider's own session (`sid`), for its logout messages.
    pub session: Option<String>,
}

impl Claims {
    /// The login, as the rules of approvals judge it.
    #[must_use]
    pub fn login(&self) -> Login {
        Login {
            person: self.person.clone(),
            name: self.name.clone(),
            roles: self.roles.clone(),
            nonce: self.nonce.clone(),
            auth_time: self.auth_time,
            issued_at: self.issued_at,
        }
    }
}

/// Whether the token's own times are judged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    /// It was just handed out: it must be valid now.
    Now(Timestamp),
    /// It is evidence of something earlier; whoever uses it judges its times.
    Unjudged,
}

/// Verifies signature, issuer, audience and nonce of a token.
pub(super) fn verify(
    raw: &str,
    nonce: &str,
    clock: Clock,
    published: &Published,
    settings: &ProviderSettings,
) -> Result<Claims, TokenFault> {
    let token: CoreIdToken = raw.parse().map_err(|_| TokenFault::Malformed)?;
    let verifier = verifier(clock, published, settings);
    let claims = token
        .claims(&verifier, &Nonce::new(nonce.into()))
        .map_err(|error| fault(&error))?;
    if claims
        .authorized_party()
        .is_some_and(|party| party.as_str() != settings.client_id)
    {
        return Err(TokenFault::Audience);
    }
    if let Clock::Now(now) = clock
        && claims.issue_time() > now + settings.skew
    {
        return Err(TokenFault::InFuture);
    }
    let all = payload(raw).ok_or(TokenFault::Malformed)?;
    take_apart(claims, &all, nonce, settings)
}

fn verifier<'a>(clock: Clock, published: &Published, settings: &ProviderSettings) -> CoreIdTokenVerifier<'a> {
    let client = ClientId::new(settings.client_id.clone());
    let skew = settings.skew;
    // As a public client: symmetric signatures, which anybody with the client's secret could make, are refused.
    CoreIdTokenVerifier::new_public_client(
        client,
        published.metadata.issuer().clone(),
        published.keys.as_ref().clone(),
    )
    .set_allowed_algs(published.algorithms.clone())
    .set_time_fn(move || match clock {
        Clock::Now(now) => now - skew,
        Clock::Unjudged => DateTime::UNIX_EPOCH,
    })
}

fn take_apart(
    claims: &CoreIdTokenClaims,
    all: &Map<String, Value>,
    nonce: &str,
    settings: &ProviderSettings,
) -> Result<Claims, TokenFault> {
    let account = claims.subject().as_str();
    // Whoever has two accounts is still one person: then the claim that links them is who they are.
    let subject = match &settings.person_claim {
        Some(claim) => people::link(all, claim).ok_or(TokenFault::NoPerson)?,
        None => account.into(),
    };
    Ok(Claims {
        person: Person {
            issuer: claims.issuer().as_str().into(),
            subject,
        },
        account: account.into(),
        audience: claims
            .audiences()
            .iter()
            .map(|audience| audience.as_str().into())
            .collect(),
        nonce: nonce.into(),
        auth_time: claims.auth_time(),
        issued_at: claims.issue_time(),
        expires_at: claims.expiration(),
        name: people::name(all, account),
        roles: people::roles(all, &settings.role_claim, &settings.roles),
        session: all.get("sid").and_then(Value::as_str).map(String::from),
    })
}

/// All claims of a token whose signature fits.
fn payload(raw: &str) -> Option<Map<String, Value>> {
    let part = raw.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn fault(error: &ClaimsVerificationError) -> TokenFault {
    match error {
        ClaimsVerificationError::Expired(_) => TokenFault::Expired,
        ClaimsVerificationError::InvalidAudience(_) => TokenFault::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => TokenFault::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => TokenFault::Nonce,
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::NoSignature => TokenFault::Unsigned,
            SignatureVerificationError::NoMatchingKey => TokenFault::UnknownKey,
            SignatureVerificationError::DisallowedAlg(_) | SignatureVerificationError::UnsupportedAlg(_) => {
                TokenFault::Algorithm
            }
            _ => TokenFault::Signature,
        },
        _ => TokenFault::Malformed,
    }
}
