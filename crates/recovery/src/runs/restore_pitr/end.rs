//! Runs that end before their time: what they leave on the host is put in order while nothing was swapped, and described afterwards.

use adapters::database_host::Held;
use domain::plan::RestorePitr;
use domain::run::RunState;

use super::{Site, site, steps};
use crate::runs::execution::Execution;

/// Ends the copy of a run that ends as `state` in step `index`, and gives the host free. From the swap on nothing is touched: then a
/// person has to look.
pub async fn tidied(run: &Execution, plan: &RestorePitr, index: usize, state: RunState) -> RunState {
    let at = run.services.clock.now();
    if matches!(state, RunState::NeedsHuman { .. } | RunState::Succeeded { .. }) {
        return state;
    }
    let Some(site) = site(run, plan) else {
        let seen = "the cluster is no longer configured; a copy may be left beside it".into();
        return RunState::NeedsHuman { at, seen };
    };
    if plan.is_in_use_at(index) {
        let seen = site.left_to_do(index, &state);
        return RunState::NeedsHuman { at, seen };
    }
    if plan.turn().is_some_and(|turn| index > turn) {
        let seen = format!(
            "the run ended as {} after the old cluster was replaced. {}",
            state.word(),
            site.seen().await
        );
        return RunState::NeedsHuman { at, seen };
    }
    match site.tidy(matches!(state, RunState::Cancelled { .. })).await {
        Ok(()) => state,
        Err(why) => RunState::NeedsHuman {
            at,
            seen: format!(
                "the run ended as {} ({}), and what it left could not be put in order: {why}. {}",
                state.word(),
                state.reason().unwrap_or("no reason was kept"),
                site.seen().await
            ),
        },
    }
}

/// What stands on the host now, for a person.
pub async fn seen(run: &Execution, plan: &RestorePitr) -> String {
    match site(run, plan) {
        Some(site) => site.seen().await,
        None => "The cluster is no longer configured.".into(),
    }
}

impl Site<'_> {
    /// Ends what this run started beside the cluster. A copy is removed if nobody wants it, else it is kept for a look.
    async fn tidy(&self, remove: bool) -> Result<(), String> {
        let host = self.host();
        let pgdata = &self.plan.server.pgdata;
        let holder = host.lock_holder(pgdata).await.map_err(|error| error.to_string())?;
        if holder != Some(self.run.run().to_string()) {
            return Ok(());
        }
        let ended = host.end_held(pgdata, self.holder()).await;
        let left = ended.map_err(|error| format!("pgbackrest may still be running on {}: {error}", host.name()))?;
        if left == Held::MayStillRun
            || host
                .mentions(&self.own_restore())
                .await
                .map_err(|error| error.to_string())?
        {
            return Err(format!("pgbackrest may still be running on {}", host.name()));
        }
        if self.plan.in_place.is_some() {
            self.nothing_kept().await?;
        } else {
            self.copy().stop().await.map_err(|error| error.to_string())?;
        }
        if remove {
            host.remove_copy(&self.beside)
                .await
                .map_err(|error| error.to_string())?;
        }
        self.up_again().await?;
        let unlocked = host.unlock(pgdata, self.run.run()).await;
        unlocked.map_err(|error| error.to_string())
    }

    /// A run that ends between the stop and the swap has left the cluster down, whole and in its place: it is started again.
    async fn up_again(&self) -> Result<(), String> {
        let (host, server) = (self.host(), &self.plan.server);
        let running = host.is_running(&server.bin_dir, &server.pgdata).await;
        if self.run.has_begun(steps::STOP) && !running.map_err(|error| error.to_string())? {
            let control = host.control_data(&server.bin_dir, &server.pgdata).await;
            let found = control.map_err(|error| error.to_string())?.system_identifier;
            if found != server.system_identifier {
                return Err(format!(
                    "{} holds another cluster, {found}, which isn’t started",
                    server.pgdata
                ));
            }
            let started = host.hook(&self.plan.start_command).await;
            started.map_err(|error| format!("the server is down, and its start command failed: {error}"))?;
        }
        Ok(())
    }

    /// Which directories stand where, and whether a server runs.
    pub(super) async fn seen(&self) -> String {
        let server = &self.plan.server;
        let running = match self.host().is_running(&server.bin_dir, &server.pgdata).await {
            Ok(true) => "a server runs",
            Ok(false) => "no server runs",
            Err(_) => "whether a server runs isn’t known",
        };
        if let Some(kept) = self.plan.in_place {
            return self.seen_in_place(kept, running).await;
        }
        let state = self.host().swap_state(&server.pgdata, &self.beside, &self.before).await;
        let state = match state {
            Ok(state) => format!("On {}: {}", self.host().name(), state.word()),
            Err(error) => format!("On {}: {error}", self.host().name()),
        };
        format!(
            "{state}; {running} in {}. The names are {}, {} and {}; the link {}.muster-lock keeps other runs away until it is removed",
            server.pgdata, server.pgdata, self.beside, self.before, server.pgdata
        )
    }
}
