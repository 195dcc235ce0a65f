//! `muster demo`: an Ampora made on the spot, and a console that protects it. Ends with everything it started.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use demo::{Demo, DemoOptions};
use recovery::{Services, collect};

use super::print;
use super::serve::{Parts, Running};
use crate::cli::{self, Exit};
use crate::config::{Environment, load};
use crate::lifecycle::Shutdown;

/// How long the first observations may take before the demo says that it is ready all the same.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn run(options: &cli::Demo) -> anyhow::Result<Exit> {
    let shutdown = Shutdown::on_signals()?;
    let listen = options.listen.unwrap_or_else(|| ([127, 0, 0, 1], 8080).into());
    let folder = Folder::choose(options.data_dir.as_deref())?;
    let progress = Box::new(|step: &str| print(&format!("  {step}\n")));
    let demo = Demo::start(DemoOptions {
        dir: folder.path().to_owned(),
        listen,
        progress,
    })
    .await?;
    let ended = console(&demo, shutdown).await;
    demo.stop().await?;
    folder.remove()?;
    ended?;
    Ok(Exit::Ok)
}

/// The console of a running demo, until it is stopped.
async fn console(demo: &Demo, shutdown: Shutdown) -> anyhow::Result<()> {
    let config = load(Some(&demo.config_path()), &Environment::of_process())?.config;
    let accounts = demo
        .accounts()
        .iter()
        .map(|account| (account.name.to_owned(), account.purpose.to_owned()));
    let shown = app::pages::Demo {
        accounts: accounts.collect(),
    };
    let parts = Parts {
        pages: true,
        workers: true,
    };
    let running = Running::start(&config, parts, Some(shown), shutdown.clone()).await?;
    tokio::select! {
        () = observed(&running.services) => {}
        () = tokio::time::sleep(PATIENCE) => tracing::warn!("not everything was read yet; the pages say what is unknown"),
        () = shutdown.stop.cancelled() => {}
    }
    if !shutdown.stop.is_cancelled() {
        print(&ready(demo));
    }
    running.until_stopped().await
}

/// Waits until each source, the live database and the keys were asked once.
async fn observed(services: &Services) {
    loop {
        let mut complete = true;
        for deployment in &services.settings.deployments {
            let seen = collect::cached(&services.store, deployment).await;
            complete &= seen.is_ok_and(|seen| seen.is_complete());
        }
        if complete {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn ready(demo: &Demo) -> String {
    let mut text = format!("Muster is ready: http://{}\n", demo.listen());
    for account in demo.accounts() {
        text.push_str(&format!("  {:<12} {}\n", account.name, account.purpose));
    }
    text.push_str(&format!(
        "  Other commands: muster inventory --config {}\n",
        demo.config_path().display()
    ));
    if demo.postgres_major() < 16 {
        text.push_str(&format!(
            "  The demo uses PostgreSQL {}; Ampora itself needs 16.\n",
            demo.postgres_major()
        ));
    }
    text.push_str("  Ctrl-C ends it, with everything it started.\n");
    text
}

/// The demo's folder: the one that was named stays, a temporary one goes.
enum Folder {
    Named(PathBuf),
    Temporary(PathBuf),
}

impl Folder {
    fn choose(named: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(dir) = named {
            let path = std::path::absolute(dir);
            return path
                .map(Self::Named)
                .with_context(|| format!("{} is no folder", dir.display()));
        }
        let dir = std::env::temp_dir().join(format!("muster-demo-{}", std::process::id()));
        fs::create_dir_all(&dir).with_context(|| format!("{} can't be made", dir.display()))?;
        Ok(Self::Temporary(dir))
    }

    fn path(&self) -> &Path {
        let (Self::Named(path) | Self::Temporary(path)) = self;
        path
    }

    fn remove(&self) -> anyhow::Result<()> {
        match self {
            Self::Named(_) => Ok(()),
            Self::Temporary(path) => {
                fs::remove_dir_all(path).with_context(|| format!("{} stays behind", path.display()))
            }
        }
    }
}
