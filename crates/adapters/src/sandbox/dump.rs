//! A dump in a sandbox: an empty cluster of the version that it came from, and `pg_restore` into that.

use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Copy, Sandbox, SandboxError};
use crate::dumps::{OpenDump, Outline};
use crate::postgres::{Binaries, literal, provider, quote};
use crate::process::{Line, ProcessError};

/// Superuser of a cluster that was made for a dump.
const SUPERUSER: &str = "muster";
const INITDB: Duration = Duration::from_secs(300);

/// What to restore.
#[derive(Debug)]
pub struct DumpRestore<'a> {
    pub dump: &'a OpenDump,
    pub outline: &'a Outline,
    pub jobs: u32,
    /// Roles that the dump names and doesn't bring.
    pub roles: &'a [String],
    pub time_limit: Duration,
    pub cancellation: CancellationToken,
}

impl Sandbox {
    /// Makes an empty cluster; answers its superuser.
    ///
    /// # Errors
    /// If `initdb` fails.
    pub async fn initialise(&self, binaries: &Binaries) -> Result<String, SandboxError> {
        let arguments = [
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            "--auth=peer",
            "--no-sync",
            "--pgdata",
        ];
        let call = binaries
            .tool("initdb")
            .run_as(self.within.run_as.clone())
            .invoke(arguments)
            .arg(self.data())
            .arg(format!("--username={SUPERUSER}"));
        call.time_limit(INITDB).output().await?;
        Ok(SUPERUSER.into())
    }
}

impl DumpRestore<'_> {
    /// Makes the database and restores into it; answers its name.
    ///
    /// # Errors
    /// With what the server or `pg_restore` said.
    pub async fn run(&self, copy: &Copy, log: mpsc::Sender<Line>) -> Result<String, SandboxError> {
        let database = if self.outline.database.is_empty() {
            "ampora"
        } else {
            &self.outline.database
        };
        self.create(copy, database).await?;
        let Some(tool) = copy.tool("pg_restore") else {
            return Err(SandboxError::Process(ProcessError::NotFound {
                program: "pg_restore".into(),
                package: Some("postgresql-client"),
            }));
        };
        let mut call = tool.invoke(copy.arguments());
        if self.jobs > 1 && self.dump.form.restores_in_parallel() {
            call = call.arg(format!("--jobs={}", self.jobs));
        }
        let call = call
            .arg(format!("--dbname={database}"))
            .arg("--exit-on-error")
            .arg("--no-owner")
            .arg("--no-privileges")
            .arg(self.dump.path().as_os_str());
        let call = call.time_limit(self.time_limit).supervised().low_priority();
        match call.cancelled_by(self.cancellation.clone()).stream(log).await {
            Err(ProcessError::Failed { tail, .. }) => Err(SandboxError::Told {
                what: "pg_restore could not restore the dump",
                said: errors(&tail),
            }),
            done => {
                done?;
                Ok(database.to_owned())
            }
        }
    }

    async fn create(&self, copy: &Copy, database: &str) -> Result<(), SandboxError> {
        let mut conn = copy
            .options("template1")
            .options([("default_transaction_read_only", "off")])
            .connect()
            .await?;
        for role in self.roles {
            let create = format!("CREATE ROLE {}", quote(role));
            sqlx::query(AssertSqlSafe(create))
                .execute(&mut conn)
                .await
                .map_err(refused)?;
        }
        if database == "template1" || database == "postgres" {
            let drop = format!("DROP DATABASE IF EXISTS {}", quote(database));
            sqlx::query(AssertSqlSafe(drop))
                .execute(&mut conn)
                .await
                .map_err(refused)?;
        }
        let or = |given: &Option<String>, usual: &str| literal(given.as_deref().unwrap_or(usual));
        let create = format!(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}{}",
            quote(database),
            or(&self.outline.encoding, "UTF8"),
            or(&self.outline.collate, "C"),
            or(&self.outline.ctype, "C"),
            provider(&self.outline.provider, self.outline.major()),
        );
        sqlx::query(AssertSqlSafe(create))
            .execute(&mut conn)
            .await
            .map_err(refused)?;
        conn.close().await?;
        Ok(())
    }
}

fn refused(error: sqlx::Error) -> SandboxError {
    match error.as_database_error() {
        Some(refusal) => SandboxError::Told {
            what: "the database for the dump could not be made",
            said: refusal.message().to_owned(),
        },
        None => error.into(),
    }
}

/// The lines that tell why. What follows `Command was` or `DETAIL` may hold rows.
fn errors(tail: &[String]) -> String {
    let found: Vec<_> = tail.iter().filter(|line| line.contains("error:")).cloned().collect();
    if found.is_empty() {
        tail.join("\n")
    } else {
        found.join("\n")
    }
}
