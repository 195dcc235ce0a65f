//! What Muster reads from other systems and does to them: one folder a system, named as it.

pub mod ampora;
pub mod aws;
pub mod azure;
pub mod crl;
pub mod database_host;
pub mod documents;
pub mod dumps;
mod env_text;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod gcp;
mod http;
pub mod in_use;
pub mod key_files;
pub mod kubernetes;
pub mod manager;
pub mod memory;
pub mod npgsql;
pub mod oidc;
pub mod opamp;
pub mod pgbackrest;
pub mod postgres;
pub mod process;
pub mod rds;
pub mod registry;
pub mod sandbox;
pub mod seal;
pub mod service;
pub mod smtp;
pub mod tls;
pub mod vault;
pub mod walg;
pub mod webhook;
