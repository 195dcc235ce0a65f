//! A large site: hundreds of deployments with their backups and a year of history, behind the console that people use. What pages read is
//! made of Muster's own types; what there are millions of is multiplied by PostgreSQL.

mod history;
mod log;
pub mod pages;
pub mod readings;
mod requests;
mod settings;
mod visitor;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use adapters::oidc::Provider;
use adapters::postgres::PgConnectOptions;
use axum::Router;
use chrono::{SubsecRound as _, Utc};
use domain::ids::Sha256;
use recovery::{Clock, Services, collect};
use serde::Serialize;
use server::web::{Site as Bundle, Web, router};
use store::Store;
use store::events::Events;
use testkit::issuer::Issuer;
use tokio_util::sync::CancellationToken;

pub use pages::pages;
pub use visitor::Visitor;

/// The console's address, as browsers would write it.
const ORIGIN: &str = "https://muster.example";
/// Connections of the console.
const CONNECTIONS: u32 = 8;

/// How large a site is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Scale {
    pub deployments: usize,
    /// Backups of each deployment, over its three sources.
    pub backups: usize,
    /// Backups of one deployment more; with 0 there is none.
    pub largest: usize,
    /// Days of history.
    pub days: i64,
    /// Requests of each deployment.
    pub requests: usize,
    pub audit_entries: usize,
}

/// A site that is there.
pub struct Site {
    pub services: Services,
    pub scale: Scale,
    options: PgConnectOptions,
    bundle: Bundle,
    issuer: Arc<Issuer>,
    _folder: tempfile::TempDir,
}

impl Site {
    /// Fills an empty database. Its clock stands still from here on, so that nothing expires while it is measured.
    pub async fn make(options: PgConnectOptions, scale: Scale) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bundle = bundle(&folder.path().join("site"));
        let issuer = Issuer::start().await;
        let now = Utc::now().trunc_subsecs(0);
        let store = connect(options.clone()).await;
        store.migrate().await.expect("migrates");
        let services = Services {
            store,
            settings: Arc::new(settings::settings(&scale, folder.path())),
            clock: Clock::new(move || now),
            provider: Arc::new(Provider::new(issuer.settings()).expect("a provider")),
            works: false,
        };
        fill(&services, &scale).await;
        Self {
            services,
            scale,
            options,
            bundle,
            issuer,
            _folder: folder,
        }
    }

    /// A console over connections with these settings of the server, and somebody who signed in.
    pub async fn open(&self, settings: &[(&str, &str)]) -> (Services, Visitor) {
        let services = Services {
            store: connect(self.options.clone().options(settings.iter().copied())).await,
            ..self.services.clone()
        };
        let router = console(&services, &self.bundle);
        let visitor = Visitor::signed_in(router, &self.issuer, services.clock.now()).await;
        (services, visitor)
    }

    /// Names of the deployments, in the order of the configuration.
    pub fn names(&self) -> Vec<&str> {
        let deployments = self.services.settings.deployments.iter();
        deployments.map(|deployment| deployment.name.as_str()).collect()
    }
}

async fn connect(options: PgConnectOptions) -> Store {
    Store::connect(options, CONNECTIONS).await.expect("connects")
}

async fn fill(services: &Services, scale: &Scale) {
    let (store, now) = (&services.store, services.clock.now());
    let names: Vec<_> = services
        .settings
        .deployments
        .iter()
        .map(|deployment| deployment.name.clone())
        .collect();
    history::vitals(store, &names, scale.days, now).await;
    history::facts(store, &names, scale.days, now).await;
    requests::fill(store, &names, scale.requests, now).await;
    log::fill(store, &names, scale, now).await;
    for deployment in &services.settings.deployments {
        let backups = if deployment.name == settings::LARGEST {
            scale.largest
        } else {
            scale.backups
        };
        readings::put(store, &deployment.name, backups, now).await;
        collect::record(services, deployment).await.expect("is drawn up");
    }
    sqlx::raw_sql("vacuum analyze")
        .execute(store.pool())
        .await
        .expect("is vacuumed");
}

fn console(services: &Services, bundle: &Bundle) -> Router {
    router(Web {
        services: services.clone(),
        events: Arc::new(Events::listen(&services.store)),
        leptos: bundle.options(),
        site: bundle.clone(),
        public_url: ORIGIN.parse().expect("a URL"),
        trusted_proxies: Arc::from([]),
        demo: None,
        stop: CancellationToken::new(),
    })
}

/// What a build leaves behind, without a build.
fn bundle(dir: &Path) -> Bundle {
    let build = "0123456789abcdef";
    fs::create_dir_all(dir.join("pkg").join(build)).expect("a folder");
    fs::write(dir.join("current"), build).expect("writes");
    Bundle::find(Some(dir)).expect("a bundle")
}

/// Bytes that are the same in every run and look drawn.
fn drawn(of: &str, number: usize) -> [u8; 32] {
    Sha256::of(&[of.as_bytes(), &number.to_be_bytes()]).0
}

/// The first 16 of them, for ids and salts.
fn half(of: &str, number: usize) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&drawn(of, number)[..16]);
    half
}
