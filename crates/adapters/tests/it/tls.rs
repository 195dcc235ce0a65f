//! Real endpoints on loopback: what they serve against what is saved, and every way of not being one.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use adapters::tls::{ChainVerdict, Endpoint, Patience, Sameness, SavedFiles, TlsReading, TlsSettings, read};
use chrono::{DateTime, TimeDelta, Utc};
use domain::status::Status;
use tempfile::TempDir;
use testkit::certificates::{Authority, Issued};
use testkit::peer::free_port;
use testkit::tls::{Manner, NoTls, Other, TlsEndpoint};

const NAME: &str = "ampora.example.org";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_268_800, 0).unwrap()
}

fn in_days(count: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(count)
}

/// An authority, a certificate of it for ninety days, an endpoint that serves it, and a saved copy.
struct Site {
    folder: TempDir,
    root: Authority,
    intermediate: Authority,
    leaf: Issued,
    endpoint: TlsEndpoint,
}

impl Site {
    async fn new(manner: Manner) -> Self {
        let root = Authority::root("Test root", (in_days(-100), in_days(3650)));
        let intermediate = root.intermediate("Test intermediate", (in_days(-90), in_days(1000)));
        let leaf = intermediate.issue(&[NAME], (in_days(-1), in_days(90)));
        let endpoint = TlsEndpoint::start_in(manner, &leaf, &[&intermediate]).await;
        let folder = tempfile::tempdir().unwrap();
        let site = Self {
            folder,
            root,
            intermediate,
            leaf,
            endpoint,
        };
        site.save(&site.leaf);
        fs::write(site.path("roots.pem"), site.root.pem()).unwrap();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn save(&self, leaf: &Issued) {
        let bundle = format!("{}{}{}", leaf.pem(), self.intermediate.pem(), leaf.key_pem());
        fs::write(self.path("bundle.pem"), bundle).unwrap();
    }

    fn settings(&self) -> TlsSettings {
        TlsSettings {
            endpoint: Some(Endpoint::new("127.0.0.1", self.endpoint.address.port())),
            server_name: Some(NAME.into()),
            roots: Some(self.path("roots.pem")),
            saved: Some(SavedFiles::Bundle(self.path("bundle.pem"))),
            ..TlsSettings::default()
        }
    }

    /// In a task of its own, as the collector reads.
    async fn read_at(&self, at: DateTime<Utc>) -> TlsReading {
        let settings = self.settings();
        let reading = tokio::spawn(async move { read(&settings, None, at).await });
        reading.await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn what_is_served_and_saved_is_ok_and_ends_when_it_ends() {
    let site = Site::new(Manner::Usual).await;
    let reading = site.read_at(now()).await;
    assert_eq!(reading.status, Status::Ok, "{}", reading.detail);
    assert_eq!(reading.saved.as_ref().unwrap().sameness, Sameness::Same);
    let served = reading.served.as_ref().unwrap();
    assert_eq!(served.certificate.names, [NAME]);
    assert_eq!(
        served.chain,
        ChainVerdict::Trusted {
            root: "CN=Test root".into()
        }
    );
    assert_eq!(reading.expires_in(now()), Some(TimeDelta::days(90)));
    let stored = serde_json::to_string(&reading).unwrap();
    assert_eq!(serde_json::from_str::<TlsReading>(&stored).unwrap(), reading);
    assert_eq!(
        site.read_at(in_days(1)).await,
        reading,
        "nothing changed, so the reading doesn't either"
    );
}

#[tokio::test]
async fn a_certificate_that_ends_in_five_days_is_what_the_policy_looks_at() {
    let site = Site::new(Manner::Usual).await;
    let reading = site.read_at(in_days(85)).await;
    assert_eq!(reading.status, Status::Ok, "{}", reading.detail);
    assert_eq!(reading.expires_in(in_days(85)), Some(TimeDelta::days(5)));
    let end = reading.end().unwrap();
    assert_eq!(
        (end.not_after, end.status, end.name.as_str()),
        (in_days(90), Status::Ok, "CN=ampora.example.org")
    );

    let late = site.read_at(in_days(91)).await;
    assert_eq!(late.status, Status::Broken);
    assert!(
        late.detail.starts_with("CN=ampora.example.org ended 2026-04-01"),
        "{}",
        late.detail
    );
    assert_eq!(late.expires_in(in_days(91)), Some(TimeDelta::days(-1)));
}

#[tokio::test]
async fn a_certificate_that_isnt_the_saved_one_is_broken() {
    let site = Site::new(Manner::Usual).await;
    let other = site.intermediate.issue(&[NAME], (in_days(-1), in_days(90)));
    site.endpoint.serve(&other, &[&site.intermediate]);
    let reading = site.read_at(now()).await;
    assert_eq!(
        (reading.status, reading.saved.unwrap().sameness),
        (Status::Broken, Sameness::OtherKey)
    );
    assert!(reading.detail.contains("isn’t the served one"), "{}", reading.detail);

    let renewed = site
        .intermediate
        .renew(&site.leaf, &[NAME], (in_days(50), in_days(140)));
    site.endpoint.serve(&renewed, &[&site.intermediate]);
    let reading = site.read_at(in_days(60)).await;
    assert_eq!(
        (reading.status, reading.saved.unwrap().sameness),
        (Status::Ok, Sameness::RenewedSince)
    );
    site.save(&renewed);
    assert_eq!(site.read_at(in_days(60)).await.saved.unwrap().sameness, Sameness::Same);
}

#[tokio::test]
async fn a_name_that_isnt_covered_is_broken() {
    let site = Site::new(Manner::Usual).await;
    let settings = TlsSettings {
        names: vec![NAME.into(), "agents.example.org".into()],
        ..site.settings()
    };
    let reading = read(&settings, None, now()).await.unwrap();
    assert_eq!(reading.status, Status::Broken);
    assert!(
        reading
            .detail
            .starts_with("its certificate isn’t for agents.example.org"),
        "{}",
        reading.detail
    );
}

#[tokio::test]
async fn a_chain_is_judged_as_it_is_served() {
    let site = Site::new(Manner::Usual).await;
    site.endpoint.serve(&site.leaf, &[]);
    let reading = site.read_at(now()).await;
    assert_eq!(reading.status, Status::Broken);
    assert!(
        reading
            .detail
            .starts_with("the endpoint doesn’t serve the certificate of CN=Test intermediate"),
        "{}",
        reading.detail
    );
    assert_eq!(
        reading.end().unwrap().status,
        Status::Unknown,
        "what wasn't served may end earlier"
    );

    site.endpoint.serve(&site.leaf, &[&site.intermediate, &site.root]);
    let without_roots = TlsSettings {
        roots: None,
        ..site.settings()
    };
    let reading = read(&without_roots, None, now()).await.unwrap();
    assert_eq!(reading.status, Status::Unknown);
    assert!(
        reading
            .detail
            .starts_with("its chain ends at CN=Test root, which this host doesn’t know"),
        "{}",
        reading.detail
    );

    let no_such_roots = TlsSettings {
        roots: Some(site.path("nothing.pem")),
        ..site.settings()
    };
    let reading = read(&no_such_roots, None, now()).await.unwrap();
    assert_eq!(reading.status, Status::Unknown);
    assert!(
        reading.detail.contains("nothing.pem can’t be read"),
        "{}",
        reading.detail
    );
    assert_eq!(
        reading.expires_in(now()),
        Some(TimeDelta::days(90)),
        "the end is known all the same"
    );
}

#[tokio::test]
async fn endpoints_of_every_manner_show_their_certificate() {
    for manner in [Manner::Tls12Only, Manner::Tls12WithClients, Manner::Tls13WithClients] {
        let reading = Site::new(manner).await.read_at(now()).await;
        assert_eq!(reading.status, Status::Ok, "{manner:?}: {}", reading.detail);
    }
}

#[tokio::test]
async fn without_a_saved_copy_nothing_is_known_of_the_way_back() {
    let site = Site::new(Manner::Usual).await;
    let nothing_saved = TlsSettings {
        saved: None,
        ..site.settings()
    };
    let reading = read(&nothing_saved, None, now()).await.unwrap();
    assert_eq!(reading.status, Status::Unknown);
    assert!(
        reading
            .detail
            .starts_with("no saved copy and no cert-manager is configured"),
        "{}",
        reading.detail
    );

    let saved_alone = TlsSettings {
        saved: site.settings().saved,
        ..TlsSettings::default()
    };
    let reading = read(&saved_alone, None, now()).await.unwrap();
    assert_eq!(
        (reading.status, reading.endpoint.clone()),
        (Status::Unknown, None),
        "{}",
        reading.detail
    );
    assert_eq!(reading.expires_in(now()), Some(TimeDelta::days(90)));
}

#[tokio::test]
async fn what_is_no_tls_endpoint_is_said_to_be_none() {
    let patience = Patience {
        connect: Duration::from_secs(10),
        handshake: Duration::from_millis(300),
    };
    for (other, expected) in [
        (
            Other::Hangs,
            "accepted the connection and showed no certificate within 0.3 s",
        ),
        (Other::Closes, "closed the connection before it showed a certificate"),
        (Other::Greets, "doesn’t speak TLS"),
        (Other::Floods, "doesn’t speak TLS"),
    ] {
        let listener = NoTls::start(other).await;
        let settings = TlsSettings {
            endpoint: Some(Endpoint::new("127.0.0.1", listener.address.port())),
            patience,
            ..TlsSettings::default()
        };
        let said = read(&settings, None, now()).await.expect_err(expected);
        assert_eq!(said, format!("{} {expected}", listener.address));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_said_to_be_down() {
    let settings = |host: &str, port| TlsSettings {
        endpoint: Some(Endpoint::new(host, port)),
        ..TlsSettings::default()
    };
    let port = free_port();
    let down = read(&settings("[::1]", port), None, now())
        .await
        .expect_err("nobody listens");
    assert!(down.starts_with(&format!("[::1]:{port} can’t be reached: ")), "{down}");
    let nameless = read(&settings("no name", port), None, now())
        .await
        .expect_err("no name");
    assert_eq!(
        nameless,
        format!("no name:{port} can’t be asked: \"no name\" is no name or address that TLS knows")
    );
}
