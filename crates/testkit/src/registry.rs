//! A container registry (Debian's docker-registry, the reference implementation) with images that nobody needs Docker for. What it keeps
//! lies in files, so a test can lose any part of it.

mod image;
mod storage;
mod tokens;

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

use adapters::registry::Digest;
use reqwest::{Method, RequestBuilder, Response};
use tempfile::TempDir;
use url::Url;

use crate::peer::{Peer, free_port, home};

pub use image::{Pushed, PushedImage};
pub use storage::Storage;
pub use tokens::TokenService;

/// The account that the registry knows, unless it is open.
pub const USERNAME: &str = "puller";
pub const PASSWORD: &str = "let-me-pull";
/// The same for the registry: bcrypt, and quick.
const HTPASSWD: &str = "puller:$2b$05$MusterTestRegistryMu1uBOhq4IAvmehRsxFEOzrtMf4g6JBUTQK\n";

/// How people log in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Login {
    /// Everybody may do everything.
    Open,
    /// By name and password.
    Basic,
    /// By a token of [`TokenService`], which wants name and password.
    Token,
}

/// A running registry. Everything in it is gone when it is dropped.
#[derive(Debug)]
pub struct Registry {
    peer: Peer,
    login: Login,
    tokens: Option<TokenService>,
    storage: Option<Storage>,
    folder: TempDir,
    client: reqwest::Client,
}

impl Registry {
    /// Starts an empty one.
    ///
    /// # Panics
    /// If docker-registry isn't there or doesn't start.
    pub async fn start(login: Login) -> Self {
        Self::start_with(login, false).await
    }

    /// Starts an empty one that sends whoever wants a blob to [`Storage`], as those in clouds do.
    ///
    /// # Panics
    /// If docker-registry isn't there or doesn't start.
    pub async fn start_with_storage(login: Login) -> Self {
        Self::start_with(login, true).await
    }

    async fn start_with(login: Login, elsewhere: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tokens = if login == Login::Token {
            Some(TokenService::start().await)
        } else {
            None
        };
        let storage = if elsewhere {
            Some(Storage::start(&folder.path().join("data")).await)
        } else {
            None
        };
        let port = free_port();
        let auth = match (&tokens, login) {
            (Some(tokens), _) => tokens.settings(folder.path()),
            (None, Login::Basic) => {
                let known = folder.path().join("htpasswd");
                fs::write(&known, HTPASSWD).expect("our own folder");
                format!("auth: {{htpasswd: {{realm: muster, path: {}}}}}", known.display())
            }
            (None, _) => String::new(),
        };
        let redirect = storage.as_ref().map_or(String::new(), Storage::settings);
        let config = folder.path().join("config.yml");
        let data = folder.path().join("data");
        let written = format!(
            "version: 0.1\nlog: {{level: warn, accesslog: {{disabled: true}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n{auth}\n{redirect}\n",
            data.display()
        );
        fs::write(&config, written).expect("our own folder");
        let log = tempfile::tempfile().expect("a file without a name");
        Self {
            peer: start_peer(&config, port, &log),
            login,
            tokens,
            storage,
            folder,
            client: reqwest::Client::builder().no_proxy().build().expect("a plain client"),
        }
    }

