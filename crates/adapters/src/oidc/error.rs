//! What can go wrong between Muster and the identity provider. Texts are for people: they name the issuer, never a token, code or secret.

/// Why there is no login.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OidcError {
    #[error(
        "The identity provider {issuer} can’t be reached: {reason}. Nobody can sign in or decide until it answers; everything else goes on. Muster asks it again by itself."
    )]
    Unreachable { issuer: String, reason: String },
    #[error("The identity provider {issuer} can’t be used: {reason}. Correct the provider or [oidc] in muster.toml.")]
    Unusable { issuer: String, reason: String },
    #[error("The identity provider refused this login ({0}). Nothing was changed; begin again.")]
    Refused(String),
    #[error(
        "The answer came from {found} instead of {expected}: somebody may be mixing up identity providers. Nobody was signed in; begin again."
    )]
    MixedUp { expected: String, found: String },
    #[error("The identity provider’s ID token proves nothing: {0}. Nothing was changed; begin again.")]
    Token(#[from] TokenFault),
}

/// What is wrong with an ID token.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenFault {
    #[error("there is none")]
    Missing,
    #[error("it can’t be read")]
    Malformed,
    #[error("it isn’t signed")]
    Unsigned,
    #[error("it is signed by an algorithm that Muster or the provider doesn’t allow")]
    Algorithm,
    #[error("the provider doesn’t publish the key that signed it")]
    UnknownKey,
    #[error("its signature doesn’t fit")]
    Signature,
    #[error("another issuer made it")]
    Issuer,
    #[error("it was made for another client")]
    Audience,
    #[error("it answers another question (nonce)")]
    Nonce,
    #[error("it lacks the claim that tells people apart (person_claim)")]
    NoPerson,
    #[error("it has expired")]
    Expired,
    #[error("it was made in the future: one of the clocks is off")]
    InFuture,
}
