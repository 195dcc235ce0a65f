//! A decision takes a login of its own: it is begun here, goes to the identity provider with a nonce that commits to request, digest and
//! decision, and comes back here.

use adapters::oidc::{Callback, Pkce, SignedIn, StepUp};
use domain::approval::{Challenge, Decision, Policy, Request, State};
use domain::audit::Outcome;
use domain::ids::{ChallengeId, Sha256};
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use secrecy::ExposeSecret as _;
use store::challenges::PendingLogin;
use store::decisions::Decided;
use url::Url;
use uuid::Uuid;

use super::create::told;
use super::go_on;
use crate::audit::Act;
use crate::{Error, Services};

/// Longest note that is kept, in characters.
const LONGEST_NOTE: usize = 2000;

/// A decision that waits for its login.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub challenge: ChallengeId,
}

/// A login came back and was accepted.
#[derive(Clone, Debug)]
pub struct Completed {
    pub number: i64,
    pub decision: Decision,
    pub challenge: ChallengeId,
}

/// Asks for the login. Refused, and audited, if the decision would be refused anyway.
///
/// # Errors
/// With the rule that forbids it; a rejection needs a note.
pub async fn begin(
    services: &Services,
    actor: &Actor,
    session: Sha256,
    number: i64,
    decision: Decision,
    note: &str,
) -> Result<Begun, Error> {
    let now = services.clock.now();
    let stored = services
        .store
        .request(number)
        .await?
        .ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let request = stored.request;
    if let Err(error) = permitted(services, actor, &request, decision, now) {
        act(actor, &request, decision)
            .refused(&services.store, &error, now)
            .await?;
        return Err(error);
    }
    let note: String = note.trim().chars().take(LONGEST_NOTE).collect();
    if matches!(decision, Decision::Promote | Decision::GiveUp) {
        go_on::waits_for_one(services, request.id).await?;
    }
    if decision == Decision::Reject && note.is_empty() {
        return Err(Error::invalid(
            "Say why you reject it: the requester and the record need it.",
        ));
    }
    let challenge = Challenge {
        id: ChallengeId(Uuid::from_bytes(rand::random())),
        request: request.id,
        digest: request.digest,
        decision,
        random: rand::random(),
        created_at: now,
        person: actor.person.clone(),
    };
    let pkce_verifier = Pkce::generate().verifier.expose_secret().to_owned();
    let pending = PendingLogin {
        state_hash: state_hash(challenge.id),
        session_hash: session,
        pkce_verifier,
        note,
    };
    let mut tx = services.store.begin().await?;
    store::challenges::insert(&mut tx, &challenge, &pending).await?;
    let asked = Act::new(actor, "login.ask", format!("request {number}")).request(&request);
    asked
        .detail("decision", decision.word())
        .fact(&mut tx, Outcome::Ok, now)
        .await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(Begun {
        challenge: challenge.id,
    })
}

fn permitted(
    services: &Services,
    actor: &Actor,
    request: &Request,
    decision: Decision,
    now: Timestamp,
) -> Result<(), Error> {
    let rules = services.settings.approvals.roles;
    match decision {
        Decision::Approve | Decision::Reject => request.may_decide(actor, rules, now)?,
        Decision::Reveal => {
            if actor.person != request.requester {
                return Err(domain::approval::Refusal::NotYours.into());
            }
            request.may_run(actor, rules, now)?;
        }
        Decision::Promote | Decision::GiveUp => request.may_go_on(actor, rules)?,
    }
    Ok(())
}

/// Where the login of a begun decision happens. `state` is the challenge's id: unguessable, and bound to the session that asked.
///
/// # Errors
/// If there is no such challenge of this session, or the provider can't be asked.
pub async fn sign_in_url(
    services: &Services,
    actor: &Actor,
    session: Sha256,
    id: ChallengeId,
) -> Result<(Url, Challenge), Error> {
    let found = services.store.challenge_by_state(&state_hash(id)).await?;
    let Some((challenge, pending, _)) = found.filter(|found| waits(found, session)) else {
        return Err(Error::NotFound("login to continue: decide again".into()));
    };
    let step_up = StepUp {
        state: &id.to_string(),
        nonce: &challenge.nonce(),
        pkce_challenge: &Pkce::from_verifier(pending.pkce_verifier.into()).challenge,
        login_hint: Some(&actor.name),
    };
    Ok((services.provider.authorize_url_step_up(step_up).await?, challenge))
}

/// What the provider sent back to the browser.
#[derive(Clone, Debug)]
pub struct Returned {
    pub state: String,
    pub code: String,
    /// Issuer identification, RFC 9207.
    pub iss: Option<String>,
}

