//! What people without a session, other sites, and nonsense get: an answer, and nothing done.

use app::pages::App;
use axum::http::{HeaderMap, StatusCode};
use leptos_axum::generate_route_list;

use crate::browser::Browser;
use crate::site::{ORIGIN, Site};

/// Seen without a session, by purpose.
const OPEN: [&str; 1] = ["/sign-in"];
/// A form that works without a session: it sets colours.
const OPEN_FORMS: [&str; 1] = ["/theme"];

/// The addresses of all forms, read from where they are declared, so that none can be forgotten; server functions with them.
pub fn forms() -> Vec<String> {
    let source = include_str!("../../src/web.rs");
    let declared = source
        .lines()
        .filter(|line| line.contains(".route(") && line.contains("post("));
    let paths = declared.map(|line| line.split('"').nth(1).expect("a route on one line").to_owned());
    let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    paths.chain(functions).map(|path| filled(&path)).collect()
}

/// The addresses of everything that is read.
pub fn readings() -> Vec<String> {
    let source = include_str!("../../src/web.rs");
    let declared = source
        .lines()
        .filter(|line| line.contains(".route(") && line.contains("get(") && !line.contains("/auth/"));
    let plain = declared.filter_map(|line| line.split('"').nth(1)).map(str::to_owned);
    let pages = generate_route_list(App).into_iter().map(|page| page.path().to_owned());
    plain.chain(pages).map(|path| filled(&path)).collect()
}

fn filled(path: &str) -> String {
    let id = "00000000-0000-4000-8000-000000000000";
    let numbers = path
        .replace("{number}", "1")
        .replace("{source}", "dumps")
        .replace("{deployment}", "demo")
        .replace("{line}", "0")
        .replace("{step}", "public-name")
        .replace("{label}", "x")
        .replace("{code}", "ca-lost");
    numbers
        .replace("{challenge}", id)
        .replace("{run}", id)
        .replace("{drill}", id)
        .replace("{entry}", id)
}

#[test]
fn the_lists_are_whole() {
    assert!(
        forms().len() >= 10 && readings().len() >= 14,
        "{:?} {:?}",
        forms(),
        readings()
    );
    assert!(
        forms().iter().chain(&readings()).all(|path| !path.contains('{')),
        "{:?} {:?}",
        forms(),
        readings()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_is_refused_whoever_is_signed_in() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "operator").await;
    let elsewhere: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "null")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
    ];
    for path in forms() {
        for headers in elsewhere {
            let answer = browser.post_from(&path, &[("note", "x")], headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    let audited = site.audited().await;
    assert_eq!(audited.len(), 1, "nothing but the sign-in was done: {audited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_or_does_anything_without_a_session() {
    let site = Site::new().await;
    let stranger = Browser::new(&site);
    for path in readings() {
        let answer = stranger.get(&path).await;
        let expected = match path.as_str() {
            open if OPEN.contains(&open) => StatusCode::OK,
            "/events" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::SEE_OTHER,
        };
        assert_eq!(answer.status, expected, "{path}");
    }
    for path in ["/nowhere", "/requests/x", "/api/anything", "/%3Cscript%3E"] {
        assert_eq!(stranger.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    for path in forms() {
        let answer = stranger.post(&path, &[("theme", "dark"), ("note", "x")]).await;
        let open = OPEN_FORMS.contains(&path.as_str());
        let expected = if open {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(answer.status, expected, "{path}");
    }
    assert!(site.audited().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_session_is_nobodys() {
    let site = Site::new().await;
    let stranger = Browser::new(&site);
    for made_up in ["AAAAAAAAAAAAAAAAAAAAAA", "'; drop table sessions; --", "", "%7f"] {
        let cookie = format!("__Host-muster={made_up}");
        let answer = stranger
            .post_from("/auth/sign-out", &[], &[("origin", ORIGIN), ("cookie", &cookie)])
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{made_up:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_answered_and_never_repeated_as_markup() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada<script>alert(1)</script>", "operator").await;
    let hostile = "%3C/title%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let quote = "%22%3B%20drop%20database%20ampora%3B%20--";
    let addresses = [
        format!("/keys?deployment={hostile}"),
        format!("/requests?state={hostile}"),
        format!("/requests/{hostile}"),
        format!(
            "/requests/new?kind=restore-dump&step=plan&deployment=demo&source={quote}&backup={hostile}&database={quote}"
        ),
        format!("/audit?person={hostile}&action={quote}"),
        format!("/backups/{hostile}/{quote}"),
        format!("/{hostile}"),
    ];
    for address in addresses {
        let answer = browser.get(&address).await;
        assert!(!answer.status.is_server_error(), "{address}: {}", answer.status);
        assert!(!answer.text.contains("<script>alert"), "{address}");
        assert_guarded(&answer.headers, &address);
    }
    let wish = [
        ("kind", "restore-dump"),
        ("deployment", "demo"),
        ("source", "x"),
        ("backup", "\"; drop database"),
        ("database", "\"; drop database"),
    ];
    let answer = browser
        .post(
            "/requests",
            &[&wish[..], &[("digest", "<script>alert(1)</script>")]].concat(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answer.text.contains("<script>alert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_too_large_or_no_form_is_refused() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "operator").await;
    let endless = "x".repeat(70_000);
    let answer = browser.post("/requests/1/approve", &[("note", &endless)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = browser.post("/requests", &[("kind", "retrieve-key")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for path in [
        "/requests/minus/approve",
        "/runs/1/cancel",
        "/requests/99999999999999999999/run",
    ] {
        assert_eq!(browser.post(path, &[]).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(
        browser.post("/requests/7/withdraw", &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

/// Whatever the answer is, it may load nothing from elsewhere and be framed by nobody.
pub fn assert_guarded(headers: &HeaderMap, path: &str) {
    let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("text"));
    let policy = text("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{path}: {policy}"
    );
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{path}: {policy}"
    );
    assert_eq!(text("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(text("cache-control").split(',').next(), Some("no-store"), "{path}");
}
