//! The command line: what can be asked, and in which words. What a command does lies elsewhere.

mod plan;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

pub use plan::{
    Plan, PlanDrillOnRds, PlanDrillWithKey, PlanFullDisaster, PlanKeyCatchUp, PlanRepoint, PlanRestore, PlanRestoreRds,
    PlanRetrieveKey,
};

/// Outcome of a command, as its exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// Something is broken: a finding of severity error, a failed drill, a log that doesn't verify, a plan that is refused.
    Broken = 1,
    /// Something is unknown and nothing is broken.
    Unknown = 2,
    /// The command could not run: bad arguments, bad configuration, or no database where it takes one.
    CouldNotRun = 3,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Shows what could be recovered if all were lost now, proves that the key opens it, and restores when two people agree.
#[derive(Debug, Parser)]
#[command(name = "muster", version, max_term_width = 100, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// The configuration [default: $MUSTER_CONFIG, then ./muster.toml, then /etc/muster/muster.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 all ok, 1 something is broken, 2 something is unknown and nothing is broken, 3 the command could not run.
Results go to stdout, logs to stderr.";

/// What Muster can be asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the console and the workers
    Serve(Serve),
    /// Run the workers only, beside consoles that run with --no-worker
    Worker,
    /// Run a complete demo: a database with backups, a key that is one rotation behind, an identity provider and the console
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Check configuration, tools, reach of each source, clock and permissions
    Doctor,
    /// List what can be recovered: sources, backups, windows and gaps
    Inventory(Observe),
    /// Show which versions of the master key open the live database and each backup
    Keys(Observe),
    /// Find the cause: which known failure fits what is observed, with evidence and recovery
    Diagnose(Observe),
    /// Make a plan and print it with its digest; nothing is changed
    #[command(subcommand)]
    Plan(Plan),
    /// Write the full-disaster runbook with today's facts into one self-contained HTML file, without secrets
    Runbook(Runbook),
    /// Rehearse a restore, or list the rehearsals
    #[command(subcommand)]
    Drill(Drill),
    /// Verify a receipt without Muster's database or configuration
    #[command(subcommand)]
    Receipt(Receipt),
    /// Tell people: see whether messages arrive
    #[command(subcommand)]
    Notify(Notify),
    /// Export or verify the audit log
    #[command(subcommand)]
    Audit(Audit),
    /// Check the configuration, or print its schema
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Serve pages only; such a process needs no credentials of managers, repositories and clusters
    #[arg(long)]
    pub no_worker: bool,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Where the demo keeps everything, muster.toml for the other commands included [default: a fresh temporary folder]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address and port of the console [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub struct Observe {
    /// Only this deployment
    #[arg(long, value_name = "NAME")]
    pub deployment: Option<String>,
    /// Print the last observation instead of observing now; needs Muster's database
    #[arg(long)]
    pub cached: bool,
}

#[derive(Debug, Args)]
pub struct Runbook {
    /// The deployment that is to come back
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The file; an earlier one is replaced
    #[arg(long, value_name = "FILE.html")]
    pub out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum Drill {
    /// Restore a backup in a throw-away sandbox, look at it, and say what that proves
    Run(DrillRun),
    /// The history, newest first
    List(DrillList),
}

#[derive(Debug, Args)]
pub struct DrillRun {
    /// The deployment whose backup is rehearsed
    #[arg(long, value_name = "NAME")]
    pub deployment: String,
    /// The backup, as `muster inventory` labels it, or `random`, or `latest-restorable-time`: whichever backup and WAL lead furthest, around
    /// a hole too [default: the latest, to the end of its WAL]
    #[arg(long, value_name = "LABEL")]
    pub backup: Option<String>,
    /// The source that has it, where several have one of this label
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
}

#[derive(Debug, Args)]
pub struct DrillList {
    /// Only this deployment
    #[arg(long, value_name = "NAME")]
    pub deployment: Option<String>,
    /// How many at most, 1 to 500
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=500))]
    pub limit: i64,
    /// Only those that were queued before this one, which was the last of a list
    #[arg(long, value_name = "ID")]
    pub before: Option<Uuid>,
}

#[derive(Debug, Subcommand)]
pub enum Receipt {
    /// Verify the signature of a receipt
    Verify {
        /// The receipt
        file: PathBuf,
        /// File with the public key that came by another road, in PEM; several may stand in it
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Send one test message to the webhook and to each recipient of mail, now
    Test,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Write the whole log into a file
    Export {
        /// The file; it must not exist yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Verify an exported log; needs neither database nor configuration
    Verify {
        /// The exported log
        file: PathBuf,
        /// Verifier key that came by another road; without it only internal consistency is proven
        #[arg(long, value_name = "VKEY")]
        key: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the file and every secret it names
    Check,
    /// Print the JSON schema of muster.toml, for editors
    Schema,
}

/// Why there is no command to run: help or the version was asked for, or the arguments are wrong.
#[derive(Debug)]
pub struct Unparsed {
    error: clap::Error,
}

impl Unparsed {
    /// 0 for help and version, else 3: clap's own 2 means "unknown" here.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.error.use_stderr() {
            Exit::CouldNotRun
        } else {
            Exit::Ok
        }
    }

    /// Prints help to stdout and mistakes to stderr. An output that nobody reads is no reason to fail.
    pub fn print(&self) -> Exit {
        let _unread = self.error.print();
        self.exit()
    }
}

/// Reads the arguments, the program's name first.
///
/// # Errors
/// If there is no command to run.
pub fn parse<I, T>(arguments: I) -> Result<Cli, Unparsed>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    Cli::try_parse_from(arguments).map_err(|error| Unparsed { error })
}

#[cfg(test)]
mod tests;
