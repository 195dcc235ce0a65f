//! A tool's words in the run's log, as they come. What it says of an error is remembered: some tools end well all the same.

use std::time::Duration;

use adapters::process::{Invocation, Line, ProcessError, Stream};
use store::runs::LogStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::execution::{Execution, StepError};

/// Lines are written to the database in groups, at most this long after they came.
const FLUSH: Duration = Duration::from_millis(300);
const GROUP: usize = 200;
/// Errors that are quoted.
const QUOTED: usize = 3;

/// How a tool ended.
pub struct Followed {
    pub ended: Result<(), ProcessError>,
    /// The first lines that say `ERROR:`, as pgBackRest and PostgreSQL do, or `error:`, as `pg_restore` does.
    pub errors: Vec<String>,
}

/// Runs a tool to its end and writes its lines down.
pub async fn follow(run: &Execution, index: usize, call: Invocation) -> Result<Followed, StepError> {
    let (sender, lines) = mpsc::channel(1024);
    let (ended, errors) = tokio::join!(call.stream(sender), copy(run, index, lines));
    Ok(Followed { ended, errors: errors? })
}

async fn copy(run: &Execution, index: usize, mut lines: mpsc::Receiver<Line>) -> Result<Vec<String>, StepError> {
    let (mut group, mut errors) = (Vec::new(), Vec::new());
    let mut deadline = Instant::now() + FLUSH;
    loop {
        let next = timeout_at(deadline, lines.recv()).await;
        let open = !matches!(next, Ok(None));
        if let Ok(Some(line)) = next {
            if errors.len() < QUOTED && says_error(&line.text) {
                errors.push(line.text.clone());
            }
            let stream = if line.stream == Stream::Stdout {
                LogStream::Out
            } else {
                LogStream::Err
            };
            group.push((stream, line.text));
        }
        if !group.is_empty() && (!open || group.len() >= GROUP || Instant::now() >= deadline) {
            run.lines(Some(index), std::mem::take(&mut group)).await?;
        }
        if !open {
            return Ok(errors);
        }
        if Instant::now() >= deadline {
            deadline = Instant::now() + FLUSH;
        }
    }
}

fn says_error(line: &str) -> bool {
    line.split_whitespace()
        .take(4)
        .any(|word| word.eq_ignore_ascii_case("ERROR:"))
}

#[cfg(test)]
mod tests {
    use super::says_error;

    #[test]
    fn only_a_level_at_the_beginning_is_an_error() {
        assert!(says_error("ERROR: [082]: unable to find a valid repository"));
        assert!(says_error("2026-11-23 05:00:00.000 P00  ERROR: [103]: unable to read"));
        assert!(says_error("pg_restore: error: could not execute query"));
        assert!(!says_error("P01 DETAIL: restore file /x/ERROR: (8KB, 12%)"));
        assert!(!says_error("INFO: restore command end: completed successfully"));
    }
}
