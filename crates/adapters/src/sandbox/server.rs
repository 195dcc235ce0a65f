//! The server of a sandbox: started confined where that holds, watched while it recovers, ended with all its processes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use domain::drill::IsolationKind;
use domain::time::span;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::confine::View;
use super::settings::{HBA, Wish, ident, settings};
use super::{Control, Copy, Sandbox, SandboxError};
use crate::postgres::{Binaries, PORT};
use crate::process::{Line, ProcessError};

/// How often a server on its way up is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// A server that was asked to end and doesn't is killed after five seconds by its supervisor; then some.
const END: Duration = Duration::from_secs(20);
/// A production that doesn't answer holds up no drill.
const ANSWER: Duration = Duration::from_secs(5);

/// A server to start on what lies in the sandbox's data directory.
#[derive(Debug)]
pub struct ServerSpec<'a> {
    pub binaries: &'a Binaries,
    /// Who may be the superuser of what was restored, most likely first.
    pub superusers: Vec<String>,
    /// Libraries that may be preloaded.
    pub preload: Vec<String>,
    /// Bytes of temporary files that a session may write.
    pub temp_limit: u64,
    /// Settings of the recovery.
    pub recovery: Vec<(String, String)>,
    /// From now on, until it takes connections and is out of recovery.
    pub time_limit: Duration,
    /// Ends the server, whenever it fires.
    pub cancellation: CancellationToken,
    /// Takes what the server says.
    pub log: mpsc::Sender<Line>,
}

/// A running server. It must be ended by [`Running::end`]; dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    pub copy: Copy,
    stop: CancellationToken,
    task: JoinHandle<Result<(), ProcessError>>,
}

impl Sandbox {
    /// What the restored cluster needs and was built with.
    ///
    /// # Errors
    /// If `pg_controldata` can't read it.
    pub async fn control(&self, binaries: &Binaries) -> Result<Control, SandboxError> {
        Control::read(binaries, self.within.run_as.as_ref(), &self.data()).await
    }

    /// Starts the server and waits until it is out of recovery.
    ///
    /// # Errors
    /// If it ends or takes too long. Nothing runs then.
    pub async fn start(&self, spec: ServerSpec<'_>, control: &Control) -> Result<Running, SandboxError> {
        self.configure(&spec)?;
        let stop = spec.cancellation.child_token();
        let mut call = self
            .call(&spec, control)
            .supervised()
            .low_priority()
            .cancelled_by(stop.clone());
        if self.isolation.kind == IsolationKind::Namespaces {
            // Its last checkpoint would write down what is removed a moment later.
            call = call.killed();
        }
        let running = call.spawn()?;
        self.record(Some(running.identity()), None)?;
        let mut task = tokio::spawn(running.stream(spec.log.clone()));
        let up = tokio::select! {
            copy = self.up(&spec) => copy,
            ended = &mut task => return Err(told(ended.unwrap_or(Ok(())))),
        };
        let running = |copy| Running { copy, stop, task };
        match up {
            Ok(copy) => Ok(running(copy)),
            Err(error) => {
                let copy = Copy::nowhere(self.options("postgres"));
                running(copy).end().await;
                Err(error)
            }
        }
    }

    fn configure(&self, spec: &ServerSpec<'_>) -> Result<(), SandboxError> {
        let conf = self.conf();
        self.write(&conf.join("postgresql.conf"), "")?;
        self.write(&conf.join("pg_hba.conf"), HBA)?;
        self.write(
            &conf.join("pg_ident.conf"),
            &ident(&spec.superusers, self.within.run_as.as_ref()),
        )?;
        // What ALTER SYSTEM set in production is of production; the command line says all that is needed.
        self.write(&self.data().join("postgresql.auto.conf"), "")
    }

    fn call(&self, spec: &ServerSpec<'_>, control: &Control) -> crate::process::Invocation {
        let wish = Wish {
            major: spec.binaries.major,
            control,
            preload: &spec.preload,
            socket_dir: &self.socket_dir,
            conf_dir: &self.conf(),
            temp_limit: spec.temp_limit,
            recovery: &spec.recovery,
        };
        let program = spec.binaries.dir.join("postgres");
        let mut words = vec![
            program.clone().into_os_string(),
            "-D".into(),
            self.data().into_os_string(),
        ];
        for (name, value) in settings(&wish) {
            words.extend(["-c".into(), OsString::from(format!("{name}={value}"))]);
        }
        if self.isolation.kind != IsolationKind::Namespaces {
            let [prlimit, limits @ ..] = self.within.limits.each();
            let tool = crate::process::Tool::new(prlimit).run_as(self.within.run_as.clone());
            return tool.invoke(limits.into_iter().chain(words));
        }
        // Packages keep programs, libraries and extensions below one folder; /usr is there anyway.
        let installed = spec.binaries.dir.parent().map(PathBuf::from);
        let read: Vec<_> = installed.into_iter().filter(|path| !path.starts_with("/usr")).collect();
        let write = [
            self.data(),
            self.wal(),
            self.conf(),
            self.tablespaces(),
            self.socket_dir.clone(),
        ];
        let view = View {
            at: &self.view(),
            read: &read,
            write: &write,
            loopback: false,
        };
        self.within.confined(&view, &self.hold, words)
    }

