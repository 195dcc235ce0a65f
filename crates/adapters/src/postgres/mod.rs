//! A private PostgreSQL cluster: made, started, adopted, supervised and stopped by Muster.
//!
//! Muster keeps its own state in one when no database is configured; the demo deployment and the tests use
//! others. Such a cluster listens on no network, only on a Unix socket in a folder that nobody else may enter.

mod adopt;
mod binaries;
mod cluster;
mod configure;
mod diagnose;
mod error;
mod fence;
mod identifier;
mod initialise;
mod launch;
mod layout;
mod locale;
mod lock;
mod mark;
mod postmaster;
mod server;
mod socket;
mod spec;
mod stop;
mod supervise;
mod target;

pub use binaries::Binaries;
pub use cluster::{Cluster, PORT};
pub use error::ClusterError;
pub use fence::{Fence, FenceFacts, sign_in};
pub use identifier::{literal, quote, relation};
pub use locale::{create_database, provider};
pub use spec::{Auth, ClusterSpec};
pub use sqlx::postgres::PgConnectOptions;
pub use supervise::ClusterState;
pub use target::{ServerFacts, TargetError, TargetServer};
