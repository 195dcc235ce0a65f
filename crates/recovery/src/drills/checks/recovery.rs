//! Whether recovery reached what it had to, or the dump came in whole. Nothing else is worth looking at before that.

use domain::drill::{Check, WalNeeded, names};

use super::{How, Look, moment};
use crate::drills::stage::is_reached;

pub async fn check(look: &mut Look<'_>) -> Check {
    match &look.copied.how {
        How::Dump => Check::ok(names::RECOVERY, "the dump was restored to its end without an error"),
        How::Wal(wal) => replayed(look, wal).await,
        How::Managed(moment) => moment::check(look, *moment).await,
    }
}

async fn replayed(look: &mut Look<'_>, wal: &WalNeeded) -> Check {
    match look.copy.replayed().await {
        Err(error) => Check::not_run(names::RECOVERY, error.to_string()),
        Ok(replayed) => {
            look.replayed = replayed;
            let shown = replayed.map_or("nothing".to_owned(), |lsn| lsn.to_string());
            let check = if is_reached(wal, replayed) {
                Check::ok(
                    names::RECOVERY,
                    format!("replayed to {shown}, in the last segment there is"),
                )
            } else {
                let words = format!(
                    "recovery-stopped-early: replayed to {shown}, and the archive reaches to {}",
                    wal.end
                );
                Check::broken(names::RECOVERY, words)
            };
            check.because("replayed", shown).because("expected end", wal.end)
        }
    }
}