    /// Waits until somebody can log in and recovery is over.
    async fn up(&self, spec: &ServerSpec<'_>) -> Result<Copy, SandboxError> {
        let deadline = Instant::now() + spec.time_limit;
        let late = || SandboxError::TooSlow {
            after: span(i64::try_from(spec.time_limit.as_secs()).unwrap_or(i64::MAX)),
        };
        loop {
            if Instant::now() > deadline {
                return Err(late());
            }
            match self.superuser(&spec.superusers).await? {
                None => sleep(LOOK).await,
                Some(options) => {
                    let copy = Copy::new(options, spec.binaries.clone(), self.within.run_as.clone());
                    while copy.in_recovery().await? {
                        if Instant::now() > deadline {
                            return Err(late());
                        }
                        sleep(LOOK).await;
                    }
                    return Ok(copy);
                }
            }
        }
    }

    /// The first of them whom the server lets in and who is its superuser. `None`: it lets nobody in yet.
    async fn superuser(&self, candidates: &[String]) -> Result<Option<PgConnectOptions>, SandboxError> {
        for user in candidates {
            let options = self.options(user);
            match options.connect().await {
                Ok(mut conn) => {
                    let is: bool = sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                        .fetch_one(&mut conn)
                        .await?;
                    conn.close().await?;
                    if is {
                        return Ok(Some(options));
                    }
                }
                // No such role: the next. Anything else, such as "starting up": later.
                Err(error) if code(&error).is_some_and(|code| code.starts_with("28")) => {}
                Err(_) => return Ok(None),
            }
        }
        Err(SandboxError::NoSuperuser {
            tried: candidates.to_vec(),
        })
    }

    fn options(&self, user: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_dir)
            .port(PORT)
            .username(user)
            // The one database that can't be dropped.
            .database("template1")
            .ssl_mode(PgSslMode::Disable)
            .application_name("muster drill")
            .disable_statement_logging()
    }
}

impl Running {
    /// Ends the server with everything in its namespaces.
    pub async fn end(self) {
        self.copy.close().await;
        self.stop.cancel();
        // How it ended is of no interest: it was ended.
        let _ = tokio::time::timeout(END, self.task).await;
    }
}

/// Name of the superuser that a cluster was made with, asked of production by a role that may only read.
///
/// # Errors
/// If it can't be asked.
pub async fn superuser_of(live: &PgConnectOptions) -> Result<String, SandboxError> {
    let options = live.clone().application_name("muster drill");
    let mut conn = tokio::time::timeout(ANSWER, options.connect())
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)??;
    // The first superuser of every cluster has this id: src/include/catalog/pg_authid.dat of PostgreSQL.
    let name = sqlx::query_scalar("SELECT rolname::text FROM pg_roles WHERE oid = 10")
        .fetch_one(&mut conn)
        .await?;
    conn.close().await?;
    Ok(name)
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// Why the server ended, in its own words.
fn told(ended: Result<(), ProcessError>) -> SandboxError {
    match ended {
        Err(ProcessError::Failed { tail, .. } | ProcessError::Killed { tail, .. }) => SandboxError::Told {
            what: "the server ended while it was starting",
            said: last_words(&tail),
        },
        Err(error) => error.into(),
        Ok(()) => SandboxError::Told {
            what: "the server ended while it was starting",
            said: "it said nothing".into(),
        },
    }
}

/// The lines that tell why, without the chatter around them.
fn last_words(tail: &[String]) -> String {
    let weighty = |line: &&String| {
        ["FATAL", "PANIC", "ERROR", "could not", "HINT"]
            .iter()
            .any(|word| line.contains(word))
    };
    let found: Vec<_> = tail.iter().filter(weighty).cloned().collect();
    if found.is_empty() {
        tail.join("\n")
    } else {
        found.join("\n")
    }
}
