//! A server on the restored copy: started confined like the copy's own, handed the master key in memory, ended with all its processes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use domain::drill::IsolationKind;
use domain::key::{self, MasterKey};
use domain::time::span;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use zeroize::Zeroizing;

use super::confine::View;
use super::program::program_of;
use super::{Copy, Sandbox, SandboxError};
use crate::opamp::{Address, ServerIdentity};
use crate::postgres::PORT;
use crate::process::{Line, ProcessError, Secrets};

const SCRIPT: &str = include_str!("launch.sh");
/// Memory that only the launched command sees.
const HOLD: &str = "/dev/shm/muster";
const LOOK: Duration = Duration::from_millis(100);
/// A server that was asked to end and doesn't is killed after five seconds by its supervisor; then some.
const END: Duration = Duration::from_secs(20);

/// What to start on a copy.
pub struct LaunchSpec<'a> {
    /// Program and arguments; see [`PLACEHOLDERS`].
    pub command: &'a [String],
    /// The database to serve.
    pub database: &'a str,
    /// What it is handed, as Ampora's own setting has it.
    pub key: &'a MasterKey,
    /// What it shows to agents.
    pub server: &'a ServerIdentity,
    /// From now on, until it takes connections.
    pub time_limit: Duration,
    pub cancellation: CancellationToken,
    /// Takes what it says.
    pub log: mpsc::Sender<Line>,
}

/// What a launcher's arguments may name.
pub const PLACEHOLDERS: [&str; 8] = [
    "{database_socket}",
    "{database_port}",
    "{database}",
    "{database_user}",
    "{key_file}",
    "{certificate}",
    "{certificate_key}",
    "{listen}",
];

/// A server that takes connections. It must be ended by [`Launched::end`]; dropped, it is killed.
#[derive(Debug)]
pub struct Launched {
    /// Where it takes agents.
    pub address: Address,
    stop: DropGuard,
    task: JoinHandle<Result<(), ProcessError>>,
}

impl Sandbox {
    /// Starts a server on the copy and waits until it takes connections.
    ///
    /// # Errors
    /// [`SandboxError::NotApart`] where the machine allows no isolation: then nothing is handed over. Otherwise if it ends or takes too long.
    pub async fn launch(&self, copy: &Copy, spec: LaunchSpec<'_>) -> Result<Launched, SandboxError> {
        if self.isolation.kind != IsolationKind::Namespaces {
            return Err(SandboxError::NotApart(self.isolation.detail.clone()));
        }
        let token = spec.cancellation.child_token();
        // Also ends it should nobody wait for it any more.
        let stop = token.clone().drop_guard();
        let call = self.launch_call(copy, &spec)?;
        let running = call.supervised().low_priority().cancelled_by(token).spawn()?;
        self.note_launched(running.identity())?;
        let mut task = tokio::spawn(running.stream(spec.log.clone()));
        let listen = self.listen();
        let up = async {
            let deadline = Instant::now() + spec.time_limit;
            while UnixStream::connect(&listen).await.is_err() {
                if Instant::now() > deadline {
                    return Err(SandboxError::Launcher(format!(
                        "it took no connections at its socket within {}",
                        span(i64::try_from(spec.time_limit.as_secs()).unwrap_or(i64::MAX))
                    )));
                }
                sleep(LOOK).await;
            }
            Ok(())
        };
        let up = tokio::select! {
            up = up => up,
            ended = &mut task => return Err(told(ended.unwrap_or(Ok(())))),
        };
        let launched = Launched {
            address: Address::Socket(listen),
            stop,
            task,
        };
        match up {
            Ok(()) => Ok(launched),
            Err(error) => {
                launched.end().await;
                Err(error)
            }
        }
    }

