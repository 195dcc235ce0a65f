//! OpAMP, the protocol that agents and Ampora speak: <https://github.com/open-telemetry/opamp-spec/blob/main/specification.md>. Muster is an
//! agent itself for a minute, in drills: with a test certificate of the restored authority it asks the Ampora that runs on the copy for a
//! configuration, and acknowledges a rollout. What the server says comes from a restored copy and is believed in nothing.

mod agent;
mod certificate;
mod connection;
mod error;
mod frame;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod line;
#[rustfmt::skip]
pub mod messages;
mod probe;

pub use agent::{Agent, Offer};
pub use certificate::{ServerIdentity, TestCertificate};
pub use connection::{Address, Endpoint, PATH};
pub use error::ProbeError;
pub use frame::{LARGEST, decode, encode};
pub use probe::{Probe, Rollout};
