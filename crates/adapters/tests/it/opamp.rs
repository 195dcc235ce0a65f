//! Muster's probe and the stand-in for Ampora, over real connections: with each other by WebSocket, and each with an implementation of
//! somebody else over HTTP.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use adapters::opamp::{Address, Endpoint, Probe, ProbeError, ServerIdentity, TestCertificate};
use domain::envelope::Layout;
use domain::ids::DrillId;
use domain::key::MasterKey;
use sqlx::ConnectOptions as _;
use testkit::miniature::{self, master_key};
use testkit::opamp::{self, MockServer};
use testkit::postgres::Database;
use testkit::stand_in::{self, Manner, Served};
use uuid::Uuid;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};
use zeroize::Zeroizing;

const DRILL: DrillId = DrillId(Uuid::from_u128(7));
const PATIENCE: Duration = Duration::from_secs(30);

struct World {
    database: Database,
    server: ServerIdentity,
}

impl World {
    async fn new() -> Self {
        let database = testkit::postgres::database().await;
        miniature::fill(&database.options, &master_key(2)).await;
        let server = ServerIdentity::make(chrono::Utc::now()).unwrap();
        Self { database, server }
    }

    async fn serve(&self, manner: Manner) -> Served {
        let served = stand_in::serve(&self.database.options, &master_key(2), &self.server, manner).await;
        served.unwrap()
    }

