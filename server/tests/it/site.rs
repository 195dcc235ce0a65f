//! A small console: one deployment with a folder of keys, Muster's own database, and an identity provider that signs what it is told to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use adapters::key_files::KeyFiles;
use adapters::manager::Written;
use adapters::oidc::Provider;
use axum::Router;
use chrono::Duration;
use domain::approval::{LoginRules, Policy, Quorum};
use domain::envelope::Layout;
use domain::ids::Sha256;
use domain::key::{self, MasterKey};
use domain::role::Rules;
use recovery::settings::{self, Deployment, KeyPlace, Proof, Reveal, Settings};
use recovery::{Clock, Services};
use server::web::{Site as Bundle, Web, router};
use store::Store;
use store::events::Events;
use testkit::issuer::Issuer;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// The console's address, as browsers would write it.
pub const ORIGIN: &str = "https://muster.example";
/// The build that the pages belong to.
pub const BUILD: &str = "0123456789abcdef";

pub struct Site {
    pub services: Services,
    pub issuer: Arc<Issuer>,
    pub router: Router,
    pub stop: CancellationToken,
    /// Muster's own database.
    pub own: testkit::postgres::Database,
    /// Keys and the bundle; gone with the test.
    pub folder: tempfile::TempDir,
}

/// The key with this number.
pub fn master_key(number: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"test key", &[number]]).0))
}

impl Site {
    pub async fn new() -> Self {
        let issuer = Issuer::start().await;
        let provider = Provider::new(issuer.settings()).expect("a provider");
        Self::with(issuer, provider).await
    }

    /// A console that shows pages only: it holds no credentials.
    pub async fn of_pages() -> Self {
        let issuer = Issuer::start().await;
        let provider = Provider::new(issuer.settings()).expect("a provider");
        Self::build(issuer, provider, false, |_, _| ()).await
    }

    /// A console whose configuration is changed; the folder is the one of its keys.
    pub async fn configured(change: impl FnOnce(&Path, &mut Settings)) -> Self {
        let issuer = Issuer::start().await;
        let provider = Provider::new(issuer.settings()).expect("a provider");
        Self::build(issuer, provider, true, change).await
    }

    /// A console that is told of another provider than the one that signs.
    pub async fn with(issuer: Arc<Issuer>, provider: Provider) -> Self {
        Self::build(issuer, provider, true, |_, _| ()).await
    }

    async fn build(
        issuer: Arc<Issuer>,
        provider: Provider,
        works: bool,
        change: impl FnOnce(&Path, &mut Settings),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        keys(&folder.path().join("keys"));
        bundle(&folder.path().join("site"));
        let own = testkit::postgres::database().await;
        let store = Store::connect(own.options.clone(), 8).await.expect("connects");
        store.migrate().await.expect("migrates");
        let mut settings = settings(folder.path());
        change(folder.path(), &mut settings);
        let services = Services {
            store: store.clone(),
            settings: Arc::new(settings),
            clock: Clock::system(),
            provider: Arc::new(provider),
            works,
        };
        let stop = CancellationToken::new();
        let site = Bundle::find(Some(&folder.path().join("site"))).expect("a bundle");
        let web = Web {
            services: services.clone(),
            events: Arc::new(Events::listen(&store)),
            leptos: site.options(),
            site,
            public_url: ORIGIN.parse().expect("a URL"),
            trusted_proxies: Arc::from([]),
            demo: None,
            stop: stop.clone(),
        };
        Self {
            services,
            issuer,
            router: router(web),
            stop,
            own,
            folder,
        }
    }

    /// Actions of the audit log with their outcomes and the names of who did them, oldest first.
    pub async fn audited(&self) -> Vec<(String, String, String)> {
        let filter = store::audit::AuditFilter::default();
        let page = self.services.store.audit_page(&filter, None, 500).await.expect("reads");
        let entries = page.into_iter().rev().map(|row| row.entry);
        entries
            .map(|entry| {
                let outcome = entry.outcome.map_or("-", domain::audit::Outcome::word);
                (entry.action, outcome.to_owned(), entry.who.name)
            })
            .collect()
    }
}

fn settings(folder: &Path) -> Settings {
    let place = KeyPlace {
        manager: Arc::new(KeyFiles {
            dir: folder.join("keys"),
        }),
        written: Written::default(),
    };
    let deployment = Deployment {
        name: "demo".into(),
        region: None,
        database: None,
        layout: Layout::default(),
        sources: Vec::new(),
        restore: None,
        host: None,
        master_key: Some(settings::MasterKey {
            place,
            proof: Proof::Values,
            replicas: Vec::new(),
            in_use: None,
            read_interval: Duration::hours(6),
        }),
        key_destinations: Vec::new(),
        repos: Vec::new(),
        kms_keys: Vec::new(),
        tls: None,
        images: None,
        kubernetes: None,
        sites: std::collections::BTreeMap::new(),
        crl: None,
        promises: domain::policy::Promises::default(),
        drills: settings::Drills::default(),
        heartbeat: None,
    };
    Settings {
        deployments: vec![deployment],
        approvals: Policy {
            quorum: Quorum::TWO,
            request_ttl: Duration::hours(24),
            execution_window: Duration::hours(1),
            login: LoginRules {
                max_age: Duration::minutes(5),
                skew: Duration::seconds(5),
            },
            roles: Rules {
                operators_approve: true,
            },
        },
        reveal: Reveal::Shown,
        drills: settings::DrillSite::default(),
        notify: settings::Notify::default(),
        contacts: Vec::new(),
        runbook: settings::RunbookSite::default(),
    }
}

fn keys(dir: &Path) {
    fs::create_dir(dir).expect("a folder");
    for number in 1..=2 {
        let path = dir.join(format!("{number}.key"));
        fs::write(&path, key::to_setting(&master_key(number)).as_bytes()).expect("writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
    }
    fs::write(dir.join("current"), "2\n").expect("writes");
}

/// What a build leaves behind, without a build.
fn bundle(dir: &Path) {
    let folder = dir.join("pkg").join(BUILD);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(dir.join("current"), BUILD).expect("writes");
    fs::write(folder.join("muster.css"), "body { color: black }").expect("writes");
}
