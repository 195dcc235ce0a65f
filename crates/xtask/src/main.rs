//! `cargo xtask`: the checks of `make lint` one by one, the runner behind `make test`, and `sqlx prepare`.

use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;
use xtask::checkout::Checkout;
use xtask::{arrows, licences, lint, opamp, runners, sqlx, texts};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks and runners of a checkout of Muster")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The dependency arrows between the crates, and what must not be in the server or in the browser
    Arrows,
    /// Licences and bans of deny.toml over what is really built
    Licences,
    /// What the compiler made of the SQL in `store`, kept in crates/store/.sqlx so that building needs no database
    #[command(subcommand)]
    Sqlx(Sqlx),
    /// The messages of OpAMP in Rust, made from the .proto beside them
    Opamp,
    /// `domain` builds for the browser on its own
    DomainWasm,
    /// Paths of one machine, other registries, files that are too long, markup that Leptos doesn't escape
    Texts,
    /// Every test, Rust and browser, with one closing line for each runner
    Test,
    /// Every check, with its time
    Lint,
}

#[derive(Subcommand, Clone, Copy)]
enum Sqlx {
    /// Fails and names the files that differ
    Check,
    /// Writes the files anew
    Prepare,
}

fn main() -> ExitCode {
    let Err(error) = run(Arguments::parse().task) else {
        return ExitCode::SUCCESS;
    };
    // Nothing is left to do if even standard error is closed.
    let _ = writeln!(std::io::stderr(), "xtask: {error:#}");
    ExitCode::FAILURE
}

fn run(task: Task) -> anyhow::Result<()> {
    let checkout = Checkout::locate()?;
    match task {
        Task::Arrows => arrows::check(&checkout),
        Task::Licences => licences::check(&checkout),
        Task::Sqlx(Sqlx::Check) => sqlx::check(&checkout),
        Task::Sqlx(Sqlx::Prepare) => sqlx::prepare(&checkout),
        Task::Opamp => opamp::write(&checkout),
        Task::DomainWasm => lint::domain_builds_for_wasm(&checkout),
        Task::Texts => texts::check(&checkout),
        Task::Test => runners::run(&checkout),
        Task::Lint => lint::run(&checkout),
    }
}
