use zeroize::Zeroizing;

use super::*;
use crate::idp::account::ACCOUNTS;

const CALLBACK: &str = "http://127.0.0.1:8080/auth/callback";

fn client() -> Client {
    let url = Url::parse(CALLBACK).expect("a URL");
    Client {
        id: "muster",
        secret: Zeroizing::default(),
        redirect_uri: url.clone(),
        post_logout_redirect_uri: url,
    }
}

fn good() -> Parameters {
    let text = |text: &str| Some(text.to_owned());
    Parameters {
        client_id: text("muster"),
        redirect_uri: text(CALLBACK),
        response_type: text("code"),
        scope: text("openid profile"),
        state: text("st"),
        code_challenge: Some("a".repeat(43)),
        code_challenge_method: text("S256"),
        ..Parameters::default()
    }
}

fn error_of(change: impl FnOnce(&mut Parameters)) -> &'static str {
    let mut parameters = good();
    change(&mut parameters);
    match AuthorizationRequest::check(parameters, &client()) {
        Ok(_) => "none",
        Err(Refusal::Page(_)) => "page",
        Err(Refusal::Client { error, state, .. }) => {
            assert_eq!(state.as_deref(), Some("st"));
            error
        }
    }
}

#[test]
fn a_request_in_order_passes() {
    assert_eq!(error_of(|_| ()), "none");
}

#[test]
fn another_client_or_address_is_never_redirected_to() {
    assert_eq!(error_of(|p| p.client_id = None), "page");
    assert_eq!(error_of(|p| p.client_id = Some("other".into())), "page");
    assert_eq!(error_of(|p| p.redirect_uri = None), "page");
    for near in [
        "http://127.0.0.1:8080/auth/callback/",
        "http://127.0.0.1:8080/auth/callback?a=b",
        "http://LOCALHOST/auth/callback",
    ] {
        assert_eq!(error_of(|p| p.redirect_uri = Some(near.into())), "page", "{near}");
    }
}

#[test]
fn code_flow_with_pkce_is_the_only_flow() {
    assert_eq!(
        error_of(|p| p.response_type = Some("token".into())),
        "unsupported_response_type"
    );
    assert_eq!(
        error_of(|p| p.response_mode = Some("fragment".into())),
        "invalid_request"
    );
    assert_eq!(error_of(|p| p.scope = Some("profile".into())), "invalid_scope");
    assert_eq!(error_of(|p| p.code_challenge = None), "invalid_request");
    assert_eq!(error_of(|p| p.code_challenge = Some("short".into())), "invalid_request");
    assert_eq!(
        error_of(|p| p.code_challenge_method = Some("plain".into())),
        "invalid_request"
    );
    assert_eq!(error_of(|p| p.code_challenge_method = None), "invalid_request");
    assert_eq!(error_of(|p| p.request = Some("x".into())), "request_not_supported");
}

#[test]
fn unclear_prompts_and_ages_are_refused() {
    assert_eq!(error_of(|p| p.prompt = Some("none login".into())), "invalid_request");
    assert_eq!(error_of(|p| p.max_age = Some("-1".into())), "invalid_request");
}

#[test]
fn a_login_is_asked_for_when_told_to_or_when_the_last_is_too_old() {
    let now = Utc::now();
    let session = Session {
        account: ACCOUNTS[0],
        auth_time: now - TimeDelta::seconds(30),
    };
    let needs = |prompt, max_age: Option<i64>| {
        let max_age = max_age.map(TimeDelta::seconds);
        AuthorizationRequest {
            prompt,
            max_age,
            ..AuthorizationRequest::example()
        }
        .needs_login(session, now)
    };
    assert!(!needs(Prompt::WhenNeeded, None));
    assert!(!needs(Prompt::WhenNeeded, Some(31)));
    assert!(needs(Prompt::WhenNeeded, Some(29)));
    assert!(needs(Prompt::Login, None));
    let fresh = Session {
        auth_time: now,
        ..session
    };
    assert!(
        AuthorizationRequest {
            max_age: Some(TimeDelta::zero()),
            ..AuthorizationRequest::example()
        }
        .needs_login(fresh, now)
    );
}

#[test]
fn an_answer_names_its_issuer() {
    let url = answer(&client(), "http://127.0.0.1:8081", Some("a b&c"), &[("code", "x")]);
    assert_eq!(
        url.as_str(),
        "http://127.0.0.1:8080/auth/callback?code=x&state=a+b%26c&iss=http%3A%2F%2F127.0.0.1%3A8081"
    );
}
