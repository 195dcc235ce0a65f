//! Showing a key, once. The web process that answers the requester's own POST is the worker of this run: it takes the only step, reads the
//! manager, and hands the bytes to that one response. They touch no row, no log and no event.

use std::time::Duration;

use domain::approval::{Challenge, Decision};
use domain::audit::Outcome;
use domain::ids::{ChallengeId, RunId, Sha256};
use domain::key::{self, Fingerprint, MasterKey};
use domain::plan::{Delivery, Pinned, RetrieveKey};
use domain::role::Actor;
use domain::run::{RunState, StepState};
use rand::TryRng as _;
use rand::rngs::SysRng;
use store::runs::Claimed;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::approvals;
use crate::audit::Act;
use crate::{Error, Services, notify};

/// Long enough to read a manager; a response that takes longer is lost and the run needs a person.
const LEASE: Duration = Duration::from_secs(60);

/// What goes into the response.
pub enum Revealed {
    /// The key as Ampora reads it from its settings, base64.
    Shown(Zeroizing<String>),
    /// Sealed to the recipient of the plan, in age's armor.
    Sealed(String),
    /// Two shares that make the key together, each sealed to its own recipient.
    Split([SealedShare; 2]),
}

/// One of two shares, in age's armor. Opened, it is base64 of 32 bytes.
pub struct SealedShare {
    pub recipient: String,
    pub text: String,
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revealed(redacted)")
    }
}

/// Uses the approved request up and reads its key. Whatever happens after the run was taken, it is consumed.
///
/// # Errors
/// If the request isn't approved, the login doesn't prove the requester, the approvals don't verify, or the key isn't the approved one.
pub async fn reveal(
    services: &Services,
    actor: &Actor,
    session: Sha256,
    number: i64,
    id: ChallengeId,
) -> Result<Revealed, Error> {
    if !services.works {
        return Err(Error::Unavailable(
            "This process holds no credentials of the secret manager.".into(),
        ));
    }
    let now = services.clock.now();
    let result = take(services, actor, session, number, id).await;
    let (claimed, plan, act) = match result {
        Ok(taken) => taken,
        Err(error) => {
            let act = Act::new(actor, "key.reveal", format!("request {number}"));
            act.refused(&services.store, &error, now).await?;
            return Err(error);
        }
    };
    let told = services.store.request(number).await?;
    let read = read(services, &plan).await;
    let at = services.clock.now();
    let (state, step, outcome) = match &read {
        Ok(_) => {
            let detail = format!("handed to {}", actor.name);
            (
                RunState::Succeeded { at },
                StepState::Done { since: now, at, detail },
                Outcome::Ok,
            )
        }
        Err(error) => {
            let reason = error.to_string();
            (
                RunState::Failed {
                    at,
                    reason: reason.clone(),
                },
                StepState::Failed {
                    since: now,
                    at,
                    detail: reason,
                },
                Outcome::Failed,
            )
        }
    };
    let mut tx = services.store.begin().await?;
    store::runs::step_save(&mut tx, claimed.run, claimed.fence, 0, &step).await?;
    store::runs::finish(&mut tx, claimed.run, claimed.fence, &state).await?;
    let act = Act::new(actor, "key.reveal", format!("request {number}"))
        .request(&act)
        .detail("run", claimed.run);
    let fingerprint = read.as_ref().map_or(&plan.fingerprint, |(_, fingerprint)| fingerprint);
    act.detail("fingerprint", fingerprint)
        .detail("version", &plan.version)
        .fact(&mut tx, outcome, at)
        .await?;
    if let Some(told) = told {
        notify::tell(&mut tx, services, |envelope| {
            envelope.run(&told.request, &told.plan, &state)
        })
        .await?;
    }
    tx.commit().await.map_err(store::StoreError::from)?;
    read.map(|(revealed, _)| revealed)
}