    fn launch_call(&self, copy: &Copy, spec: &LaunchSpec<'_>) -> Result<crate::process::Invocation, SandboxError> {
        let program = program_of(spec.command)?;
        let read: Vec<_> = program.folder(&self.within)?.into_iter().collect();
        let work = self.launch_dir();
        self.within.private(&work)?;
        let certificate = work.join("server.pem");
        self.write(&certificate, &spec.server.certificate_pem)?;
        let values = [
            self.socket_dir.display().to_string(),
            PORT.to_string(),
            spec.database.to_owned(),
            copy.superuser().to_owned(),
            format!("{HOLD}/master.key"),
            certificate.display().to_string(),
            format!("{HOLD}/server.key"),
            self.listen().display().to_string(),
        ];
        // The very file that was hashed, whatever link led to it.
        let start = program.started_as(&spec.command[0]);
        let filled = spec.command.iter().skip(1).map(|word| filled(word, &values));
        let mut words: Vec<OsString> = ["/bin/sh", "-c", SCRIPT, "launch", HOLD].map(OsString::from).into();
        words.extend([work.clone().into_os_string(), start]);
        words.extend(filled.map(OsString::from));
        let write = [self.socket_dir.clone(), work];
        let view = View {
            at: &self.view(),
            read: &read,
            write: &write,
            loopback: true,
        };
        let mut secrets = Secrets::default();
        let handed = key::to_setting(spec.key);
        secrets.add(handed.as_bytes());
        let mut input = Zeroizing::new(Vec::with_capacity(handed.len() + 1 + spec.server.key_pem.len()));
        input.extend_from_slice(handed.as_bytes());
        input.push(b'\n');
        input.extend_from_slice(spec.server.key_pem.as_bytes());
        Ok(self
            .within
            .confined(&view, &self.hold, words)
            .redacting(&secrets)
            .input(input))
    }

    fn launch_dir(&self) -> PathBuf {
        self.folder.join("launched")
    }

    /// Beside the database's socket: the path of a socket has 107 bytes at most.
    fn listen(&self) -> PathBuf {
        self.socket_dir.join("opamp")
    }
}

/// One pass over the word: what is filled in isn't looked at again.
fn filled(word: &str, values: &[String; PLACEHOLDERS.len()]) -> String {
    let (mut done, mut rest) = (String::new(), word);
    while let Some(at) = rest.find('{') {
        done.push_str(&rest[..at]);
        rest = &rest[at..];
        match PLACEHOLDERS
            .iter()
            .zip(values)
            .find(|(name, _)| rest.starts_with(**name))
        {
            Some((name, value)) => {
                done.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                done.push('{');
                rest = &rest[1..];
            }
        }
    }
    done + rest
}

impl Launched {
    /// Ends it with everything in its namespaces.
    pub async fn end(self) {
        drop(self.stop);
        // How it ended is of no interest: it was ended.
        let _ = tokio::time::timeout(END, self.task).await;
    }
}

/// Why it ended, in its own words.
fn told(ended: Result<(), ProcessError>) -> SandboxError {
    match ended {
        Err(ProcessError::Failed { tail, .. } | ProcessError::Killed { tail, .. }) => {
            SandboxError::Launcher(format!("it ended by itself: {}", tail.join("\n")))
        }
        Err(error) => error.into(),
        Ok(()) => SandboxError::Launcher("it ended by itself and said nothing".into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> [String; PLACEHOLDERS.len()] {
        PLACEHOLDERS.map(|name| name.to_uppercase())
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        assert_eq!(
            filled("--db={database}@{database_socket}", &values()),
            "--db={DATABASE}@{DATABASE_SOCKET}"
        );
        assert_eq!(filled("{{listen}} {other} {", &values()), "{{LISTEN}} {other} {");
        let tricky = PLACEHOLDERS.map(|_| "{key_file}".to_owned());
        assert_eq!(filled("{database}", &tricky), "{key_file}");
    }

    proptest! {
        #[test]
        fn any_word_is_filled_in(word in "([{}a-z_]|\\PC)*") {
            let _ = filled(&word, &values());
        }
    }
}
