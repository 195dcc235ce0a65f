//! What tests of every crate need: throw-away PostgreSQL clusters, a clock that stands still, and the ability
//! to run supervised tools. A dev-dependency only.

pub mod clock;
pub mod issuer;
pub mod moto;
pub mod peer;
pub mod postgres;
pub mod sshd;
mod supervisor;
mod watchdog;
