//! Google Secret Manager's REST interface in this process: secrets and versions as a test puts them in, and the refusals of the real one. It
//! follows <https://cloud.google.com/secret-manager/docs/reference/rest>; Google's own Python client is content with it, and that is all
//! there is to vouch for it.

mod answers;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use answers::Question;

/// A server on loopback, gone when it is dropped.
pub struct GcpSecrets {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct World {
    secrets: BTreeMap<String, Kept>,
    /// Most versions of a page, if the client doesn't ask for fewer.
    page: Option<usize>,
    /// Permissions that nobody has.
    denied: Vec<String>,
    /// Whether somebody has to say who they are.
    closed: bool,
    /// What everybody hears instead of an answer.
    said: Option<(StatusCode, String, String)>,
    requests: Vec<Request>,
}

/// A secret: the resource, without its name.
struct Kept {
    about: Value,
    versions: Vec<KeptVersion>,
}

struct KeptVersion {
    about: Value,
    value: Vec<u8>,
    /// As it was when the value came.
    checksum: u32,
}

/// A request that reached it.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// What stands in `Authorization`.
    pub authorization: Option<String>,
}

impl GcpSecrets {
    /// Starts it on a free port. It knows no secret and lets everybody do everything.
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let world: Arc<Mutex<World>> = Arc::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, world, task }
    }

    /// Where it answers.
    ///
    /// # Panics
    /// Never: an address is a URL.
    #[must_use]
    pub fn endpoint(&self) -> Url {
        let url = format!("http://{}", self.address);
        url.parse().expect("an address is a URL")
    }

    /// Makes a secret without versions, or changes it: `projects/tests/secrets/key`, and the fields of the resource.
    ///
    /// # Panics
    /// If the fields are no object.
    pub fn put(&self, path: &str, about: Value) {
        assert!(about.is_object(), "fields of a secret");
        let mut world = self.world();
        let kept = world.secrets.entry(path.into()).or_insert_with(|| Kept {
            about: Value::Null,
            versions: Vec::new(),
        });
        kept.about = about;
    }

    /// Adds a version, which is enabled, and returns its number. The first was made on 1 January 2026, the next one on the 2nd, and so on.
    ///
    /// # Panics
    /// If there is no such secret.
    pub fn add(&self, path: &str, value: &[u8]) -> usize {
        let mut world = self.world();
        let kept = world.secrets.get_mut(path).expect("a secret");
        let days = i64::try_from(kept.versions.len()).expect("few versions");
        let created = DateTime::UNIX_EPOCH + TimeDelta::days(20_454 + days) + TimeDelta::microseconds(123_456);
        kept.versions.push(KeptVersion {
            about: json!({
                "createTime": created.to_rfc3339_opts(SecondsFormat::Micros, true),
                "state": "ENABLED",
                "etag": format!("\"{days:x}\""),
                "replicationStatus": { "automatic": {} },
                "clientSpecifiedPayloadChecksum": true,
            }),
            value: value.to_vec(),
            checksum: answers::crc32c(value),
        });
        kept.versions.len()
    }

    /// Changes fields of a version, such as `state`.
    ///
    /// # Panics
    /// If there is no such version, or the fields are no object.
    pub fn change(&self, path: &str, version: usize, fields: &Value) {
        self.with(path, version, |kept| {
            for (name, value) in fields.as_object().expect("fields") {
                kept.about[name] = value.clone();
            }
        });
    }

    /// Lets a version's value come with the checksum of another one.
    ///
    /// # Panics
    /// If there is no such version.
    pub fn damage(&self, path: &str, version: usize) {
        self.with(path, version, |kept| kept.checksum ^= 1);
    }

    fn with(&self, path: &str, version: usize, change: impl FnOnce(&mut KeptVersion)) {
        let mut world = self.world();
        let kept = world.secrets.get_mut(path).expect("a secret");
        change(kept.versions.get_mut(version - 1).expect("a version"));
    }

    /// Sends no more versions than this at a time.
    pub fn limit_pages(&self, versions: usize) {
        self.world().page = Some(versions);
    }

    /// Takes a permission away from everybody, such as `secretmanager.versions.access`.
    pub fn deny(&self, permission: &str) {
        self.world().denied.push(permission.into());
    }

    /// Answers nobody any more who doesn't say who they are.
    pub fn close(&self) {
        self.world().closed = true;
    }

    /// Answers everything with these words from now on.
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

impl Drop for GcpSecrets {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut world = lock(&world);
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    world.requests.push(Request {
        path: uri.path().to_owned(),
        query: query.clone(),
        authorization: authorization.map(str::to_owned),
    });
    if let Some((code, content_type, body)) = &world.said {
        return (*code, [(header::CONTENT_TYPE, content_type.clone())], body.clone()).into_response();
    }
    if world.closed && authorization.is_none() {
        return answers::unauthenticated();
    }
    match Question::of(uri.path()) {
        Some(question) => question.answer(&world, &query),
        None => answers::no_such_path(uri.path()),
    }
}
