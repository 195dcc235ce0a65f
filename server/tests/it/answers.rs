//! What stands on every answer.

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;

use crate::browser::Browser;
use crate::site::Site;
use crate::strangers::{assert_guarded, readings};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_guarded_and_runs_only_its_own_script() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "operator").await;
    let mut nonces = std::collections::BTreeSet::new();
    for path in readings().into_iter().filter(|path| path != "/events") {
        let answer = browser.get(&path).await;
        assert_guarded(&answer.headers, &path);
        assert!(
            !answer.text.contains(" style=\"") && !answer.text.contains(" onclick="),
            "{path}"
        );
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        if let Some(nonce) = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()) {
            assert!(answer.text.contains(&format!("nonce=\"{nonce}\"")), "{path}");
            assert!(nonces.insert(nonce.to_owned()), "{path}: a nonce came twice");
        }
        assert_eq!(answer.headers["referrer-policy"], "same-origin", "{path}");
        assert!(
            answer.headers["strict-transport-security"]
                .to_str()
                .unwrap()
                .starts_with("max-age="),
            "{path}"
        );
    }
    assert!(nonces.len() > 8, "pages have scripts");
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_kept_and_lead_back_to_the_page() {
    let site = Site::new().await;
    let browser = Browser::new(&site);
    let headers = [
        ("origin", crate::site::ORIGIN),
        ("referer", "https://muster.example/sign-in?return_to=/keys"),
    ];
    let answer = browser.post_from("/theme", &[("theme", "dark")], &headers).await;
    assert_eq!(
        (answer.status, answer.onward().as_str()),
        (StatusCode::SEE_OTHER, "/sign-in?return_to=/keys")
    );
    assert!(answer.headers[SET_COOKIE].to_str().unwrap().starts_with("theme=dark;"));
    assert!(browser.get("/sign-in").await.text.contains("data-theme=\"dark\""));
    let headers = [
        ("origin", crate::site::ORIGIN),
        ("referer", "https://muster.example//evil.example/"),
    ];
    assert_eq!(
        browser
            .post_from("/theme", &[("theme", "<b>")], &headers)
            .await
            .onward(),
        "/"
    );
}
