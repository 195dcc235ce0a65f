//! `muster serve` and `muster worker`: everything that keeps running, started in order and ended in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ipnet::IpNet;
use recovery::{Clock, Services, approvals, audit, collect, drills, heartbeat, notify, runbook, runs};
use store::Store;
use store::events::Events;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::cli::Exit;
use crate::config::Config;
use crate::lifecycle::{OwnDatabase, Shutdown, Tasks};
use crate::print;
use crate::web::{self, Site, Web, router};
use crate::wiring::{self, Reach};

/// How long connections and jobs get to end by themselves.
const GRACE: Duration = Duration::from_secs(8);
/// Between two looks for sessions that are over.
const PRUNE: Duration = Duration::from_secs(600);

/// What one process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parts {
    pub pages: bool,
    pub workers: bool,
}

pub async fn serve(config: Config, workers: bool) -> anyhow::Result<Exit> {
    let parts = Parts { pages: true, workers };
    let running = Running::start(&config, parts, None, Shutdown::on_signals()?).await?;
    let url = wiring::public_url(&config)?.origin().ascii_serialization();
    print::text(&format!("Muster is ready: {url}\n"));
    running.until_stopped().await?;
    Ok(Exit::Ok)
}

pub async fn worker(config: Config) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        config.database.url.is_some(),
        "a worker shares its database with the consoles, so it needs [database] url; without one, `muster serve` works by itself"
    );
    let parts = Parts {
        pages: false,
        workers: true,
    };
    let running = Running::start(&config, parts, None, Shutdown::on_signals()?).await?;
    tracing::info!("the worker is ready");
    running.until_stopped().await?;
    Ok(Exit::Ok)
}

/// A Muster that runs.
pub struct Running {
    pub services: Services,
    database: OwnDatabase,
    tasks: Tasks,
    pages: Option<tokio::task::JoinHandle<()>>,
    shutdown: Shutdown,
}

impl Running {
    /// Opens the database, starts the jobs, listens.
    ///
    /// # Errors
    /// If one of these can't be had.
    pub async fn start(
        config: &Config,
        parts: Parts,
        demo: Option<app::pages::Demo>,
        shutdown: Shutdown,
    ) -> anyhow::Result<Self> {
        let reach = if parts.workers { Reach::Restore } else { Reach::Pages };
        let settings = wiring::settings(config, reach)?;
        let provider = wiring::provider(config)?;
        // Before anything is started: a port that is taken and a missing bundle are the most common mistakes.
        let console = match parts.pages {
            true => Some(Console::prepare(config, demo).await?),
            false => None,
        };
        let database = OwnDatabase::open(config, &settings).await?;
        let services = Services {
            store: database.store.clone(),
            settings: Arc::new(settings),
            clock: Clock::system(),
            provider: Arc::new(provider),
            works: parts.workers,
        };
        let events = Arc::new(Events::listen(&database.store));
        let tasks = Tasks::new(shutdown.stop.clone());
        start_jobs(&tasks, &services, &events, parts);
        let pages =
            console.map(|console| tokio::spawn(console.answer(services.clone(), events, shutdown.stop.clone())));
        Ok(Self {
            services,
            database,
            tasks,
            pages,
            shutdown,
        })
    }

    /// Waits for the end to be asked for, then ends everything that was started, the private cluster last.
    ///
    /// # Errors
    /// If the cluster doesn't stop.
    pub async fn until_stopped(self) -> anyhow::Result<()> {
        self.shutdown.stop.cancelled().await;
        let ended = async {
            if let Some(pages) = self.pages {
                let _ = pages.await;
            }
            self.tasks.ended().await;
        };
        if !self.shutdown.bounded(GRACE, ended).await {
            tracing::warn!("not everything ended in time; what runs is left to the next worker");
        }
        self.database.close().await
    }
}

fn start_jobs(tasks: &Tasks, services: &Services, events: &Arc<Events>, parts: Parts) {
    let store = services.store.clone();
    tasks.run("sequencer", move |stop| audit::sequence(store.clone(), stop));
    let store = services.store.clone();
    tasks.run("sessions", move |stop| prune(store.clone(), stop));
    let all = services.clone();
    tasks.run("clock", move |stop| approvals::expire(all.clone(), stop));
    if !parts.workers {
        return;
    }
    let all = services.clone();
    tasks.run("collector", move |stop| collect::run(all.clone(), stop));
    let all = services.clone();
    tasks.run("heartbeat", move |stop| heartbeat::run(all.clone(), stop));
    let all = services.clone();
    tasks.run("schedule", move |stop| drills::follow(all.clone(), stop));
    let (all, theirs) = (services.clone(), Arc::clone(events));
    tasks.run("drills", move |stop| {
        drills::work(all.clone(), Arc::clone(&theirs), stop)
    });
    if !services.settings.notify.channels.is_empty() {
        let (all, theirs) = (services.clone(), Arc::clone(events));
        tasks.run("notices", move |stop| {
            notify::deliver(all.clone(), Arc::clone(&theirs), stop)
        });
    }
    let all = services.clone();
    tasks.run("runbooks", move |stop| {
        runbook::write_daily(all.clone(), app::runbook::file, stop)
    });
    let (all, events) = (services.clone(), Arc::clone(events));
    tasks.run("runner", move |stop| runs::work(all.clone(), Arc::clone(&events), stop));
}

/// Everything about the pages that can be wrong, found out before anything is started.
struct Console {
    listener: TcpListener,
    site: Site,
    public_url: Url,
    trusted_proxies: Arc<[IpNet]>,
    demo: Option<app::pages::Demo>,
}

impl Console {
    async fn prepare(config: &Config, demo: Option<app::pages::Demo>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!(
                "{} can't be listened on. Is another Muster running? Set listen to another address",
                config.listen
            )
        });
        Ok(Self {
            public_url: wiring::public_url(config)?,
            site: Site::find(config.site_dir.as_deref())?,
            listener: listener?,
            trusted_proxies: config.trusted_proxies.iter().map(|network| network.0).collect(),
            demo,
        })
    }

    /// Answers until it is stopped, and then until the answers under way are given.
    async fn answer(self, services: Services, events: Arc<Events>, stop: CancellationToken) {
        let web = Web {
            services,
            events,
            leptos: self.site.options(),
            site: self.site,
            public_url: self.public_url,
            trusted_proxies: self.trusted_proxies,
            demo: self.demo,
            stop: stop.clone(),
        };
        let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, service).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the console can't be reached any more");
        }
    }
}

/// Forgets sessions that are over.
async fn prune(store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = store.sessions_prune(web::session::IDLE).await {
            tracing::warn!(%error, "sessions that are over could not be forgotten");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(PRUNE) => {}
        }
    }
}
