//! `muster plan …`: what can be asked for.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Plan {
    /// Restore a dump into a new database, or set the whole cluster back in time; a refusal prints its reasons and exits 1
    Restore(PlanRestore),
    /// Retrieve one version of the master key: shown, sealed, as two shares, or into a new place
    RetrieveKey(PlanRetrieveKey),
    /// Write the key Ampora runs with into a secret manager that is behind
    KeyCatchUp(PlanKeyCatchUp),
    /// Let drills hand the master key to the configured launcher for a while
    DrillWithKey(PlanDrillWithKey),
    /// Let drills have AWS make temporary copies of an RDS instance for a while
    DrillOnRds(PlanDrillOnRds),
    /// Make a new RDS instance of another moment
    RestoreRds(PlanRestoreRds),
    /// Bring Ampora up on a new cluster: database from a dump, key into its Secret, manifests, gate, agents
    FullDisaster(PlanFullDisaster),
    /// Stop Ampora, close its old database, and start it on a restored one
    Repoint(PlanRepoint),
}

#[derive(Debug, Args)]
pub struct PlanRestore {
    /// The deployment whose data is to be restored
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The dump, as `muster inventory` labels it
    #[arg(long, value_name = "LABEL", requires = "into", required_unless_present = "to")]
    pub backup: Option<String>,
    /// The source that has it, where several have one of this label; with --to a pgBackRest stanza
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Name of the new database
    #[arg(long, value_name = "DATABASE", requires = "backup")]
    pub into: Option<String>,
    /// Set the cluster back to this time (RFC 3339, with its offset), or to `latest`: the end of its archived WAL
    #[arg(long, value_name = "TIME", conflicts_with_all = ["backup", "into"])]
    pub to: Option<String>,
    /// Stop just before that time: without a bad transaction of exactly then
    #[arg(long, requires = "to")]
    pub exclusive: bool,
    /// Another database of the cluster that may go back with it; once for each
    #[arg(long, value_name = "DATABASE", requires = "to")]
    pub affects: Vec<String>,
    /// Replace the cluster where it stands, instead of making a copy beside it: only where there is no room for one
    #[arg(long, requires = "to")]
    pub in_place: bool,
}

#[derive(Debug, Args)]
pub struct PlanRetrieveKey {
    /// The deployment whose key it is
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The version, as `muster keys` names it
    #[arg(long, value_name = "VERSION")]
    pub version: String,
    /// Seal it to this age recipient (age1…); given twice: as two shares, one for each. Left out: shown once
    #[arg(long = "recipient", value_name = "AGE1…", conflicts_with_all = ["destination", "name"])]
    pub recipients: Vec<String>,
    /// Put it into a new place of this destination instead
    #[arg(long, value_name = "DESTINATION", requires = "name")]
    pub destination: Option<String>,
    /// Name of the new place
    #[arg(long, value_name = "NAME", requires = "destination")]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct PlanKeyCatchUp {
    /// The deployment whose secret manager is behind
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
}

#[derive(Debug, Args)]
pub struct PlanDrillWithKey {
    /// The deployment whose drills are meant
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// How long the approval shall stand, 90 at most
    #[arg(long, value_name = "DAYS")]
    pub days: u32,
}

#[derive(Debug, Args)]
pub struct PlanDrillOnRds {
    /// The deployment whose drills are meant
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The source of kind rds
    #[arg(long, value_name = "NAME")]
    pub source: String,
    /// How long the approval shall stand, 90 at most
    #[arg(long, value_name = "DAYS")]
    pub days: u32,
}

#[derive(Debug, Args)]
pub struct PlanRestoreRds {
    /// The deployment whose data is to be restored
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The source of kind rds
    #[arg(long, value_name = "NAME")]
    pub source: String,
    /// A time (RFC 3339, with its offset), or `latest`
    #[arg(long, value_name = "TIME")]
    pub to: String,
    /// Name of the new instance
    #[arg(long, value_name = "INSTANCE")]
    pub instance: String,
}

#[derive(Debug, Args)]
pub struct PlanFullDisaster {
    /// The deployment whose Ampora is to come up on the configured cluster
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The dump, as `muster inventory` labels it
    #[arg(long, value_name = "LABEL")]
    pub backup: String,
    /// The source that has it, where several have one of this label
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Name of the new database
    #[arg(long, value_name = "DATABASE")]
    pub into: String,
    /// The version of the master key, as `muster keys` names it
    #[arg(long, value_name = "VERSION")]
    pub key_version: String,
    /// The destination of keys that leads to the Secret which the manifests name
    #[arg(long, value_name = "DESTINATION")]
    pub destination: String,
    /// Name of the new place in it
    #[arg(long, value_name = "NAME")]
    pub name: String,
}

#[derive(Debug, Args)]
pub struct PlanRepoint {
    /// The deployment whose Ampora is to run on another database
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The restored database
    #[arg(long, value_name = "DATABASE")]
    pub database: String,
    /// The server of the old database is gone and can't come back
    #[arg(long)]
    pub old_is_gone: bool,
}