/// Verifies everything and takes the run's only step, in one transaction.
async fn take(
    services: &Services,
    actor: &Actor,
    session: Sha256,
    number: i64,
    id: ChallengeId,
) -> Result<(Claimed, RetrieveKey, domain::approval::Request), Error> {
    let now = services.clock.now();
    let (challenge, token) = proof(services, actor, session, id).await?;
    let stored = services
        .store
        .request(number)
        .await?
        .ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    approvals::verify_login(services, &stored.request, &challenge, &token, now).await?;
    let proven = approvals::verify(services, &stored.request, now).await?;
    let mut tx = services.store.begin().await?;
    let stored = store::requests::lock(&mut tx, number).await?;
    let stored = stored.ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let handed_over = stored.plan.pinned.is_handed_over();
    let Pinned::RetrieveKey(plan) = stored.plan.pinned else {
        return Err(Error::invalid("This request is no key retrieval."));
    };
    if !handed_over {
        return Err(Error::invalid(
            "A worker puts this key into its new place; nobody is shown it.",
        ));
    }
    if actor.person != stored.request.requester {
        return Err(domain::approval::Refusal::NotYours.into());
    }
    if store::challenges::spend(&mut tx, challenge.id, now).await?.is_none() {
        return Err(Error::invalid(
            "This login was used already: each one shows a key once.",
        ));
    }
    let run = RunId(Uuid::from_bytes(rand::random()));
    let consumed = stored
        .request
        .consume(run, actor, services.settings.approvals.roles, now)?;
    store::requests::save(&mut tx, &consumed).await?;
    store::runs::insert(&mut tx, run, &consumed, &plan.steps, now).await?;
    let claimed = store::runs::take(&mut tx, run, "web", LEASE).await?;
    let claimed = claimed.ok_or_else(|| Error::Unavailable("The run was taken by somebody else.".into()))?;
    store::runs::step_save(&mut tx, run, claimed.fence, 0, &StepState::Running { since: now }).await?;
    for evidence in proven {
        store::decisions::seal(&mut tx, evidence.challenge, &evidence.claims).await?;
    }
    let act = Act::new(actor, "key.read", &plan.manager)
        .request(&consumed)
        .detail("version", &plan.version);
    act.detail("fingerprint", &plan.fingerprint)
        .fact(&mut tx, Outcome::Ok, now)
        .await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok((claimed, plan, consumed))
}

/// The requester's own fresh login, as it came back for this purpose.
async fn proof(
    services: &Services,
    actor: &Actor,
    session: Sha256,
    id: ChallengeId,
) -> Result<(Challenge, String), Error> {
    let again =
        || Error::invalid("Sign in again to see the key: the login for it is missing, used or another person’s.");
    let asked = services.store.challenge(id).await?.ok_or_else(again)?;
    let own = asked.login.session_hash == session && asked.challenge.person == actor.person;
    if !own || asked.challenge.decision != Decision::Reveal {
        return Err(again());
    }
    let token = asked.raw_id_token.ok_or_else(again)?;
    Ok((asked.challenge, token))
}

/// Reads the version and makes sure that it is the key that was approved. Answers with its fingerprint too.
async fn read(services: &Services, plan: &RetrieveKey) -> Result<(Revealed, Fingerprint), Error> {
    let settings = services.deployment(&plan.deployment)?.master_key.as_ref();
    let settings = settings.ok_or_else(|| Error::Unavailable("The secret manager is no longer configured.".into()))?;
    let read = settings.place.key(&plan.version).await;
    let key = read.map_err(|reason| Error::Unavailable(format!("{reason}.")))?.key;
    let fingerprint = key.fingerprint();
    if !plan.fingerprint.admits(&fingerprint) {
        let moved = format!("version {} isn’t the approved key any more", plan.version);
        return Err(Error::Stale(vec![moved]));
    }
    Ok((hand_over(&key, &plan.delivery)?, fingerprint))
}

fn hand_over(key: &MasterKey, delivery: &Delivery) -> Result<Revealed, Error> {
    let seal = |recipient: &str, text: &Zeroizing<String>| {
        let sealed = adapters::seal::seal(recipient, text);
        sealed.map_err(|error| Error::Unavailable(error.to_string()))
    };
    match delivery {
        Delivery::ShownOnce => Ok(Revealed::Shown(key::to_setting(key))),
        Delivery::Sealed { recipient } => Ok(Revealed::Sealed(seal(recipient, &key::to_setting(key))?)),
        Delivery::Split { recipients } => {
            let mut pad = Zeroizing::new([0; 32]);
            // From the system, so that no generator of this process holds it in its buffer.
            let drawn = SysRng.try_fill_bytes(&mut pad[..]);
            drawn.map_err(|error| Error::Unavailable(format!("The system gives no random numbers: {error}.")))?;
            let shares = key.split(pad);
            // Nobody can look inside before both are needed, so it is made sure of now.
            if MasterKey::join([&shares[0], &shares[1]]) != *key {
                return Err(Error::Unavailable("The shares don’t make the key.".into()));
            }
            let sealed = |index: usize| {
                let recipient = recipients[index].clone();
                let text = seal(&recipient, &shares[index].to_text())?;
                Ok::<_, Error>(SealedShare { recipient, text })
            };
            Ok(Revealed::Split([sealed(0)?, sealed(1)?]))
        }
        Delivery::Placed(_) => Err(Error::invalid("This key goes to its new place, not to a person.")),
    }
}
