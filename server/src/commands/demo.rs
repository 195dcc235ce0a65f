//! `muster demo`: an Ampora made on the spot, and a console that protects it. Ends with everything it started.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use demo::{Demo, DemoOptions};
use recovery::{Services, collect};
use rustix::process::geteuid;
use tempfile::TempDir;
use url::Url;

use super::serve::{Parts, Running};
use crate::cli::{self, Exit};
use crate::config::{Environment, load};
use crate::lifecycle::Shutdown;
use crate::print;
use crate::wiring;

/// How long the first observations may take before the demo says that it is ready all the same.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether they are there.
const LOOK: Duration = Duration::from_millis(100);
/// The oldest PostgreSQL that Ampora's documentation allows.
const AMPORA_NEEDS: u32 = 16;
/// Where the console listens, by the command line or else by these.
const ADDRESS: [&str; 2] = ["MUSTER__LISTEN", "MUSTER_LISTEN"];
/// What the demo's own file says and nothing else may, or the console would look for the demo where it isn't.
const FIXED: [&str; 5] = [
    "MUSTER_LISTEN",
    "MUSTER__LISTEN",
    "MUSTER_DATA_DIR",
    "MUSTER__DATA_DIR",
    "MUSTER__PUBLIC_URL",
];

pub async fn run(options: &cli::Demo) -> anyhow::Result<Exit> {
    let shutdown = Shutdown::on_signals()?;
    let listen = address(options.listen)?;
    let folder = Folder::choose(options.data_dir.as_deref())?;
    print::text(&format!("Making the demo in {}\n", folder.path().display()));
    let demo = Demo::start(DemoOptions {
        dir: folder.path().to_owned(),
        listen,
        progress: Box::new(|step: &str| print::text(&format!("  {step}\n"))),
    })
    .await?;
    let ended = console(&demo, &shutdown).await;
    demo.stop().await?;
    folder.remove()?;
    ended?;
    Ok(Exit::Ok)
}

fn address(asked: Option<SocketAddr>) -> anyhow::Result<SocketAddr> {
    let variable = || {
        ADDRESS
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()))
    };
    match (asked, variable()) {
        (Some(address), _) => Ok(address),
        (None, Some(text)) => text.parse().with_context(|| format!("{text:?} is no address and port")),
        (None, None) => Ok(SocketAddr::from(([127, 0, 0, 1], 8080))),
    }
}

/// The console of a running demo, until it is stopped.
async fn console(demo: &Demo, shutdown: &Shutdown) -> anyhow::Result<()> {
    if shutdown.stop.is_cancelled() {
        return Ok(());
    }
    let variables = std::env::vars().filter(|(name, _)| !FIXED.contains(&name.as_str()));
    let config = load(Some(&demo.config_path()), &Environment::new(variables))?.config;
    let accounts = demo.accounts().iter();
    let shown = app::pages::Demo {
        accounts: accounts
            .map(|account| (account.name.to_owned(), account.purpose.to_owned()))
            .collect(),
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
        print::text(&ready(demo, &wiring::public_url(&config)?));
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
        tokio::time::sleep(LOOK).await;
    }
}

fn ready(demo: &Demo, url: &Url) -> String {
    let url = url.origin().ascii_serialization();
    let mut text = format!("\nMuster is ready: {url}\n\nSign in as\n");
    for account in demo.accounts() {
        text.push_str(&format!("  {:<12} {}\n", account.name, account.purpose));
    }
    let config = demo.config_path();
    text.push_str(&format!(
        "\nAt a shell: muster inventory --config {}\n",
        config.display()
    ));
    let major = demo.postgres_major();
    if major < AMPORA_NEEDS {
        text.push_str(&format!(
            "The demo runs on PostgreSQL {major}; Ampora itself needs {AMPORA_NEEDS}.\n"
        ));
    }
    text.push_str("Ctrl-C ends the demo with everything it started.\n");
    text
}

/// The demo's folder: the one that was named stays, a temporary one goes.
enum Folder {
    Named(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn choose(named: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(dir) = named {
            let path = std::path::absolute(dir);
            return path
                .map(Self::Named)
                .with_context(|| format!("{} is no folder", dir.display()));
        }
        // Root's own temporary folder may be closed to the user that PostgreSQL runs as.
        let parent = if geteuid().is_root() {
            PathBuf::from("/tmp")
        } else {
            std::env::temp_dir()
        };
        let made = tempfile::Builder::new().prefix("muster-demo-").tempdir_in(&parent);
        made.map(Self::Temporary)
            .with_context(|| format!("no folder for the demo can be made in {}", parent.display()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    fn remove(self) -> anyhow::Result<()> {
        match self {
            Self::Named(_) => Ok(()),
            Self::Temporary(folder) => {
                let path = folder.path().to_owned();
                folder
                    .close()
                    .with_context(|| format!("{} stays behind", path.display()))
            }
        }
    }
}
