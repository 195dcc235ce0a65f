//! What a worker and the supervisor of its tool say to each other over a socket.
//!
//! Frames of JSON behind a length of four bytes, big endian. The socket is also the lifeline: when either
//! end closes, the other knows, whatever became of the process that held it.

use std::io;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

/// Longest frame that is believed, in bytes; an order carries at most a tool's input.
const LONGEST_FRAME: u32 = 64 * 1024 * 1024;

/// What became of it.
#[derive(Serialize, Deserialize)]
pub(super) enum Report {
    Started,
    /// Not started; the number is the operating system's error.
    Refused(i32),
    /// Over, with the status that wait(2) gave.
    Ended(i32),
}

pub(super) async fn send<T: Serialize>(writer: &mut (impl AsyncWrite + Unpin), message: &T) -> io::Result<()> {
    let body = Zeroizing::new(serde_json::to_vec(message)?);
    let length = u32::try_from(body.len()).ok().filter(|length| *length <= LONGEST_FRAME);
    let length = length.ok_or_else(|| io::Error::other("the input of the tool is too long"))?;
    writer.write_all(&length.to_be_bytes()).await?;
    writer.write_all(&body).await?;
    writer.flush().await
}

/// The next message; an error of the kind `UnexpectedEof` if the other end is gone.
pub(super) async fn receive<T: DeserializeOwned>(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let length = reader.read_u32().await?;
    if length > LONGEST_FRAME {
        return Err(io::Error::other("not a message between a worker and a supervisor"));
    }
    let mut body = Zeroizing::new(vec![0; length as usize]);
    reader.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}
