//! What the live database holds beyond a moment, counted in a real one.

use adapters::ampora::{AccessTokens, AmporaDb, Column, Schema, Since};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::Sha256;
use domain::key::MasterKey;
use domain::vitals::Why;
use testkit::ampora::{AGENTS, Ampora};
use zeroize::Zeroizing;

async fn world() -> (Ampora, DateTime<Utc>) {
    let key = MasterKey::new(Zeroizing::new(Sha256::of(&[b"beyond"]).0));
    let ampora = Ampora::new(&key).await;
    let now: DateTime<Utc> = sqlx::query_scalar("SELECT date_trunc('milliseconds', now())")
        .fetch_one(&mut ampora.database.connect().await)
        .await
        .unwrap();
    (ampora, now)
}

fn db(ampora: &Ampora, schema: Schema) -> AmporaDb {
    AmporaDb::new(ampora.database.options.clone(), schema)
}

fn since(at: DateTime<Utc>) -> Since {
    Since { at, inclusive: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_exactly_the_moment_are_kept_unless_it_is_excluded() {
    let (ampora, now) = world().await;
    ampora
        .run(&format!(
            r#"UPDATE "audit_events" SET "Timestamp" = '2001-01-01';
               UPDATE "audit_events" SET "Timestamp" = '{at}' WHERE "Id" IN (SELECT "Id" FROM "audit_events" LIMIT 3);
               UPDATE "audit_event_archive" SET "Timestamp" = '{later}' WHERE "Id" IN (SELECT "Id" FROM "audit_event_archive" LIMIT 2)"#,
            at = now.to_rfc3339(),
            later = (now + TimeDelta::seconds(5)).to_rfc3339(),
        ))
        .await;
    let db = db(&ampora, Schema::default());
    let (kept, _) = db.beyond(since(now)).await.unwrap();
    assert_eq!(
        kept.audit_events.known(),
        Ok(&2),
        "the sweep may have moved an event already"
    );
    assert_eq!(kept.all_events.known(), Ok(&600));
    assert_eq!(kept.kept.known().unwrap(), &Some(now));
    let (undone, _) = db
        .beyond(Since {
            at: now,
            inclusive: true,
        })
        .await
        .unwrap();
    assert_eq!(undone.audit_events.known(), Ok(&5));
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_since_is_named_and_what_expired_is_not() {
    let (ampora, now) = world().await;
    let times = [now - TimeDelta::hours(2), now - TimeDelta::minutes(5)].map(|at| at.to_rfc3339());
    ampora
        .run(&format!(
            r#"UPDATE "agent_certificates" SET "RevokedUtc" = NULL, "IssuedUtc" = '2001-01-01', "ExpiresUtc" = now() + interval '1 day';
               WITH numbered AS (SELECT "Fingerprint" AS f, row_number() OVER (ORDER BY "Fingerprint") AS n FROM "agent_certificates")
               UPDATE "agent_certificates" SET
                 "RevokedUtc" = CASE n WHEN 1 THEN '{before}'::timestamptz WHEN 2 THEN '{after}' WHEN 3 THEN '{after}' END,
                 "ExpiresUtc" = CASE n WHEN 3 THEN now() - interval '1 minute' ELSE "ExpiresUtc" END,
                 "IssuedUtc" = CASE n WHEN 4 THEN '{after}' ELSE "IssuedUtc" END
               FROM numbered WHERE f = "Fingerprint"; UPDATE "agents" SET "EnrolledUtc" = '{before}';
               CREATE TABLE "pats" ("Id" text, "ExpiresUtc" timestamptz, "RevokedUtc" timestamptz);
               INSERT INTO "pats" VALUES ('gone', NULL, '{after}'), ('long gone', NULL, '{before}'), ('alive', NULL, NULL)"#,
            before = times[0],
            after = times[1],
        ))
        .await;
    let pats = AccessTokens {
        table: "pats".into(),
        id: "Id".into(),
        expires: "ExpiresUtc".into(),
        revoked: "RevokedUtc".into(),
    };
    let schema = Schema {
        access_tokens: Some(pats),
        ..Schema::default()
    };
    let db = db(&ampora, schema);
    let (beyond, withdrawn) = db.beyond(since(now - TimeDelta::hours(1))).await.unwrap();
    assert_eq!(beyond.certificates.known(), Ok(&1));
    assert_eq!(beyond.agents.known(), Ok(&0));
    let revoked = withdrawn.certificates.known().unwrap();
    assert_eq!(revoked.len(), 1, "{revoked:?}");
    assert!(revoked[0].ended.is_some() && revoked[0].until.is_some() && !revoked[0].name.is_empty());
    let ids: Vec<_> = withdrawn
        .access_tokens
        .known()
        .unwrap()
        .iter()
        .map(|one| one.id.clone())
        .collect();
    assert_eq!(ids, ["gone"]);
    assert_eq!(withdrawn.tokens.why(), Some(Why::NotConfigured));
    let look = db.traces().await.unwrap();
    let alive: Vec<_> = look
        .access_tokens
        .known()
        .unwrap()
        .iter()
        .map(|one| one.id.clone())
        .collect();
    assert_eq!(alive, ["alive"]);
    assert_eq!(look.revoked.known().unwrap().len(), 2, "with the time of each");
    assert!(look.revoked.known().unwrap().iter().all(|one| one.ended.is_some()));
    db.close().await;
    const { assert!(AGENTS >= 4) };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_missing_makes_its_own_figure_unknown() {
    let (ampora, now) = world().await;
    ampora
        .run(r#"ALTER TABLE "agents" RENAME "EnrolledUtc" TO "Joined"; DROP TABLE "audit_event_archive""#)
        .await;
    let schema = Schema {
        heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
        ..Schema::default()
    };
    let db = db(&ampora, schema);
    let (beyond, _) = db.beyond(since(now - TimeDelta::minutes(30))).await.unwrap();
    assert_eq!(beyond.agents.why(), Some(Why::Missing));
    assert_eq!(beyond.audit_events.known(), Ok(&4), "one every six minutes");
    assert_eq!(beyond.configurations.known(), Ok(&0));
    assert!(beyond.newest.known().unwrap().is_some());
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_told_apart_only_to_who_may_read_them() {
    let (ampora, _) = world().await;
    let role = format!("login_{}", ampora.database.name);
    ampora.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'first'")).await;
    let db = db(&ampora, Schema::default());
    let read = async || {
        let vitals = db.vitals().await.unwrap();
        let digests = vitals.signs.role_passwords.known().unwrap().clone();
        digests.get(&role).cloned().unwrap()
    };
    let first = read().await;
    assert_eq!(read().await, first);
    ampora.run(&format!("ALTER ROLE {role} PASSWORD 'second'")).await;
    assert_ne!(read().await, first);
    assert!(!first.contains("SCRAM"));
    db.close().await;
    let plain = AmporaDb::new(ampora.database.options.clone().username(&role), Schema::default());
    if let Ok(vitals) = plain.vitals().await {
        assert_eq!(vitals.signs.role_passwords.why(), Some(Why::Denied));
    }
    plain.close().await;
    ampora.run(&format!("DROP ROLE {role}")).await;
}
