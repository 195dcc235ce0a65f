//! Which keys were where, written down with each proof.
//!
//! A proof is a look, and it is rare: values are read every few hours, and at once when the manager lists another version. So these facts
//! are dated by the proof, not by the round that writes them down, and their runs go on from one proof to the next for as long as a proof
//! may be believed. A proof that couldn't read the manager is a look too: it writes down that the lane is unknown, and why, since otherwise
//! the next good one would seem to continue what was before.

use chrono::TimeDelta;
use domain::observation::{self, Known};
use domain::rotation::{Held, Lane};
use domain::time::Timestamp;

use super::look::key_interval;
use super::{Observed, standing};
use crate::settings::Deployment;

/// How long a look at the keys is believed.
pub fn stands_for(deployment: &Deployment) -> TimeDelta {
    observation::limit(TimeDelta::seconds(key_interval(deployment).into()))
}

/// The lanes that this deployment has: what Ampora runs with is known only where the configuration says where to look.
pub fn lanes(deployment: &Deployment) -> impl Iterator<Item = Lane> {
    let in_use = deployment.master_key.as_ref().is_some_and(|key| key.in_use.is_some());
    Lane::ALL.into_iter().filter(move |lane| *lane != Lane::InUse || in_use)
}

/// What the newest proof has shown and isn't written down yet, with its time.
pub fn unwritten(
    deployment: &Deployment,
    observed: &Observed,
    now: Timestamp,
) -> Option<(Vec<(String, String)>, Timestamp)> {
    deployment.master_key.as_ref()?;
    let Known::Fresh { value: keys, at } = observed.keys.known(now) else {
        return None;
    };
    let written = |lane: &Lane| {
        observed
            .history
            .latest
            .get(lane.fact())
            .is_some_and(|run| run.until >= at)
    };
    let facts = lanes(deployment)
        .filter(|lane| !written(lane))
        .map(|lane| (lane.fact().to_owned(), written_as(lane.seen_in(keys))));
    let facts: Vec<_> = facts.collect();
    (!facts.is_empty()).then_some((facts, at))
}

/// Reasons are somebody else's words and may be long; names of keys are never cut.
fn written_as(held: Held) -> String {
    let held = match held {
        Held::Unknown(reason) => Held::Unknown(standing::shortened(&reason)),
        known => known,
    };
    held.to_string()
}
