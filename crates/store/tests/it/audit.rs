use domain::audit::{Outcome, Phase, leaf_hash};
use domain::ids::EntryId;
use futures::TryStreamExt;
use sqlx::{Connection, PgConnection};
use store::StoreError;
use store::audit::ColumnMismatch;

use crate::sample::{append, entry, now, uuid};
use crate::{Fresh, store};

#[tokio::test]
async fn an_entry_reads_back_from_its_leaf() {
    let store = store().await;
    let mut written = entry(now(&store).await);
    written.who.name = "Ada \u{0} 'o\"Neill".into();
    append(&store, &written).await;
    let row = store.audit_entry(written.id).await.unwrap().unwrap();
    assert_eq!(row.entry, written);
    assert_eq!((row.index, row.root), (None, None));

    let mut tree = store.audit_tree().await.unwrap();
    assert_eq!(store.audit_sequence(&mut tree).await.unwrap(), 1);
    let row = store.audit_entry_at(0).await.unwrap().unwrap();
    assert_eq!((row.entry, row.index, row.root), (written, Some(0), Some(tree.root())));
    assert_eq!(store.audit_head().await.unwrap(), Some((0, tree.root())));
}

#[tokio::test]
async fn an_entry_of_a_unit_of_work_that_is_rolled_back_never_was() {
    let store = store().await;
    let written = entry(now(&store).await);
    let mut tx = store.begin().await.unwrap();
    store::audit::append(&mut tx, &written, [0; 16]).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(store.audit_entry(written.id).await.unwrap().is_none());
    assert_eq!(
        store
            .audit_sequence(&mut store.audit_tree().await.unwrap())
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn an_outcome_is_found_by_its_intent() {
    let store = store().await;
    let mut intent = entry(now(&store).await);
    (intent.phase, intent.outcome) = (Phase::Intent, None);
    append(&store, &intent).await;
    assert!(store.audit_outcome_of(intent.id).await.unwrap().is_none());

    let mut outcome = entry(now(&store).await);
    (outcome.phase, outcome.outcome, outcome.intent) = (Phase::Outcome, Some(Outcome::Failed), Some(intent.id));
    append(&store, &outcome).await;
    assert_eq!(store.audit_outcome_of(intent.id).await.unwrap().unwrap().entry, outcome);
    assert!(store.audit_outcome_of(EntryId(uuid())).await.unwrap().is_none());
}

#[tokio::test]
async fn an_export_holds_every_entry_in_order() {
    let store = store().await;
    for _ in 0..3 {
        append(&store, &entry(now(&store).await)).await;
    }
    store
        .audit_sequence(&mut store.audit_tree().await.unwrap())
        .await
        .unwrap();
    append(&store, &entry(now(&store).await)).await;

    let lines: Vec<_> = store.audit_export(3).try_collect().await.unwrap();
    let (last, root) = store.audit_head().await.unwrap().unwrap();
    assert_eq!(lines.iter().map(|line| line.index).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(lines.iter().all(|line| leaf_hash(&line.leaf) == line.leaf_hash));
    assert_eq!((lines[2].index, lines[2].root), (last, root));
    assert_eq!(store.audit_export(2).try_collect::<Vec<_>>().await.unwrap().len(), 2);
}

/// What somebody could try to do to the log; each by its owner, by a superuser, and where ordinary triggers are off.
const ATTACKS: [&str; 8] = [
    "update audit_entries set action = 'nothing'",
    "delete from audit_entries",
    "truncate audit_entries",
    "truncate audit_entries, audit_sequence cascade",
    "update audit_sequence set index = index + 100",
    "delete from audit_sequence",
    "truncate audit_sequence",
    "insert into audit_sequence select * from audit_sequence on conflict (index) do update set entry = 7",
];

#[tokio::test]
async fn the_log_refuses_everything_but_growth() {
    let fresh = Fresh::new().await;
    append(&fresh.store, &entry(now(&fresh.store).await)).await;
    let mut tree = fresh.store.audit_tree().await.unwrap();
    fresh.store.audit_sequence(&mut tree).await.unwrap();

    let by_owner = fresh.options.clone();
    let by_superuser = fresh.superuser.clone();
    let as_replica = fresh
        .superuser
        .clone()
        .options([("session_replication_role", "replica")]);
    for options in [by_owner, by_superuser, as_replica] {
        let mut conn = PgConnection::connect_with(&options).await.unwrap();
        for attack in ATTACKS {
            let refused = sqlx::query(attack).execute(&mut conn).await.unwrap_err();
            let code = refused.as_database_error().unwrap().code().unwrap().into_owned();
            assert_eq!(code, "42501", "{attack}: {refused}");
        }
    }
    assert_eq!(fresh.store.audit_tree().await.unwrap(), tree);
}

#[tokio::test]
async fn the_owner_who_takes_the_privileges_back_still_meets_the_triggers() {
    let fresh = Fresh::new().await;
    append(&fresh.store, &entry(now(&fresh.store).await)).await;
    let mut conn = PgConnection::connect_with(&fresh.options).await.unwrap();
    sqlx::query("grant all on audit_entries to muster")
        .execute(&mut conn)
        .await
        .unwrap();
    for attack in &ATTACKS[..3] {
        let refused = sqlx::query(*attack).execute(&mut conn).await.unwrap_err();
        assert!(
            refused.to_string().contains("The audit log only grows"),
            "{attack}: {refused}"
        );
    }
}

#[tokio::test]
async fn a_leaf_without_its_hash_is_not_taken() {
    let fresh = Fresh::new().await;
    let mut conn = PgConnection::connect_with(&fresh.options).await.unwrap();
    let forged = "insert into audit_entries (id, leaf, leaf_hash, at, action, phase, person)
                  values (gen_random_uuid(), '{}', sha256('{}'), now(), 'a', 'fact', 'b')";
    let refused = sqlx::query(forged).execute(&mut conn).await.unwrap_err();
    assert!(refused.to_string().contains("audit_entries_hash"), "{refused}");
}

#[tokio::test]
async fn a_changed_column_is_found() {
    let fresh = Fresh::new().await;
    for _ in 0..3 {
        append(&fresh.store, &entry(fresh.store.now().await.unwrap())).await;
    }
    let whole = fresh.store.audit_check_columns(0, 2).await.unwrap();
    assert_eq!(
        (whole.checked, whole.mismatches.as_slice(), whole.next),
        (2, [].as_slice(), Some(2))
    );

    fresh
        .tamper(
            "alter table audit_entries disable trigger all;
             update audit_entries set person = 'nobody', request = gen_random_uuid() where number = 2",
        )
        .await;
    let check = fresh.store.audit_check_columns(0, 100).await.unwrap();
    let expected = ["person", "request"].map(|column| ColumnMismatch { number: 2, column });
    assert_eq!(
        (check.checked, check.mismatches, check.next),
        (3, expected.to_vec(), None)
    );
}

#[tokio::test]
async fn an_entry_that_can_not_be_read_is_inconsistent() {
    let fresh = Fresh::new().await;
    let written = entry(now(&fresh.store).await);
    append(&fresh.store, &written).await;
    fresh
        .tamper(
            "alter table audit_entries disable trigger all;
             update audit_entries set leaf = '{}', leaf_hash = sha256('\\x00'::bytea || '{}')",
        )
        .await;
    let error = fresh.store.audit_entry(written.id).await.unwrap_err();
    assert!(
        matches!(
            &error,
            StoreError::Inconsistent {
                table: "audit_entries",
                ..
            }
        ),
        "{error}"
    );
}
