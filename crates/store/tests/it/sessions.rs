use std::time::Duration;

use domain::role::Role;
use serde_json::json;
use store::Store;
use store::sessions::{SessionRows, session_hash};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};

use crate::sample::person;
use crate::store;

const HOUR: Duration = Duration::from_secs(3600);

fn record() -> Record {
    Record {
        id: Id::default(),
        data: [("name".to_owned(), json!("Ada"))].into(),
        expiry_date: OffsetDateTime::UNIX_EPOCH,
    }
}

async fn created(store: &Store) -> (SessionRows, Record) {
    let rows = SessionRows::new(store.clone(), HOUR, HOUR * 8);
    let mut record = record();
    rows.create(&mut record).await.unwrap();
    (rows, record)
}

#[tokio::test]
async fn a_session_loads_with_what_was_saved() {
    let store = store().await;
    let (rows, mut record) = created(&store).await;
    record.data.insert("theme".into(), json!("dark"));
    rows.save(&record).await.unwrap();
    let loaded = rows.load(&record.id).await.unwrap().unwrap();
    assert_eq!((loaded.id, loaded.data), (record.id, record.data));
    let left = loaded.expiry_date - OffsetDateTime::now_utc();
    assert!((3500..=3600).contains(&left.whole_seconds()), "{left}");
    assert_eq!(rows.load(&Id::default()).await.unwrap(), None);
}

#[tokio::test]
async fn a_revoked_session_that_is_saved_again_stays_revoked() {
    let store = store().await;
    let (rows, record) = created(&store).await;
    assert!(store.session_revoke(&session_hash(&record.id)).await.unwrap());
    rows.save(&record).await.unwrap();
    assert_eq!(rows.load(&record.id).await.unwrap(), None);
    assert!(!store.session_revoke(&session_hash(&record.id)).await.unwrap());
}

#[tokio::test]
async fn an_id_that_is_taken_is_drawn_again() {
    let store = store().await;
    let (rows, record) = created(&store).await;
    let mut second = record.clone();
    second.data.clear();
    rows.create(&mut second).await.unwrap();
    assert_ne!(second.id, record.id);
    assert_eq!(rows.load(&record.id).await.unwrap().unwrap().data, record.data);
}

#[tokio::test]
async fn the_id_is_nowhere_in_the_table() {
    let store = store().await;
    let (_, record) = created(&store).await;
    let row: String = sqlx::query_scalar("select sessions::text from sessions")
        .fetch_one(store.pool())
        .await
        .unwrap();
    let raw: String = record
        .id
        .0
        .to_le_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(!row.contains(&record.id.to_string()) && !row.contains(&raw), "{row}");
    assert!(row.contains(&session_hash(&record.id).to_string()));
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let store = store().await;
    let short = Duration::from_millis(400);
    for (rows, ends_idle) in [
        (SessionRows::new(store.clone(), short, HOUR), true),
        (SessionRows::new(store.clone(), HOUR, short), false),
    ] {
        let mut record = record();
        rows.create(&mut record).await.unwrap();
        // Seen again and again: that holds off the idle limit only.
        for _ in 0..6 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let alive = rows.load(&record.id).await.unwrap().is_some();
            assert!(alive || !ends_idle);
        }
        assert_eq!(rows.load(&record.id).await.unwrap().is_some(), ends_idle);
        tokio::time::sleep(short + Duration::from_millis(100)).await;
        assert_eq!(rows.load(&record.id).await.unwrap(), None);
        // Saving extends no session that is over its absolute end.
        rows.save(&record).await.unwrap();
        assert_eq!(rows.load(&record.id).await.unwrap().is_some(), ends_idle);
    }
}

#[tokio::test]
async fn all_sessions_of_a_person_end_together() {
    let store = store().await;
    let (rows, first) = created(&store).await;
    let (_, second) = created(&store).await;
    let (_, other) = created(&store).await;
    created(&store).await;
    for (session, who) in [(&first, "a"), (&second, "a"), (&other, "b")] {
        assert!(
            store
                .session_bind(&session_hash(&session.id), &person(who))
                .await
                .unwrap()
        );
    }
    assert_eq!(store.sessions_active_count(HOUR).await.unwrap(), 3);
    assert_eq!(store.sessions_revoke_person(&person("a")).await.unwrap(), 2);
    assert_eq!(rows.load(&first.id).await.unwrap(), None);
    assert!(rows.load(&other.id).await.unwrap().is_some());
    assert_eq!(store.sessions_active_count(HOUR).await.unwrap(), 1);
    assert!(
        !store
            .session_bind(&session_hash(&first.id), &person("a"))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn sessions_past_a_limit_are_forgotten() {
    let store = store().await;
    created(&store).await;
    assert_eq!(store.sessions_prune(HOUR).await.unwrap(), 0);
    assert_eq!(store.sessions_prune(Duration::ZERO).await.unwrap(), 1);
}

#[tokio::test]
async fn whoever_has_signed_in_is_remembered_with_the_roles_of_the_last_time_and_when_they_were_seen() {
    let store = store().await;
    let now = store.now().await.unwrap();
    let hour = chrono::TimeDelta::hours(1);
    let mut tx = store.begin().await.unwrap();
    for (name, role, at) in [
        ("a", Role::Viewer, now - hour * 3),
        ("b", Role::Approver, now - hour * 2),
        ("v", Role::Viewer, now),
        ("a", Role::Operator, now - hour),
    ] {
        let noted = store::people::signed_in(&mut tx, &person(name), name, [role], at).await;
        noted.unwrap();
    }
    tx.commit().await.unwrap();
    let seen = store.people_seen(&[Role::Operator, Role::Approver]).await.unwrap();
    let names: Vec<_> = seen.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a", "b"], "the viewer decides nothing");
    assert_eq!(seen[0].roles, ["operator"]);

    let (_, record) = created(&store).await;
    let bound = store.session_bind(&session_hash(&record.id), &person("b")).await;
    assert!(bound.unwrap());
    let seen = store.people_seen(&[Role::Approver]).await.unwrap();
    assert!(seen[0].seen_at >= now, "a session that lives was seen last");
}
