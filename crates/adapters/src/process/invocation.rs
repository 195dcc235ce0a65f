//! One call of a tool, described in full before anything is started.

use std::{ffi::OsString, fmt, mem, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::{
    Line, Output, ProcessError, RunAs, Running, Secrets, direct::Direct, order::Order, remote::Remote,
    running::Process, supervised::Supervised,
};

/// Bytes of each stream that are kept unless said otherwise.
const DEFAULT_KEPT: usize = 8 * 1024 * 1024;
/// Limit of a call whose output is collected and that names no limit itself.
const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(120);
/// How much a background tool steps back; 19 is the most.
const LOW_PRIORITY: i32 = 10;

/// A call of a [`super::Tool`]: environment, input, limits, and what must never be logged.
pub struct Invocation {
    pub(super) order: Order,
    pub(super) run_as: Option<RunAs>,
    pub(super) remote: Option<Remote>,
    pub(super) secrets: Secrets,
    pub(super) time_limit: Option<Duration>,
    pub(super) kept: usize,
    pub(super) cancellation: CancellationToken,
    supervised: bool,
    /// The first thing that can't be passed on to a tool elsewhere. Then nothing is started.
    refused: Option<ProcessError>,
}

impl Invocation {
    pub(super) fn new(argv: Vec<OsString>, run_as: Option<RunAs>, remote: Option<Remote>) -> Self {
        Self {
            order: Order::new(argv, run_as.as_ref()),
            run_as,
            remote,
            secrets: Secrets::default(),
            time_limit: None,
            kept: DEFAULT_KEPT,
            cancellation: CancellationToken::new(),
            supervised: false,
            refused: None,
        }
    }

    /// Adds one argument, which arrives at the tool as it stands here. A call over ssh is refused when it is started if
    /// an argument holds a line break or a NUL.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        let argument = argument.into();
        match self.remote.as_ref().map(|remote| remote.pass(&argument)) {
            None => self.order.argv.push(argument),
            Some(Ok(passed)) => self.order.argv.push(passed),
            Some(Err(error)) => {
                self.refused.get_or_insert(error);
            }
        }
        self
    }

    /// Adds a variable to the otherwise fixed environment. It would not reach a tool elsewhere, so such a call is
    /// refused when it is started.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.refuse_elsewhere("an environment variable");
        self.order.environment.push((name.into(), value.into()));
        self
    }

    /// Adds a variable whose value is redacted wherever the tool repeats it.
    #[must_use]
    pub fn secret_env(mut self, name: impl Into<OsString>, value: &SecretString) -> Self {
        self.secrets.add(value.expose_secret().as_bytes());
        self.env(name, value.expose_secret())
    }

    /// Redacts these values too in lines and errors. Collected output stays as the tool wrote it.
    #[must_use]
    pub fn redacting(mut self, secrets: &Secrets) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// Folder to start in; the root of the file system otherwise. It is a folder of this machine, wherever the tool runs.
    #[must_use]
    pub fn current_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.order.directory = directory.into().into_os_string();
        self
    }

    /// Bytes for standard input, which is empty otherwise. ssh hands them on; a tool in a pod has none, so such a call is refused when it
    /// is started. A tool elsewhere can't tell the end of its input from the end of the connection.
    #[must_use]
    pub fn input(mut self, mut bytes: Zeroizing<Vec<u8>>) -> Self {
        if let Some(remote) = self.remote.as_ref().filter(|remote| !remote.hands_on_input()) {
            self.refused.get_or_insert_with(|| remote.refusal("standard input"));
        }
        self.order.input = Some(mem::take(&mut *bytes));
        self
    }

    /// Ends the tool with all its children after this long; of a tool elsewhere, only the connection to it. Without it [`Self::output`] waits two minutes
    /// and [`Self::stream`] for ever.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Bytes kept of each stream by [`Self::output`]; what comes after them is read, counted and dropped.
    #[must_use]
    pub fn keep(mut self, bytes: usize) -> Self {
        self.kept = bytes;
        self
    }

    /// Ends the tool with all its children when the token fires.
    #[must_use]
    pub fn cancelled_by(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }

    /// Gives way to everything else on the machine.
    #[must_use]
    pub fn low_priority(mut self) -> Self {
        self.order.niceness = LOW_PRIORITY;
        self
    }

    /// Kills a supervised tool where it would be asked to end first: one that has nothing to put in order, and whose namespaces take along
    /// whatever it started.
    #[must_use]
    pub fn killed(mut self) -> Self {
        self.order.is_killed = true;
        self
    }

    /// Runs the tool under a supervisor that ends its whole group when Muster dies, however it dies.
    #[must_use]
    pub fn supervised(mut self) -> Self {
        self.supervised = true;
        self
    }

    /// The command as a person would read it in a log: redacted, not quoted for any shell.
    #[must_use]
    pub fn command_line(&self) -> String {
        let words: Vec<_> = self.order.argv.iter().map(|word| word.to_string_lossy()).collect();
        self.secrets.redact(&words.join(" ")).into_owned()
    }

    /// Starts the tool; a supervised one waits for the first poll of its [`Running`], so that the
    /// identity of its supervisor can be stored before the tool does anything.
    pub fn spawn(mut self) -> Result<Running, ProcessError> {
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        let program = self.program();
        let process = if self.supervised {
            Process::Supervised(Supervised::stand_by(&program)?)
        } else {
            Process::Direct(Direct::start(&mut self, &program)?)
        };
        let program = self.remote.as_ref().map_or(program, |remote| remote.program.clone());
        Running::new(self, program, process)
    }

    /// Runs the tool to its end and collects what it wrote. Any exit status but 0 is an error.
    pub async fn output(mut self) -> Result<Output, ProcessError> {
        self.time_limit.get_or_insert(DEFAULT_TIME_LIMIT);
        self.spawn()?.collect().await?.succeeded()
    }

    /// As [`Self::output`], for tools whose exit status is part of the answer.
    pub async fn outcome(mut self) -> Result<Output, ProcessError> {
        self.time_limit.get_or_insert(DEFAULT_TIME_LIMIT);
        self.spawn()?.collect().await
    }

    /// Runs the tool to its end and hands over each line as it comes, redacted. A slow reader slows the
    /// tool down; one that went away doesn't stop it. Any exit status but 0 is an error.
    pub async fn stream(self, lines: mpsc::Sender<Line>) -> Result<(), ProcessError> {
        self.spawn()?.stream(lines).await
    }

    fn refuse_elsewhere(&mut self, what: &'static str) {
        if let Some(remote) = &self.remote {
            self.refused.get_or_insert_with(|| remote.refusal(what));
        }
    }

    fn program(&self) -> String {
        self.order
            .argv
            .first()
            .map(|program| program.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// Shows no environment and no input: both carry passwords.
impl fmt::Debug for Invocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Invocation")
            .field("command", &self.command_line())
            .finish_non_exhaustive()
    }
}
