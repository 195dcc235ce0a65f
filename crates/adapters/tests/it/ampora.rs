//! Vital signs of a real database: all of them when it is whole, and each by itself when part of it can't be read.

use adapters::ampora::{AmporaDb, Column, Schema};
use domain::ids::{Big, Sha256};
use domain::key::MasterKey;
use domain::vitals::{Count, Vitals, Why};
use sqlx::postgres::PgConnectOptions;
use testkit::ampora::{AGENTS, Ampora, REVOKED};
use zeroize::Zeroizing;

fn key() -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"vitals"]).0))
}

fn schema() -> Schema {
    Schema {
        heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
        ..Schema::default()
    }
}

async fn read(options: PgConnectOptions, schema: Schema) -> Vitals {
    let db = AmporaDb::new(options, schema);
    let vitals = db.vitals().await.unwrap();
    db.close().await;
    vitals
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_database_tells_every_sign() {
    let ampora = Ampora::new(&key()).await;
    let vitals = read(ampora.database.options.clone(), schema()).await;
    let signs = &vitals.signs;
    let counts = [&signs.tenants, &signs.users, &signs.agents, &signs.issued].map(|sign| *sign.known().unwrap());
    assert_eq!(counts, [2, 2, u64::from(AGENTS), u64::from(AGENTS)].map(Count::exactly));
    assert_eq!(signs.hot.known().unwrap().rows, Count::exactly(400));
    assert_eq!(signs.archive.known().unwrap().rows, Count::exactly(200));
    assert_eq!(vitals.oldest_audit_event, signs.archive.known().unwrap().oldest);
    let hours = signs.hours.known().unwrap();
    assert_eq!(hours.len(), 7);
    assert_eq!(hours[5].events, Big(10), "one event every six minutes");
    assert_eq!(signs.published.known().unwrap().as_ref().unwrap().version, "3");
    let key_ids = signs.key_ids.known().unwrap();
    assert_eq!(key_ids.get(&key().key_id().to_string()), Some(&Big(2)), "{key_ids:?}");
    let authorities = signs.authorities.known().unwrap();
    assert_eq!((authorities.len(), authorities[0].state.as_str()), (1, "Active"));
    assert_eq!(vitals.authority_since, Some(authorities[0].not_before));
    let chains = signs.chains.known().unwrap();
    assert_eq!(
        (chains.sampled, chains.orphaned, chains.unread),
        (u32::from(AGENTS), 0, 0)
    );
    assert_eq!(signs.revoked.known().unwrap().number, Big(REVOKED.len() as u64));
    assert_eq!(signs.tokens.known().unwrap().number, Big(3));
    assert_eq!(signs.peers.known().unwrap().number, Big(1));
    assert_eq!(signs.redeemed.why(), Some(Why::NotConfigured));
    assert_eq!(signs.effective.known().unwrap().missing, Big(0));
    assert!(signs.row_security.known().unwrap().tables.0 > 5);
    assert!(vitals.heartbeat.is_some() && vitals.migration_head.is_some());
    let position = signs.position.known().unwrap();
    assert_eq!((position.timeline, position.in_recovery), (1, false));
    assert!(position.lsn >= vitals.lsn && signs.ended_at.unwrap() >= vitals.read_at);
    assert_eq!(signs.recovery_target.known().unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_missing_makes_its_own_signs_unknown_and_no_other() {
    let ampora = Ampora::new(&key()).await;
    ampora
        .run(r#"DROP TABLE "audit_event_archive"; DROP TABLE "bootstrap_tokens"; ALTER TABLE "agents" RENAME "LastSeenUtc" TO "Seen""#)
        .await;
    let vitals = read(ampora.database.options.clone(), schema()).await;
    let signs = &vitals.signs;
    for why in [
        signs.archive.why(),
        signs.hours.why(),
        signs.tokens.why(),
        signs.effective.why(),
        signs.chains.why(),
    ] {
        assert_eq!(why, Some(Why::Missing));
    }
    assert!(signs.hot.known().is_ok() && signs.revoked.known().is_ok() && signs.position.known().is_ok());
    assert!(signs.tokens.known().unwrap_err().contains("bootstrap_tokens"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_hidden_are_unknown_and_never_zero() {
    let ampora = Ampora::new(&key()).await;
    let role = format!("plain_{}", ampora.database.name);
    ampora
        .run(&format!("CREATE ROLE {role}; GRANT pg_read_all_data TO {role}"))
        .await;
    let plain = ampora.database.options.clone().options([("role", role.as_str())]);
    let vitals = read(plain.clone(), schema()).await;
    let signs = &vitals.signs;
    for why in [
        signs.agents.why(),
        signs.hot.why(),
        signs.tokens.why(),
        signs.revoked.why(),
    ] {
        assert_eq!(why, Some(Why::Hidden));
    }
    assert_eq!(
        signs.tenants.known().unwrap(),
        &Count::exactly(2),
        "tenants has no policy"
    );
    assert!(!vitals.rows.contains_key("public.agents"));
    ampora.run(&format!("ALTER ROLE {role} BYPASSRLS")).await;
    let vitals = read(plain, schema()).await;
    assert_eq!(vitals.signs.agents.known().unwrap(), &Count::exactly(u64::from(AGENTS)));
    ampora.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_authority_shows_in_the_certificates_it_never_signed() {
    let ampora = Ampora::new(&key()).await;
    ampora.lose_authority(&key()).await;
    let vitals = read(ampora.database.options.clone(), schema()).await;
    assert_eq!(vitals.signs.chains.known().unwrap().orphaned, u32::from(AGENTS));
    ampora.return_authority().await;
    let vitals = read(ampora.database.options.clone(), schema()).await;
    assert_eq!(vitals.signs.chains.known().unwrap().orphaned, 0);
}
