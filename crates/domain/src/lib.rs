//! What recovery means, in types and rules. Nothing here does I/O, reads a clock or draws a random number: `now` and randomness are
//! passed in, so every rule can be tested as a table and the same code runs on the server, in the CLI and in the browser.

pub mod approval;
pub mod audit;
pub mod backup;
pub mod canonical;
pub mod coverage;
pub mod custody;
pub mod drift;
pub mod drill;
pub mod emergency;
pub mod envelope;
pub mod finding;
pub mod history;
pub mod ids;
pub mod inventory;
pub mod key;
pub mod notice;
pub mod observation;
pub mod pitr;
pub mod plan;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod role;
pub mod rotation;
pub mod route;
pub mod rules;
pub mod run;
pub mod status;
pub mod time;
pub mod traces;
pub mod upgrade;
pub mod vitals;
pub mod wal;
pub mod window;
