//! Runs foreign tools: no shell, no inherited environment, a process group that can be ended as a whole.
//!
//! Every adapter that calls a program does it through a [`Tool`]; nothing else in Muster spawns processes,
//! so the rules about passwords, time limits and left-over children live in one place.

mod capture;
mod direct;
mod error;
pub mod hygiene;
mod identity;
mod invocation;
mod lines;
mod order;
mod protocol;
pub(crate) mod quote;
mod remote;
mod run_as;
mod running;
mod secrets;
mod spelled;
mod supervised;
pub mod supervisor;
mod tool;

pub use capture::{Line, Output, Stream};
pub use error::ProcessError;
pub use identity::ProcessIdentity;
pub use invocation::Invocation;
pub(crate) use lines::LineReader;
pub(crate) use order::Order;
pub use remote::{LocalEnd, Transport, Unreached};
pub use run_as::RunAs;
pub use running::Running;
pub use secrets::{REDACTED, Secrets};
pub use tool::Tool;

/// Where tools are looked for. The search path of whoever started Muster is not trusted.
pub(crate) const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Time a tool has to end by itself after it was asked to, before it is killed.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);
