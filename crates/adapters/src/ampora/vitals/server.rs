//! What the server says about itself. Every function here may be called by any role.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{Big, SystemIdentifier};
use domain::vitals::{ArchiveState, Position, RowSecurity, Signs, Vitals};
use sqlx::{PgConnection, Row as _};

use super::AmporaError;

/// The part of a reading without which there is none.
pub(super) async fn read(conn: &mut PgConnection) -> Result<Vitals, AmporaError> {
    let row = sqlx::query(
        "SELECT clock_timestamp() AS read_at,
                (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
                current_setting('server_version') AS server_version,
                current_database()::text AS database,
                pg_database_size(current_database()) AS size,
                (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END)::text AS lsn,
                CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
                     ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer END AS timeline,
                current_setting('archive_mode') AS archive_mode,
                last_archived_wal, last_archived_time, last_failed_time
         FROM pg_stat_archiver",
    )
    .fetch_one(conn)
    .await?;
    let number: String = row.try_get("system_identifier")?;
    let lsn: String = row.try_get("lsn")?;
    let size: i64 = row.try_get("size")?;
    let timeline: i32 = row.try_get("timeline")?;
    let odd = |what: &str| AmporaError::Odd(what.to_owned());
    Ok(Vitals {
        read_at: row.try_get("read_at")?,
        system_identifier: SystemIdentifier(Big(number.parse().map_err(|_| odd(&number))?)),
        server_version: row.try_get("server_version")?,
        database: row.try_get("database")?,
        database_size: Big(size.unsigned_abs()),
        lsn: lsn.parse().map_err(|_| odd(&lsn))?,
        timeline: timeline.cast_unsigned(),
        rows: BTreeMap::new(),
        migration_head: None,
        newest_audit_event: None,
        oldest_audit_event: None,
        heartbeat: None,
        authority_since: None,
        archive: ArchiveState {
            mode: row.try_get("archive_mode")?,
            last_archived: row.try_get("last_archived_wal")?,
            last_archived_at: row.try_get("last_archived_time")?,
            last_failed_at: row.try_get("last_failed_time")?,
        },
        signs: Signs::default(),
    })
}

/// The database's clock.
pub(in crate::ampora) async fn clock(conn: &mut PgConnection) -> Result<DateTime<Utc>, AmporaError> {
    Ok(sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(conn).await?)
}

/// Timeline and place that WAL is written to. The control file tells those of the last checkpoint, which may be minutes old.
pub(super) async fn position(conn: &mut PgConnection) -> Result<Position, AmporaError> {
    let row = sqlx::query(
        "SELECT pg_is_in_recovery() AS in_recovery,
                (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END)::text AS lsn,
                CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
                     ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer END AS timeline,
                (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size') AS segment_size",
    )
    .fetch_one(conn)
    .await?;
    let lsn: String = row.try_get("lsn")?;
    let timeline: i32 = row.try_get("timeline")?;
    let segment_size: i64 = row.try_get("segment_size")?;
    Ok(Position {
        timeline: timeline.cast_unsigned(),
        lsn: lsn.parse().map_err(|_| AmporaError::Odd(lsn))?,
        segment_size: segment_size.unsigned_abs(),
        in_recovery: row.try_get("in_recovery")?,
    })
}

/// How tenants are separated, over all tables outside of PostgreSQL's own schemas.
pub(super) async fn row_security(conn: &mut PgConnection) -> Result<RowSecurity, AmporaError> {
    let row = sqlx::query(
        "SELECT count(*) FILTER (WHERE relrowsecurity) AS tables, count(*) FILTER (WHERE relforcerowsecurity) AS forced,
                (SELECT encode(sha256(convert_to(coalesce(string_agg(p::text, E'\\n' ORDER BY p::text), ''), 'UTF8')), 'hex')
                 FROM pg_policies p) AS policies
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'",
    )
    .fetch_one(conn)
    .await?;
    let (tables, forced): (i64, i64) = (row.try_get("tables")?, row.try_get("forced")?);
    Ok(RowSecurity {
        tables: Big(tables.unsigned_abs()),
        forced: Big(forced.unsigned_abs()),
        policies: row.try_get("policies")?,
    })
}

/// A digest of what the server keeps of each login role's password: enough to see that it was changed, and no use to log in. Few roles may
/// read it.
pub(super) async fn role_passwords(conn: &mut PgConnection) -> Result<BTreeMap<String, String>, AmporaError> {
    let rows = sqlx::query(
        "SELECT rolname::text, encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex') FROM pg_authid
         WHERE rolcanlogin AND rolpassword IS NOT NULL ORDER BY 1",
    )
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The recovery targets that the configuration still holds, as a recovery left them.
pub(super) async fn recovery_target(conn: &mut PgConnection) -> Result<String, AmporaError> {
    let targets: Option<String> = sqlx::query_scalar(
        "SELECT string_agg(name || ' = ' || setting, ', ' ORDER BY name) FROM pg_settings
         WHERE name IN ('recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_xid')
           AND setting <> ''",
    )
    .fetch_one(conn)
    .await?;
    Ok(targets.unwrap_or_default())
}
