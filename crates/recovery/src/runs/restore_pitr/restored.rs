//! The restored cluster in its place: started behind a fence, promoted, looked through, and only then open to others.

use std::time::Duration;

use adapters::database_host::{HostError, Socket};
use domain::plan::RestorePitr;
use tokio::time::{Instant, sleep};

use super::{Site, failed};
use crate::runs::execution::StepError;
use crate::runs::report;

/// Time that a started server has to get as far as its copy was.
const UP: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(500);

/// Databases whose indexes were built by another libc or ICU than this host's: <https://www.postgresql.org/docs/current/sql-altercollation.html>.
const SORTED_OTHERWISE: &str = "SELECT string_agg(quote_ident(datname), ', ' ORDER BY datname) FROM pg_database \
    WHERE datallowconn AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)";
/// The first major version that keeps a database's collation version.
const KEEPS_COLLATION_VERSIONS: u32 = 15;

impl Site<'_> {
    pub(super) async fn start(&self, index: usize) -> Result<String, StepError> {
        let server = &self.plan.server;
        if !self.runs(&server.pgdata).await? {
            let started = self.host().hook(&self.plan.start_command).await;
            started.map_err(|error| StepError::Failed(format!("the start command failed: {error}")))?;
        }
        let since = Instant::now();
        let mut told = false;
        loop {
            if let Some(socket) = self.socket().await?
                && let Some(replay) = self.answer(&socket).await?
            {
                self.is_fenced(&socket).await?;
                if !replay.in_recovery {
                    return Err(StepError::Failed("the server left recovery by itself".into()));
                }
                if self.has_reached(&replay) {
                    return Ok("it stands at its target; nobody but Muster is let in".into());
                }
            }
            if since.elapsed() > UP {
                return Err(StepError::Failed(
                    "the server was started and doesn’t reach its target".into(),
                ));
            }
            if !told {
                self.run
                    .note(Some(index), "the server is started; it replays to its target again")
                    .await?;
                told = true;
            }
            sleep(LOOK).await;
        }
    }

    async fn is_fenced(&self, socket: &Socket) -> Result<(), StepError> {
        if self.host().is_fenced(socket).await.map_err(failed)? {
            return Ok(());
        }
        Err(StepError::Failed(
            "the server doesn’t read the pg_hba.conf that keeps clients out: its start command names another".into(),
        ))
    }

    /// How far it is; `None` while it doesn't answer.
    async fn answer(&self, socket: &Socket) -> Result<Option<adapters::database_host::Replay>, StepError> {
        match self.host().replay(socket).await {
            Ok(replay) => Ok(Some(replay)),
            Err(HostError::Refused(_)) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) async fn socket(&self) -> Result<Option<Socket>, StepError> {
        let server = &self.plan.server;
        let found = self
            .host()
            .socket(&server.bin_dir, &server.pgdata, &server.superuser)
            .await;
        found.map_err(failed)
    }

    async fn up(&self) -> Result<Socket, StepError> {
        let socket = self.socket().await?;
        socket.ok_or_else(|| StepError::Failed("the server doesn’t run".into()))
    }

    pub(super) async fn promote(&self) -> Result<String, StepError> {
        let socket = self.up().await?;
        self.is_fenced(&socket).await?;
        let replay = self.host().replay(&socket).await.map_err(failed)?;
        if !replay.in_recovery || !self.has_reached(&replay) {
            return Err(StepError::Failed(
                "the server doesn’t stand at its target any more".into(),
            ));
        }
        self.host()
            .sql(&socket, "postgres", "SELECT pg_promote(true, 300)")
            .await
            .map_err(failed)?;
        let since = Instant::now();
        loop {
            if self.answer(&socket).await?.is_some_and(|replay| !replay.in_recovery) {
                break;
            }
            if since.elapsed() > UP {
                return Err(StepError::Failed(
                    "the server was told to end recovery and doesn’t".into(),
                ));
            }
            sleep(LOOK).await;
        }
        let file = "SELECT pg_walfile_name(pg_current_wal_insert_lsn())";
        let file = self.host().sql(&socket, "postgres", file).await.map_err(failed)?;
        let timeline = file.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        Ok(timeline.map_or_else(
            || "recovery is over".into(),
            |timeline| format!("recovery is over; it writes timeline {timeline}"),
        ))
    }

    pub(super) async fn check_restored(&self) -> Result<String, StepError> {
        let socket = self.up().await?;
        let mut look = self.look_through(&socket).await?;
        if look.against.is_empty() {
            look.sentences.push(self.collations(&socket).await);
            return Ok(look.sentences.join("; "));
        }
        Err(StepError::Failed(look.against.join("; ")))
    }

    /// Whether this host sorts text as the one did that built the indexes. It is told, not held against the restore: the rows are right.
    async fn collations(&self, socket: &Socket) -> String {
        if self.plan.server.major < KEEPS_COLLATION_VERSIONS {
            return "collation versions can’t be compared: this major version keeps none".into();
        }
        match self.host().sql(socket, "postgres", SORTED_OTHERWISE).await {
            Ok(none) if none.trim().is_empty() => "text is sorted here as where the indexes were built".into(),
            Ok(names) => format!(
                "other collation versions here, so indexes on text may miss rows: in {} run REINDEX DATABASE, then ALTER DATABASE … REFRESH \
                 COLLATION VERSION",
                names.trim()
            ),
            Err(error) => format!("collation versions were not compared: {error}"),
        }
    }

    pub(super) async fn let_in(&self, index: usize) -> Result<String, StepError> {
        let server = &self.plan.server;
        if let Some(socket) = self.socket().await?
            && self.host().is_fenced(&socket).await.map_err(failed)?
        {
            self.host().unfence(&socket).await.map_err(failed)?;
            let stopped = self.host().hook(&self.plan.stop_command).await;
            stopped.map_err(|error| StepError::Failed(format!("the stop command failed: {error}")))?;
        }
        if !self.runs(&server.pgdata).await? {
            let started = self.host().hook(&self.plan.start_command).await;
            started.map_err(|error| StepError::Failed(format!("the start command failed: {error}")))?;
        }
        let since = Instant::now();
        while self.socket().await?.is_none() {
            if since.elapsed() > UP {
                return Err(StepError::Failed("the server was started and doesn’t come up".into()));
            }
            sleep(LOOK).await;
        }
        self.host()
            .unlock(&server.pgdata, self.run.run())
            .await
            .map_err(failed)?;
        let socket = self.up().await?;
        self.remember_end(index, &socket).await?;
        let isolation = self.isolation(&socket).await;
        report::compare(self.run, self.deployment, isolation).await?;
        for (what, how) in self.plan.afterwards() {
            let how = RestorePitr::of_run(&how, self.run.run());
            self.run
                .note(Some(index), &format!("Afterwards: {what}. {how}"))
                .await?;
        }
        Ok(format!(
            "the server reads its own settings again; what was kept of the old cluster is in {}",
            self.before
        ))
    }

    /// Keeps where recovery ended, so that nobody takes it for one that stopped early. A restore isn't held up by it.
    async fn remember_end(&self, index: usize, socket: &Socket) -> Result<(), StepError> {
        let promotion = match self.host().promotion(socket).await {
            Ok(promotion) => promotion,
            Err(error) => {
                let told = format!(
                    "where recovery ended can’t be kept, so it may be taken for one that stopped early: {error}"
                );
                return Ok(self.run.note(Some(index), &told).await?);
            }
        };
        let mut tx = self.run.services.store.begin().await?;
        store::runs::promotion_save(&mut tx, self.run.run(), self.run.fence(), &promotion).await?;
        tx.commit().await.map_err(store::StoreError::from)?;
        Ok(())
    }
}
