//! "Restore to here": every way to a moment out of what may be believed now, with the command where a person has to run it.

use domain::history::Seen;
use domain::role::{Action, Actor};
use domain::route::{Answer, Missed, Past, Production, Stock, Way, ways_to};
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::window::Commit;

use super::{View, seen};
use crate::by_hand;
use crate::collect::{self, Observed, PAUSE};
use crate::keys::Memory;
use crate::settings::{Deployment, Source};
use crate::{Error, Services};

/// The ways to one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreTo {
    pub at: Timestamp,
    /// The best one first.
    pub ways: Vec<Found>,
    /// Why no way reaches the very moment, and what comes nearest. `None`: one does.
    pub missed: Option<Missed>,
    /// What Ampora was at that moment, by what was seen of it: image and migration head.
    pub image: Option<String>,
    pub migration_head: Option<String>,
    /// Of production, as far as known: behind it there is nothing to restore yet.
    pub newest_commit: Option<Timestamp>,
}

/// One way, with what a person needs who goes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    pub way: Way,
    /// The argument vector that a person runs, where Muster doesn't. `None`: a dump, or a tool whose command isn't known here.
    pub by_hand: Option<Vec<String>>,
}

/// One deployment, with the ways to `at`.
///
/// # Errors
/// As [`super::view`].
pub async fn restore_to(
    services: &Services,
    actor: &Actor,
    name: &str,
    at: Timestamp,
) -> Result<(View, RestoreTo), Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let deployment = services.deployment(name)?;
    let observed = collect::cached(&services.store, deployment).await?;
    let memory = Memory::Store(services.store.clone());
    let vitals = observed.vitals.known(services.clock.now());
    let commits = collect::commits(deployment, vitals.fresh(), &memory).await;
    let view = seen(services, deployment, observed.clone()).await?;
    let ways = ways(deployment, &observed, &view, &commits, at);
    Ok((view, ways))
}

fn ways(deployment: &Deployment, observed: &Observed, view: &View, commits: &[Commit], at: Timestamp) -> RestoreTo {
    let production = production(observed, view.now);
    let past = past(deployment, observed);
    let coverage = view.proven.as_ref().map(|keys| keys.coverage.as_slice());
    let stock = Stock {
        backups: &view.inventory.backups,
        windows: &view.inventory.windows,
        gaps: &view.inventory.gaps,
        commits,
        production,
        coverage: coverage.unwrap_or_default(),
        past: &past,
    };
    let Answer { ways, missed } = ways_to(at, &stock);
    let found = |way| Found {
        by_hand: by_hand::restore(deployment, &way),
        way,
    };
    RestoreTo {
        at,
        ways: ways.into_iter().map(found).collect(),
        missed,
        image: value_at(&observed.history.images, at),
        migration_head: value_at(&observed.history.heads, at),
        newest_commit: production.newest,
    }
}

/// The value at a moment. `None`: nobody had looked yet, or looked then.
fn value_at(runs: &[Seen], at: Timestamp) -> Option<String> {
    let run = runs.iter().rfind(|run| run.since <= at)?;
    (at <= run.until + PAUSE).then(|| run.value.clone())
}

/// Production as it was read last; that it was a while ago makes every loss a bound.
pub(crate) fn production(observed: &Observed, now: Timestamp) -> Production {
    let last = observed.vitals.last_good.as_ref();
    Production {
        newest: last.and_then(|(vitals, _)| vitals.newest_commit()),
        live: observed
            .vitals
            .known(now)
            .fresh()
            .and_then(Vitals::newest_commit)
            .is_some(),
        as_of: last.map_or(now, |(_, at)| *at),
    }
}

/// Restores that were done. They were of dumps, and one dump takes what another takes, whichever folder it lies in.
pub(crate) fn past(deployment: &Deployment, observed: &Observed) -> Vec<Past> {
    let folders = deployment.sources.iter().filter(|source| source.kind() == "dumps");
    let of = |source: &Source| {
        let source = source.name().to_owned();
        let like_it = observed.recoveries.iter().map(move |recovery| Past {
            source: source.clone(),
            seconds: recovery.seconds,
        });
        like_it.collect::<Vec<_>>()
    };
    folders.flat_map(of).collect()
}
