//! A login on its way: what is sent out, what comes back, what is left at the end.

use secrecy::SecretString;

use super::id_token::Claims;

/// A login to begin. The caller keeps all three until the person comes back, bound to their browser.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    /// [`super::Pkce::challenge`].
    pub pkce_challenge: &'a str,
}

/// A login that must be made anew, for one decision. The nonce commits to that decision.
#[derive(Clone, Copy, Debug)]
pub struct StepUp<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    /// [`super::Pkce::challenge`].
    pub pkce_challenge: &'a str,
    /// Whom the provider should ask, as it knows them: fills a form in, proves nothing.
    pub login_hint: Option<&'a str>,
}

/// A person who came back, and what was kept of their login. The caller has compared the state already.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    pub code: &'a str,
    /// The parameter `iss` (RFC 9207), if there was one.
    pub iss: Option<&'a str>,
    pub nonce: &'a str,
    /// [`super::Pkce::verifier`].
    pub pkce_verifier: &'a SecretString,
}

/// A finished login.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub claims: Claims,
    /// The token itself: evidence of a decision, and the hint for a logout.
    pub raw_id_token: SecretString,
}
