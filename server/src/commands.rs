//! What each command does. They print results to standard output and end with the exit codes of the command line.

mod audit;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod diagnose;
mod doctor;
mod drill;
mod inventory;
mod keys;
mod notify;
mod plan;
mod receipt;
mod remembered;
mod runbook;
mod serve;

use domain::status::{Status, exit_code};
use recovery::settings::Deployment;

use crate::cli::{Cli, Command, Exit};
use crate::config::{Config, Environment, Loaded, load};

/// What is logged when nothing else was asked for: what keeps running tells more than what prints a result.
#[must_use]
pub const fn usual_log_level(command: &Command) -> &'static str {
    match command {
        Command::Serve(_) | Command::Worker => "info",
        _ => "warn",
    }
}

/// Runs one command.
///
/// # Errors
/// If it could not run: what is printed then names what to do.
pub async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let loaded = || configuration(&cli);
    match &cli.command {
        Command::Serve(options) => serve::serve(loaded()?, !options.no_worker).await,
        Command::Worker => serve::worker(loaded()?).await,
        #[cfg(feature = "demo")]
        Command::Demo(options) => demo::run(options).await,
        Command::Doctor => doctor::run(&loaded()?, cli.json).await,
        Command::Inventory(options) => inventory::run(&loaded()?, options, cli.json).await,
        Command::Keys(options) => keys::run(&loaded()?, options, cli.json).await,
        Command::Diagnose(options) => diagnose::run(&loaded()?, options, cli.json).await,
        Command::Plan(wish) => plan::make(&loaded()?, wish, cli.json).await,
        Command::Runbook(options) => runbook::write(&loaded()?, options).await,
        Command::Drill(crate::cli::Drill::Run(options)) => drill::run(&loaded()?, options, cli.json).await,
        Command::Drill(crate::cli::Drill::List(options)) => drill::list(&loaded()?, options, cli.json).await,
        Command::Receipt(crate::cli::Receipt::Verify { file, key }) => receipt::verify(file, key, cli.json),
        Command::Notify(crate::cli::Notify::Test) => notify::test(&loaded()?, cli.json).await,
        Command::Audit(crate::cli::Audit::Export { out }) => audit::export(&loaded()?, out).await,
        Command::Audit(crate::cli::Audit::Verify { file, key }) => audit::verify(file, key.as_deref(), cli.json),
        Command::Config(command) => config::run(command, cli.config.as_deref(), cli.json),
    }
}

fn configuration(cli: &Cli) -> anyhow::Result<Config> {
    let Loaded { config, warnings, .. } = load(cli.config.as_deref(), &Environment::of_process())?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// The deployments that a command is about.
fn chosen<'a>(all: &'a [Deployment], named: Option<&str>) -> anyhow::Result<Vec<&'a Deployment>> {
    let Some(name) = named else {
        return Ok(all.iter().collect());
    };
    let found: Vec<_> = all.iter().filter(|deployment| deployment.name == name).collect();
    anyhow::ensure!(
        !found.is_empty(),
        "there is no deployment {name:?} in the configuration"
    );
    Ok(found)
}

fn exit(parts: impl IntoIterator<Item = Status>) -> Exit {
    match exit_code(parts) {
        0 => Exit::Ok,
        1 => Exit::Broken,
        _ => Exit::Unknown,
    }
}
