use reqwest::StatusCode;
use reqwest::header::{LOCATION, ORIGIN};
use url::Url;

use super::*;
use browser::{Browser, CONSOLE, answered, client, code, form};

mod browser;

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
