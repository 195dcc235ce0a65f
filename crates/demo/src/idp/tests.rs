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

use super::*;

const CONSOLE: &str = "http://127.0.0.1:8080/";
const CALLBACK: &str = "http://127.0.0.1:8080/auth/callback";
const VERIFIER: &str = "a-verifier-with-enough-letters-to-be-allowed-as-one";

fn client() -> Client {
    Client {
        id: "muster",
        secret: "client secret".to_owned().into(),
        redirect_uri: CALLBACK.parse().unwrap(),
        post_logout_redirect_uri: CONSOLE.parse().unwrap(),
    }
}

/// A provider and one browser with its cookie jar.
struct Browser {
    provider: Provider,
    http: reqwest::Client,
    cookie: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Groups {
    groups: Vec<String>,
}
impl AdditionalClaims for Groups {}
type Claims = IdTokenClaims<Groups, CoreGenderClaim>;
type Token = IdToken<Groups, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

impl Browser {
    async fn new() -> Self {
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

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.provider.issuer())
    }

    /// A request in order, but for what is changed; an empty value leaves the parameter out.
    async fn authorize(&self, changed: &[(&str, &str)]) -> Response {
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

    async fn press(&mut self, page: Response, account: &str) -> Response {
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

    async fn sign_in(&mut self, account: &str) -> String {
        let page = self.authorize(&[("prompt", "login")]).await;
        code(&self.press(page, account).await)
    }

    async fn redeem(&self, changed: &[(&str, &str)]) -> Response {
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
    async fn claims(&self, code: &str) -> Claims {
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

    async fn token(&self, code: &str) -> String {
        let answer: serde_json::Value = self.redeem(&[("code", code)]).await.json().await.unwrap();
        answer["id_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    fn post(&self, path: &str, body: String) -> reqwest::RequestBuilder {
        self.http
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Response {
        let cookie = self.cookie.as_ref();
        let request = cookie
            .into_iter()
            .fold(request, |request, cookie| request.header(COOKIE, cookie));
        request.send().await.unwrap()
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// What the console reads from where the browser is sent.
fn answered(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let url: Url = response.headers()[LOCATION].to_str().unwrap().parse().unwrap();
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    url.query_pairs().into_owned().collect()
}

fn code(response: &Response) -> String {
    answered(response).remove("code").unwrap()
}

#[tokio::test]
async fn any_address_that_isnt_loopback_is_refused() {
    for hostile in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let addresses = ["127.0.0.1:0".parse().unwrap(), hostile.parse().unwrap()];
        let refused = Provider::start(&addresses, client(), &new_signing_key().unwrap())
            .await
            .err()
            .unwrap();
        assert!(refused.to_string().contains("loopback"), "{refused}");
    }
}

#[tokio::test]
async fn a_login_ends_in_a_token_that_says_who_and_when() {
    let mut browser = Browser::new().await;
    let page = browser.authorize(&[]).await;
    let answer = answered(&browser.press(page, "operator-b").await);
    assert_eq!(
        (answer["state"].as_str(), answer["iss"].as_str()),
        ("st", browser.provider.issuer())
    );

    let claims = browser.claims(&answer["code"]).await;
    assert_eq!(claims.name().unwrap().get(None).unwrap().as_str(), "operator-b");
    assert_eq!(claims.additional_claims().groups, [OPERATORS]);
    assert!((chrono::Utc::now() - claims.auth_time().unwrap()).num_seconds() <= 5);
}

#[tokio::test]
async fn pkce_is_required_and_checked() {
    let mut browser = Browser::new().await;
    assert_eq!(
        answered(&browser.authorize(&[("code_challenge", "")]).await)["error"],
        "invalid_request"
    );
    assert_eq!(
        answered(&browser.authorize(&[("code_challenge_method", "plain")]).await)["error"],
        "invalid_request"
    );
    let code = browser.sign_in("viewer").await;
    let wrong = browser
        .redeem(&[
            ("code", &code),
            ("code_verifier", "another-verifier-that-was-never-hashed-into-it"),
        ])
        .await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    // The guess has used the code up.
    assert_eq!(
        browser.redeem(&[("code", &code)]).await.status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_code_works_once_and_for_its_client_and_address_only() {
    let mut browser = Browser::new().await;
    let code = browser.sign_in("viewer").await;
    assert_eq!(
        browser
            .redeem(&[("code", &code), ("client_secret", "wrong")])
            .await
            .status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(browser.redeem(&[("code", &code)]).await.status(), StatusCode::OK);
    let replay: serde_json::Value = browser.redeem(&[("code", &code)]).await.json().await.unwrap();
    assert_eq!(replay["error"], "invalid_grant");

    let code = browser.sign_in("viewer").await;
    assert_eq!(
        browser
            .redeem(&[("code", &code), ("redirect_uri", CONSOLE)])
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_session_answers_by_itself_until_a_login_is_asked_for() {
    let mut browser = Browser::new().await;
    assert_eq!(
        answered(&browser.authorize(&[("prompt", "none")]).await)["error"],
        "login_required"
    );
    let first = browser.sign_in("operator-a").await;
    let first = browser.claims(&first).await.auth_time().unwrap();
    let silent = code(&browser.authorize(&[("prompt", "none")]).await);
    assert_eq!(browser.claims(&silent).await.auth_time().unwrap(), first);

    assert_eq!(
        answered(&browser.authorize(&[("prompt", "none"), ("max_age", "0")]).await)["error"],
        "login_required"
    );
    assert_eq!(browser.authorize(&[("max_age", "0")]).await.status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let page = browser.authorize(&[("prompt", "login")]).await;
    let again = code(&browser.press(page, "operator-a").await);
    assert!(browser.claims(&again).await.auth_time().unwrap() > first);
}

#[tokio::test]
async fn a_login_page_is_good_for_one_login() {
    let mut browser = Browser::new().await;
    let html = browser.authorize(&[]).await.text().await.unwrap();
    let login = html
        .split("name=\"login\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let fields = form(&[("login", &login), ("account", "viewer")]);
    assert_eq!(
        browser.send(browser.post("/login", fields.clone())).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        browser.send(browser.post("/login", fields)).await.status(),
        StatusCode::BAD_REQUEST
    );

    let page = browser.authorize(&[]).await;
    assert_eq!(browser.press(page, "root").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_sites_and_other_names_of_this_machine_get_nothing() {
    let browser = Browser::new().await;
    let foreign = browser
        .post("/login", form(&[("login", "x"), ("account", "viewer")]))
        .header(ORIGIN, "http://evil.example");
    assert_eq!(browser.send(foreign).await.status(), StatusCode::FORBIDDEN);
    let rebound = browser.http.get(browser.url("/jwks")).header("host", "evil.example");
    assert_eq!(browser.send(rebound).await.status(), StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(
        browser
            .authorize(&[("redirect_uri", "http://evil.example/")])
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_returns_to_the_console() {
    let mut browser = Browser::new().await;
    let code = browser.sign_in("auditor").await;
    let token = browser.token(&code).await;

    let unasked = browser.send(browser.http.get(browser.url("/logout"))).await;
    assert!(unasked.text().await.unwrap().contains(">Sign out</button>"));
    let mut url: Url = browser.url("/logout").parse().unwrap();
    url.query_pairs_mut().extend_pairs([
        ("id_token_hint", token.as_str()),
        ("post_logout_redirect_uri", CONSOLE),
        ("state", "bye"),
    ]);
    let done = browser.send(browser.http.get(url)).await;
    assert_eq!(done.headers()[LOCATION], format!("{CONSOLE}?state=bye"));
    assert_eq!(
        answered(&browser.authorize(&[("prompt", "none")]).await)["error"],
        "login_required"
    );
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let browser = Browser::new().await;
    let page = browser.authorize(&[]).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("form-action 'self' http://127.0.0.1:8080;"),
        "{policy}"
    );
    assert_eq!(page.headers()["cache-control"], "no-store");
}
