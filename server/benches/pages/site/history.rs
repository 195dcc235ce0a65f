//! A year of vital signs and of facts, as the collector leaves them behind and `recovery::collect::keep` thins them out.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use domain::ids::{Big, SystemIdentifier};
use domain::policy::Rule;
use domain::time::Timestamp;
use domain::vitals::{ArchiveState, Vitals};
use domain::wal::Lsn;
use recovery::collect::keep;
use store::Store;

use super::settings::SOURCES;

/// Seconds between two readings of the vital signs.
const EVERY: f64 = 30.0;
/// Days that a verdict or the standing of a source lasts. With nineteen of them, a deployment changes about five times a day.
const VERDICT: i64 = 4;
/// Days that a version of Ampora runs.
const VERSION: i64 = 30;

/// What a live database said at `at`.
pub fn vitals_at(at: Timestamp) -> Vitals {
    let tables = ["agents", "tenants", "audit_events", "configurations", "certificates"];
    Vitals {
        read_at: at,
        system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_000)),
        server_version: "16.4 (Debian 16.4-1.pgdg120+2)".into(),
        database: "ampora".into(),
        database_size: Big(48_318_382_080),
        lsn: Lsn(0x4_2A00_0000),
        timeline: 1,
        rows: BTreeMap::from(tables.map(|table| (format!("public.{table}"), Big(1_204_331)))),
        migration_head: Some("20260901093000_AddAgentLabels".into()),
        newest_audit_event: Some(at),
        oldest_audit_event: Some(at - TimeDelta::days(400)),
        heartbeat: Some(at),
        authority_since: Some(at - TimeDelta::days(500)),
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: Some("00000001000000040000002A".into()),
            last_archived_at: Some(at),
            last_failed_at: None,
        },
        signs: domain::vitals::Signs::default(),
    }
}

/// Each single reading for as long as they are kept, one an hour before.
pub async fn vitals(store: &Store, names: &[String], days: i64, now: Timestamp) {
    // Times in the sample are replaced by each row's own.
    let sample = DateTime::UNIX_EPOCH;
    let reading = serde_json::to_string(&vitals_at(sample)).expect("plain values");
    let written = serde_json::to_string(&sample).expect("a time");
    sqlx::query(
        r#"insert into vitals (deployment, read_at, lsn, newest_commit, thinned, reading)
           select name, at, 16777216 * (extract(epoch from at)::bigint / 60), at, at < $4 - make_interval(secs => $5),
                  replace($2, $3, '"' || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"')::json
           from unnest($1::text[]) as names (name),
                (select generate_series($4 - make_interval(secs => $5), $4, make_interval(secs => $6))
                 union all
                 select generate_series($4 - make_interval(days => $7::int),
                                        $4 - make_interval(secs => $5 + 3600), interval '1 hour')) as readings (at)"#,
    )
    .bind(names)
    .bind(reading)
    .bind(written)
    .bind(now)
    .bind(
        keep::VITALS_WHOLE
            .as_secs_f64()
            .min(TimeDelta::days(days).as_seconds_f64()),
    )
    .bind(EVERY)
    .bind(i32::try_from(days).expect("a few years"))
    .execute(store.pool())
    .await
    .expect("takes the vital signs");
}

/// Verdicts, standings and versions, each run ending where the next began.
pub async fn facts(store: &Store, names: &[String], days: i64, now: Timestamp) {
    let verdicts = Rule::ALL.map(|rule| (format!("policy:{}", rule.name()), "broken", "ok", VERDICT));
    let sources = SOURCES.map(|(name, _)| {
        (
            format!("source:{name}"),
            "unknown: no answer within 10 min",
            "ok",
            VERDICT,
        )
    });
    let versions = ["migration-head", "image"].map(|fact| (fact.to_owned(), "", "", VERSION));
    for (fact, odd, even, lasts) in verdicts.into_iter().chain(sources).chain(versions) {
        sqlx::query(
            "insert into facts (deployment, fact, value, since, until)
             select name, $2, coalesce(nullif(case run % 2 when 1 then $3 else $4 end, ''), 'version-' || (1000 - run)),
                    $5 - make_interval(days => (run + 1) * $6), $5 - make_interval(days => run * $6, secs => 30)
             from unnest($1::text[]) as names (name), generate_series(0, $7 / $6 - 1) as runs (run)",
        )
        .bind(names)
        .bind(fact)
        .bind(odd)
        .bind(even)
        .bind(now)
        .bind(i32::try_from(lasts).expect("days"))
        .bind(i32::try_from(days).expect("a few years"))
        .execute(store.pool())
        .await
        .expect("takes the facts");
    }
}
