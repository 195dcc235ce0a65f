//! Messages on a WebSocket: a header, which is the number 0 as a varint, and the message behind it.
//! <https://github.com/open-telemetry/opamp-spec/blob/main/specification.md#websocket-message-format>

use prost::Message;

use crate::manager::quoted;

/// Most bytes of a message in either direction, which is Ampora's own limit.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// The only header there is, as a varint.
const HEADER: u8 = 0;

/// A message as the payload of one binary frame.
#[must_use]
pub fn encode(message: &impl Message) -> Vec<u8> {
    let mut frame = Vec::with_capacity(1 + message.encoded_len());
    frame.push(HEADER);
    frame.extend(message.encode_to_vec());
    frame
}

/// The message of a frame.
///
/// # Errors
/// With what can't be understood about it.
pub fn decode<M: Message + Default>(frame: &[u8]) -> Result<M, String> {
    if frame.len() > LARGEST {
        return Err(format!("a message of {} bytes; {LARGEST} are the most", frame.len()));
    }
    // Before the header was specified messages came without it; none of them begins with a zero.
    let message = frame.strip_prefix(&[HEADER]).unwrap_or(frame);
    M::decode(message).map_err(|error| quoted(&error.to_string()))
}
