//! The audit log as rows. An entry is appended in the transaction of what it reports; its place in the log is given later, by the
//! sequencer, since only a commit decides whether there is anything to number.

use domain::audit::{Entry, leaf_hash};
use domain::ids::{EntryId, Sha256};

use crate::events::notify;
use crate::row::{inconsistent, text};
use crate::{PgConnection, Result, Store};

mod check;
mod export;
mod page;
mod sequence;

pub use check::{ColumnCheck, ColumnMismatch};
pub use export::AuditLine;
pub use page::AuditFilter;

/// Topic of all news of the log.
const TOPIC: &str = "audit";

/// An entry and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    /// Order of insertion, with holes: what a page goes on from, and nothing else.
    pub number: i64,
    /// Place in the log; `None` until the sequencer has been by.
    pub index: Option<i64>,
    /// Read from the leaf, never from the columns beside it.
    pub entry: Entry,
    /// The canonical bytes that are hashed.
    pub leaf: Vec<u8>,
    pub leaf_hash: Sha256,
    /// Merkle root of the log that ends with this entry.
    pub root: Option<Sha256>,
}

struct Row {
    number: i64,
    leaf: Vec<u8>,
    leaf_hash: [u8; 32],
    index: Option<i64>,
    root: Option<[u8; 32]>,
}

impl TryFrom<Row> for AuditRow {
    type Error = crate::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            number: row.number,
            index: row.index,
            entry: Entry::from_leaf(&row.leaf).map_err(|error| inconsistent("audit_entries", row.number, error))?,
            leaf: row.leaf,
            leaf_hash: Sha256(row.leaf_hash),
            root: row.root.map(Sha256),
        })
    }
}

/// Appends an entry. `salt` is 16 bytes fresh from the operating system's generator.
///
/// # Errors
/// If the database doesn't take it. Then what it was to report must not happen.
pub async fn append(conn: &mut PgConnection, entry: &Entry, salt: [u8; 16]) -> Result<()> {
    let leaf = entry.leaf(salt);
    let hash = leaf_hash(&leaf);
    sqlx::query!(
        "with entry as (
             insert into audit_entries
                 (id, leaf, leaf_hash, at, action, phase, outcome, intent, person, deployment, request)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning number)
         insert into audit_waiting (entry) select number from entry",
        entry.id.0,
        leaf,
        &hash.0[..],
        entry.at,
        entry.action,
        entry.phase.word(),
        entry.outcome.map(domain::audit::Outcome::word),
        entry.intent.map(|intent| intent.0),
        person_column(entry),
        entry.deployment,
        entry.request.map(|request| request.0),
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, TOPIC).await
}

/// Name, subject and issuer, a line each: what the filter for people searches.
fn person_column(entry: &Entry) -> String {
    let who = &entry.who;
    text(&[&*who.name, &who.person.subject, &who.person.issuer].join("\n")).into_owned()
}

impl Store {
    /// # Errors
    /// If the database doesn't answer or the entry can't be read.
    pub async fn audit_entry(&self, id: EntryId) -> Result<Option<AuditRow>> {
        Ok(self.audit_entries(&[id]).await?.pop())
    }

    /// These entries, in no particular order. Those that aren't there are left out.
    ///
    /// # Errors
    /// If the database doesn't answer or an entry can't be read.
    pub async fn audit_entries(&self, ids: &[EntryId]) -> Result<Vec<AuditRow>> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query_as!(
            Row,
            r#"select e.number as "number!", e.leaf as "leaf!", e.leaf_hash as "leaf_hash!: _", s.index as "index?", s.root as "root?: _"
               from audit_entries e left join audit_sequence s on s.entry = e.number
               where e.id = any($1)"#,
            &ids,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(AuditRow::try_from).collect()
    }

    /// # Errors
    /// If the database doesn't answer or the entry can't be read.
    pub async fn audit_entry_at(&self, index: i64) -> Result<Option<AuditRow>> {
        let row = sqlx::query_as!(
            Row,
            r#"select e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from audit_sequence s join audit_entries e on e.number = s.entry
               where s.index = $1"#,
            index,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(AuditRow::try_from).transpose()
    }

    /// How the act that this intent announced ended; the latest word, if there are several. `None`: nobody has written it down.
    ///
    /// # Errors
    /// If the database doesn't answer or the entry can't be read.
    pub async fn audit_outcome_of(&self, intent: EntryId) -> Result<Option<AuditRow>> {
        Ok(self.audit_outcomes_of(&[intent]).await?.pop())
    }

    /// The same for several acts, in no particular order. Those that nobody has written down are left out.
    ///
    /// # Errors
    /// If the database doesn't answer or an entry can't be read.
    pub async fn audit_outcomes_of(&self, intents: &[EntryId]) -> Result<Vec<AuditRow>> {
        let intents: Vec<_> = intents.iter().map(|intent| intent.0).collect();
        let rows = sqlx::query_as!(
            Row,
            r#"select distinct on (e.intent)
                   e.number, e.leaf, e.leaf_hash as "leaf_hash: _", s.index as "index?", s.root as "root?: _"
               from audit_entries e left join audit_sequence s on s.entry = e.number
               where e.intent = any($1) and e.phase = 'outcome' order by e.intent, e.number desc"#,
            &intents,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(AuditRow::try_from).collect()
    }

    /// The last index and the root of the whole log. `None`: nothing is numbered yet.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn audit_head(&self) -> Result<Option<(i64, Sha256)>> {
        let mut conn = self.pool.acquire().await?;
        sequence::head(&mut conn).await
    }
}
