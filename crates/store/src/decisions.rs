//! Decisions, each with the evidence that the runner verifies by itself before it acts. A person decides once on a request.

use std::collections::BTreeSet;

use domain::approval::Challenge;
use domain::ids::{ChallengeId, Person, RequestId, Sha256};
use domain::role::Role;
use domain::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::challenges::decision_of;
use crate::row::{inconsistent, one, parse, text};
use crate::{PgConnection, Result, Store, StoreError};

/// A decision with its evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// What the login was asked to commit to.
    pub challenge: Challenge,
    /// The proof, as the identity provider signed it. `None` once it was verified and used: then its hash and claims are left.
    pub raw_id_token: Option<String>,
    pub name: String,
    /// The roles the decision was made with.
    pub roles: BTreeSet<Role>,
    pub note: String,
    pub at: Timestamp,
}

struct Row {
    challenge: Uuid,
    request: Uuid,
    digest: [u8; 32],
    decision: String,
    random: [u8; 32],
    asked_at: Timestamp,
    person_issuer: String,
    person_subject: String,
    name: String,
    roles: Vec<String>,
    note: String,
    at: Timestamp,
    raw_id_token: Option<String>,
    token_sha256: [u8; 32],
    approved_digest: [u8; 32],
}

impl TryFrom<Row> for Decided {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let broken = |what: &str| inconsistent("decisions", row.challenge, what);
        if row.digest != row.approved_digest {
            return Err(broken("it was made about another plan than the request’s"));
        }
        let replaced = |token: &String| Sha256::of(&[token.as_bytes()]).0 != row.token_sha256;
        if row.raw_id_token.as_ref().is_some_and(replaced) {
            return Err(broken("its token isn’t the one with this hash"));
        }
        Ok(Self {
            challenge: Challenge {
                id: ChallengeId(row.challenge),
                request: RequestId(row.request),
                digest: Sha256(row.digest),
                decision: decision_of(row.decision, "decisions", row.challenge)?,
                random: row.random,
                created_at: row.asked_at,
                person: Person {
                    issuer: row.person_issuer,
                    subject: row.person_subject,
                },
            },
            raw_id_token: row.raw_id_token,
            name: row.name,
            roles: parse(row.roles.into(), "decisions", row.challenge)?,
            note: row.note,
            at: row.at,
        })
    }
}

/// Writes down a decision with its token.
///
/// # Errors
/// [`StoreError::Conflict`] `decisions_once_per_person` if this person has decided on the request already.
pub async fn insert(conn: &mut PgConnection, decided: &Decided) -> Result<()> {
    let challenge = &decided.challenge;
    let Some(token) = &decided.raw_id_token else {
        return Err(inconsistent(
            "decisions",
            challenge.id,
            "a new decision comes with its token",
        ));
    };
    let roles: Vec<_> = decided.roles.iter().map(|role| role.word().to_owned()).collect();
    sqlx::query!(
        "insert into decisions
             (challenge, request, digest, decision, random, asked_at, person_issuer, person_subject,
              name, roles, note, at, raw_id_token, token_sha256)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        challenge.id.0,
        challenge.request.0,
        &challenge.digest.0[..],
        challenge.decision.word(),
        &challenge.random[..],
        challenge.created_at,
        challenge.person.issuer,
        challenge.person.subject,
        decided.name,
        &roles,
        &*text(&decided.note),
        decided.at,
        token,
        &Sha256::of(&[token.as_bytes()]).0[..],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops a verified token and keeps its hash and its claims.
///
/// # Errors
/// If there is no such decision or it is sealed already.
pub async fn seal(conn: &mut PgConnection, challenge: ChallengeId, claims: &Value) -> Result<()> {
    let result = sqlx::query!(
        "update decisions set raw_id_token = null, claims = $2 where challenge = $1 and raw_id_token is not null",
        challenge.0,
        claims,
    )
    .execute(conn)
    .await?;
    one(&result, "sealing a decision")
}

impl Store {
    /// All decisions on a request, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if one of them was made about another plan, or its token was exchanged.
    pub async fn decisions(&self, request: RequestId) -> Result<Vec<Decided>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select d.challenge, d.request, d.digest as "digest: _", d.decision, d.random as "random: _", d.asked_at,
                      d.person_issuer, d.person_subject, d.name, d.roles, d.note, d.at,
                      d.raw_id_token, d.token_sha256 as "token_sha256: _", r.digest as "approved_digest: _"
               from decisions d join requests r on r.id = d.request
               where d.request = $1 order by d.at, d.challenge"#,
            request.0,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Decided::try_from).collect()
    }
}
