//! What the demo's Ampora holds: three tenants, their fleet, their configurations and forty days of history. The shape is always the
//! same; keys, certificates and secrets are drawn anew each time.

mod credentials;
mod fleet;
mod rows;

use domain::key::MasterKey;
use sqlx::{Connection as _, PgConnection};

pub(crate) use fleet::Fleet;

/// Fills the empty tables, with everything wrapped under `key`. The connection must see every tenant's rows.
pub(crate) async fn fill(connection: &mut PgConnection, fleet: &Fleet, key: &MasterKey) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(include_str!("world.sql"))
        .execute(&mut *transaction)
        .await?;
    rows::insert_authorities(&mut transaction, fleet, key).await?;
    rows::insert_agents(&mut transaction, fleet).await?;
    credentials::insert(&mut transaction, key).await?;
    sqlx::raw_sql(include_str!("history.sql"))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    sqlx::raw_sql("ANALYZE").execute(connection).await?;
    Ok(())
}
