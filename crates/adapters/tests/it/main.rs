//! Adapters against the real thing: real programs, real servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod ampora;
mod aws;
mod azure;
mod beyond;
mod cluster;
mod dumps;
mod envelopes;
mod gcp;
mod heartbeat;
mod hygiene;
mod isolation;
mod kubernetes;
mod memory;
mod oidc;
mod opamp;
mod pgbackrest;
mod process;
mod registry;
mod roles;
mod sandbox;
mod service;
mod tls;
mod vault;
