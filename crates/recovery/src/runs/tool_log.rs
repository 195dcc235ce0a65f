//! A tool's words in the run's log, as they come. What it says of an error is remembered: some tools end well all the same.

use std::collections::VecDeque;
use std::time::Duration;

use adapters::process::{Invocation, Line, ProcessError, Stream};
use store::runs::LogStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::execution::{Execution, StepError};

/// Lines are written to the database in groups, at most this long after they came.
const FLUSH: Duration = Duration::from_millis(300);
const GROUP: usize = 1000;
/// Errors that are quoted.
const QUOTED: usize = 3;
/// Last lines of a tool that are kept although the log is full: they say how it ended.
const LAST: usize = 200;

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
    let (mut group, mut errors, mut last) = (Vec::new(), Vec::new(), Last::default());
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
            let left_out = run.lines(Some(index), group.clone()).await?;
            last.keep(&mut group, left_out);
        }
        if !open {
            last.written(run, index).await?;
            return Ok(errors);
        }
        if Instant::now() >= deadline {
            deadline = Instant::now() + FLUSH;
        }
    }
}

/// The end of what was left out of a full log.
#[derive(Default)]
struct Last {
    lines: VecDeque<(LogStream, String)>,
    left_out: usize,
}

impl Last {
    /// Empties the group, of which so many lines at its end had no room.
    fn keep(&mut self, group: &mut Vec<(LogStream, String)>, left_out: usize) {
        self.left_out += left_out;
        let written = group.len().saturating_sub(left_out);
        self.lines.extend(group.drain(..).skip(written));
        self.lines.drain(..self.lines.len().saturating_sub(LAST));
    }

    async fn written(self, run: &Execution, index: usize) -> Result<(), StepError> {
        if self.left_out == 0 {
            return Ok(());
        }
        let (left_out, kept) = (self.left_out - self.lines.len(), self.lines.len());
        let said = format!("{left_out} lines of the tool were left out here. Its last {kept} follow.");
        run.note(Some(index), &said).await?;
        Ok(run.last_lines(index, self.lines.into()).await?)
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
