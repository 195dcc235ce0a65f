//! The two transports of OpAMP. On a WebSocket both sides speak when they like; over HTTP the server speaks when it is asked.

use std::collections::VecDeque;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use prost::Message as _;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message as WsMessage};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::connection::Stream;
use super::error::broken;
use super::messages::{AgentToServer, ServerToAgent};
use super::{Agent, Endpoint, LARGEST, PATH, ProbeError, decode, encode};
use crate::manager::quoted;

/// How often a server that can't speak by itself is asked.
const POLL: Duration = Duration::from_millis(500);
const PROTOBUF: &str = "application/x-protobuf";

/// A connection of one agent.
pub(super) enum Line {
    WebSocket(Box<WebSocketStream<Stream>>),
    Http(Http),
}

/// A connection of HTTP/1.1, with the answers that nobody has heard yet.
pub(super) struct Http {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    answers: VecDeque<ServerToAgent>,
    /// What moves its bytes. `None`: it ended.
    driver: Option<JoinHandle<hyper::Result<()>>>,
}

impl Drop for Http {
    fn drop(&mut self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }
}

impl Line {
    pub async fn web_socket(endpoint: &Endpoint) -> Result<Self, ProbeError> {
        let stream = endpoint.connect().await?;
        let scheme = if endpoint.tls.is_some() { "wss" } else { "ws" };
        let request = format!("{scheme}://{}{PATH}", endpoint.name).into_client_request();
        let request = request.map_err(|error| of_web_socket(&error))?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let opened = client_async_with_config(request, stream, Some(limits)).await;
        let (socket, _) = opened.map_err(|error| of_web_socket(&error))?;
        Ok(Self::WebSocket(Box::new(socket)))
    }

    pub async fn http(endpoint: &Endpoint) -> Result<Self, ProbeError> {
        let stream = endpoint.connect().await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        let driver = Some(tokio::spawn(connection));
        Ok(Self::Http(Http {
            sender,
            host: endpoint.name.clone(),
            answers: VecDeque::new(),
            driver,
        }))
    }

    pub async fn say(&mut self, message: &AgentToServer) -> Result<(), ProbeError> {
        match self {
            Self::WebSocket(socket) => {
                let sent = socket.send(WsMessage::Binary(encode(message).into())).await;
                sent.map_err(|error| of_web_socket(&error))
            }
            Self::Http(http) => http.post(message).await,
        }
    }

    /// The next thing the server says.
    pub async fn hear(&mut self, agent: &mut Agent) -> Result<ServerToAgent, ProbeError> {
        match self {
            Self::WebSocket(socket) => loop {
                match socket.next().await {
                    None | Some(Ok(WsMessage::Close(_))) => {
                        return Err(ProbeError::Broken("the server closed it".into()));
                    }
                    Some(Err(error)) => return Err(of_web_socket(&error)),
                    Some(Ok(WsMessage::Binary(frame))) => return decode(&frame).map_err(ProbeError::Message),
                    Some(Ok(WsMessage::Text(_))) => return Err(ProbeError::Message("a text".into())),
                    Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_) | WsMessage::Frame(_))) => {}
                }
            },
            Self::Http(http) => loop {
                if let Some(answer) = http.answers.pop_front() {
                    return Ok(answer);
                }
                tokio::time::sleep(POLL).await;
                http.post(&agent.nothing_new()).await?;
            },
        }
    }

    /// Says goodbye. The server may be gone before, which is no failure.
    pub async fn close(mut self, agent: &mut Agent) {
        let _ = self.say(&agent.goodbye()).await;
        if let Self::WebSocket(mut socket) = self {
            let _ = socket.close().await;
        }
    }
}

impl Http {
    async fn post(&mut self, message: &AgentToServer) -> Result<(), ProbeError> {
        let request = Request::post(PATH)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, PROTOBUF)
            .body(Full::new(Bytes::from(message.encode_to_vec())))
            .map_err(|error| ProbeError::Broken(error.to_string()))?;
        let answered = match self.sender.ready().await {
            Ok(()) => self.sender.send_request(request).await,
            Err(error) => Err(error),
        };
        let response = match answered {
            Ok(response) => response,
            Err(error) => return Err(self.cause(&error).await),
        };
        if response.status() != StatusCode::OK {
            return Err(ProbeError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        let body = body
            .map_err(|error| ProbeError::Broken(quoted(&error.to_string())))?
            .to_bytes();
        let answer = ServerToAgent::decode(body).map_err(|error| ProbeError::Message(quoted(&error.to_string())))?;
        self.answers.push_back(answer);
        Ok(())
    }
}

impl Http {
    /// Why the connection ended, where that is known: the request only learns that it did.
    async fn cause(&mut self, error: &hyper::Error) -> ProbeError {
        let Some(driver) = self.driver.take() else {
            return broken(error);
        };
        match tokio::time::timeout(POLL, driver).await {
            Ok(Ok(Err(cause))) => broken(&cause),
            _ => broken(error),
        }
    }
}

fn of_web_socket(error: &WsError) -> ProbeError {
    match error {
        WsError::Http(response) => ProbeError::Status(response.status().as_u16()),
        WsError::Protocol(_) | WsError::Capacity(_) | WsError::Utf8(_) => {
            ProbeError::Message(quoted(&error.to_string()))
        }
        error => broken(error),
    }
}
