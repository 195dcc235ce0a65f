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

/// One of `values`, or nothing.
fn maybe<T: Clone>(values: &[T]) -> Option<T> {
    values
        .get(usize::from(rand::random::<u8>()) % (values.len() + 2))
        .cloned()
}

fn some_filter(entries: &[Entry], start: Timestamp) -> AuditFilter {
    let requests: Vec<_> = entries.iter().filter_map(|entry| entry.request).collect();
    let moments = [5, 10, 15].map(|n| start + Duration::microseconds(n));
    AuditFilter {
        deployment: maybe(&["demo", "other", "none"]).map(Into::into),
        action: maybe(&["request", "request.", "run.start", "key."]).map(Into::into),
        person: maybe(&["ADA", "b", "idp.example", "mallory", "%"]).map(Into::into),
        outcome: maybe(&[Outcome::Ok, Outcome::Refused]),
        request: maybe(&requests[..1]),
        from: maybe(&moments),
        to: maybe(&moments),
    }
}

/// What the filter means, entry by entry.
fn matches(filter: &AuditFilter, entry: &Entry) -> bool {
    let who = &entry.who;
    let person = [&who.name, &who.person.subject, &who.person.issuer].map(|text| text.to_lowercase());
    let named = |part: &String| person.iter().any(|text| text.contains(&part.to_lowercase()));
    filter.deployment.is_none_or_same(&entry.deployment)
        && filter.outcome.is_none_or_same(&entry.outcome)
        && filter.request.is_none_or_same(&entry.request)
        && filter
            .action
            .as_ref()
            .is_none_or(|prefix| entry.action.starts_with(prefix))
        && filter.person.as_ref().is_none_or(named)
        && filter.from.is_none_or(|from| from <= entry.at)
        && filter.to.is_none_or(|to| entry.at < to)
}

trait Wish {
    fn is_none_or_same(&self, found: &Self) -> bool;
}

impl<T: PartialEq> Wish for Option<T> {
    fn is_none_or_same(&self, found: &Self) -> bool {
        self.is_none() || self == found
    }
}

#[tokio::test]
async fn pages_of_any_filter_hold_each_entry_exactly_once_newest_first() {
    let store = store().await;
    let start = now(&store).await;
    let entries = mixed(&store, start).await;
    let filters = (0..120).map(|_| some_filter(&entries, start));
    for filter in std::iter::once(AuditFilter::default()).chain(filters) {
        let expected = ids(entries.iter().filter(|entry| matches(&filter, entry)));
        for limit in [1, 7, 100] {
            let rows = pages(&store, &filter, limit).await;
            assert_eq!(rows.len(), expected.len(), "{filter:?} by {limit}");
            let found = ids(rows.iter().map(|row| &row.entry));
            assert_eq!(found, expected, "{filter:?} by {limit}");
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
             from generate_series(1, 100000) as n;
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
        assert!(error.to_string().contains("Row 100001"), "{error}");
        let touched = blocks(&store).await - before;
        assert!(touched < 200, "{filter:?} touched {touched} blocks");
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
