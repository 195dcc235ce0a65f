//! Writing and reading the audit log, and the job that numbers its entries.

mod export;
mod read;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::approval::Request;
use domain::audit::{Entry, Outcome, Phase, Tree, Who};
use domain::ids::{EntryId, RequestId};
use domain::role::Actor;
use domain::time::Timestamp;
use store::{PgConnection, Store, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use export::export;
pub use read::{Filter, Joined, Listed, Named, SeenEntry, list, see};
pub use store::audit::AuditRow;

/// How often committed entries get their place in the tree.
const SEQUENCE_EVERY: Duration = Duration::from_millis(500);

/// An entry in the making.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    actor: &'a Actor,
    action: &'static str,
    object: String,
    deployment: Option<String>,
    request: Option<RequestId>,
    detail: BTreeMap<String, String>,
}

impl<'a> Act<'a> {
    /// `action` is `area.verb`; `object` is what it is done to, in words.
    pub fn new(actor: &'a Actor, action: &'static str, object: impl Into<String>) -> Self {
        Self {
            actor,
            action,
            object: object.into(),
            deployment: None,
            request: None,
            detail: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn deployment(mut self, name: &str) -> Self {
        self.deployment = Some(name.into());
        self
    }

    /// Names the request, its deployment and its digest.
    #[must_use]
    pub fn request(mut self, request: &Request) -> Self {
        self.request = Some(request.id);
        self.detail("digest", request.digest).deployment(&request.deployment)
    }

    /// Adds a fact. Never a secret.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.detail.insert(name.into(), value.to_string());
        self
    }

    /// Something that is done in the same transaction.
    ///
    /// # Errors
    /// If it can't be written: then the transaction must not be committed.
    pub async fn fact(self, conn: &mut PgConnection, outcome: Outcome, at: Timestamp) -> Result<EntryId, StoreError> {
        self.write(conn, Phase::Fact, Some(outcome), None, at).await
    }

    /// Announces an act that leaves the database. Committed before the act; without it the act doesn't happen.
    ///
    /// # Errors
    /// If it can't be written.
    pub async fn intent(self, store: &Store, at: Timestamp) -> Result<EntryId, StoreError> {
        let mut tx = store.begin().await?;
        let id = self.write(&mut tx, Phase::Intent, None, None, at).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// How an announced act ended.
    ///
    /// # Errors
    /// If it can't be written.
    pub async fn outcome(
        self,
        store: &Store,
        intent: EntryId,
        outcome: Outcome,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = store.begin().await?;
        self.write(&mut tx, Phase::Outcome, Some(outcome), Some(intent), at)
            .await?;
        Ok(tx.commit().await?)
    }

    /// A refusal, in a transaction of its own so that nothing can roll it back.
    ///
    /// # Errors
    /// If it can't be written.
    pub async fn refused(
        self,
        store: &Store,
        why: &(dyn std::fmt::Display + Sync),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = store.begin().await?;
        self.detail("why", why).fact(&mut tx, Outcome::Refused, at).await?;
        Ok(tx.commit().await?)
    }

    async fn write(
        self,
        conn: &mut PgConnection,
        phase: Phase,
        outcome: Option<Outcome>,
        intent: Option<EntryId>,
        at: Timestamp,
    ) -> Result<EntryId, StoreError> {
        let entry = Entry {
            id: EntryId(Uuid::from_bytes(rand::random())),
            at,
            who: Who::from(self.actor),
            action: self.action.into(),
            phase,
            outcome,
            intent,
            deployment: self.deployment,
            request: self.request,
            object: self.object,
            detail: self.detail,
        };
        store::audit::append(conn, &entry, rand::random()).await?;
        Ok(entry.id)
    }
}

/// Numbers committed entries until it is stopped. Several processes may do it at once: the database lets one through at a time.
pub async fn sequence(store: Store, stop: CancellationToken) {
    let mut tree = Tree::default();
    while !stop.is_cancelled() {
        if let Err(error) = store.audit_sequence(&mut tree).await {
            tracing::warn!(%error, "audit entries could not be numbered; they wait");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(SEQUENCE_EVERY) => {}
        }
    }
}
