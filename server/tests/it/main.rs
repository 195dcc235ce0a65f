//! The console in-process, with a real database and a real browser's rules, and the binary as a process.

mod again;
mod answers;
#[path = "../../benches/pages/site/mod.rs"]
mod bench_site;
mod browser;
mod copies;
mod cures;
mod custody;
mod decisions;
mod demo;
mod documents;
mod drills;
mod emergency;
mod findings;
mod inventory;
mod key_findings;
mod keys;
mod large;
mod place;
mod process;
mod roles;
mod sign_in;
mod site;
mod standing;
mod strangers;
mod symptoms;
mod telling;
