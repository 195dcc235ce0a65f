//! The token behind a decision: fresh, bound to the decision, and verified again by a process that trusts nobody.

use std::time::Duration;

use adapters::oidc::{OidcError, TokenFault};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{SubsecRound as _, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Begun, Browser, Peer, provider, signed_in};

#[tokio::test]
async fn a_step_up_asks_again_and_its_token_proves_when() {
    let peer = Peer::start().await;
    let muster = provider(&peer, "muster");
    let mut browser = Browser::new();
    Begun::sign_in(&muster, &mut browser, "operator-b").await;
    let first = Begun::step_up(&muster, &mut browser, "operator-b", "first decision".into()).await;
    let first = first.finish(&muster).await.unwrap().claims.auth_time.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;

    let asked_at = Utc::now().trunc_subsecs(0);
    let begun = Begun::step_up(&muster, &mut browser, "operator-b", "second decision".into()).await;
    assert_eq!(browser.logins, 3, "a session at the provider is not enough");
    let login = begun.finish(&muster).await.unwrap();
    let proven = login.claims.auth_time.unwrap();
    assert!(proven > first && proven >= asked_at, "{first} {asked_at} {proven}");

    let worker = provider(&peer, "muster");
    let claims = worker
        .verify_evidence(&login.raw_id_token, "second decision")
        .await
        .unwrap();
    assert_eq!(claims, login.claims);
    assert_eq!(claims.login().nonce, "second decision");
    let error = worker
        .verify_evidence(&login.raw_id_token, "first decision")
        .await
        .unwrap_err();
    assert_eq!(error, OidcError::Token(TokenFault::Nonce));
}

#[tokio::test]
async fn evidence_outlives_its_token() {
    let peer = Peer::start().await;
    let (login, nonce) = signed_in(&peer, "muster", "operator-a").await;
    let claims = provider(&peer, "muster")
        .verify_evidence(&login.raw_id_token, &nonce)
        .await
        .unwrap();
    assert_eq!(
        claims.expires_at - claims.issued_at,
        TimeDelta::seconds(300),
        "returned for others to judge"
    );
}

#[tokio::test]
async fn a_token_of_another_client_proves_nothing() {
    let peer = Peer::start().await;
    let (login, nonce) = signed_in(&peer, "somebody-else", "operator-a").await;
    let error = provider(&peer, "muster")
        .verify_evidence(&login.raw_id_token, &nonce)
        .await
        .unwrap_err();
    assert_eq!(error, OidcError::Token(TokenFault::Audience));
}

#[tokio::test]
async fn a_changed_or_homemade_token_proves_nothing() {
    let peer = Peer::start().await;
    let (login, nonce) = signed_in(&peer, "muster", "viewer").await;
    let sound = Parts::of(login.raw_id_token.expose_secret());
    let muster = provider(&peer, "muster");

    let groups = sound.with_payload("muster-viewers", "muster-operators");
    let subject = sound.with_payload("subject of viewer", "subject of operator-b");
    let issuer = sound.with_payload(&peer.issuer, "https://evil.example");
    let symmetric = sound.with_header("RS256", "HS256");
    let unsigned = Parts {
        header: r#"{"alg":"none"}"#.into(),
        signature: String::new(),
        ..sound.clone()
    };
    let bent = Parts {
        signature: sound.signature.chars().rev().collect(),
        ..sound.clone()
    };
    let cases = [
        (groups.token(), TokenFault::Signature),
        (subject.token(), TokenFault::Signature),
        (bent.token(), TokenFault::Signature),
        (issuer.token(), TokenFault::Issuer),
        (unsigned.token(), TokenFault::Unsigned),
        (symmetric.token(), TokenFault::Algorithm),
        (SecretString::from("no token at all"), TokenFault::Malformed),
        (SecretString::from(""), TokenFault::Malformed),
    ];
    for (token, fault) in cases {
        let error = muster.verify_evidence(&token, &nonce).await.unwrap_err();
        assert_eq!(error, OidcError::Token(fault));
    }
    muster.verify_evidence(&sound.token(), &nonce).await.unwrap();
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once() {
    let peer = Peer::start().await;
    let (login, nonce) = signed_in(&peer, "muster", "operator-a").await;
    let worker = provider(&peer, "muster");
    worker.verify_evidence(&login.raw_id_token, &nonce).await.unwrap();
    let before = peer.count("/jwks").await;
    let unknown = Parts::of(login.raw_id_token.expose_secret()).with_header("\"kid\":\"", "\"kid\":\"nobody’s");
    for _ in 0..5 {
        let error = worker.verify_evidence(&unknown.token(), &nonce).await.unwrap_err();
        assert_eq!(error, OidcError::Token(TokenFault::UnknownKey));
    }
    assert_eq!(
        peer.count("/jwks").await,
        before + 1,
        "made-up tokens don't make Muster hammer the provider"
    );
}

#[tokio::test]
async fn a_rotated_key_is_fetched_and_the_old_one_no_longer_counts() {
    let old = Peer::start().await;
    let port = old.port();
    let worker = provider(&old, "muster");
    let (before, first) = signed_in(&old, "muster", "operator-a").await;
    worker.verify_evidence(&before.raw_id_token, &first).await.unwrap();
    old.stop().await;
    let unknown = Parts::of(before.raw_id_token.expose_secret()).with_header("\"kid\":\"", "\"kid\":\"nobody’s");
    for _ in 0..2 {
        let error = worker.verify_evidence(&unknown.token(), &first).await.unwrap_err();
        assert!(
            matches!(error, OidcError::Unreachable { .. }),
            "whether the key is real can't be known now: {error}"
        );
    }

    let new = Peer::start_at(port).await;
    let (after, second) = signed_in(&new, "muster", "operator-a").await;
    worker.verify_evidence(&after.raw_id_token, &second).await.unwrap();
    let error = worker.verify_evidence(&before.raw_id_token, &first).await.unwrap_err();
    assert_eq!(error, OidcError::Token(TokenFault::UnknownKey));
}

/// A token, taken apart to be spoilt: texts, since another order of claims would spoil the signature too.
#[derive(Clone)]
struct Parts {
    header: String,
    payload: String,
    signature: String,
}

impl Parts {
    fn of(token: &str) -> Self {
        let parts: Vec<_> = token.split('.').collect();
        let read = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        Self {
            header: read(parts[0]),
            payload: read(parts[1]),
            signature: parts[2].into(),
        }
    }

    fn with_header(&self, from: &str, to: &str) -> Self {
        Self {
            header: replace(&self.header, from, to),
            ..self.clone()
        }
    }

    fn with_payload(&self, from: &str, to: &str) -> Self {
        Self {
            payload: replace(&self.payload, from, to),
            ..self.clone()
        }
    }

    fn token(&self) -> SecretString {
        let [header, payload] = [&self.header, &self.payload].map(|part| URL_SAFE_NO_PAD.encode(part));
        SecretString::from(format!("{header}.{payload}.{}", self.signature))
    }
}

fn replace(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is no part of {text}");
    text.replace(from, to)
}
