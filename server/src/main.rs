//! The `muster` binary: reads the command line, sets the process up, runs one command.

use std::io::Write as _;
use std::process::ExitCode;

use adapters::memory;
use adapters::process::supervisor;
use server::cli::{self, Exit};
use server::{commands, logging};

/// Of a worker thread, in bytes: a run of many steps is one deep future, and must not die of it. Only what is used of it is ever memory.
const STACK: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    // Before any thread: this may be the call that makes the process a supervisor, or the demo's stand-in for Ampora.
    supervisor::run_if_asked();
    #[cfg(feature = "demo")]
    demo::stand_in_if_asked();
    let guarded = memory::guard();
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(unparsed) => return unparsed.print().into(),
    };
    logging::begin(commands::usual_log_level(&cli.command));
    for problem in guarded.problems() {
        tracing::warn!("{problem}");
    }
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            // Nothing is left to do if even standard error is closed.
            let _ = writeln!(std::io::stderr(), "muster: {error:#}");
            Exit::CouldNotRun.into()
        }
    }
}

fn run(cli: cli::Cli) -> anyhow::Result<Exit> {
    // One provider of cryptography; rustls can't choose by itself. Nobody else has installed one at this point.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()?;
    let exit = runtime.block_on(commands::run(cli));
    // What still runs then was given up; its files and rows are safe to leave.
    runtime.shutdown_background();
    exit
}
