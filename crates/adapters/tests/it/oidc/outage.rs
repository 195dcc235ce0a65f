//! A provider that is down, and comes back.

use std::time::{Duration, Instant};

use adapters::oidc::{OidcError, Provider};

use super::{Begun, Browser, Peer, settings};

#[tokio::test]
async fn a_provider_that_is_down_is_named_and_asked_again() {
    let peer = Peer::start().await;
    let (issuer, port) = (peer.issuer.clone(), peer.port());
    peer.stop().await;

    let muster = Provider::new(settings(&issuer, "muster")).unwrap();
    let error = muster.probe().await.unwrap_err();
    let OidcError::Unreachable { issuer: named, reason } = &error else {
        panic!("{error}")
    };
    assert_eq!(*named, issuer);
    assert!(reason.contains("refused"), "{reason}");
    assert!(error.to_string().contains("everything else goes on"), "{error}");

    let peer = Peer::start_at(port).await;
    tokio::time::sleep(Duration::from_millis(350)).await;
    let begun = Begun::sign_in(&muster, &mut Browser::new(), "operator-a").await;
    begun.finish(&muster).await.unwrap();
    assert_eq!(
        peer.count("/.well-known/openid-configuration").await,
        1,
        "what is published is remembered"
    );
}

#[tokio::test]
async fn a_provider_that_hangs_holds_nobody_up_for_long() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut hanging = settings(&format!("http://{}", listener.local_addr().unwrap()), "muster");
    hanging.pace.answer = Duration::from_millis(400);
    hanging.pace.retry = Duration::from_secs(60);
    let muster = Provider::new(hanging).unwrap();
    let begun = Instant::now();
    let (first, second, third) = tokio::join!(muster.probe(), muster.probe(), muster.probe());
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "those who wait share one answer: {:?}",
        begun.elapsed()
    );
    for outcome in [first, second, third] {
        let error = outcome.unwrap_err();
        assert!(
            matches!(&error, OidcError::Unreachable { reason, .. } if reason.contains("in time")),
            "{error}"
        );
    }
}
