//! A key vault of Azure in this process, with the service beside it that gives out tokens: secrets and versions as a test puts them in, and
//! the refusals of the real one. It follows <https://learn.microsoft.com/rest/api/keyvault/secrets/>; Microsoft's own Python client is
//! content with it, and that is all there is to vouch for it.

mod answers;
mod login;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::certificates::Authority;
use crate::tls::{Manner, TlsListener, server_config};

pub use login::{CLIENT, CLIENT_SECRET, TENANT, TOKEN};

/// A vault on loopback, gone when it is dropped.
pub struct AzureVault {
    address: SocketAddr,
    authority: Authority,
    world: Arc<Mutex<World>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct World {
    /// Host and port, as clients write them.
    host: String,
    secrets: BTreeMap<String, Kept>,
    /// Most versions of a page. Azure sends 25.
    page: Option<usize>,
    /// Permissions that nobody has: `get`, `list`.
    denied: Vec<String>,
    /// What everybody hears instead of an answer.
    said: Option<(StatusCode, String, String)>,
    /// Where a list goes on instead of here.
    astray: Option<Url>,
    requests: Vec<Request>,
}

/// A secret by its versions, which Azure lists by their names.
#[derive(Default)]
struct Kept {
    versions: BTreeMap<String, KeptVersion>,
    /// Since when it is deleted, and until when it can be recovered.
    deleted: Option<(i64, i64)>,
}

struct KeptVersion {
    value: String,
    attributes: Value,
    tags: Value,
    /// Among the versions of one second.
    order: usize,
}

/// A request that reached it.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// What stands in `Authorization`.
    pub authorization: Option<String>,
}

impl AzureVault {
    /// Starts it on a free port, with a certificate of an authority of its own. It lets everybody in who has [`TOKEN`].
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let life = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(1));
        let authority = Authority::root("private cloud", life);
        let certificate = authority.issue(&["localhost"], life);
        let acceptor = TlsAcceptor::from(server_config(Manner::Usual, &certificate, &[]));
        let world = Arc::new(Mutex::new(World {
            host: format!("localhost:{}", address.port()),
            ..World::default()
        }));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let task = tokio::spawn(async move {
            let _ = axum::serve(TlsListener { listener, acceptor }, router).await;
        });
        Self {
            address,
            authority,
            world,
            task,
        }
    }

    /// Where the vault answers, and where tokens are given out.
    ///
    /// # Panics
    /// Never: an address is a URL.
    #[must_use]
    pub fn url(&self) -> Url {
        let url = format!("https://localhost:{}", self.address.port());
        url.parse().expect("an address is a URL")
    }

    /// PEM of the authority of its certificate.
    #[must_use]
    pub fn authority(&self) -> String {
        self.authority.pem()
    }

    /// Adds a version that was made at this second since 1970, and makes the secret if it isn't there. Returns the version's name.
    pub fn add(&self, secret: &str, value: &str, created: i64) -> String {
        let mut world = self.world();
        let kept = world.secrets.entry(secret.into()).or_default();
        let order = kept.versions.len();
        // As random as Azure's: their order says nothing of their age.
        let name = answers::version_name(order);
        let version = KeptVersion {
            value: value.into(),
            attributes: json!({
                "enabled": true,
                "created": created,
                "updated": created,
                "recoveryLevel": "Recoverable",
                "recoverableDays": 90,
            }),
            tags: json!({}),
            order,
        };
        kept.versions.insert(name.clone(), version);
        name
    }

    /// Changes attributes of a version, such as `enabled`.
    ///
    /// # Panics
    /// If there is no such version, or the fields are no object.
    pub fn change(&self, secret: &str, version: &str, fields: &Value) {
        self.with(secret, version, |kept| {
            for (name, value) in fields.as_object().expect("fields") {
                kept.attributes[name] = value.clone();
            }
        });
    }

    /// Puts tags on a version.
    ///
    /// # Panics
    /// If there is no such version.
    pub fn tag(&self, secret: &str, version: &str, tags: Value) {
        self.with(secret, version, |kept| kept.tags = tags);
    }

    fn with(&self, secret: &str, version: &str, change: impl FnOnce(&mut KeptVersion)) {
        let mut world = self.world();
        let kept = world.secrets.get_mut(secret).expect("a secret");
        change(kept.versions.get_mut(version).expect("a version"));
    }

    /// Deletes a secret, which can be recovered until then; both in seconds since 1970.
    ///
    /// # Panics
    /// If there is no such secret.
    pub fn delete(&self, secret: &str, at: i64, until: i64) {
        self.world().secrets.get_mut(secret).expect("a secret").deleted = Some((at, until));
    }

    /// Sends no more versions than this at a time.
    pub fn limit_pages(&self, versions: usize) {
        self.world().page = Some(versions);
    }

    /// Lets every list go on at another address.
    pub fn lead_astray(&self, to: Url) {
        self.world().astray = Some(to);
    }

    /// Takes a permission away from everybody: `get` or `list`.
    pub fn deny(&self, permission: &str) {
        self.world().denied.push(permission.into());
    }

    /// Answers everything but questions for tokens with these words from now on.
    pub fn say(&self, code: StatusCode, content_type: &str, body: &str) {
        self.world().said = Some((code, content_type.into(), body.into()));
    }

    /// All requests so far, refused ones included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world().requests.clone()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

impl Drop for AzureVault {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = lock(&world);
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    world.requests.push(Request {
        method: method.to_string(),
        path: uri.path().to_owned(),
        authorization: authorization.map(str::to_owned),
    });
    if method == Method::POST {
        return login::answer(uri.path(), &body);
    }
    if authorization.is_none_or(|shown| !login::is_known(shown)) {
        return login::challenge(&world.host, authorization.is_some());
    }
    if let Some((code, content_type, body)) = &world.said {
        return (*code, [(header::CONTENT_TYPE, content_type.clone())], body.clone()).into_response();
    }
    answers::answer(&world, uri.path(), &query)
}
