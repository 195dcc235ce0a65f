//! Signing in at a certified provider (panva/oidc-provider, end2end/oidc), driven as a browser would.

mod browser;
mod evidence;
mod hostile;
mod outage;
mod peer;
mod sign_in;

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::oidc::{
    Callback, OidcError, Pace, Pkce, Provider, ProviderSettings, SignIn, SignedIn, StepUp, random_token,
};
use chrono::Utc;
use domain::role::Role;
use secrecy::SecretString;

use browser::Browser;
use peer::Peer;

const REDIRECT: &str = "http://127.0.0.1:8080/auth/callback";

/// Settings of the client `client_id`, quick enough for a test.
fn settings(issuer: &str, client_id: &str) -> ProviderSettings {
    ProviderSettings {
        issuer: issuer.into(),
        client_id: client_id.into(),
        client_secret: Some(SecretString::from(format!("{client_id}-secret"))),
        redirect_url: REDIRECT.parse().unwrap(),
        scopes: ["openid", "profile", "groups"].map(String::from).to_vec(),
        role_claim: "groups".into(),
        roles: BTreeMap::from([
            (Role::Operator, vec!["muster-operators".into()]),
            (Role::Auditor, vec!["muster-auditors".into()]),
            (Role::Viewer, vec!["muster-viewers".into()]),
        ]),
        person_claim: Some("employee_number".into()),
        skew: chrono::Duration::seconds(5),
        pace: Pace {
            retry: Duration::from_millis(300),
            ..Pace::default()
        },
    }
}

fn provider(peer: &Peer, client_id: &str) -> Provider {
    Provider::new(settings(&peer.issuer, client_id)).unwrap()
}

/// A login that has begun: what the web tier keeps of it.
struct Begun {
    nonce: String,
    pkce: Pkce,
    answer: BTreeMap<String, String>,
}

impl Begun {
    async fn sign_in(provider: &Provider, browser: &mut Browser, account: &str) -> Self {
        let (state, nonce, pkce) = (random_token(), random_token(), Pkce::generate());
        let sign_in = SignIn {
            state: &state,
            nonce: &nonce,
            pkce_challenge: &pkce.challenge,
        };
        let url = provider.authorize_url(sign_in).await.unwrap();
        Self::follow(browser, url, account, state, nonce, pkce).await
    }

    async fn step_up(provider: &Provider, browser: &mut Browser, account: &str, nonce: String) -> Self {
        let (state, pkce) = (random_token(), Pkce::generate());
        let step_up = StepUp {
            state: &state,
            nonce: &nonce,
            pkce_challenge: &pkce.challenge,
            login_hint: Some(account),
        };
        let url = provider.authorize_url_step_up(step_up).await.unwrap();
        Self::follow(browser, url, account, state, nonce, pkce).await
    }

    async fn follow(
        browser: &mut Browser,
        url: url::Url,
        account: &str,
        state: String,
        nonce: String,
        pkce: Pkce,
    ) -> Self {
        let answer = browser.log_in(url, account, REDIRECT).await;
        assert_eq!(
            answer.get("state"),
            Some(&state),
            "the provider hands the state back: {answer:?}"
        );
        Self { nonce, pkce, answer }
    }

    fn callback(&self) -> Callback<'_> {
        Callback {
            code: &self.answer["code"],
            iss: self.answer.get("iss").map(String::as_str),
            nonce: &self.nonce,
            pkce_verifier: &self.pkce.verifier,
        }
    }

    async fn finish(&self, provider: &Provider) -> Result<SignedIn, OidcError> {
        provider.exchange(self.callback(), Utc::now()).await
    }
}

/// Signs in with a new browser.
async fn signed_in(peer: &Peer, client_id: &str, account: &str) -> (SignedIn, String) {
    let provider = provider(peer, client_id);
    let begun = Begun::sign_in(&provider, &mut Browser::new(), account).await;
    (begun.finish(&provider).await.unwrap(), begun.nonce)
}
