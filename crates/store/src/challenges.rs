//! Asked-for logins. Each is answered once; what the provider's answer has to match is kept as hashes, and the ID token of a reveal only
//! until the key was shown.

use std::time::Duration;

use domain::approval::{Challenge, Decision};
use domain::ids::{ChallengeId, Person, RequestId, Sha256};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::row::{one, parse, text};
use crate::{PgConnection, Result, Store};

/// What the way to the identity provider and back is checked by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingLogin {
    /// SHA-256 of the `state` parameter.
    pub state_hash: Sha256,
    /// The session that asked (see [`crate::sessions::session_hash`]).
    pub session_hash: Sha256,
    pub pkce_verifier: String,
    /// What the person wants to have written beside the decision.
    pub note: String,
}

/// An asked-for login and how far it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedLogin {
    pub challenge: Challenge,
    pub login: PendingLogin,
    /// When the login came back.
    pub used_at: Option<Timestamp>,
    /// The token of a reveal, from the login until it is spent.
    pub raw_id_token: Option<String>,
}

struct Row {
    id: Uuid,
    request: Uuid,
    digest: [u8; 32],
    decision: String,
    random: [u8; 32],
    created_at: Timestamp,
    person_issuer: String,
    person_subject: String,
    state_hash: [u8; 32],
    session_hash: [u8; 32],
    pkce_verifier: String,
    note: String,
    raw_id_token: Option<String>,
    used_at: Option<Timestamp>,
}

impl TryFrom<Row> for AskedLogin {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            challenge: Challenge {
                id: ChallengeId(row.id),
                request: RequestId(row.request),
                digest: Sha256(row.digest),
                decision: decision_of(row.decision, "challenges", row.id)?,
                random: row.random,
                created_at: row.created_at,
                person: Person {
                    issuer: row.person_issuer,
                    subject: row.person_subject,
                },
            },
            login: PendingLogin {
                state_hash: Sha256(row.state_hash),
                session_hash: Sha256(row.session_hash),
                pkce_verifier: row.pkce_verifier,
                note: row.note,
            },
            raw_id_token: row.raw_id_token,
            used_at: row.used_at,
        })
    }
}

/// Reads [`Decision::word`] back.
pub(crate) fn decision_of(word: String, table: &'static str, id: Uuid) -> Result<Decision> {
    parse(word.into(), table, id)
}

/// Remembers that a login was asked for.
///
/// # Errors
/// If the database doesn't take it.
pub async fn insert(conn: &mut PgConnection, challenge: &Challenge, login: &PendingLogin) -> Result<()> {
    sqlx::query!(
        "insert into challenges
             (id, request, digest, decision, random, created_at, person_issuer, person_subject,
              state_hash, session_hash, pkce_verifier, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        challenge.id.0,
        challenge.request.0,
        &challenge.digest.0[..],
        challenge.decision.word(),
        &challenge.random[..],
        challenge.created_at,
        challenge.person.issuer,
        challenge.person.subject,
        &login.state_hash.0[..],
        &login.session_hash.0[..],
        login.pkce_verifier,
        &*text(&login.note),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The login came back: `true` exactly once, whoever asks and however many at a time.
///
/// # Errors
/// If the database doesn't take it.
pub async fn use_once(conn: &mut PgConnection, id: ChallengeId, at: Timestamp) -> Result<bool> {
    let result = sqlx::query!(
        "update challenges set used_at = $2 where id = $1 and used_at is null",
        id.0,
        at
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Keeps the ID token of a login that came back, for whoever acts on it.
///
/// # Errors
/// If the login wasn't used or has a token already.
pub async fn fulfil(conn: &mut PgConnection, id: ChallengeId, raw_id_token: &str, at: Timestamp) -> Result<()> {
    let result = sqlx::query!(
        "update challenges set raw_id_token = $2, fulfilled_at = $3
         where id = $1 and used_at is not null and fulfilled_at is null",
        id.0,
        raw_id_token,
        at,
    )
    .execute(conn)
    .await?;
    one(&result, "keeping a login’s token")
}

/// Takes a kept token out, so that it counts once, and leaves its hash. `None`: there is none, or somebody was faster.
///
/// # Errors
/// If the database doesn't take it.
pub async fn spend(conn: &mut PgConnection, id: ChallengeId, at: Timestamp) -> Result<Option<String>> {
    let token = sqlx::query_scalar!(
        r#"select raw_id_token as "token!" from challenges where id = $1 and raw_id_token is not null for update"#,
        id.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(token) = token else { return Ok(None) };
    let result = sqlx::query!(
        "update challenges set raw_id_token = null, token_sha256 = $2, spent_at = $3 where id = $1",
        id.0,
        &Sha256::of(&[token.as_bytes()]).0[..],
        at,
    )
    .execute(conn)
    .await?;
    one(&result, "taking a login’s token")?;
    Ok(Some(token))
}

impl Store {
    /// The challenge that a provider's answer belongs to, by SHA-256 of its `state`, and when it was used.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn challenge_by_state(
        &self,
        state_hash: &Sha256,
    ) -> Result<Option<(Challenge, PendingLogin, Option<Timestamp>)>> {
        let id = sqlx::query_scalar!("select id from challenges where state_hash = $1", &state_hash.0[..])
            .fetch_optional(&self.pool)
            .await?;
        match id {
            Some(id) => {
                let asked = self.challenge(ChallengeId(id)).await?;
                Ok(asked.map(|asked| (asked.challenge, asked.login, asked.used_at)))
            }
            None => Ok(None),
        }
    }

    /// The login by which somebody decided how a paused run goes on, the first one that came back. `None`: nobody has decided.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn challenge_to_go_on(&self, request: RequestId) -> Result<Option<AskedLogin>> {
        let id = sqlx::query_scalar!(
            "select id from challenges
             where request = $1 and decision in ('promote', 'give-up') and fulfilled_at is not null
             order by fulfilled_at, id limit 1",
            request.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        match id {
            Some(id) => self.challenge(ChallengeId(id)).await,
            None => Ok(None),
        }
    }

    /// # Errors
    /// If the database doesn't answer.
    pub async fn challenge(&self, id: ChallengeId) -> Result<Option<AskedLogin>> {
        let row = sqlx::query_as!(
            Row,
            r#"select id, request, digest as "digest: _", decision, random as "random: _", created_at,
                      person_issuer, person_subject, state_hash as "state_hash: _", session_hash as "session_hash: _",
                      pkce_verifier, note, raw_id_token, used_at
               from challenges where id = $1"#,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(AskedLogin::try_from).transpose()
    }

    /// Forgets challenges asked for longer ago than `keep`, used or not; decisions carry their own evidence. Answers how many.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn challenges_prune(&self, keep: Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from challenges where created_at < clock_timestamp() - make_interval(secs => $1)",
            keep.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
