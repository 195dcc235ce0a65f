//! The use cases against real counterparts: PostgreSQL, pg_dump and pg_restore, key files, and a provider that signs real tokens.

mod approvals;
mod catch_up;
mod collecting;
mod disaster;
mod drills;
mod dump_faults;
mod dumps;
mod exposures;
mod managed;
mod managed_restore;
mod managers;
mod matrix;
mod notices;
mod peers;
mod pitr;
mod placing;
mod reading;
mod repoint;
mod reveal;
mod rotation;
mod runbook;
mod runs;
mod secrets;
mod site;
mod unread;
mod verdicts;
