//! The way to a copy from a cluster: open to whoever has the pass of this drill, and to nobody else.

use std::net::SocketAddr;
use std::time::Duration;

use adapters::sandbox::Relay;
use chrono::Utc;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use testkit::certificates::Authority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{place, started};

fn options(at: SocketAddr, user: &str, relay: &Relay) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host(&at.ip().to_string())
        .port(at.port())
        .username(user)
        .database("postgres")
        .ssl_mode(PgSslMode::VerifyFull)
        .ssl_root_cert_from_pem(relay.pass.authority.clone().into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_is_reached_with_the_pass_of_the_drill_and_by_no_other_way() {
    let place = place();
    let (sandbox, running) = started(&place.sandboxes).await;
    let loopback = "127.0.0.1:0".parse().expect("an address");
    let relay = sandbox.relay(loopback, Utc::now()).await.expect("opens");
    let (at, user) = (relay.address, running.copy.superuser().to_owned());
    let invited = options(at, &user, &relay)
        .ssl_client_cert_from_pem(&relay.pass.certificate)
        .ssl_client_key_from_pem(relay.pass.key.as_bytes());
    let mut conn = invited.connect().await.expect("who has the pass comes in");
    let one: i32 = sqlx::query_scalar("SELECT 1")
        .fetch_one(&mut conn)
        .await
        .expect("answers");
    assert_eq!(one, 1);

    let nobody = options(at, &user, &relay);
    assert!(nobody.connect().await.is_err(), "no certificate");
    let plain = options(at, &user, &relay).ssl_mode(PgSslMode::Disable);
    assert!(plain.connect().await.is_err(), "no TLS");
    let life = (
        Utc::now() - chrono::TimeDelta::hours(1),
        Utc::now() + chrono::TimeDelta::hours(1),
    );
    let stranger = Authority::root("another", life).issue(&["muster-drill client"], life);
    let stranger = options(at, &user, &relay)
        .ssl_client_cert_from_pem(stranger.pem())
        .ssl_client_key_from_pem(stranger.key_pem());
    assert!(stranger.connect().await.is_err(), "a certificate of somebody else");

    // Whoever says nothing that makes sense gets nothing back.
    let mut stream = TcpStream::connect(at).await.expect("it listens");
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("takes it");
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut said))
        .await
        .expect("it hangs up");
    assert!(said.is_empty(), "{said:?}");

    drop(relay);
    assert!(
        conn.ping().await.is_err(),
        "closed with everything that goes through it"
    );
    assert!(invited.connect().await.is_err());
    running.end().await;
    sandbox.remove().await.expect("goes");
}