/// Takes a login back. Approvals and rejections take effect here; a reveal is only prepared.
///
/// # Errors
/// If the login proves nothing, or the request changed meanwhile. Each refusal is audited.
pub async fn complete(
    services: &Services,
    actor: &Actor,
    session: Sha256,
    returned: Returned,
) -> Result<Completed, Error> {
    let unknown = || Error::NotFound("decision that waits for this login: decide again".into());
    let id: Uuid = returned.state.parse().map_err(|_| unknown())?;
    let found = services.store.challenge_by_state(&state_hash(ChallengeId(id))).await?;
    let Some((challenge, pending, _)) = found.filter(|found| waits(found, session)) else {
        return Err(unknown());
    };
    let callback = Callback {
        code: &returned.code,
        iss: returned.iss.as_deref(),
        nonce: &challenge.nonce(),
        pkce_verifier: &pending.pkce_verifier.as_str().into(),
    };
    let now = services.clock.now();
    let signed_in = services.provider.exchange(callback, now).await;
    let stored = services
        .store
        .request_by_id(challenge.request)
        .await?
        .ok_or_else(unknown)?;
    let judged = signed_in.map_err(Error::from).and_then(|signed_in| {
        services.provider.note_fresh_login(&signed_in.claims);
        let rules = services.settings.approvals.login;
        rules.judge(&challenge, &signed_in.claims.login(), now, rules.max_age)?;
        Ok(signed_in)
    });
    let result = match judged {
        Ok(signed_in) => {
            settle(
                services,
                actor,
                &challenge,
                &pending,
                signed_in,
                stored.request.number,
                now,
            )
            .await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = &result {
        act(actor, &stored.request, challenge.decision)
            .refused(&services.store, error, now)
            .await?;
    }
    result
}

/// The accepted login takes effect, all in one transaction on the locked request: of two people at the same instant one comes second.
async fn settle(
    services: &Services,
    actor: &Actor,
    challenge: &Challenge,
    pending: &PendingLogin,
    signed_in: SignedIn,
    number: i64,
    now: Timestamp,
) -> Result<Completed, Error> {
    let completed = Completed {
        number,
        decision: challenge.decision,
        challenge: challenge.id,
    };
    // The roles of this very login count, not those of the older session.
    let SignedIn { claims, raw_id_token } = signed_in;
    let decider = Actor {
        roles: claims.roles.clone(),
        name: claims.name.clone(),
        ..actor.clone()
    };
    let policy = &services.settings.approvals;
    let mut tx = services.store.begin().await?;
    if !store::challenges::use_once(&mut tx, challenge.id, now).await? {
        return Err(Error::invalid("This login was used already: each one counts once."));
    }
    let stored = store::requests::lock(&mut tx, number)
        .await?
        .ok_or_else(|| Error::NotFound(format!("request {number}")))?;
    let digest = stored.request.digest;
    if digest != challenge.digest {
        return Err(Error::Stale(vec![format!(
            "the digest was {} and is {}",
            challenge.digest.short(),
            digest.short()
        )]));
    }
    let act = act(&decider, &stored.request, challenge.decision).detail("note", &pending.note);
    if challenge.decision == Decision::Reveal {
        permitted(services, &decider, &stored.request, Decision::Reveal, now)?;
        store::challenges::fulfil(&mut tx, challenge.id, raw_id_token.expose_secret(), now).await?;
        Act::new(&decider, "login.accept", format!("request {number}"))
            .request(&stored.request)
            .fact(&mut tx, Outcome::Ok, now)
            .await?;
        tx.commit().await.map_err(store::StoreError::from)?;
        return Ok(completed);
    }
    if matches!(challenge.decision, Decision::Promote | Decision::GiveUp) {
        permitted(services, &decider, &stored.request, challenge.decision, now)?;
        store::challenges::fulfil(&mut tx, challenge.id, raw_id_token.expose_secret(), now).await?;
        go_on::wake(&mut tx, stored.request.id).await?;
        act.fact(&mut tx, Outcome::Ok, now).await?;
        tx.commit().await.map_err(store::StoreError::from)?;
        return Ok(completed);
    }
    let decided = Decided {
        challenge: challenge.clone(),
        raw_id_token: Some(raw_id_token.expose_secret().to_owned()),
        name: claims.name,
        roles: claims.roles,
        note: pending.note.clone(),
        at: now,
    };
    let request = match challenge.decision {
        Decision::Approve => {
            // One that stands holds for as long as people agreed to; any other has to be run soon.
            let policy = Policy {
                execution_window: stored.plan.pinned.standing().unwrap_or(policy.execution_window),
                ..*policy
            };
            stored.request.approve(&decider, now, &pending.note, &policy)?
        }
        _ => stored.request.reject(&decider, now, &pending.note, policy.roles)?,
    };
    store::decisions::insert(&mut tx, &decided).await?;
    store::requests::save(&mut tx, &request).await?;
    let act = if matches!(request.state, State::Approved { .. }) {
        act.detail("quorum", "complete")
    } else {
        act
    };
    act.fact(&mut tx, Outcome::Ok, now).await?;
    told(&mut tx, services, &request, &stored.plan).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(completed)
}

fn act<'a>(actor: &'a Actor, request: &Request, decision: Decision) -> Act<'a> {
    let action = match decision {
        Decision::Approve => "request.approve",
        Decision::Reject => "request.reject",
        Decision::Reveal => "key.reveal",
        Decision::Promote => "run.promote",
        Decision::GiveUp => "run.give-up",
    };
    Act::new(actor, action, format!("request {}", request.number)).request(request)
}

/// It is this session's, and not used yet.
fn waits((_, pending, used_at): &(Challenge, PendingLogin, Option<Timestamp>), session: Sha256) -> bool {
    pending.session_hash == session && used_at.is_none()
}

fn state_hash(id: ChallengeId) -> Sha256 {
    Sha256::of(&[id.to_string().as_bytes()])
}

/// Whether the actor's role allows decisions at all; pages ask it to show or explain the buttons.
#[must_use]
pub fn may_ever_decide(services: &Services, actor: &Actor) -> bool {
    actor.may(Action::Decide, services.settings.approvals.roles).is_ok()
}
