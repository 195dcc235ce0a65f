//! A provider and one browser that talks to it, as the console would have it do.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::Sha256;
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{AdditionalClaims, ClientId, IdToken, IdTokenClaims, IssuerUrl, Nonce};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::idp::{Client, Provider, new_signing_key};

pub const CONSOLE: &str = "http://127.0.0.1:8080/";
pub const CALLBACK: &str = "http://127.0.0.1:8080/auth/callback";
const VERIFIER: &str = "a-verifier-with-enough-letters-to-be-allowed-as-one";

pub fn client() -> Client {
    Client {
        id: "muster",
        secret: "client secret".to_owned().into(),
        redirect_uri: CALLBACK.parse().unwrap(),
        post_logout_redirect_uri: CONSOLE.parse().unwrap(),
    }
}

/// A provider and one browser with its cookie jar.
pub struct Browser {
    pub provider: Provider,
    pub http: reqwest::Client,
    cookie: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Groups {
    pub groups: Vec<String>,
}
impl AdditionalClaims for Groups {}
pub type Claims = IdTokenClaims<Groups, CoreGenderClaim>;
type Token = IdToken<Groups, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

impl Browser {
    pub async fn new() -> Self {
        let provider = Provider::start(&["127.0.0.1:0".parse().unwrap()], client(), &new_signing_key().unwrap())
            .await
            .unwrap();
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self {
            provider,
            http,
            cookie: None,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.provider.issuer())
    }

    /// A request in order, but for what is changed; an empty value leaves the parameter out.
    pub async fn authorize(&self, changed: &[(&str, &str)]) -> Response {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::of(&[VERIFIER.as_bytes()]).0);
        let mut fields = HashMap::from([
            ("client_id", "muster"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        fields.extend(changed.iter().copied());
        fields.retain(|_, value| !value.is_empty());
        let mut url: Url = self.url("/authorize").parse().unwrap();
        url.query_pairs_mut().extend_pairs(fields);
        self.send(self.http.get(url)).await
    }

    pub async fn press(&mut self, page: Response, account: &str) -> Response {
        assert_eq!(page.status(), StatusCode::OK);
        let html = page.text().await.unwrap();
        let login = html
            .split("name=\"login\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let body = form(&[("login", &login), ("account", account)]);
        let answer = self
            .send(
                self.post("/login", body)
                    .header(ORIGIN, self.provider.issuer().trim_end_matches("/demo")),
            )
            .await;
        if let Some(cookie) = answer.headers().get(SET_COOKIE) {
            self.cookie = Some(cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
        answer
    }

    pub async fn sign_in(&mut self, account: &str) -> String {
        let page = self.authorize(&[("prompt", "login")]).await;
        code(&self.press(page, account).await)
    }

    pub async fn redeem(&self, changed: &[(&str, &str)]) -> Response {
        let mut fields = HashMap::from([
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", "muster"),
            ("client_secret", "client secret"),
        ]);
        fields.extend(changed.iter().copied());
        let fields: Vec<_> = fields.into_iter().collect();
        self.send(self.post("/token", form(&fields))).await
    }

    /// The claims of a code's token, verified with the keys that the provider publishes.
    pub async fn claims(&self, code: &str) -> Claims {
        let token = self.token(code).await;
        let keys: CoreJsonWebKeySet = self
            .http
            .get(self.url("/jwks"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let issuer = IssuerUrl::new(self.provider.issuer().to_owned()).unwrap();
        let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new("muster".into()), issuer, keys)
            .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa]);
        token
            .parse::<Token>()
            .unwrap()
            .into_claims(&verifier, &Nonce::new("no".into()))
            .unwrap()
    }

    pub async fn token(&self, code: &str) -> String {
        let answer: serde_json::Value = self.redeem(&[("code", code)]).await.json().await.unwrap();
        answer["id_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    pub fn post(&self, path: &str, body: String) -> reqwest::RequestBuilder {
        self.http
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Response {
        let cookie = self.cookie.as_ref();
        let request = cookie
            .into_iter()
            .fold(request, |request, cookie| request.header(COOKIE, cookie));
        request.send().await.unwrap()
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// What the console reads from where the browser is sent.
pub fn answered(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let url: Url = response.headers()[LOCATION].to_str().unwrap().parse().unwrap();
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    url.query_pairs().into_owned().collect()
}

pub fn code(response: &Response) -> String {
    answered(response).remove("code").unwrap()
}
