//! The provider as the web tier and the worker see it.

use std::sync::{Mutex, PoisonError};

use domain::time::Timestamp;
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, LoginHint, Nonce, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::directory::{Directory, Published};
use super::error::{OidcError, TokenFault};
use super::fetch::Fetch;
use super::id_token::{self, Claims, Clock};
use super::login::{Callback, SignIn, SignedIn, StepUp};
use super::settings::ProviderSettings;

/// Asks the provider to say when the person signed in: it may leave that out otherwise (OpenID Connect Core 5.5.1).
const ASK_AUTH_TIME: &str = r#"{"id_token":{"auth_time":{"essential":true}}}"#;

/// One identity provider. Made without a request: the provider is asked when somebody needs it.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    directory: Directory,
    /// Whether the last login that was asked for anew told when it took place.
    proves_fresh: Mutex<Option<bool>>,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

impl Provider {
    /// Doesn't talk to the provider.
    ///
    /// # Errors
    /// If the issuer is neither `https://` nor `http://` on loopback.
    pub fn new(settings: ProviderSettings) -> Result<Self, OidcError> {
        let unusable = |reason: String| OidcError::Unusable {
            issuer: settings.issuer.clone(),
            reason,
        };
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|error| unusable(format!("its address is none ({error})")))?;
        let fetch = Fetch::new(issuer.url(), settings.pace)
            .map_err(|error| unusable(format!("no client for it can be made ({error})")))?
            .ok_or_else(|| unusable("its address must begin with https://, or with http:// on this host".into()))?;
        let directory = Directory::new(issuer, fetch, settings.pace);
        Ok(Self {
            settings,
            directory,
            proves_fresh: Mutex::default(),
        })
    }

    /// Whether the provider says when a login took place that was asked for anew. Only a login shows it, so before one: `None`.
    #[must_use]
    pub fn proves_fresh_logins(&self) -> Option<bool> {
        *self.proves_fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What such a login has shown.
    pub fn note_fresh_login(&self, claims: &Claims) {
        *self.proves_fresh.lock().unwrap_or_else(PoisonError::into_inner) = Some(claims.auth_time.is_some());
    }

    /// Whether the provider answers and can be used, for `muster doctor` and pages.
    ///
    /// # Errors
    /// If it doesn't or can't.
    pub async fn probe(&self) -> Result<(), OidcError> {
        self.directory.published().await.map(drop)
    }

    /// Where to send somebody who wants to sign in.
    ///
    /// # Errors
    /// If the provider can't be reached or used.
    pub async fn authorize_url(&self, sign_in: SignIn<'_>) -> Result<Url, OidcError> {
        let SignIn {
            state,
            nonce,
            pkce_challenge,
        } = sign_in;
        self.authorize(state, nonce, pkce_challenge, None).await
    }

    /// Where to send somebody who is to prove, now, that it is them.
    ///
    /// # Errors
    /// If the provider can't be reached or used.
    pub async fn authorize_url_step_up(&self, step_up: StepUp<'_>) -> Result<Url, OidcError> {
        let StepUp {
            state,
            nonce,
            pkce_challenge,
            login_hint,
        } = step_up;
        self.authorize(state, nonce, pkce_challenge, Some(login_hint)).await
    }

    async fn authorize(
        &self,
        state: &str,
        nonce: &str,
        challenge: &str,
        anew: Option<Option<&str>>,
    ) -> Result<Url, OidcError> {
        let published = self.directory.published().await?;
        let client = self.client(&published);
        let (state, nonce) = (state.to_owned(), nonce.to_owned());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(
                self.settings
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .cloned()
                    .map(Scope::new),
            )
            .add_extra_param("code_challenge", challenge)
            .add_extra_param("code_challenge_method", "S256");
        if let Some(login_hint) = anew {
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(std::time::Duration::ZERO)
                .add_extra_param("claims", ASK_AUTH_TIME);
            if let Some(hint) = login_hint {
                request = request.set_login_hint(LoginHint::new(hint.into()));
            }
        }
        let (url, _, _) = request.url();
        Ok(url)
    }

    /// Exchanges the code for an ID token and verifies it, its times against `now` included. For sign-in and step-up alike.
    ///
    /// # Errors
    /// If the provider can't be reached, refuses the code, or hands out a token that proves nothing.
    pub async fn exchange(&self, callback: Callback<'_>, now: Timestamp) -> Result<SignedIn, OidcError> {
        let published = self.directory.published().await?;
        self.check_sender(callback.iss, &published)?;
        let client = self.client(&published);
        let request = client
            .exchange_code(AuthorizationCode::new(callback.code.into()))
            .map_err(|error| self.directory.unusable(&error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(callback.pkce_verifier.expose_secret().into()));
        let answer = request
            .request_async(&self.directory.fetch)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(refusal) => OidcError::Refused(refusal.error().to_string()),
                RequestTokenError::Request(error) => self.directory.unreachable(error),
                // The text of these may hold parts of a token.
                RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                    self.directory.unusable("its token answer can’t be read")
                }
            })?;
        let raw = answer.id_token().ok_or(TokenFault::Missing)?.to_string();
        let claims = self.verify(&raw, callback.nonce, Clock::Now(now), published).await?;
        Ok(SignedIn {
            claims,
            raw_id_token: SecretString::from(raw),
        })
    }

    /// Verifies a token that was kept as evidence: signature by a key that the provider publishes, issuer, audience and nonce. Its times are
    /// returned, not judged: evidence is looked at later than a token lives.
    ///
    /// # Errors
    /// If the provider can't be reached, or the token proves nothing.
    pub async fn verify_evidence(&self, raw_id_token: &SecretString, nonce: &str) -> Result<Claims, OidcError> {
        let published = self.directory.published().await?;
        self.verify(raw_id_token.expose_secret(), nonce, Clock::Unjudged, published)
            .await
    }

    /// Where to send somebody who signs out, so that the provider ends its session as well. `None` if it can't.
    ///
    /// # Errors
    /// If the provider can't be reached or used.
    pub async fn end_session_url(
        &self,
        id_token_hint: Option<&SecretString>,
        back_to: &Url,
        state: &str,
    ) -> Result<Option<Url>, OidcError> {
        let published = self.directory.published().await?;
        let Some(mut url) = published.metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        {
            let mut query = url.query_pairs_mut();
            if let Some(token) = id_token_hint {
                query.append_pair("id_token_hint", token.expose_secret());
            }
            query.append_pair("client_id", &self.settings.client_id);
            query.append_pair("post_logout_redirect_uri", back_to.as_str());
            query.append_pair("state", state);
        }
        Ok(Some(url))
    }

    /// A token signed by a key that isn't known may only mean that the provider has a new one: it is asked once.
    async fn verify(&self, raw: &str, nonce: &str, clock: Clock, published: Published) -> Result<Claims, OidcError> {
        match id_token::verify(raw, nonce, clock, &published, &self.settings) {
            Err(TokenFault::UnknownKey) => {
                let newer = self
                    .directory
                    .refetch_keys(&published)
                    .await?
                    .ok_or(TokenFault::UnknownKey)?;
                Ok(id_token::verify(raw, nonce, clock, &newer, &self.settings)?)
            }
            verdict => Ok(verdict?),
        }
    }

    /// RFC 9207: an answer says who sent it, where the provider announced that it would.
    fn check_sender(&self, iss: Option<&str>, published: &Published) -> Result<(), OidcError> {
        let announced = published
            .metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        match iss {
            Some(iss) if iss == self.directory.issuer() => Ok(()),
            None if !announced => Ok(()),
            other => Err(OidcError::MixedUp {
                expected: self.directory.issuer().into(),
                found: other.unwrap_or("an unnamed sender").into(),
            }),
        }
    }

    fn client(&self, published: &Published) -> Client {
        let secret = self
            .settings
            .client_secret
            .as_ref()
            .map(|secret| ClientSecret::new(secret.expose_secret().into()));
        let client = CoreClient::from_provider_metadata(
            published.metadata.as_ref().clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret,
        )
        .set_redirect_uri(RedirectUrl::from_url(self.settings.redirect_url.clone()));
        match published.metadata.token_endpoint_auth_methods_supported() {
            Some(methods)
                if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                    && methods.contains(&CoreClientAuthMethod::ClientSecretPost) =>
            {
                client.set_auth_type(AuthType::RequestBody)
            }
            _ => client,
        }
    }
}
