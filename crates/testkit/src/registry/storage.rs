//! Where a registry in a cloud sends those who want a blob: storage that wants no login, since its addresses are secret or signed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

/// Storage on loopback, gone when it is dropped.
#[derive(Debug)]
pub struct Storage {
    url: String,
    state: Arc<Observed>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Observed {
    files: PathBuf,
    asked: AtomicUsize,
    saw_login: AtomicBool,
    denies_head: AtomicBool,
    is_empty: AtomicBool,
}

impl Storage {
    /// Starts it over the files of a registry.
    pub(super) async fn start(files: &Path) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let state = Arc::new(Observed {
            files: files.into(),
            asked: AtomicUsize::default(),
            saw_login: AtomicBool::default(),
            denies_head: AtomicBool::default(),
            is_empty: AtomicBool::default(),
        });
        let router = Router::new().fallback(file).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, state, task }
    }

    /// What the registry is told about it.
    pub(super) fn settings(&self) -> String {
        format!(
            "middleware: {{storage: [{{name: redirect, options: {{baseurl: '{}'}}}}]}}",
            self.url
        )
    }

    /// From now on only GET is answered, as with addresses that were signed for it.
    pub fn deny_head(&self) {
        self.state.denies_head.store(true, Ordering::SeqCst);
    }

    /// From now on nothing is there, whatever the registry believes.
    pub fn lose_everything(&self) {
        self.state.is_empty.store(true, Ordering::SeqCst);
    }

    /// How many requests came.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// Whether any of them had a login in it, which is none of its business.
    #[must_use]
    pub fn saw_login(&self) -> bool {
        self.state.saw_login.load(Ordering::SeqCst)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn file(State(state): State<Arc<Observed>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    state.asked.fetch_add(1, Ordering::SeqCst);
    if headers.contains_key("authorization") {
        state.saw_login.store(true, Ordering::SeqCst);
    }
    if method == Method::HEAD && state.denies_head.load(Ordering::SeqCst) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if state.is_empty.load(Ordering::SeqCst) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match std::fs::read(state.files.join(uri.path().trim_start_matches('/'))) {
        Ok(bytes) => bytes.into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
