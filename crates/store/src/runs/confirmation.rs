//! Words of people about steps that were done elsewhere. One stands for a step, until the worker finds that it isn't so.

use domain::ids::RunId;
use domain::time::Timestamp;

use super::{lease::hold, topic};
use crate::events::notify;
use crate::row::text;
use crate::{PgConnection, Result, Store};

/// Somebody's word that a step was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmation {
    /// Name of the step.
    pub step: String,
    pub note: String,
    pub by_name: String,
    pub at: Timestamp,
}

/// Notes a word. The first one stands: answers whether this was it.
///
/// # Errors
/// If the database doesn't take it.
pub async fn confirm(conn: &mut PgConnection, run: RunId, word: &Confirmation) -> Result<bool> {
    let done = sqlx::query!(
        "insert into run_confirmations (run, step, note, by_name, at) values ($1, $2, $3, $4, $5)
         on conflict (run, step) do nothing",
        run.0,
        text(&word.step).into_owned(),
        text(&word.note).into_owned(),
        text(&word.by_name).into_owned(),
        word.at,
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, &topic(run)).await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a word back that turned out not to be so: the step waits for another one.
///
/// # Errors
/// [`crate::StoreError::LeaseLost`] if `fence` isn't the run's.
pub async fn confirmation_drop(conn: &mut PgConnection, run: RunId, fence: i64, step: &str) -> Result<()> {
    hold(conn, run, fence).await?;
    sqlx::query!(
        "delete from run_confirmations where run = $1 and step = $2",
        run.0,
        step
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, &topic(run)).await
}

impl Store {
    /// The word about a step that stands. `None`: nobody has said anything.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_confirmation(&self, run: RunId, step: &str) -> Result<Option<Confirmation>> {
        let found = sqlx::query_as!(
            Confirmation,
            "select step, note, by_name, at from run_confirmations where run = $1 and step = $2",
            run.0,
            step
        );
        Ok(found.fetch_optional(&self.pool).await?)
    }
}
