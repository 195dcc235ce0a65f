//! The demo: a small Ampora of its own, made on the spot, for everybody who wants to see Muster work before pointing it at anything that
//! matters. Everything is real: a PostgreSQL cluster with WAL archiving, backups by pgBackRest and pg_dump, wrapped columns, certificates, a
//! secret manager that is one rotation behind, and an identity provider. Only the server that drills start on a restored copy isn't Ampora but a
//! stand-in, and is called so. Nothing in it is needed, or linked, in earnest.

mod backups;
mod ca;
mod config;
mod content;
mod creation;
mod folder;
mod idp;
mod keys;
mod running;
mod schema;
mod secrets;
mod wrapping;
mod writer;

pub use idp::Account;
pub use running::{Demo, DemoOptions, Progress};
pub use stand_in::run_if_asked as stand_in_if_asked;