    /// A test certificate of the authority in the database.
    async fn certificate(&self) -> TestCertificate {
        let mut conn = self.database.options.connect().await.unwrap();
        let row = sqlx::query_as(r#"SELECT "CertificatePem", "WrappedPrivateKey" FROM ca_signing_keys"#);
        let (pem, sealed): (String, Vec<u8>) = row.fetch_one(&mut conn).await.unwrap();
        issue(&pem, &opened(&sealed, &master_key(2)))
    }

    fn endpoint(&self, at: SocketAddr, certificate: &TestCertificate) -> Endpoint {
        Endpoint {
            address: Address::Port(at),
            name: self.server.name().into(),
            tls: Some(certificate.client(&self.server).unwrap()),
        }
    }
}

fn opened(sealed: &[u8], key: &MasterKey) -> Zeroizing<Vec<u8>> {
    let (layout, mut scratch) = (Layout::default(), Vec::new());
    layout.parse(sealed, &mut scratch).unwrap().open(key, b"").unwrap()
}

fn issue(authority: &str, key: &Zeroizing<Vec<u8>>) -> TestCertificate {
    let (_, pem) = x509_parser::pem::parse_x509_pem(authority.as_bytes()).unwrap();
    TestCertificate::issue(DRILL, &pem.contents, key, chrono::Utc::now()).unwrap()
}

fn probe(endpoint: &Endpoint) -> Probe<'_> {
    Probe {
        endpoint,
        name: "muster-drill 7",
        patience: PATIENCE,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_gets_a_configuration_and_acknowledges_a_rollout_by_either_transport() {
    let world = World::new().await;
    let (served, certificate) = (world.serve(Manner::Usual).await, world.certificate().await);
    let endpoint = world.endpoint(served.address, &certificate);
    let by_web_socket = probe(&endpoint).by_web_socket().await.unwrap();
    let by_http = probe(&endpoint).by_http().await.unwrap();
    for rollout in [by_web_socket, by_http] {
        let after = rollout.after.unwrap();
        assert_ne!(rollout.before.hash, after.hash);
        assert_eq!(after.files.keys().collect::<Vec<_>>(), ["collector.yaml"]);
        assert!(rollout.before.bytes() > 100 && after.bytes() > 100);
    }
    // As a launched server is reached.
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("opamp");
    let relay = stand_in::socket_to(served.address, &socket);
    let endpoint = Endpoint {
        address: Address::Socket(socket),
        ..endpoint
    };
    probe(&endpoint).by_web_socket().await.unwrap().after.unwrap();
    relay.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_another_authority_is_refused() {
    let world = World::new().await;
    let served = world.serve(Manner::Usual).await;
    let other = World::new().await;
    let stranger = other.certificate().await;
    let endpoint = world.endpoint(served.address, &stranger);
    for refused in [
        probe(&endpoint).by_web_socket().await.map(drop),
        probe(&endpoint).by_http().await.map(drop),
    ] {
        assert!(matches!(refused, Err(ProbeError::Refused(_))), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_vouches_for_is_not_talked_to() {
    let world = World::new().await;
    let (served, certificate) = (world.serve(Manner::Usual).await, world.certificate().await);
    let other = ServerIdentity::make(chrono::Utc::now()).unwrap();
    let endpoint = Endpoint {
        tls: Some(certificate.client(&other).unwrap()),
        ..world.endpoint(served.address, &certificate)
    };
    let refused = probe(&endpoint).by_web_socket().await.map(drop);
    assert!(matches!(refused, Err(ProbeError::Tls(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_is_never_acknowledged_or_never_pushed_is_told_apart() {
    let world = World::new().await;
    let certificate = world.certificate().await;
    for (manner, words) in [(Manner::Forgetful, "acknowledge"), (Manner::Idle, "pushed no rollout")] {
        let served = world.serve(manner).await;
        let endpoint = world.endpoint(served.address, &certificate);
        let impatient = Probe {
            patience: Duration::from_secs(2),
            ..probe(&endpoint)
        };
        let rollout = impatient.by_web_socket().await.unwrap();
        let error = rollout.after.expect_err("no acknowledgement").to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_serves_nothing_with_the_wrong_key() {
    let world = World::new().await;
    let served = stand_in::serve(&world.database.options, &master_key(3), &world.server, Manner::Usual).await;
    let error = served.expect_err("the key is another one");
    assert!(error.contains("master key doesn't open"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_opentelemetry_is_content_with_the_stand_in() {
    let world = World::new().await;
    let served = world.serve(Manner::Usual).await;
    let mut conn = world.database.options.connect().await.unwrap();
    let row = sqlx::query_as(r#"SELECT "CertificatePem", "WrappedPrivateKey" FROM ca_signing_keys"#);
    let (pem, sealed): (String, Vec<u8>) = row.fetch_one(&mut conn).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [server, certificate, key] = ["server.pem", "agent.pem", "agent.key"].map(|name| folder.path().join(name));
    fs::write(&server, &world.server.certificate_pem).unwrap();
    let life = (
        chrono::Utc::now() - chrono::TimeDelta::hours(1),
        chrono::Utc::now() + chrono::TimeDelta::hours(1),
    );
    let agent = testkit::certificates::client_of(&pem, &opened(&sealed, &master_key(2)), "python", life);
    fs::write(&certificate, agent.pem()).unwrap();
    fs::write(&key, agent.key_pem()).unwrap();
    let endpoint = format!("https://localhost:{}/v1/opamp", served.address.port());
    let saw = opamp::visit(&endpoint, &server, &certificate, &key).await;
    assert!(
        saw.starts_with("configuration ") && saw.contains("\nrollout ") && saw.ends_with("acknowledged\n"),
        "{saw}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_of_elastic_is_content_with_the_probe() {
    let folder = tempfile::tempdir().unwrap();
    let server = MockServer::start(folder.path(), ["receivers: {}\n", "receivers: {otlp: {}}\n"]);
    let endpoint = Endpoint {
        address: Address::Port(server.address()),
        name: "localhost".into(),
        tls: None,
    };
    let rollout = probe(&endpoint).by_http().await.unwrap();
    assert_eq!((rollout.before.bytes(), rollout.after.unwrap().bytes()), (14, 22));
    // It speaks no WebSocket and says so.
    let refused = probe(&endpoint).by_web_socket().await.map(drop);
    assert!(
        matches!(refused, Err(ProbeError::Status(_) | ProbeError::Broken(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_test_certificate_says_what_it_is_and_ends_within_the_hour() {
    let world = World::new().await;
    let certificate = world.certificate().await;
    let facts = &certificate.facts;
    assert!(
        facts.not_after - facts.not_before <= chrono::TimeDelta::hours(1),
        "{facts:?}"
    );
    let (_, read) = X509Certificate::from_der(certificate.der()).unwrap();
    let common = read.subject().iter_common_name().next().unwrap().as_str().unwrap();
    assert_eq!(common, format!("muster-drill {DRILL}"));
    let names = read.subject_alternative_name().unwrap().unwrap();
    let uri = format!("muster-drill:{DRILL}");
    assert_eq!(names.value.general_names, [GeneralName::URI(&uri)]);
    let usage = read.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any && usage.other.is_empty());
    assert!(!read.is_ca() && read.validity().is_valid());
    let serial: String = read.raw_serial().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(serial, facts.serial);
}
