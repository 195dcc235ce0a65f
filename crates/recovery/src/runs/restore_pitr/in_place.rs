//! Replacing a cluster where it stands. Nothing of it is touched before its server is down, its WAL is archived, and what nothing else brings
//! back is copied aside; from the first file that is replaced on only a person can say what a failure means.

use std::time::Duration;

use adapters::database_host::{ControlData, DatabaseHost, Kind};
use adapters::process::ProcessError;
use domain::approval::Request;
use domain::plan::Kept;

use super::{Site, failed, steps};
use crate::by_hand::shell;
use crate::runs::execution::StepError;

/// Time that one segment may take to be archived.
const PUSH: Duration = Duration::from_secs(600);

impl Site<'_> {
    pub(super) async fn shut_down(&self) -> Result<String, StepError> {
        let mut moved = self.place_moved().await?;
        // Its server is down from here on, and only the backup brings it back.
        moved.extend(self.wal_moved().await?);
        if !moved.is_empty() {
            return Err(StepError::Stale(moved));
        }
        // The live database answers now and won't again.
        self.measure(None).await?;
        self.down().await?;
        Ok(format!("the server of {} is down", self.plan.server.pgdata))
    }

    /// Hands over what the archive doesn't have. A server that was shut down has ended its last segment; one that crashed has not.
    pub(super) async fn archive_tail(&self, index: usize) -> Result<String, StepError> {
        let state = self.still_the_cluster().await?.state;
        let pgdata = &self.plan.server.pgdata;
        let waiting = self.host().unarchived(pgdata).await.map_err(failed)?;
        for name in &waiting {
            self.not_cancelled()?;
            let push = self.recovery().push(pgdata, name);
            let call = self.host().command(&push).map_err(failed)?.invoke(Vec::<String>::new());
            self.run.note(Some(index), &call.command_line()).await?;
            let pushed = call.time_limit(PUSH).output().await;
            pushed.map_err(|error| StepError::Failed(format!("{name} can’t be archived: {error}")))?;
        }
        let archived = format!("{} WAL files were waiting and are archived now", waiting.len());
        if state.starts_with("shut down") {
            return Ok(archived);
        }
        Ok(format!(
            "{archived}; the server wasn’t shut down in order ({state}), so its last segment is only in what is copied aside"
        ))
    }

    /// Copies what is kept of the cluster. It gets its name once it is whole, so a try that broke off is made anew.
    pub(super) async fn copy_aside(&self, index: usize, resumed: bool) -> Result<String, StepError> {
        let control = self.still_the_cluster().await?;
        let (host, pgdata) = (self.host(), &self.plan.server.pgdata);
        let kept = self.kept()?;
        if kept == Kept::Wal {
            self.run.note(Some(index), &self.got_back(control.timeline)).await?;
        }
        let found = (
            host.kind(&self.before).await.map_err(failed)?,
            host.kind(&self.beside).await.map_err(failed)?,
        );
        if resumed && found == (Kind::Folder, Kind::Nothing) {
            return Ok(format!("{} is in {} already", kept.word(), self.before));
        }
        if resumed {
            self.ended_there().await?;
            host.remove_copy(&self.beside).await.map_err(failed)?;
        } else if found != (Kind::Nothing, Kind::Nothing) {
            return Err(StepError::Failed(format!(
                "{} or {} is there already; it was left alone",
                self.before, self.beside
            )));
        }
        let copied = self
            .follow(index, &DatabaseHost::keeping(kept, pgdata, &self.beside))
            .await?;
        match copied.ended {
            Ok(()) => {}
            Err(error @ (ProcessError::MayStillRun { .. } | ProcessError::Unreachable { .. })) => {
                return Err(self.restore_failed(&error).await);
            }
            Err(error) => return Err(StepError::Failed(error.to_string())),
        }
        host.rename(&self.beside, &self.before).await.map_err(failed)?;
        Ok(format!("{} is in {}", kept.word(), self.before))
    }

    /// Proves once more what must be so, then lets pgBackRest replace the files.
    pub(super) async fn restore_over(&self, index: usize) -> Result<String, StepError> {
        self.still_the_cluster().await?;
        let (host, pgdata) = (self.host(), &self.plan.server.pgdata);
        let holder = host.lock_holder(pgdata).await.map_err(failed)?;
        if holder != Some(self.run.run().to_string()) {
            return Err(StepError::Failed(format!(
                "the link {pgdata}.muster-lock doesn’t name this run any more; nothing was replaced"
            )));
        }
        if host.kind(&self.before).await.map_err(failed)? != Kind::Folder {
            return Err(StepError::Failed(format!(
                "what was copied to {} is gone; nothing was replaced",
                self.before
            )));
        }
        self.run_restore(index).await?;
        Ok(format!("{} restored into {pgdata}", self.plan.backup))
    }

    /// Starts it by its own command, behind the fence, in place of the private server.
    pub(super) async fn start_over(&self, request: &Request, index: usize) -> Result<String, StepError> {
        self.is_decided(request).await?;
        self.copy().stop().await.map_err(failed)?;
        let server = &self.plan.server;
        let recovery = self.recovery();
        let fenced = self
            .host()
            .fence(&self.restored, &server.pgdata, &server.superuser, &recovery);
        fenced.await.map_err(failed)?;
        self.start(index).await
    }

    /// How what was committed and never archived comes back from the WAL that is kept. It is along the timeline that the cluster is on, which
    /// needn't be the target's, and never along the one that its successor begins.
    fn got_back(&self, timeline: Option<u32>) -> String {
        let (plan, before) = (self.plan, &self.before);
        let timeline = timeline.or_else(|| plan.timelines.last().copied()).unwrap_or(1);
        let mut restore = self.settings.tool.clone();
        restore.extend([
            format!("--stanza={}", plan.stanza),
            format!("--repo={}", plan.repo),
            format!("--set={}", plan.backup),
            "--pg1-path=NEW".into(),
            "--type=standby".into(),
            format!("--target-timeline={timeline}"),
            "restore".into(),
        ]);
        format!(
            "What was committed and never archived comes back so, in an empty folder NEW of the server’s user where there is room: {} && cp \
             {}/pg_wal/[0-9A-F]* NEW/pg_wal/ (then start it as the runbook says, with nobody let in, and read the rows once it doesn’t move any more)",
            shell::line(restore.iter().map(String::as_str)),
            shell::word(before)
        )
    }

    /// No server runs, and it is the cluster that was approved. Returns what its control file tells.
    async fn still_the_cluster(&self) -> Result<ControlData, StepError> {
        let server = &self.plan.server;
        if self.runs(&server.pgdata).await? {
            return Err(StepError::Failed(format!(
                "a server runs in {} again; nothing was replaced",
                server.pgdata
            )));
        }
        let control = self.host().control_data(&server.bin_dir, &server.pgdata).await;
        let control = control.map_err(failed)?;
        if control.system_identifier == server.system_identifier {
            return Ok(control);
        }
        Err(StepError::Failed(format!(
            "{} holds the cluster {} now, not {}; nothing was replaced",
            server.pgdata, control.system_identifier, server.system_identifier
        )))
    }

    fn kept(&self) -> Result<Kept, StepError> {
        let kept = self.plan.in_place;
        kept.ok_or_else(|| StepError::Failed("the plan isn’t one in place".into()))
    }

    /// Ends a run of this kind before anything was replaced: what was copied aside isn't needed.
    pub(super) async fn nothing_kept(&self) -> Result<(), String> {
        let host = self.host();
        let words = |error: adapters::database_host::HostError| error.to_string();
        // It is the last of the old cluster as soon as anything else stands in its place.
        let server = &self.plan.server;
        let control = host
            .control_data(&server.bin_dir, &server.pgdata)
            .await
            .map_err(words)?;
        if self.run.has_begun(steps::OVER) || control.system_identifier != server.system_identifier {
            return Err(format!(
                "{} holds another cluster, {}, or files of the backup",
                server.pgdata, control.system_identifier
            ));
        }
        host.remove_copy(&self.beside).await.map_err(words)?;
        if host.kind(&self.before).await.map_err(words)? == Kind::Folder {
            host.rename(&self.before, &self.beside).await.map_err(words)?;
            host.remove_copy(&self.beside).await.map_err(words)?;
        }
        Ok(())
    }

    /// What stands where, and how to go back, for a person.
    pub(super) async fn seen_in_place(&self, kept: Kept, running: &str) -> String {
        let (host, pgdata, before) = (self.host(), &self.plan.server.pgdata, &self.before);
        let there = match host.kind(before).await {
            Ok(Kind::Folder) => format!("{} is in {before}", kept.word()),
            Ok(_) => format!("nothing is in {before}"),
            Err(_) => format!("whether anything is in {before} isn’t known"),
        };
        let back = match kept {
            Kept::Everything => format!(
                "To go back: stop what runs in {pgdata}, mv {pgdata} {pgdata}.undone, mv {before} {pgdata}, and start the server"
            ),
            Kept::Wal => format!(
                "To go back: restore the newest backup of its timeline to the latest state into a folder with room, put the segments of {before}/pg_wal \
                 into its pg_wal before it is started, and let it take the place of {pgdata}; the log of step {} has the commands",
                steps::ASIDE
            ),
        };
        format!(
            "On {}: the files in {pgdata} may be replaced in part; {running} in it; of the old cluster {there}. {back}. The link \
             {pgdata}.muster-lock keeps other runs away until it is removed",
            host.name()
        )
    }
}
