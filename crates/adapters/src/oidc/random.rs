//! What must not be guessed: state, nonce, PKCE verifier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::Sha256;
use secrecy::{ExposeSecret as _, SecretString};

/// 32 random bytes in base64url: a state, a nonce, or anything else of 43 characters that nobody can guess.
#[must_use]
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Proof Key for Code Exchange (RFC 7636), method S256: only who began a login can finish it.
#[derive(Clone, Debug)]
pub struct Pkce {
    /// Kept until the code is exchanged.
    pub verifier: SecretString,
    /// Sent when the login begins.
    pub challenge: String,
}

impl Pkce {
    /// A new pair.
    #[must_use]
    pub fn generate() -> Self {
        Self::from_verifier(SecretString::from(random_token()))
    }

    /// The pair of a verifier that was kept.
    #[must_use]
    pub fn from_verifier(verifier: SecretString) -> Self {
        let Sha256(hash) = Sha256::of(&[verifier.expose_secret().as_bytes()]);
        Self {
            verifier,
            challenge: URL_SAFE_NO_PAD.encode(hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let pkce = Pkce::from_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(pkce.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn tokens_have_43_characters_and_never_repeat() {
        let tokens: std::collections::BTreeSet<_> = (0..100).map(|_| random_token()).collect();
        assert_eq!(tokens.len(), 100);
        assert!(tokens.iter().all(|token| token.len() == 43));
    }
}
