//! What tests of every crate need: throw-away PostgreSQL clusters, a clock that stands still, and the ability
//! to run supervised tools. A dev-dependency only.

pub mod ampora;
pub mod azure_vault;
pub mod azurite;
pub mod bao;
pub mod certificates;
pub mod clock;
pub mod cloud_clients;
pub mod docs;
pub mod gcp_secrets;
pub mod google;
pub mod installation;
pub mod issuer;
pub mod kubernetes;
pub mod mail_server;
pub mod miniature;
pub mod moto;
pub mod opamp;
pub mod peer;
pub mod pgbackrest;
pub mod postgres;
pub mod rds;
pub mod registry;
pub mod revocations;
pub mod secrets;
pub mod securesystemslib;
pub mod sshd;
pub mod stand_in;
mod supervisor;
pub mod terminal;
pub mod tls;
mod watchdog;
