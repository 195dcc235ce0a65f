//! Reads what a tool writes: kept up to a limit, handed on line by line, and its last lines remembered for errors.

use std::{
    borrow::Cow, collections::VecDeque, fmt, io, os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{ProcessError, Secrets, lines::LineReader};

/// Lines of output that an error quotes.
const TAIL_LINES: usize = 20;
/// A tool that ended has written everything: the pipe is read until nothing came for this long, because a
/// daemon it left behind may hold the other end for ever.
const QUIET: Duration = Duration::from_millis(200);
/// More than a pipe holds: what comes beyond it after the end of the tool was written by somebody else.
const MOST_LEFT: usize = 1024 * 1024;
/// After the end of the tool, a reader that takes no line for this long gets no more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which of a tool's streams a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line a tool wrote, redacted, without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it came from.
    pub stream: Stream,
    /// Its text; bytes that aren't UTF-8 are replaced, very long lines cut.
    pub text: String,
}

/// Everything a tool wrote, as it wrote it: secrets included.
pub struct Output {
    /// Standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// Standard error, up to the limit.
    pub stderr: Vec<u8>,
    /// Bytes of standard output beyond the limit, which were dropped.
    pub stdout_dropped: u64,
    /// Bytes of standard error beyond the limit, which were dropped.
    pub stderr_dropped: u64,
    /// How the tool ended.
    pub status: ExitStatus,
    pub(super) program: String,
    pub(super) tail: Vec<String>,
}

impl Output {
    /// Standard output as text; bytes that aren't UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Standard error as text; bytes that aren't UTF-8 are replaced.
    #[must_use]
    pub fn error_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }

    /// The output of a tool that ended well, else the error with its last words.
    pub fn succeeded(self) -> Result<Self, ProcessError> {
        judge(self.status, &self.program, &self.tail)?;
        Ok(self)
    }
}

/// Shows no output: it may hold secrets.
impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stdout, stderr) = (self.stdout.len(), self.stderr.len());
        write!(
            formatter,
            "Output of {}: {}, {stdout} bytes, {stderr} bytes of errors",
            self.program, self.status
        )
    }
}

/// Exit status 0 is success; anything else quotes the tool.
pub(super) fn judge(status: ExitStatus, program: &str, tail: &[String]) -> Result<(), ProcessError> {
    let (program, tail) = (program.to_owned(), tail.to_vec());
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(status), _) => Err(ProcessError::Failed { program, status, tail }),
        (None, signal) => Err(ProcessError::Killed {
            program,
            signal: signal.unwrap_or_default(),
            tail,
        }),
    }
}

/// What was read from one stream.
#[derive(Default)]
pub(super) struct Captured {
    pub kept: Vec<u8>,
    pub dropped: u64,
    pub tail: VecDeque<String>,
}

/// How one stream is read.
pub(super) struct Capture<'a> {
    pub stream: Stream,
    /// Bytes to keep.
    pub limit: usize,
    pub lines: Option<&'a mpsc::Sender<Line>>,
    pub secrets: &'a Secrets,
}

impl Capture<'_> {
    /// Reads to the end of the stream, or to the end of the tool.
    pub async fn read(mut self, mut reader: impl AsyncRead + Unpin, ended: &CancellationToken) -> io::Result<Captured> {
        let mut captured = Captured::default();
        let mut splitter = LineReader::default();
        let mut buffer = vec![0; 64 * 1024];
        let mut left = MOST_LEFT;
        while left > 0 {
            let count = tokio::select! {
                biased;
                count = reader.read(&mut buffer) => count?,
                () = quiet_after(ended, QUIET) => 0,
            };
            if count == 0 {
                break;
            }
            if ended.is_cancelled() {
                left = left.saturating_sub(count);
            }
            captured.keep(&buffer[..count], self.limit);
            for line in splitter.feed(&buffer[..count], self.secrets) {
                self.pass(line, &mut captured, ended).await;
            }
        }
        if let Some(line) = splitter.rest(self.secrets) {
            self.pass(line, &mut captured, ended).await;
        }
        Ok(captured)
    }

    async fn pass(&mut self, text: String, captured: &mut Captured, ended: &CancellationToken) {
        if captured.tail.len() == TAIL_LINES {
            captured.tail.pop_front();
        }
        captured.tail.push_back(text.clone());
        let Some(lines) = self.lines else { return };
        // A reader that went away must not stop a restore half-way.
        tokio::select! {
            _ = lines.send(Line { stream: self.stream, text }) => {}
            () = quiet_after(ended, PATIENCE) => self.lines = None,
        }
    }
}

impl Captured {
    fn keep(&mut self, bytes: &[u8], limit: usize) {
        let room = limit.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..room]);
        self.dropped += (bytes.len() - room) as u64;
    }
}

async fn quiet_after(ended: &CancellationToken, time: Duration) {
    ended.cancelled().await;
    sleep(time).await;
}
