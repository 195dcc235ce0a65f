//! Connections of agents: TLS with their certificates, and behind it a WebSocket or plain requests, at the path that OpAMP names.

use std::convert::Infallible;
use std::sync::Arc;

use adapters::opamp::messages::AgentToServer;
use adapters::opamp::{LARGEST, PATH, decode, encode};
use anyhow::Context as _;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use prost::Message as _;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message as WsMessage};

use crate::conversation::Conversation;
use crate::{Copy, Manner};

type Answer = Response<Full<Bytes>>;

/// What serves one copy.
#[derive(Clone)]
pub struct StandIn {
    copy: Arc<Copy>,
    manner: Manner,
    acceptor: TlsAcceptor,
}

impl StandIn {
    /// Serves only agents whose certificate an authority of the copy has signed.
    ///
    /// # Errors
    /// If certificate or key can't be used.
    pub fn new(
        copy: Copy,
        manner: Manner,
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
    ) -> anyhow::Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        for trusted in &copy.trusted {
            let added = roots.add(CertificateDer::from(trusted.clone()));
            added.context("a certificate of the authority is no authority's")?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate], key)?;
        Ok(Self {
            copy: Arc::new(copy),
            manner,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }
}

/// Serves one connection to its end.
///
/// # Errors
/// If TLS fails, or the connection breaks.
pub async fn serve(
    stand_in: StandIn,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> anyhow::Result<()> {
    let stream = stand_in.acceptor.accept(stream).await?;
    let conversation = Arc::new(Conversation::new(&stand_in.copy, stand_in.manner));
    let service = service_fn(move |request| answer(Arc::clone(&conversation), request));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    connection.with_upgrades().await?;
    Ok(())
}

async fn answer(conversation: Arc<Conversation>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    Ok(if request.uri().path() != PATH {
        status(StatusCode::NOT_FOUND)
    } else if let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY).cloned() {
        web_socket(conversation, &key, request)
    } else if request.method() == Method::POST {
        post(&conversation, request).await
    } else {
        status(StatusCode::METHOD_NOT_ALLOWED)
    })
}

fn status(code: StatusCode) -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = code;
    answer
}

async fn post(conversation: &Conversation, request: Request<Incoming>) -> Answer {
    let Ok(body) = Limited::new(request.into_body(), LARGEST).collect().await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let Ok(message) = AgentToServer::decode(body.to_bytes()) else {
        return status(StatusCode::BAD_REQUEST);
    };
    let mut answer = Answer::new(conversation.answer(&message).encode_to_vec().into());
    let kind = HeaderValue::from_static("application/x-protobuf");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn web_socket(conversation: Arc<Conversation>, key: &HeaderValue, request: Request<Incoming>) -> Answer {
    tokio::spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else {
            return;
        };
        let limits = WebSocketConfig::default()
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(limits)).await;
        converse(&conversation, stream).await;
    });
    let mut answer = status(StatusCode::SWITCHING_PROTOCOLS);
    let headers = answer.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = derive_accept_key(key.as_bytes()).parse() {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}

/// Answers each message until the agent says goodbye.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(conversation: &Conversation, mut stream: WebSocketStream<S>) {
    while let Some(Ok(message)) = stream.next().await {
        let WsMessage::Binary(frame) = message else { continue };
        let Ok(message) = decode::<AgentToServer>(&frame) else {
            return;
        };
        let answer = WsMessage::Binary(encode(&conversation.answer(&message)).into());
        if message.agent_disconnect.is_some() || stream.send(answer).await.is_err() {
            return;
        }
    }
}
