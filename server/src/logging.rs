//! Logs: to standard error, for people where one reads them and as JSON lines where a collector does.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

/// The variable that sets what is logged, as tracing's directives.
const VARIABLE: &str = "MUSTER_LOG";
/// The session layer names a span `call` around each request, which says nothing.
const QUIET: [&str; 2] = ["tower_sessions=off", "tower_sessions_core=warn"];

/// Begins to log. `usual` is the level where `MUSTER_LOG` says nothing else: `info` for what keeps running, `warn` for commands.
pub fn begin(usual: &str) {
    let directives = std::env::var(VARIABLE).unwrap_or_else(|_| usual.into());
    let quiet = QUIET.into_iter().filter_map(|directive| directive.parse().ok());
    let filter = quiet.fold(EnvFilter::new(directives), EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_target(false);
    // A second call, as tests make it, changes nothing.
    let _already = if stderr().is_terminal() {
        builder.with_ansi(true).try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}