    /// Where it listens: the host of references.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.peer.address
    }

    /// The service that gives out its tokens.
    ///
    /// # Panics
    /// If it wasn't started with [`Login::Token`].
    #[must_use]
    pub fn tokens(&self) -> &TokenService {
        self.tokens.as_ref().expect("a registry with tokens")
    }

    /// Where its blobs are fetched from.
    ///
    /// # Panics
    /// If it wasn't started with storage elsewhere.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        self.storage.as_ref().expect("a registry with storage elsewhere")
    }

    /// Pushes an image for `linux/amd64` and `linux/arm64` under one index. What is in it depends on repository and tag.
    ///
    /// # Panics
    /// If the registry doesn't take it.
    pub async fn push(&self, repository: &str, tag: &str) -> Pushed {
        image::push(self, repository, tag).await
    }

    /// Gives what has the tag `from` the tag `to` as well, whatever had that before.
    ///
    /// # Panics
    /// If the registry refuses.
    pub async fn retag(&self, repository: &str, from: &str, to: &str) {
        let request = self.request(Method::GET, repository, &format!("manifests/{from}"));
        let found = succeed(request.header("accept", image::INDEX), "has the tag").await;
        let manifest = found.bytes().await.expect("a whole manifest");
        self.tag(repository, to, image::INDEX, manifest.into()).await;
    }

    /// Makes the registry forget a manifest or an index, as somebody does who cleans up.
    ///
    /// # Panics
    /// If the registry refuses.
    pub async fn delete_manifest(&self, repository: &str, digest: &Digest) {
        let request = self.request(Method::DELETE, repository, &format!("manifests/{digest}"));
        succeed(request, "deletes a manifest").await;
    }

    /// Lets the disk lose a blob.
    ///
    /// # Panics
    /// If it isn't there.
    pub fn delete_blob(&self, digest: &Digest) {
        fs::remove_file(self.blob(digest)).expect("the blob is there");
    }

    /// Lets the disk keep other bytes than it was given.
    ///
    /// # Panics
    /// If the blob isn't there.
    pub fn alter_blob(&self, digest: &Digest, bytes: &[u8]) {
        let path = self.blob(digest);
        assert!(path.exists(), "the blob {digest} is there");
        fs::write(path, bytes).expect("our own folder");
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        let hex = digest.as_str().trim_start_matches("sha256:");
        let path = format!("data/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]);
        self.folder.path().join(path)
    }

    fn request(&self, method: Method, repository: &str, path: &str) -> RequestBuilder {
        let url = format!("http://{}/v2/{repository}/{path}", self.address());
        self.sign(self.client.request(method, url), repository)
    }

    fn sign(&self, request: RequestBuilder, repository: &str) -> RequestBuilder {
        match (self.login, &self.tokens) {
            (_, Some(tokens)) => request.bearer_auth(tokens.token_for(repository)),
            (Login::Basic, None) => request.basic_auth(USERNAME, Some(PASSWORD)),
            (_, None) => request,
        }
    }

    async fn upload(&self, repository: &str, blob: Vec<u8>) -> Digest {
        let digest = Digest::of(&blob);
        let begun = succeed(
            self.request(Method::POST, repository, "blobs/uploads/"),
            "begins an upload",
        )
        .await;
        let place = begun.headers()["location"].to_str().expect("an address");
        let mut place: Url = place.parse().expect("an address");
        place.query_pairs_mut().append_pair("digest", digest.as_str());
        let request = self
            .client
            .put(place)
            .header("content-type", "application/octet-stream")
            .body(blob);
        succeed(self.sign(request, repository), "takes a blob").await;
        digest
    }

    async fn tag(&self, repository: &str, name: &str, media_type: &str, manifest: Vec<u8>) {
        let request = self.request(Method::PUT, repository, &format!("manifests/{name}"));
        succeed(
            request.header("content-type", media_type).body(manifest),
            "takes a manifest",
        )
        .await;
    }
}

async fn succeed(request: RequestBuilder, what: &str) -> Response {
    let response = request.send().await.expect("the registry answers");
    let status = response.status();
    if !status.is_success() {
        panic!(
            "the registry {what}, but {status}: {}",
            response.text().await.unwrap_or_default()
        );
    }
    response
}

fn start_peer(config: &std::path::Path, port: u16, log: &File) -> Peer {
    let program = home("registry").join("usr/bin/docker-registry");
    assert!(
        program.exists(),
        "docker-registry isn't at {}; run crates/xtask/setup.sh test",
        program.display()
    );
    let log = PathBuf::from(format!("/proc/self/fd/{}", log.as_raw_fd()));
    Peer::start(
        &[program.as_os_str(), "serve".as_ref(), config.as_os_str()],
        port,
        &[],
        &log,
    )
}
