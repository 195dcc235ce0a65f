//! Tools as child processes, with and without a supervisor.

mod calls;
mod ends;
mod ssh;
mod supervision;

use adapters::process::{Invocation, Tool};

fn shell(script: &str) -> Invocation {
    Tool::new("/bin/sh").invoke(["-c", script])
}
