//! The store against a real PostgreSQL: one throw-away cluster, an empty database a test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod approvals;
mod audit;
mod audit_pages;
mod audit_sequence;
mod cancelled;
mod drills;
mod events;
mod facts;
mod leader;
mod observations;
mod proofs;
mod requests;
mod run_log;
mod runs;
mod sample;
mod schema;
mod sessions;
mod sign_ins;
mod vitals;

use sqlx::postgres::PgConnectOptions;
use store::Store;

/// A migrated database of one test. Owned by an ordinary role, as Muster's is at home: nothing here may need a superuser.
pub struct Fresh {
    pub store: Store,
    /// For those who come in by the back door.
    pub superuser: PgConnectOptions,
    /// As Muster connects.
    pub options: PgConnectOptions,
}

impl Fresh {
    /// An empty database without a schema.
    pub async fn empty() -> Self {
        let database = testkit::postgres::database().await;
        let mut conn = database.connect().await;
        // Roles belong to the cluster: another test may have made it.
        let _ = sqlx::query("create role muster").execute(&mut conn).await;
        let own = format!("alter database {} owner to muster", database.name);
        sqlx::query(sqlx::AssertSqlSafe(own)).execute(&mut conn).await.unwrap();
        let options = database.options.clone().options([("role", "muster")]);
        Self {
            store: Store::connect(options.clone(), 10).await.unwrap(),
            superuser: database.options,
            options,
        }
    }

    pub async fn new() -> Self {
        let fresh = Self::empty().await;
        fresh.store.migrate().await.unwrap();
        fresh
    }

    /// Runs a statement behind Muster's back.
    pub async fn tamper(&self, statement: &'static str) {
        use sqlx::Connection;
        let mut conn = sqlx::PgConnection::connect_with(&self.superuser).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut conn).await.unwrap();
    }
}

/// A store for tests that need nothing else.
pub async fn store() -> Store {
    Fresh::new().await.store
}
