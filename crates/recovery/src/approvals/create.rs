//! Putting a plan up for approval, and taking it back.

use domain::approval::Request;
use domain::audit::Outcome;
use domain::ids::{RequestId, Sha256};
use domain::plan::Plan;
use domain::role::{Action, Actor};
use store::requests::NewRequest;
use uuid::Uuid;

use crate::audit::Act;
use crate::keys::Memory;
use crate::plans::{Planner, Wish};
use crate::{Error, Services, notify};

/// Longest reason that is kept, in characters.
const LONGEST_REASON: usize = 2000;

/// Makes the plan a person sees before asking. Changes nothing, but keys that it reads are audited.
///
/// # Errors
/// With every reason against the wish.
pub async fn plan(services: &Services, actor: &Actor, wish: &Wish) -> Result<Plan, Error> {
    actor.may(Action::Request, services.settings.approvals.roles)?;
    if !services.works {
        return Err(Error::Unavailable(
            "This process shows pages only: a process with workers has to make plans.".into(),
        ));
    }
    let memory = Memory::Store(services.store.clone());
    let planner = Planner {
        deployment: services.deployment(wish.deployment())?,
        settings: &services.settings,
        memory: &memory,
        actor,
        clock: &services.clock,
    };
    planner.plan(wish).await
}

/// Puts the plan with digest `seen` up for approval. It is planned again first: what people approve is what is true now.
///
/// # Errors
/// [`Error::Stale`] if the digest is no longer the one that was seen, or as [`plan`].
pub async fn create(
    services: &Services,
    actor: &Actor,
    wish: &Wish,
    seen: Sha256,
    reason: &str,
) -> Result<Request, Error> {
    let planned = plan(services, actor, wish).await;
    let now = services.clock.now();
    let act = Act::new(actor, "request.create", describe(wish)).deployment(wish.deployment());
    let plan = match planned {
        Ok(plan) if plan.pinned.digest() == seen => plan,
        Ok(plan) => {
            let moved = format!(
                "the plan you saw had the digest {}, now it is {}",
                seen.short(),
                plan.pinned.digest().short()
            );
            act.clone().refused(&services.store, &moved, now).await?;
            return Err(Error::Stale(vec![moved]));
        }
        Err(error) => {
            act.clone().refused(&services.store, &error, now).await?;
            return Err(error);
        }
    };
    let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
    let mut tx = services.store.begin().await?;
    let new = NewRequest {
        id: RequestId(Uuid::from_bytes(rand::random())),
        deployment: wish.deployment().into(),
        plan: &plan,
        requester: &actor.person,
        requester_name: actor.name.clone(),
        reason,
        created_at: now,
        expires_at: now + services.settings.approvals.request_ttl,
    };
    let request = store::requests::insert(&mut tx, new).await?;
    let act = Act::new(actor, "request.create", format!("request {}", request.number)).request(&request);
    act.detail("plan", plan.pinned.title())
        .fact(&mut tx, Outcome::Ok, now)
        .await?;
    told(&mut tx, services, &request, &plan).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(request)
}

/// Tells people how the request stands now.
pub(super) async fn told(
    conn: &mut store::PgConnection,
    services: &Services,
    request: &Request,
    plan: &Plan,
) -> Result<(), store::StoreError> {
    let quorum = services.settings.approvals.quorum.people();
    notify::tell(conn, services, |envelope| envelope.request(request, plan, quorum)).await
}

fn describe(wish: &Wish) -> String {
    match wish {
        Wish::RestoreDump { backup, database, .. } => format!("restore of {backup:?} into {database:?}"),
        Wish::RestorePitr { source, at, .. } => format!("restore of the cluster from {source:?} to {at:?}"),
        Wish::RetrieveKey { version, .. } => format!("retrieval of key version {version:?}"),
        Wish::KeyCatchUp { .. } => "catch-up of the secret manager".into(),
        Wish::DrillOnRds { source, days, .. } => format!("temporary copies of {source:?} for {days} days"),
        Wish::DrillWithKey { days, .. } => format!("handing the key to a launcher for {days} days"),
        Wish::FullDisaster(disaster) => format!("bringing Ampora up with {:?}", disaster.backup),
        Wish::RestoreRds { source, at, .. } => format!("a new instance of {source:?} as of {at:?}"),
        Wish::Repoint { database, .. } => format!("pointing Ampora at {database:?}"),
    }
}

/// Takes one's own request back.
///
/// # Errors
/// If it is another person's, or over.
pub async fn withdraw(services: &Services, actor: &Actor, number: i64) -> Result<(), Error> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let stored = store::requests::lock(&mut tx, number)
        .await?
        .ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let act = Act::new(actor, "request.withdraw", format!("request {number}")).request(&stored.request);
    match stored.request.withdraw(actor, now) {
        Ok(request) => {
            store::requests::save(&mut tx, &request).await?;
            act.fact(&mut tx, Outcome::Ok, now).await?;
            told(&mut tx, services, &request, &stored.plan).await?;
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
