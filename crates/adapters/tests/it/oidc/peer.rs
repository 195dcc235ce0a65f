//! The provider as a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A running provider. Ends with this value.
pub struct Peer {
    pub issuer: String,
    requests: Arc<Mutex<Vec<String>>>,
    child: Child,
}

impl Peer {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    /// Starts one on this port, with keys that no other one had.
    pub async fn start_at(port: u16) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../end2end");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "end2end/node_modules has no oidc-provider: run `make test`, which installs it"
        );
        let mut child = Command::new("node")
            .arg("oidc/provider.mjs")
            .current_dir(folder)
            .env("PORT", port.to_string())
            .env("REDIRECT_URIS", super::REDIRECT)
            .env("LOG_REQUESTS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts: run `make test`, which installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        let line = first.expect("the provider is ready within a minute").unwrap();
        let line = line.expect("the provider starts; `node end2end/oidc/provider.mjs` says why it doesn’t");
        let issuer = line
            .strip_prefix("ready ")
            .expect("the first line says that it is ready")
            .to_owned();
        let requests = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(collect(lines, Arc::clone(&requests)));
        Self {
            issuer,
            requests,
            child,
        }
    }

    pub fn port(&self) -> u16 {
        self.issuer.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// How often this path was asked for.
    pub async fn count(&self, path: &str) -> usize {
        // The line of a request that was answered just now may still be in the pipe.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let suffix = format!(" {path}");
        self.requests
            .lock()
            .unwrap()
            .iter()
            .filter(|line| line.ends_with(&suffix))
            .count()
    }

    /// Ends it and waits until its port is free.
    pub async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}

async fn collect(mut lines: Lines<BufReader<ChildStdout>>, requests: Arc<Mutex<Vec<String>>>) {
    while let Ok(Some(line)) = lines.next_line().await {
        requests.lock().unwrap().push(line);
    }
}
