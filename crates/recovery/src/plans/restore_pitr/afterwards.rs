//! What a restore ends with, looked at before it begins: who may take the full backup, and whether retention leaves the old one alone until
//! then.

use adapters::pgbackrest::{Making, PgBackRest, RetentionError};
use chrono::TimeDelta;
use domain::backup::{Backup, Kind};
use domain::pitr::{Refusal, Resolved, goes_with_the_next};
use domain::plan::{MeasuredIn, PhaseTime, RestorePitr};
use domain::time::Timestamp;

use super::steps::BACK_UP;
use super::stock::Shelf;
use crate::Error;
use crate::settings::RestoreHost;

/// The tool as it is called on the host itself, with what is configured there.
pub fn on_host(host: &RestoreHost, source: &str, stanza: &str) -> Result<PgBackRest, Error> {
    let tool = host.host.command(&host.tool);
    Ok(PgBackRest {
        name: source.to_owned(),
        stanza: stanza.to_owned(),
        tool: tool.map_err(|error| Error::invalid(error.to_string()))?,
    })
}

/// Why people have to take the full backup, with where backups are `made`. `None`: nothing that can be seen speaks against it.
pub(super) async fn by_hand(host: &RestoreHost, made: Option<&Making>) -> Option<String> {
    if !host.full_backup {
        return Some("full_backup = false is set under [deployment.restore]".into());
    }
    match made? {
        Making::Elsewhere { host } => Some(format!("backups are made on {host}, which keeps the repository")),
        Making::Folder { path } => match host.host.may_write(path).await {
            Ok(false) => Some(format!(
                "the user of [deployment.restore] may not write to {path} on {}",
                host.host.name()
            )),
            // What can't be looked at is tried: a backup that fails harms nothing.
            Ok(true) | Err(_) => None,
        },
        Making::Storage { .. } | Making::OtherRepo => None,
    }
}

/// Whether what the restore begins with goes with the next backup.
pub(super) enum Hold {
    Stays,
    Goes(Refusal),
    Unknown(String),
}

impl Hold {
    /// What to read before deciding.
    pub fn warning(&self) -> Option<String> {
        let Self::Unknown(why) = self else { return None };
        Some(format!(
            "Whether retention leaves the backup alone until the restore is done isn’t known ({why}): hold it off where backups are made."
        ))
    }
}

/// `chain` is what the restore takes from the repository `repo`, whose backups are `made` there.
pub(super) async fn hold(
    host: &RestoreHost,
    (tool, made): (&PgBackRest, Option<&Making>),
    shelf: &Shelf,
    (chain, repo): (&[String], u32),
    now: Timestamp,
) -> Hold {
    match tool.expires_by_itself().await {
        Ok(false) => return Hold::Stays,
        Ok(true) => {}
        Err(error) => return Hold::Unknown(error.to_string()),
    }
    if let Some(Making::Elsewhere { host }) = made {
        return Hold::Unknown(format!("backups are made on {host}, by a configuration of its own"));
    }
    let kept = match tool.retention(repo).await {
        Ok(kept) => kept,
        Err(RetentionError::Unset) => return Hold::Stays,
        Err(error) => return Hold::Unknown(error.to_string()),
    };
    let own = shelf.backups.iter().filter(|backup| backup.repo == Some(repo));
    if !goes_with_the_next(chain, &own.collect::<Vec<_>>(), kept, now) {
        return Hold::Stays;
    }
    let config = host.tool.iter().find_map(|word| word.strip_prefix("--config="));
    Hold::Goes(Refusal::Expiring {
        backup: chain.first().cloned().unwrap_or_default(),
        kept,
        config: config.unwrap_or("pgBackRest’s configuration").to_owned(),
    })
}

/// What moved of it since the approval.
pub(super) async fn hold_moved(
    host: &RestoreHost,
    shelf: &Shelf,
    approved: &RestorePitr,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let tool = on_host(host, &approved.source, &approved.stanza)?;
    let made = tool.making(approved.repo).await.ok();
    let kept = hold(
        host,
        (&tool, made.as_ref()),
        shelf,
        (&approved.chain, approved.repo),
        now,
    )
    .await;
    Ok(match kept {
        Hold::Goes(refusal) => Some(refusal.to_string()),
        Hold::Stays | Hold::Unknown(_) => None,
    })
}

/// How long full backups of this repository took, where no run has measured that yet.
pub(super) fn full_took(shelf: &Shelf, resolved: &Resolved, measured: &[PhaseTime]) -> Vec<PhaseTime> {
    if measured.iter().any(|phase| phase.name == BACK_UP) {
        return Vec::new();
    }
    let fulls = shelf
        .backups
        .iter()
        .filter(|backup| backup.kind == Kind::Full && backup.repo == Some(resolved.way.repo));
    let took = fulls.filter_map(took).map(|seconds| (BACK_UP.to_owned(), seconds));
    PhaseTime::of(took, MeasuredIn::Backups)
}

fn took(backup: &Backup) -> Option<u32> {
    let took: TimeDelta = backup.stopped_at? - backup.started_at?;
    u32::try_from(took.num_seconds()).ok()
}
