//! Columns wrapped under the master key, and what a rotation does to them: open each value with the old key, seal it with the new one.

use anyhow::{Context as _, bail};
use domain::envelope::{self, Layout, NONCE};
use domain::key::MasterKey;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

/// One wrapped column, as the statements that read and rewrite it.
struct Column {
    name: &'static str,
    read: &'static str,
    write: &'static str,
}

const WRAPPED: [Column; 3] = [
    Column {
        name: "ca_signing_keys.WrappedPrivateKey",
        read: r#"SELECT "Id", "WrappedPrivateKey" FROM "ca_signing_keys" FOR UPDATE"#,
        write: r#"UPDATE "ca_signing_keys" SET "WrappedPrivateKey" = $2 WHERE "Id" = $1"#,
    },
    Column {
        name: "git_config_sources.WrappedCredential",
        read: r#"SELECT "Id", "WrappedCredential" FROM "git_config_sources" FOR UPDATE"#,
        write: r#"UPDATE "git_config_sources" SET "WrappedCredential" = $2 WHERE "Id" = $1"#,
    },
    Column {
        name: "federation_peers.WrappedOutboundSecret",
        read: r#"SELECT "Id", "WrappedOutboundSecret" FROM "federation_peers" FOR UPDATE"#,
        write: r#"UPDATE "federation_peers" SET "WrappedOutboundSecret" = $2 WHERE "Id" = $1"#,
    },
];

/// Wraps a value in the layout that Muster expects by default.
pub(crate) fn wrap(key: &MasterKey, plaintext: &[u8]) -> Vec<u8> {
    envelope::seal(key, rand::random::<[u8; NONCE]>(), plaintext)
}

/// Rewraps every value, all or none. The connection must see every tenant's rows.
pub(crate) async fn rotate(connection: &mut PgConnection, old: &MasterKey, new: &MasterKey) -> anyhow::Result<()> {
    let layout = Layout::default();
    let mut transaction = connection.begin().await?;
    for column in &WRAPPED {
        let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(column.read).fetch_all(&mut *transaction).await?;
        if rows.is_empty() {
            bail!("{} has no rows: nothing to rotate", column.name);
        }
        for (id, stored) in rows {
            let mut scratch = Vec::new();
            let envelope = layout.parse(&stored, &mut scratch);
            let opened = envelope.and_then(|envelope| envelope.open(old, b""));
            let plaintext = opened.with_context(|| format!("{} of {id} doesn't open with the old key", column.name))?;
            sqlx::query(column.write)
                .bind(id)
                .bind(wrap(new, &plaintext))
                .execute(&mut *transaction)
                .await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}
