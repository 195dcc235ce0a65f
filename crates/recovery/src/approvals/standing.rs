//! Approvals that stand: drills ask for the one that covers their launcher. It is looked for and verified each time anew, so that what was
//! revoked, has run out or is for another launcher counts for nothing.

use domain::audit::Outcome;
use domain::plan::{DrillWithKey, Launch, Moved, Pinned};
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
    let now = services.clock.now();
    let filter = Filter {
        states: vec!["approved".into()],
        deployment: Some(deployment.into()),
        text: None,
    };
    let approved = services.store.requests_page(&filter, None, LOOKED_AT).await?;
    let mut differs = None;
    for stored in approved {
        let Pinned::DrillWithKey(plan) = &stored.plan.pinned else {
            continue;
        };
        let in_force = matches!(stored.request.state_at(now), domain::approval::State::Approved { .. });
        if !in_force {
            continue;
        }
        if plan.launch == *launch {
            verify_within(services, &stored.request, plan.validity(), now).await?;
            return Ok(stored);
        }
        differs.get_or_insert_with(|| difference(&stored, plan, launch));
    }
    Err(Error::Evidence(differs.unwrap_or_else(|| {
        "two people have to agree that drills hand the master key to this launcher: a request “drill-with-key”".into()
    })))
}

/// What was approved instead.
fn difference(stored: &Stored, plan: &DrillWithKey, launch: &Launch) -> String {
    let now = Pinned::DrillWithKey(DrillWithKey {
        launch: launch.clone(),
        ..plan.clone()
    });
    let moved = stored.plan.pinned.moved(&now);
    let sentences: Vec<_> = moved.iter().map(Moved::sentence).collect();
    format!(
        "request {} approved another launcher: {}",
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
