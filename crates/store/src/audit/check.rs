//! The columns beside a leaf are what filters search. Changing them hides an entry without touching its hash, so they are compared.

use domain::audit::{Entry, Outcome, leaf_hash};
use domain::time::Timestamp;
use uuid::Uuid;

use super::person_column;
use crate::{Result, Store};

/// A column that doesn't say what the leaf says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnMismatch {
    /// Order of insertion.
    pub number: i64,
    pub column: &'static str,
}

/// What comparing a range of rows has shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ColumnCheck {
    pub checked: usize,
    pub mismatches: Vec<ColumnMismatch>,
    /// Where to go on; `None` at the end.
    pub next: Option<i64>,
}

struct Columns {
    number: i64,
    id: Uuid,
    leaf: Vec<u8>,
    leaf_hash: [u8; 32],
    at: Timestamp,
    action: String,
    phase: String,
    outcome: Option<String>,
    intent: Option<Uuid>,
    person: String,
    deployment: Option<String>,
    request: Option<Uuid>,
}

impl Store {
    /// Compares at most `limit` rows behind number `after` (0 to begin) with their leaves.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn audit_check_columns(&self, after: i64, limit: i64) -> Result<ColumnCheck> {
        let rows = sqlx::query_as!(
            Columns,
            r#"select number, id, leaf, leaf_hash as "leaf_hash: _", at, action, phase, outcome, intent, person, deployment, request
               from audit_entries where number > $1 order by number limit $2"#,
            after,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let checked = rows.len();
        let next = rows.last().filter(|_| checked as i64 == limit).map(|row| row.number);
        let mismatches = rows.iter().flat_map(|row| {
            let number = row.number;
            row.differing()
                .into_iter()
                .map(move |column| ColumnMismatch { number, column })
        });
        Ok(ColumnCheck {
            checked,
            mismatches: mismatches.collect(),
            next,
        })
    }
}

impl Columns {
    fn differing(&self) -> Vec<&'static str> {
        if leaf_hash(&self.leaf).0 != self.leaf_hash {
            return vec!["leaf_hash"];
        }
        let Ok(entry) = Entry::from_leaf(&self.leaf) else {
            return vec!["leaf"];
        };
        let compared = [
            ("id", self.id == entry.id.0),
            // PostgreSQL keeps microseconds.
            ("at", self.at.timestamp_micros() == entry.at.timestamp_micros()),
            ("action", self.action == entry.action),
            ("phase", self.phase == entry.phase.word()),
            ("outcome", self.outcome.as_deref() == entry.outcome.map(Outcome::word)),
            ("intent", self.intent == entry.intent.map(|intent| intent.0)),
            ("person", self.person == person_column(&entry)),
            ("deployment", self.deployment == entry.deployment),
            ("request", self.request == entry.request.map(|request| request.0)),
        ];
        compared
            .into_iter()
            .filter(|(_, same)| !same)
            .map(|(column, _)| column)
            .collect()
    }
}
