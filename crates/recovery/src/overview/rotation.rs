//! The keys of a deployment over time: what each lane held, and when they parted.

use chrono::TimeDelta;
use domain::role::{Action, Actor};
use domain::rotation::{Apart, Lane, Span, partings, spans};
use domain::time::Timestamp;
use futures::future::try_join_all;

use crate::collect;
use crate::{Error, Services};

/// How far back it is read. Runs are kept for longer.
const LOOKED_BACK: TimeDelta = TimeDelta::days(400);

/// The history of a deployment's keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyHistory {
    /// What each lane held, from its first look to now. A lane that isn't configured isn't there.
    pub lanes: Vec<(Lane, Vec<Span>)>,
    /// Oldest first.
    pub partings: Vec<Apart>,
    /// When Muster first looked at the deployment.
    pub known_since: Option<Timestamp>,
}

impl KeyHistory {
    /// The spans of one lane; none where nobody looked.
    #[must_use]
    pub fn lane(&self, lane: Lane) -> &[Span] {
        let found = self.lanes.iter().find(|(other, _)| *other == lane);
        found.map_or(&[], |(_, spans)| spans)
    }
}

/// The keys of one deployment over time.
///
/// # Errors
/// As [`super::view`].
pub async fn key_history(services: &Services, actor: &Actor, name: &str) -> Result<KeyHistory, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let deployment = services.deployment(name)?;
    let (store, now) = (&services.store, services.clock.now());
    if deployment.master_key.is_none() {
        return Ok(KeyHistory::default());
    }
    let stands_for = collect::proof_stands_for(deployment);
    let read = collect::key_lanes(deployment).map(async |lane| {
        let runs = store.fact_runs(name, lane.fact(), now - LOOKED_BACK).await?;
        Ok::<_, Error>((lane, spans(&runs, stands_for, now)))
    });
    let mut history = KeyHistory {
        lanes: try_join_all(read).await?,
        partings: Vec::new(),
        known_since: store.known_since(name).await?,
    };
    let [manager, in_use, envelopes] = Lane::ALL.map(|lane| history.lane(lane));
    history.partings = partings(manager, in_use, envelopes);
    Ok(history)
}
