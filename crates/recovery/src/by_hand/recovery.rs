//! A recovery that people watch and end themselves: as a restore to a time it pauses, as one to the latest state it waits for more WAL.

use adapters::pgbackrest::Stop;
use domain::route::{Target, Way};
use domain::wal::{Lsn, replayed_up_to};

use crate::settings::{Deployment, Source};

/// The restore of a pgBackRest backup along a way. `None`: the way isn't one of those.
pub(crate) fn restore(deployment: &Deployment, way: &Way) -> Option<Vec<String>> {
    let source = deployment.sources.iter().find(|source| source.name() == way.source)?;
    let Source::PgBackRest(stanza) = source else {
        return None;
    };
    let stop = match way.target {
        Target::Time => Stop::At(way.reaches),
        Target::Latest => Stop::Latest,
        Target::AsTaken => return None,
    };
    let timeline = way.replay.as_ref().and_then(|replay| replay.timelines.last().copied());
    Some(stanza.restore_by_hand(way.repo, way.backup()?, stop, timeline))
}

/// Ends recovery, and waits until it has ended.
pub(crate) const PROMOTE: &str = "SELECT pg_promote(true, 600);";

/// How far recovery came. Of a restore to the end of the WAL `enough` says whether it came to the last segment.
pub(crate) fn reached(end: Option<Lsn>) -> String {
    let enough = end.map_or_else(String::new, |end| format!(", {} AS enough", replayed_up_to(end)));
    format!(
        "SELECT pg_last_wal_replay_lsn() AS position{enough}, pg_last_xact_replay_timestamp() AS newest, pg_is_wal_replay_paused() AS paused;"
    )
}
