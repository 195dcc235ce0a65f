//! Approvals that stand: drills ask for the one that covers their launcher, or the copy that they have made. It is looked for and verified each time anew, so that what was
//! revoked, has run out or is for another launcher counts for nothing.

use domain::audit::Outcome;
use domain::plan::{CopyOnRds, DrillOnRds, DrillWithKey, Launch, Moved, Pinned};
use domain::role::Actor;
use store::requests::{Filter, Stored};

use super::evidence::verify_within;
use crate::audit::Act;
use crate::{Error, Services};

/// More than one is rare; what is older than these is over.
const LOOKED_AT: i64 = 50;

/// The approval that covers exactly this launcher of the deployment, with its evidence verified.
///
/// # Errors
/// [`Error::Evidence`] with what is missing or differs, in words for the record.
pub async fn standing(services: &Services, deployment: &str, launch: &Launch) -> Result<Stored, Error> {
    let as_now = |approved: &Pinned| match approved {
        Pinned::DrillWithKey(plan) => Some(Pinned::DrillWithKey(DrillWithKey {
            launch: launch.clone(),
            ..plan.clone()
        })),
        _ => None,
    };
    let missing =
        "two people have to agree that drills hand the master key to this launcher: a request “drill-with-key”";
    covering(services, deployment, as_now, ("launcher", missing)).await
}

/// The approval that covers exactly this copy of a managed database, with its evidence verified.
///
/// # Errors
/// As [`standing`].
pub async fn standing_on_rds(
    services: &Services,
    deployment: &str,
    source: &str,
    copy: &CopyOnRds,
) -> Result<Stored, Error> {
    let as_now = |approved: &Pinned| match approved {
        Pinned::DrillOnRds(plan) if plan.source == source => Some(Pinned::DrillOnRds(DrillOnRds {
            copy: copy.clone(),
            ..plan.clone()
        })),
        _ => None,
    };
    let missing = "two people have to agree that drills make a copy of this instance: a request “drill-on-rds”";
    covering(services, deployment, as_now, ("copy", missing)).await
}

/// The approval in force that says exactly what `as_now` makes of it. `words`: what it is about, and what is missing if there is none.
async fn covering(
    services: &Services,
    deployment: &str,
    as_now: impl Fn(&Pinned) -> Option<Pinned>,
    words: (&str, &str),
) -> Result<Stored, Error> {
    let now = services.clock.now();
    let filter = Filter {
        states: vec!["approved".into()],
        deployment: Some(deployment.into()),
        text: None,
    };
    let approved = services.store.requests_page(&filter, None, LOOKED_AT).await?;
    let mut differs = None;
    for stored in approved {
        let Some((is_now, validity)) = as_now(&stored.plan.pinned).zip(stored.plan.pinned.standing()) else {
            continue;
        };
        let in_force = matches!(stored.request.state_at(now), domain::approval::State::Approved { .. });
        if !in_force {
            continue;
        }
        if is_now == stored.plan.pinned {
            verify_within(services, &stored.request, validity, now).await?;
            return Ok(stored);
        }
        differs.get_or_insert_with(|| difference(&stored, &is_now, words.0));
    }
    Err(Error::Evidence(differs.unwrap_or_else(|| words.1.into())))
}

/// What was approved instead.
fn difference(stored: &Stored, now: &Pinned, what: &str) -> String {
    let moved = stored.plan.pinned.moved(now);
    let sentences: Vec<_> = moved.iter().map(Moved::sentence).collect();
    format!(
        "request {} approved another {what}: {}",
        stored.request.number,
        sentences.join("; ")
    )
}

/// Ends an approval that stands, at once.
///
/// # Errors
/// If it isn't one, doesn't hold any more, or the role doesn't allow it.
pub async fn revoke(services: &Services, actor: &Actor, number: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let stored = store::requests::lock(&mut tx, number)
        .await?
        .ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let act = Act::new(actor, "request.revoke", format!("request {number}")).request(&stored.request);
    if stored.plan.pinned.standing().is_none() {
        return Err(Error::invalid("Only an approval that stands can be revoked."));
    }
    match stored.request.revoke(actor, now, services.settings.approvals.roles) {
        Ok(request) => {
            store::requests::save(&mut tx, &request).await?;
            act.fact(&mut tx, Outcome::Ok, now).await?;
            tx.commit().await.map_err(store::StoreError::from)?;
            Ok(())
        }
        Err(refusal) => {
            drop(tx);
            act.refused(&services.store, &refusal, now).await?;
            Err(refusal.into())
        }
    }
}
