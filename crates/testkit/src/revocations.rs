//! A revocation list at an address, as Ampora serves its own at `/pki/crl.der`, which can be replaced while it is served.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Where Ampora serves it.
const PATH: &str = "/pki/crl.der";

/// An address on loopback, gone when it is dropped.
pub struct ServedList {
    url: String,
    list: Arc<RwLock<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl ServedList {
    /// Serves this list, in DER, on a free port.
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start(der: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}{PATH}", listener.local_addr().expect("an address"));
        let list = Arc::new(RwLock::new(der));
        let served = Arc::clone(&list);
        let answer = async move || served.read().unwrap_or_else(PoisonError::into_inner).clone();
        let router = Router::new().route(PATH, get(answer));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, list, task }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves another one from now on.
    pub fn replace(&self, der: Vec<u8>) {
        *self.list.write().unwrap_or_else(PoisonError::into_inner) = der;
    }
}

impl Drop for ServedList {
    fn drop(&mut self) {
        self.task.abort();
    }
}
