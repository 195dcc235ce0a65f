//! A deployment in its four answers, small enough that hundreds of them are read at once: the collector draws them up, and what it drew up
//! too long ago is unknown.

use chrono::TimeDelta;
use domain::inventory::{Keys, Source};
use domain::observation::Observation;
use domain::role::{Action, Actor};
use domain::time::{Timestamp, span};
use serde::{Deserialize, Serialize};

use super::{ComesBack, Rehearsed, View, view_of};
use crate::settings::Deployment;
use crate::{Error, Services};

/// How long the collector's word stands. It draws gists up twice a minute.
const LIMIT: TimeDelta = TimeDelta::minutes(5);

/// What the four answers are made from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Gist {
    pub name: String,
    pub region: Option<String>,
    pub comes_back: ComesBack,
    pub sources: Vec<Source>,
    /// The proof of the keys, without the coverage of the backups.
    pub keys: Observation<Keys>,
    /// Seconds that restores took, newest first.
    pub durations: Vec<u32>,
    /// What drills last showed.
    #[serde(default)]
    pub rehearsed: Rehearsed,
    /// Requests that wait for people.
    pub waiting: i64,
}

impl Gist {
    /// Nothing is known of it, for this reason.
    fn unknown(deployment: &Deployment, reason: String) -> Self {
        Self {
            name: deployment.name.clone(),
            region: deployment.region.clone(),
            comes_back: ComesBack::Unknown { reason },
            sources: Vec::new(),
            keys: Observation::never("master key", 0),
            durations: Vec::new(),
            rehearsed: Rehearsed::default(),
            waiting: 0,
        }
    }
}

impl View {
    /// This view in short.
    #[must_use]
    pub fn gist(&self) -> Gist {
        Gist {
            name: self.name.clone(),
            region: self.region.clone(),
            comes_back: self.comes_back.clone(),
            sources: self.inventory.sources.clone(),
            keys: self.keys.clone(),
            durations: self.durations.clone(),
            rehearsed: self.rehearsed.clone(),
            waiting: self.waiting,
        }
    }
}

/// One deployment in short: as the collector drew it up, or else from the readings themselves.
///
/// # Errors
/// As [`super::view`].
pub async fn gist(services: &Services, actor: &Actor, name: &str) -> Result<Gist, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let deployment = services.deployment(name)?;
    match services.store.summary::<Gist>(name).await? {
        Some((gist, at)) if services.clock.now() - at <= LIMIT => counted(services, gist).await,
        _ => Ok(view_of(services, deployment).await?.gist()),
    }
}

/// Requests come and go between two rounds of the collector.
async fn counted(services: &Services, gist: Gist) -> Result<Gist, Error> {
    let waiting = services.store.requests_waiting(&gist.name).await?;
    Ok(Gist { waiting, ..gist })
}

/// All deployments but `shown`, in the order of the configuration.
///
/// # Errors
/// If the actor may not read, or the store doesn't answer.
pub async fn others(services: &Services, actor: &Actor, shown: &str) -> Result<Vec<Gist>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let mut drawn_up = services.store.summaries::<Gist>().await?;
    let now = services.clock.now();
    let others = services
        .settings
        .deployments
        .iter()
        .filter(|deployment| deployment.name != shown);
    let gist = |deployment: &Deployment| {
        let found = drawn_up.iter().position(|(name, ..)| *name == deployment.name);
        match found.map(|index| drawn_up.swap_remove(index)) {
            None => Gist::unknown(deployment, "not looked at yet".into()),
            Some((_, gist, at)) if now - at <= LIMIT => gist,
            Some((.., at)) => Gist::unknown(deployment, not_looked_at(at, now)),
        }
    };
    Ok(others.map(gist).collect())
}

fn not_looked_at(at: Timestamp, now: Timestamp) -> String {
    format!("not looked at for {}: no worker runs", span((now - at).num_seconds()))
}

/// Keeps what the collector drew up.
pub(crate) async fn keep(services: &Services, gist: &Gist, at: Timestamp) -> Result<(), Error> {
    Ok(services.store.summary_put(&gist.name, gist, at).await?)
}
