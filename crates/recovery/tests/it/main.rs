//! The use cases against real counterparts: PostgreSQL, pg_dump and pg_restore, key files, and a provider that signs real tokens.

mod approvals;
mod collecting;
mod dumps;
mod managed;
mod matrix;
mod reading;
mod reveal;
mod rotation;
mod runs;
mod site;
mod verdicts;
