use std::collections::HashSet;

use chrono::Duration;
use domain::audit::{Entry, Outcome};
use domain::ids::{EntryId, RequestId};
use domain::time::Timestamp;
use store::Store;
use store::audit::{AuditFilter, AuditRow};

use crate::sample::{append, entry, now, person, uuid};
use crate::store;

/// Turns every page of `filter`.
async fn pages(store: &Store, filter: &AuditFilter, limit: i64) -> Vec<AuditRow> {
    let mut all: Vec<AuditRow> = Vec::new();
    loop {
        let page = store
            .audit_page(filter, all.last().map(|row| row.number), limit)
            .await
            .unwrap();
        let end = i64::try_from(page.len()).unwrap() < limit;
        all.extend(page);
        if end {
            return all;
        }
    }
}

fn ids<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> HashSet<EntryId> {
    entries.into_iter().map(|entry| entry.id).collect()
}

/// Sixty entries of all sorts, many at the same microsecond; the last few without an index.
async fn mixed(store: &Store, start: Timestamp) -> Vec<Entry> {
    let requests = [RequestId(uuid()), RequestId(uuid())];
    let mut entries = Vec::new();
    for _ in 0..60 {
        let dice: [u8; 6] = rand::random();
        let pick = |die: usize, sides: u8| usize::from(dice[die] % sides);
        let mut entry = entry(start + Duration::microseconds(pick(0, 20).try_into().unwrap()));
        entry.action = ["request.create", "request.approve", "run.start", "request"][pick(1, 4)].into();
        entry.outcome = [Some(Outcome::Ok), Some(Outcome::Refused), None][pick(2, 3)];
        entry.deployment = [Some("demo".into()), Some("other".into()), None][pick(3, 3)].clone();
        entry.request = [Some(requests[0]), Some(requests[1]), None][pick(4, 3)];
        let name = ["Ada", "Bob", "Eve"][pick(5, 3)];
        (entry.who.name, entry.who.person) = (name.into(), person(&name.to_lowercase()));
        entries.push(entry);
    }
    for entry in &entries[..50] {
        append(store, entry).await;
    }
    store
        .audit_sequence(&mut store.audit_tree().await.unwrap())
        .await
        .unwrap();
    for entry in &entries[50..] {
        append(store, entry).await;
    }
    entries
}

#[tokio::test]
async fn pages_of_every_filter_hold_each_entry_exactly_once_newest_first() {
    let store = store().await;
    let start = now(&store).await;
    let entries = mixed(&store, start).await;
    let some = entries.iter().find_map(|entry| entry.request);
    let from = start + Duration::microseconds(5);
    let to = start + Duration::microseconds(15);
    let any = AuditFilter::default;
    type Matches = fn(&Entry, Option<RequestId>, Timestamp, Timestamp) -> bool;
    let cases: [(AuditFilter, Matches); 9] = [
        (any(), |_, _, _, _| true),
        (
            AuditFilter {
                deployment: Some("demo".into()),
                ..any()
            },
            |e, _, _, _| e.deployment.as_deref() == Some("demo"),
        ),
        (
            AuditFilter {
                action: Some("request.".into()),
                ..any()
            },
            |e, _, _, _| e.action.starts_with("request."),
        ),
        (
            AuditFilter {
                action: Some("run".into()),
                person: Some("ADA".into()),
                ..any()
            },
            |e, _, _, _| e.action == "run.start" && e.who.name == "Ada",
        ),
        (
            AuditFilter {
                person: Some("b".into()),
                ..any()
            },
            |e, _, _, _| e.who.name == "Bob",
        ),
        (
            AuditFilter {
                outcome: Some(Outcome::Refused),
                ..any()
            },
            |e, _, _, _| e.outcome == Some(Outcome::Refused),
        ),
        (AuditFilter { request: some, ..any() }, |e, some, _, _| {
            e.request == some
        }),
        (
            AuditFilter {
                from: Some(from),
                to: Some(to),
                ..any()
            },
            |e, _, from, to| from <= e.at && e.at < to,
        ),
        (
            AuditFilter {
                person: Some("mallory".into()),
                ..any()
            },
            |_, _, _, _| false,
        ),
    ];
    for (filter, matches) in cases {
        let expected = ids(entries.iter().filter(|entry| matches(entry, some, from, to)));
        for limit in [1, 7, 100] {
            let rows = pages(&store, &filter, limit).await;
            assert_eq!(rows.len(), expected.len(), "{filter:?} by {limit}");
            assert_eq!(
                ids(rows.iter().map(|row| &row.entry)),
                expected,
                "{filter:?} by {limit}"
            );
            assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse((row.entry.at, row.number))));
        }
    }
}

#[tokio::test]
async fn entries_without_an_index_come_first() {
    let store = store().await;
    append(&store, &entry(now(&store).await)).await;
    store
        .audit_sequence(&mut store.audit_tree().await.unwrap())
        .await
        .unwrap();
    append(&store, &entry(now(&store).await)).await;
    let page = store.audit_page(&AuditFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.iter().map(|row| row.index).collect::<Vec<_>>(), [None, Some(0)]);
}

#[tokio::test]
async fn a_page_reads_a_short_range_of_one_index() {
    let fresh = crate::Fresh::new().await;
    fresh
        .tamper(
            "insert into audit_entries (id, leaf, leaf_hash, at, action, phase, person, deployment)
             select gen_random_uuid(), decode(to_hex(n), 'escape'), sha256('\\x00'::bytea || decode(to_hex(n), 'escape')),
                    now() + n * interval '1 ms', 'area.verb' || n % 20, 'fact', 'Person ' || n % 10, 'demo'
             from generate_series(1, 50000) as n;
             -- Old and rare: the newest entries are of no use to find it.
             insert into audit_entries (id, leaf, leaf_hash, at, action, phase, person, deployment)
             values (gen_random_uuid(), 'x', sha256('\\x00'::bytea || 'x'), now() - interval '1 d', 'key.reveal', 'fact', 'Zoe', 'other');
             analyze audit_entries",
        )
        .await;
    let old = now(&fresh.store).await - Duration::hours(2);
    for filter in [
        AuditFilter {
            action: Some("key.".into()),
            ..AuditFilter::default()
        },
        AuditFilter {
            person: Some("zoe".into()),
            ..AuditFilter::default()
        },
        AuditFilter {
            deployment: Some("other".into()),
            ..AuditFilter::default()
        },
        AuditFilter {
            to: Some(old),
            ..AuditFilter::default()
        },
    ] {
        let store = Store::connect(fresh.options.clone(), 1).await.unwrap();
        let before = blocks(&store).await;
        // What is found is no leaf of Muster's: that it can't be read is the proof that it was found.
        let error = store.audit_page(&filter, None, 50).await.unwrap_err();
        assert!(error.to_string().contains("Row 50001"), "{error}");
        let touched = blocks(&store).await - before;
        assert!(touched < 300, "{filter:?} touched {touched} blocks");
    }
}

/// Blocks of the log and its indexes that statements have touched so far.
async fn blocks(store: &Store) -> i64 {
    let flush = sqlx::query("select pg_stat_force_next_flush()");
    flush.execute(store.pool()).await.unwrap();
    let touched = "select (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::bigint
                   from pg_statio_user_tables where relname = 'audit_entries'";
    sqlx::query_scalar(touched).fetch_one(store.pool()).await.unwrap()
}
