//! The runner's own look at the evidence. It believes no row: each approval has to be a token that the identity provider signed, for this
//! request, this digest and this decision.

use std::collections::BTreeSet;

use adapters::oidc::OidcError;
use chrono::Duration;
use domain::approval::{Challenge, Decision, Request};
use domain::ids::{ChallengeId, Person};
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use serde_json::json;
use store::StoreError;

use crate::{Error, Services};

/// Evidence that verified, with what is kept of it after use.
#[derive(Clone, Debug)]
pub struct Proven {
    pub challenge: ChallengeId,
    pub person: Person,
    pub claims: serde_json::Value,
}

/// Verifies that enough distinct people approved exactly this.
///
/// # Errors
/// [`Error::Evidence`] if not, in words for the record; [`Error::Provider`] if the issuer's keys can't be fetched.
pub async fn verify(services: &Services, request: &Request, now: Timestamp) -> Result<Vec<Proven>, Error> {
    verify_within(services, request, services.settings.approvals.execution_window, now).await
}

/// The same for an approval that can be used for this long.
///
/// # Errors
/// As [`verify`].
pub async fn verify_within(
    services: &Services,
    request: &Request,
    window: Duration,
    now: Timestamp,
) -> Result<Vec<Proven>, Error> {
    let policy = &services.settings.approvals;
    let mut people: BTreeSet<Person> = [request.requester.clone()].into();
    let mut proven = Vec::new();
    let decisions = services.store.decisions(request.id).await.map_err(tampered)?;
    for decided in decisions {
        if decided.challenge.decision != Decision::Approve {
            return Err(Error::Evidence(format!("{} decided otherwise", decided.name)));
        }
        let Some(token) = &decided.raw_id_token else {
            return Err(Error::Evidence(format!(
                "the decision of {} carries no login",
                decided.name
            )));
        };
        let lifetime = policy.request_ttl + window;
        let evidence = verify_in_time(services, request, &decided.challenge, token, (lifetime, now)).await?;
        if !people.insert(evidence.person.clone()) {
            return Err(Error::Evidence(format!("{} counts already", decided.name)));
        }
        proven.push(evidence);
    }
    if people.len() < policy.quorum.people() {
        return Err(Error::Evidence(format!(
            "{} of {} people are proven to agree",
            people.len(),
            policy.quorum.people()
        )));
    }
    Ok(proven)
}

/// Verifies one login: signature and audience with keys fetched from the issuer by this process, then nonce, person, time and role.
///
/// # Errors
/// As [`verify`].
pub async fn verify_login(
    services: &Services,
    request: &Request,
    challenge: &Challenge,
    token: &str,
    now: Timestamp,
) -> Result<Proven, Error> {
    let policy = &services.settings.approvals;
    let lifetime = match challenge.decision {
        Decision::Reveal => policy.login.max_age,
        Decision::Approve | Decision::Reject | Decision::Promote | Decision::GiveUp => {
            policy.request_ttl + policy.execution_window
        }
    };
    verify_in_time(services, request, challenge, token, (lifetime, now)).await
}

/// `in_time` is how old the login may be, and now.
async fn verify_in_time(
    services: &Services,
    request: &Request,
    challenge: &Challenge,
    token: &str,
    in_time: (Duration, Timestamp),
) -> Result<Proven, Error> {
    let policy = &services.settings.approvals;
    let (lifetime, now) = in_time;
    if challenge.request != request.id || challenge.digest != request.digest {
        return Err(Error::Evidence("a login is for another request or another plan".into()));
    }
    let verified = services
        .provider
        .verify_evidence(&token.into(), &challenge.nonce())
        .await;
    let login = verified.map_err(refuse_or_wait)?.login();
    policy
        .login
        .judge(challenge, &login, now, lifetime)
        .map_err(|why| Error::Evidence(why.to_string()))?;
    let action = if challenge.decision == Decision::Reveal {
        Action::Run
    } else {
        Action::Decide
    };
    let decider = Actor {
        person: login.person.clone(),
        name: login.name.clone(),
        roles: login.roles,
        address: None,
    };
    decider
        .may(action, policy.roles)
        .map_err(|why| Error::Evidence(why.to_string()))?;
    let kept = json!({
        "iss": login.person.issuer, "sub": login.person.subject, "nonce": login.nonce,
        "auth_time": login.auth_time, "iat": login.issued_at,
    });
    Ok(Proven {
        challenge: challenge.id,
        person: login.person,
        claims: kept,
    })
}

/// A row that contradicts itself is evidence of something else than an approval.
fn tampered(error: StoreError) -> Error {
    match error {
        StoreError::Inconsistent { .. } => Error::Evidence(error.to_string()),
        other => other.into(),
    }
}

/// A provider that can't be reached is no judgement; anything else is one.
fn refuse_or_wait(error: OidcError) -> Error {
    match error {
        OidcError::Unreachable { .. } => Error::Provider(error),
        other => Error::Evidence(other.to_string()),
    }
}
