//! A Kubernetes API server in this process: it gives out, lists, creates, replaces and applies objects, with uid, resourceVersion and the real one's
//! refusals. It follows <https://kubernetes.io/docs/reference/using-api/api-concepts/>; it is no cluster, and nothing it says was ever run by
//! one.

mod answer;
mod apply;
mod controller;
mod objects;
mod selector;
mod status;
mod tokens;
mod writes;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Life};
use crate::tls::{Manner, TlsListener, server_config};
use answer::answer;
use objects::Objects;
use tokens::Tokens;

/// The only token it takes. The kubeconfig holds it.
pub const TOKEN: &str = "token-of-muster";

/// A request that reached it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// The form of the answer that the client wants.
    pub accept: String,
}

/// A server on loopback, gone when it is dropped.
pub struct KubernetesApi {
    address: SocketAddr,
    /// PEM of the authority of its certificate; `None` over plain HTTP.
    authority: Option<String>,
    world: Arc<Mutex<World>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct World {
    objects: Objects,
    /// What is refused with 403: a verb, or all of them, and the plural of a resource.
    forbidden: Vec<(Option<String>, String)>,
    /// Resources that are answered with this, by plural.
    said: HashMap<String, (StatusCode, String)>,
    requests: Vec<Request>,
    tokens: Tokens,
    /// Whether Deployments have pods that come and go, and whether new ones get ready. `None`: nobody follows them.
    followed: Option<bool>,
}

impl KubernetesApi {
    /// Starts it on a free port, over plain HTTP.
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let world = Arc::default();
        let router = router(&world);
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self {
            address,
            authority: None,
            world,
            task,
        }
    }

    /// Starts it on a free port, with a certificate of this authority.
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start_with_tls(authority: &Authority, life: Life) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let certificate = authority.issue(&["127.0.0.1", "localhost"], life);
        let acceptor = TlsAcceptor::from(server_config(Manner::Usual, &certificate, &[]));
        let world = Arc::default();
        let router = router(&world);
        let task = tokio::spawn(async move {
            let _ = axum::serve(TlsListener { listener, acceptor }, router).await;
        });
        Self {
            address,
            authority: Some(authority.pem()),
            world,
            task,
        }
    }

    /// Installs the kinds of cert-manager. Without them their paths don't exist.
    pub fn install_cert_manager(&self) {
        self.world().objects.install_cert_manager();
    }

    /// Installs the kinds of Flux and Argo CD.
    pub fn install_gitops(&self) {
        self.world().objects.install_gitops();
    }

    /// Puts an object in, or in the place of the one of its kind and name.
    ///
    /// # Panics
    /// If it has no name, or its kind isn't installed.
    pub fn put(&self, object: Value) {
        self.world().objects.put(object);
    }

    /// Has pods come and go with each Deployment that is changed from now on; new ones get ready, or never do.
    pub fn follow_deployments(&self, ready: bool) {
        self.world().followed = Some(ready);
    }

    /// An object as it is now, if it is there.
    #[must_use]
    pub fn object(&self, path: &str) -> Option<Value> {
        let world = self.world();
        let target = world.objects.target(path)?;
        world.objects.get(&target).cloned()
    }

    /// Every object of this kind and name, in whatever namespace.
    #[must_use]
    pub fn named(&self, plural: &str, name: &str) -> Vec<Value> {
        let mut found = self.world().objects.all(plural);
        found.retain(|object| object["metadata"]["name"] == name);
        found
    }

    /// Every object of this kind with this label.
    #[must_use]
    pub fn labelled(&self, plural: &str, label: &str, value: &str) -> Vec<Value> {
        let mut found = self.world().objects.all(plural);
        found.retain(|object| object["metadata"]["labels"][label] == value);
        found
    }

    /// Lifts every refusal.
    pub fn allow(&self) {
        self.world().forbidden.clear();
    }

    /// Removes an object, if it is there.
    pub fn remove(&self, plural: &str, namespace: Option<&str>, name: &str) {
        self.world().objects.remove(plural, namespace, name);
    }

    /// Refuses every request for this resource from now on, such as `certificates`.
    pub fn forbid(&self, plural: &str) {
        self.world().forbidden.push((None, plural.into()));
    }

    /// Refuses this verb for this resource from now on, such as `update` for `secrets`.
    pub fn forbid_to(&self, verb: &str, plural: &str) {
        self.world().forbidden.push((Some(verb.into()), plural.into()));
    }

    /// Answers every request for this resource with these words from now on.
    pub fn say(&self, plural: &str, code: StatusCode, body: &str) {
        self.world().said.insert(plural.into(), (code, body.into()));
    }

    /// A token of this service account, for which reviews vouch from now on.
    #[must_use]
    pub fn service_account(&self, namespace: &str, name: &str) -> String {
        self.world().tokens.issue(namespace, name)
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// All requests so far, refused ones included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world().requests.clone()
    }

    /// Writes a kubeconfig, and what it names, into `folder`. Its only context is `test`.
    ///
    /// # Panics
    /// If it can't be written.
    #[must_use]
    pub fn kubeconfig(&self, folder: &Path) -> PathBuf {
        self.kubeconfig_with(folder, TOKEN)
    }

    /// The same with another token.
    ///
    /// # Panics
    /// If it can't be written.
    #[must_use]
    pub fn kubeconfig_with(&self, folder: &Path, token: &str) -> PathBuf {
        let (scheme, trust) = match &self.authority {
            None => ("http", String::new()),
            Some(pem) => {
                let authority = folder.join("cluster-ca.crt");
                std::fs::write(&authority, pem).expect("a folder to write to");
                ("https", format!("certificate-authority: {}", authority.display()))
            }
        };
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             contexts:\n- name: test\n  context: {{cluster: test, user: muster, namespace: default}}\n\
             clusters:\n- name: test\n  cluster:\n    server: {scheme}://{}\n    {trust}\n\
             users:\n- name: muster\n  user: {{token: {token}}}\n",
            self.address
        );
        let path = folder.join("kubeconfig");
        std::fs::write(&path, text).expect("a folder to write to");
        path
    }

    /// Answers nobody any more.
    pub fn stop(&self) {
        self.task.abort();
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

impl Drop for KubernetesApi {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn router(world: &Arc<Mutex<World>>) -> Router {
    Router::new()
        .route(tokens::REVIEWS, post(tokens::review))
        .fallback(answer)
        .with_state(Arc::clone(world))
}

/// Whether the request comes from who has the kubeconfig.
fn is_known(headers: &HeaderMap) -> bool {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    token == Some(&format!("Bearer {TOKEN}"))
}
