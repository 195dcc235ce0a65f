use store::{Store, StoreError};

use crate::Fresh;

#[tokio::test]
async fn several_processes_migrate_at_once_and_again_later() {
    let fresh = Fresh::empty().await;
    let migrations = (0..4).map(|_| fresh.store.migrate());
    for result in futures::future::join_all(migrations).await {
        result.unwrap();
    }
    fresh.store.migrate().await.unwrap();
    assert_eq!(fresh.store.requests_waiting("demo").await.unwrap(), 0);
}

#[tokio::test]
async fn a_newer_schema_that_this_version_can_read_is_accepted() {
    let fresh = Fresh::new().await;
    fresh
        .tamper(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (29991231000000, 'of tomorrow', true, '\\x00', 1)",
        )
        .await;
    fresh.store.migrate().await.unwrap();
}

#[tokio::test]
async fn a_schema_that_needs_a_newer_version_is_refused_by_name() {
    let fresh = Fresh::new().await;
    fresh.tamper("update muster_schema set min_binary = '99.10.0'").await;
    let error = fresh.store.migrate().await.unwrap_err();
    assert!(
        matches!(&error, StoreError::SchemaTooNew { min_binary, binary }
            if min_binary == "99.10.0" && binary == env!("CARGO_PKG_VERSION")),
        "{error}"
    );
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_unavailable() {
    let fresh = Fresh::empty().await;
    let nowhere = fresh.options.clone().socket("/nonexistent");
    let error = Store::connect(nowhere, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn the_cluster_is_told_by_its_system_identifier() {
    use sqlx::Connection;
    let fresh = Fresh::empty().await;
    let mut conn = sqlx::PgConnection::connect_with(&fresh.superuser).await.unwrap();
    let text: String = sqlx::query_scalar("select system_identifier::text from pg_control_system()")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(fresh.store.system_identifier().await.unwrap().to_string(), text);
}

#[tokio::test]
async fn a_refusal_quotes_no_row() {
    use crate::sample::{challenge, decided, requested};
    use domain::approval::Decision;
    let store = crate::store().await;
    let request = requested(&store, "demo").await;
    let decision = decided(challenge(&request, Decision::Reveal, "b"));
    let mut tx = store.begin().await.unwrap();
    let error = store::decisions::insert(&mut tx, &decision).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Refused(refusal) if refusal.code == "23514"),
        "{error:?}"
    );
    let everything = format!("{error:?} {error}");
    assert!(!everything.contains("header.payload.signature"), "{everything}");
}
