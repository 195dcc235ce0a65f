//! Makes the empty Ampora database: its roles, the database, its tables.

use adapters::postgres::Cluster;
use sqlx::{Connection as _, PgConnection};

use crate::secrets::Secrets;

/// Name of the database, Ampora's default.
pub(crate) const DATABASE: &str = "ampora";

/// Makes the roles with their passwords, then the database and its tables, owned by `ampora`.
pub(crate) async fn create(cluster: &Cluster, secrets: &Secrets) -> anyhow::Result<()> {
    let mut maintenance = connect(cluster, "postgres").await?;
    create_roles(&mut maintenance, secrets).await?;
    sqlx::raw_sql("CREATE DATABASE ampora OWNER ampora TEMPLATE template0")
        .execute(&mut maintenance)
        .await?;
    sqlx::raw_sql(include_str!("settings.sql"))
        .execute(&mut maintenance)
        .await?;
    maintenance.close().await?;

    let mut database = connect(cluster, DATABASE).await?;
    // Ampora migrates as itself, so that it owns what it makes.
    sqlx::raw_sql("SET ROLE ampora").execute(&mut database).await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut database).await?;
    database.close().await?;
    Ok(())
}

/// Connects as the superuser, whom no policy hides rows from.
pub(crate) async fn connect(cluster: &Cluster, database: &str) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(&cluster.connect_options(database, cluster.superuser())).await
}

/// Passwords travel as parameters, never as text of a statement that a log could show.
async fn create_roles(connection: &mut PgConnection, secrets: &Secrets) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query(
        "SELECT set_config('demo.ampora', $1, true), set_config('demo.reader', $2, true), set_config('demo.restore', $3, true)",
    )
    .bind(secrets.ampora.as_str())
    .bind(secrets.reader.as_str())
    .bind(secrets.restore.as_str())
    .execute(&mut *transaction)
    .await?;
    sqlx::raw_sql(include_str!("roles.sql"))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}
