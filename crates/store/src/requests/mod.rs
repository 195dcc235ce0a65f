//! Requests. The plan is stored as the bytes that were approved, and hashed again at each reading: a row in which plan and digest
//! disagree was changed by somebody, and nothing is done with it.

use domain::approval::{Request, State};
use domain::canonical;
use domain::ids::{Person, RequestId, Sha256};
use domain::plan::{Pinned, Plan};
use domain::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::events::notify;
use crate::row::{inconsistent, json, one, parse, text};
use crate::{PgConnection, Result, Store};

mod list;
mod retrieved;

pub use list::Filter;
pub use retrieved::{Retrieved, Taken};

/// A plan about to be put up for approval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest<'a> {
    pub id: RequestId,
    pub deployment: String,
    pub plan: &'a Plan,
    pub requester: &'a Person,
    pub requester_name: String,
    /// Why, in the requester's words.
    pub reason: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A request with its plan. The digest was computed from the stored plan and found equal to the one that people approve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    pub request: Request,
    pub plan: Plan,
    pub reason: String,
}

struct Row {
    number: i64,
    id: Uuid,
    deployment: String,
    digest: [u8; 32],
    pinned: String,
    advisory: Value,
    made_at: Timestamp,
    requester_issuer: String,
    requester_subject: String,
    requester_name: String,
    reason: String,
    created_at: Timestamp,
    state: Value,
}

impl TryFrom<Row> for Stored {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let broken = |what: &dyn ToString| inconsistent("requests", row.number, what.to_string());
        let pinned: Pinned = serde_json::from_str(&row.pinned).map_err(|error| broken(&error))?;
        let digest = Sha256(row.digest);
        if pinned.digest() != digest || canonical::json(&pinned) != row.pinned.as_bytes() {
            return Err(broken(&"its plan isn’t the one with this digest"));
        }
        if pinned.deployment() != row.deployment {
            return Err(broken(&"its plan is for another deployment"));
        }
        let request = Request {
            id: RequestId(row.id),
            number: row.number,
            deployment: row.deployment,
            digest,
            requester: Person {
                issuer: row.requester_issuer,
                subject: row.requester_subject,
            },
            requester_name: row.requester_name,
            created_at: row.created_at,
            state: parse(row.state, "requests", row.number)?,
        };
        let plan = Plan {
            pinned,
            advisory: parse(row.advisory, "requests", row.number)?,
            made_at: row.made_at,
        };
        Ok(Self {
            request,
            plan,
            reason: row.reason,
        })
    }
}

/// Puts a plan up for approval, pending, and gives it a number.
///
/// # Errors
/// If the database doesn't take it.
pub async fn insert(conn: &mut PgConnection, new: NewRequest<'_>) -> Result<Request> {
    let (pinned, digest) = (&new.plan.pinned, new.plan.pinned.digest());
    let state = State::Pending {
        approvals: Vec::new(),
        expires_at: new.expires_at,
    };
    let row = sqlx::query!(
        "insert into requests
             (id, deployment, kind, title, digest, pinned, advisory, made_at,
              requester_issuer, requester_subject, requester_name, reason, created_at, state)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning number, created_at",
        new.id.0,
        new.deployment,
        pinned.kind(),
        pinned.title(),
        &digest.0[..],
        String::from_utf8(canonical::json(pinned)).expect("JSON is UTF-8"),
        json(&new.plan.advisory),
        new.plan.made_at,
        new.requester.issuer,
        new.requester.subject,
        &*text(&new.requester_name),
        &*text(&new.reason),
        new.created_at,
        json(&state),
    )
    .fetch_one(&mut *conn)
    .await?;
    notify(conn, &topic(row.number)).await?;
    Ok(Request {
        id: new.id,
        number: row.number,
        deployment: new.deployment,
        digest,
        requester: new.requester.clone(),
        requester_name: new.requester_name,
        created_at: row.created_at,
        state,
    })
}

/// Reads a request and keeps it from everybody else until the transaction ends.
///
/// # Errors
/// [`crate::StoreError::Inconsistent`] if its plan isn't the one with its digest.
pub async fn lock(conn: &mut PgConnection, number: i64) -> Result<Option<Stored>> {
    let row = sqlx::query_as!(
        Row,
        r#"select number, id, deployment, digest as "digest: _", pinned, advisory, made_at,
                  requester_issuer, requester_subject, requester_name, reason, created_at, state
           from requests where number = $1 for update"#,
        number,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// Writes down a request's new state; nothing else of it can change.
///
/// # Errors
/// If there is no such request.
pub async fn save(conn: &mut PgConnection, request: &Request) -> Result<()> {
    let result = sqlx::query!(
        "update requests set state = $3 where number = $1 and id = $2",
        request.number,
        request.id.0,
        json(&request.state),
    )
    .execute(&mut *conn)
    .await?;
    one(&result, "saving a request’s state")?;
    notify(conn, &topic(request.number)).await
}

fn topic(number: i64) -> String {
    format!("request:{number}")
}

impl Store {
    /// # Errors
    /// [`crate::StoreError::Inconsistent`] if its plan isn't the one with its digest.
    pub async fn request(&self, number: i64) -> Result<Option<Stored>> {
        let row = sqlx::query_as!(
            Row,
            r#"select number, id, deployment, digest as "digest: _", pinned, advisory, made_at,
                      requester_issuer, requester_subject, requester_name, reason, created_at, state
               from requests where number = $1"#,
            number,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Stored::try_from).transpose()
    }

    /// # Errors
    /// [`crate::StoreError::Inconsistent`] if its plan isn't the one with its digest.
    pub async fn request_by_id(&self, id: RequestId) -> Result<Option<Stored>> {
        let number = sqlx::query_scalar!("select number from requests where id = $1", id.0)
            .fetch_optional(&self.pool)
            .await?;
        match number {
            Some(number) => self.request(number).await,
            None => Ok(None),
        }
    }
}
