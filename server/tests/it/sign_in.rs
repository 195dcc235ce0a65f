//! Signing in and out.

use adapters::oidc::Provider;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use testkit::issuer::Issuer;

use crate::browser::Browser;
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_is_known_and_signs_out_for_good() {
    let site = Site::new().await;
    let browser = Browser::new(&site);
    let asked = browser.get("/keys?deployment=demo").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(asked.onward(), "/sign-in?return_to=%2Fkeys%3Fdeployment%3Ddemo");
    assert!(browser.get("/sign-in").await.text.contains("Sign in"));

    let back = browser.sign_in("ada", &["operator"], "/keys?deployment=demo").await;
    assert_eq!(back.onward(), "/keys?deployment=demo");
    let cookie = back
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap());
    let cookie = { cookie }
        .rfind(|value| value.starts_with("__Host-muster="))
        .unwrap()
        .to_owned();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age"), "it lasts as long as the browser: {cookie}");
    let page = browser.get("/keys").await;
    assert!(
        page.status == StatusCode::OK && page.text.contains("ada"),
        "{}",
        page.text
    );

    let stolen = browser.copy();
    let out = browser.post("/auth/sign-out", &[]).await;
    assert!(
        out.status.is_redirection() || out.status == StatusCode::OK,
        "{}",
        out.status
    );
    assert!(browser.cookies().keys().all(|name| name != "__Host-muster"));
    assert_eq!(stolen.get("/keys").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        stolen.post("/keys/prove", &[("deployment", "demo")]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let audited = site.audited().await;
    let of_ada = |action: &str| audited.contains(&(action.into(), "ok".into(), "ada".into()));
    assert!(of_ada("session.begin") && of_ada("session.end"), "{audited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_gets_a_new_id_so_that_a_planted_one_is_worth_nothing() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "operator").await;
    let before = browser.cookies()["__Host-muster"].clone();
    let earlier = browser.copy();
    browser.sign_in("ada", &["operator"], "/").await;
    assert_ne!(browser.cookies()["__Host-muster"], before);
    assert_eq!(earlier.get("/keys").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let site = Site::new().await;
    let (browser, other) = (Browser::new(&site), Browser::new(&site));
    let begun = browser.get("/auth/sign-in").await;
    let back = browser.vouched_for(&begun.onward(), "ada", &["operator"]);
    assert_eq!(other.get(&back).await.status, StatusCode::CONFLICT);
    // Whoever stole the answer has used it up.
    assert_eq!(browser.get(&back).await.status, StatusCode::CONFLICT);
    assert_eq!(browser.get("/keys").await.status, StatusCode::SEE_OTHER);

    let (one, two) = (browser.get("/auth/sign-in").await, browser.get("/auth/sign-in").await);
    let one = browser.vouched_for(&one.onward(), "ada", &["operator"]);
    assert_eq!(
        browser.get(&one).await.status,
        StatusCode::SEE_OTHER,
        "a second tab spoils nothing"
    );
    assert_eq!(browser.get(&one).await.status, StatusCode::CONFLICT, "used already");
    drop(two);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_a_role_or_with_a_strangers_token() {
    let site = Site::new().await;
    let browser = Browser::new(&site);
    let refused = browser.sign_in("eve", &["everybody"], "/").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("eve has no role here"), "{}", refused.text);
    assert_eq!(browser.get("/keys").await.status, StatusCode::SEE_OTHER);

    // The provider vouches, but for another question.
    let begun = browser.get("/auth/sign-in").await;
    let spoilt = begun.onward().replace("nonce=", "nonce=x");
    let refused = browser.get(&browser.vouched_for(&spoilt, "ada", &["operator"])).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let audited = site.audited().await;
    assert!(
        audited.contains(&("session.begin".into(), "refused".into(), "eve".into())),
        "{audited:?}"
    );
    assert!(
        audited.contains(&("session.begin".into(), "refused".into(), "muster sign-in".into())),
        "{audited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_elsewhere_afterwards() {
    let site = Site::new().await;
    for hostile in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=1\r\nX: y",
        "/auth/sign-out",
    ] {
        let back = Browser::new(&site).sign_in("ada", &["viewer"], hostile).await;
        let to = back.onward();
        assert!(to == "/" || to.starts_with("/%0d"), "{hostile:?} led to {to:?}");
        assert!(!back.headers.contains_key("x"), "{hostile:?}");
    }
    let forged = Browser::new(&site)
        .get("/auth/callback?state=x&error=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    assert_eq!(forged.status, StatusCode::CONFLICT);
    assert!(!forged.text.contains("alert"), "{}", forged.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_provider_nobody_signs_in_and_the_rest_goes_on() {
    let issuer = Issuer::start().await;
    let mut settings = issuer.settings();
    // Nobody listens on port 1.
    settings.issuer = "http://127.0.0.1:1".parse().unwrap();
    let dead = Site::with(issuer, Provider::new(settings).unwrap()).await;
    let browser = Browser::new(&dead);
    for path in ["/auth/sign-in", "/sign-in"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.text.contains("Nobody can sign in now."), "{path}");
    }
    assert_eq!(browser.get("/health/ready").await.status, StatusCode::OK);
    assert_eq!(browser.get("/keys").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_stays_so_while_the_provider_is_gone() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "operator").await;
    let Site { issuer, .. } = &site;
    issuer.stop();
    assert_eq!(browser.get("/keys").await.status, StatusCode::OK);
    assert_eq!(browser.post("/auth/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/keys").await.onward(), "/sign-in?return_to=%2Fkeys");
}
