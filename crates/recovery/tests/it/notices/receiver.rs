//! A webhook of somebody else's: it believes only what the library of the standard believes, and answers what it is told to.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use domain::notice::Notice;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

pub const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub struct Receiver {
    inside: Arc<Inside>,
    url: String,
    _server: AbortOnDropHandle<()>,
}

struct Inside {
    heard: Mutex<Vec<Notice>>,
    answer: AtomicU16,
    held: watch::Sender<bool>,
}

impl Receiver {
    pub async fn start() -> Self {
        let inside = Arc::new(Inside {
            heard: Mutex::default(),
            answer: AtomicU16::new(204),
            held: watch::Sender::new(false),
        });
        let router = Router::new().route("/hook", post(take)).with_state(Arc::clone(&inside));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
        Self {
            inside,
            url,
            _server: AbortOnDropHandle::new(server),
        }
    }

    pub fn url(&self) -> SecretString {
        self.url.as_str().into()
    }

    /// What it was told so far, refused or not.
    pub fn heard(&self) -> Vec<Notice> {
        self.inside.heard.lock().expect("no test panics with it").clone()
    }

    pub fn answer(&self, status: u16) {
        self.inside.answer.store(status, Ordering::SeqCst);
    }

    /// From now on it takes messages and doesn't answer.
    pub fn hold(&self) {
        self.inside.held.send_replace(true);
    }

    pub fn release(&self) {
        self.inside.held.send_replace(false);
    }
}

async fn take(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let judge = standardwebhooks::Webhook::new(KEY).expect("a key");
    judge.verify(&body, &headers).expect("signed as the standard says");
    let notice: Notice = serde_json::from_slice(&body).expect("a notice");
    assert_eq!(headers["webhook-id"], notice.id.to_string());
    inside.heard.lock().expect("no test panics with it").push(notice);
    let mut held = inside.held.subscribe();
    let _released = held.wait_for(|held| !held).await;
    StatusCode::from_u16(inside.answer.load(Ordering::SeqCst)).expect("a status")
}
