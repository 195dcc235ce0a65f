//! Throw-away PostgreSQL servers for drills. What is restored there is code of whoever could write to the backup, so its server runs where
//! it sees neither Muster nor the network, with settings that reach nothing in production; and whatever ends the drill, nothing stays.

mod confine;
mod control;
mod copy;
mod dump;
mod error;
mod fetch;
mod launch;
mod limits;
mod lint;
mod look;
mod place;
mod program;
mod relay;
mod server;
mod settings;
mod sweep;

use std::path::PathBuf;

use crate::process::RunAs;

pub use control::Control;
pub use copy::Copy;
pub use dump::DumpRestore;
pub use error::SandboxError;
pub use fetch::{Fetch, Recovery};
pub use launch::{LaunchSpec, Launched, PLACEHOLDERS};
pub use limits::{Hold, Limits};
pub use look::{
    AuditSpan, Certificates, Configurations, Extension, Lookup, Mismatch, Revocation, SiteAnswer, TableRead,
    TablesRead, Whole,
};
pub use place::Sandbox;
pub use program::{Program, program_of};
pub use relay::{Pass, Relay};
pub use server::{Running, ServerSpec, superuser_of};
pub use sweep::Swept;

/// Where sandboxes are made, and as whom their tools and servers run.
#[derive(Clone, Debug)]
pub struct Sandboxes {
    /// Folder that holds them, open to nobody else.
    pub root: PathBuf,
    pub run_as: Option<RunAs>,
    /// Paths that nothing inside may see: Muster's own folder, its configuration.
    pub hidden: Vec<PathBuf>,
    /// What the server of each may take.
    pub limits: Limits,
}
