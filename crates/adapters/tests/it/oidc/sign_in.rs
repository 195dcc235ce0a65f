//! Signing in and out.

use adapters::oidc::{Callback, OidcError, TokenFault};
use chrono::{TimeDelta, Utc};
use domain::role::Role;
use secrecy::SecretString;

use super::{Begun, Browser, Peer, Provider, provider, settings, signed_in};

#[tokio::test]
async fn a_person_signs_in_with_name_roles_and_link() {
    let peer = Peer::start().await;
    let (login, nonce) = signed_in(&peer, "muster", "operator-a").await;
    let claims = login.claims;
    assert_eq!(
        (claims.person.issuer.as_str(), claims.person.subject.as_str()),
        (peer.issuer.as_str(), "employee operator-a"),
        "with a person_claim, accounts of one person are one person"
    );
    assert_eq!((claims.name.as_str(), claims.nonce), ("operator-a", nonce));
    assert_eq!(claims.roles, [Role::Operator].into());
    assert_eq!(claims.audience, ["muster"]);
    assert_eq!(claims.account, "subject of operator-a");
    assert!((Utc::now() - claims.issued_at).num_seconds() < 60 && claims.expires_at > Utc::now());
    assert_eq!(claims.auth_time, None, "nobody asked for it, and iat is no stand-in");
}

#[tokio::test]
async fn every_kind_of_key_and_client_works() {
    let peer = Peer::start().await;
    for client in ["muster-es256", "muster-eddsa", "muster-ps256"] {
        let (login, _) = signed_in(&peer, client, "auditor").await;
        assert_eq!(login.claims.roles, [Role::Auditor].into(), "{client}");
    }
    let mut public = settings(&peer.issuer, "muster-public");
    public.client_secret = None;
    let public = Provider::new(public).unwrap();
    let begun = Begun::sign_in(&public, &mut Browser::new(), "nobody").await;
    let login = begun.finish(&public).await.unwrap();
    assert!(login.claims.roles.is_empty(), "a person without a group has no role");
}

#[tokio::test]
async fn roles_are_found_inside_objects() {
    let peer = Peer::start().await;
    let mut nested = settings(&peer.issuer, "muster");
    nested.role_claim = "realm_access.roles".into();
    let nested = Provider::new(nested).unwrap();
    let begun = Begun::sign_in(&nested, &mut Browser::new(), "viewer").await;
    assert_eq!(begun.finish(&nested).await.unwrap().claims.roles, [Role::Viewer].into());
}

#[tokio::test]
async fn an_answer_that_was_tampered_with_signs_nobody_in() {
    let peer = Peer::start().await;
    let muster = provider(&peer, "muster");
    let other = SecretString::from(adapters::oidc::random_token());
    for spoil in 0..5 {
        let begun = Begun::sign_in(&muster, &mut Browser::new(), "operator-a").await;
        let sound = begun.callback();
        let (callback, expected): (_, fn(&OidcError) -> bool) = match spoil {
            0 => (
                Callback {
                    nonce: "another",
                    ..sound
                },
                |error| *error == OidcError::Token(TokenFault::Nonce),
            ),
            1 => (
                Callback {
                    iss: Some("https://evil.example"),
                    ..sound
                },
                |error| matches!(error, OidcError::MixedUp { .. }),
            ),
            2 => (Callback { iss: None, ..sound }, |error| {
                matches!(error, OidcError::MixedUp { .. })
            }),
            3 => (
                Callback {
                    pkce_verifier: &other,
                    ..sound
                },
                |error| matches!(error, OidcError::Refused(_)),
            ),
            _ => (
                Callback {
                    code: "made-up",
                    ..sound
                },
                |error| matches!(error, OidcError::Refused(_)),
            ),
        };
        let error = muster.exchange(callback, Utc::now()).await.unwrap_err();
        assert!(expected(&error), "{spoil}: {error}");
    }
}

#[tokio::test]
async fn everything_can_be_asked_from_any_thread() {
    let peer = Peer::start().await;
    let muster = provider(&peer, "muster");
    let begun = Begun::sign_in(&muster, &mut Browser::new(), "auditor").await;
    let elsewhere = tokio::spawn(async move {
        let login = begun.finish(&muster).await?;
        muster.verify_evidence(&login.raw_id_token, &begun.nonce).await
    });
    assert_eq!(elsewhere.await.unwrap().unwrap().name, "auditor");
}

#[tokio::test]
async fn a_code_works_once() {
    let peer = Peer::start().await;
    let muster = provider(&peer, "muster");
    let begun = Begun::sign_in(&muster, &mut Browser::new(), "operator-a").await;
    begun.finish(&muster).await.unwrap();
    assert_eq!(
        begun.finish(&muster).await.unwrap_err(),
        OidcError::Refused("invalid_grant".into())
    );
}

#[tokio::test]
async fn a_token_must_be_valid_now_to_sign_in() {
    let peer = Peer::start().await;
    let muster = provider(&peer, "muster");
    for (offset, fault) in [
        (TimeDelta::minutes(10), TokenFault::Expired),
        (-TimeDelta::minutes(10), TokenFault::InFuture),
    ] {
        let begun = Begun::sign_in(&muster, &mut Browser::new(), "operator-a").await;
        let error = muster
            .exchange(begun.callback(), Utc::now() + offset)
            .await
            .unwrap_err();
        assert_eq!(error, OidcError::Token(fault));
    }
}

#[tokio::test]
async fn signing_out_ends_the_provider_s_session_too() {
    let peer = Peer::start().await;
    let muster = provider(&peer, "muster");
    let mut browser = Browser::new();
    let login = Begun::sign_in(&muster, &mut browser, "operator-a")
        .await
        .finish(&muster)
        .await
        .unwrap();
    Begun::sign_in(&muster, &mut browser, "operator-a").await;
    assert_eq!(browser.logins, 1, "a session of the provider needs no second login");

    let back_to = "http://127.0.0.1:8080/".parse().unwrap();
    let url = muster
        .end_session_url(Some(&login.raw_id_token), &back_to, "bye")
        .await
        .unwrap()
        .unwrap();
    let landed = browser.log_out(url).await;
    assert_eq!(landed.as_str(), "http://127.0.0.1:8080/?state=bye");
    Begun::sign_in(&muster, &mut browser, "operator-a").await;
    assert_eq!(browser.logins, 2, "the session is over");
}
