//! What a proof of many envelopes takes. A program of its own, so that nothing else lives in its memory.

use std::fs;

use adapters::ampora::{AmporaDb, Column, Schema};
use domain::drift::Candidate;
use domain::envelope::{self, Layout, NONCE};
use domain::ids::Sha256;
use domain::key::MasterKey;
use recovery::keys::{self, HeldKey, KeyRing, Tried};
use sqlx::Executor as _;
use testkit::postgres::Database;
use zeroize::Zeroizing;

const COLUMNS: usize = 10;
/// As many as are read whole of a column.
const ROWS: i32 = 10_000;
/// Bytes of a secret, as of a private key.
const SECRET: usize = 1700;
const BOUND_KB: u64 = 64 * 1024;

fn key(number: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[&[number]]).0))
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::empty();
    ring.held.extend((0..3).map(|order| HeldKey {
        candidate: Candidate::Version {
            order: order.into(),
            current: order == 2,
        },
        version: Some(order.to_string()),
        key: key(order),
    }));
    ring
}

fn name(column: usize) -> String {
    format!("wrapped_{column}")
}

/// Ten tables of the same envelopes: a copy is opened and remembered like any other.
async fn filled() -> Database {
    let database = testkit::postgres::database().await;
    let mut conn = database.connect().await;
    let table = "CREATE TABLE sealed (id int PRIMARY KEY, value bytea)";
    conn.execute(table).await.expect("plain SQL");
    let ids: Vec<_> = (0..ROWS / 10).collect();
    let sealed = |id: &i32| {
        let mut nonce = [0; NONCE];
        nonce[..4].copy_from_slice(&id.to_be_bytes());
        envelope::seal(&key(2), nonce, &[7; SECRET])
    };
    let values: Vec<_> = ids.iter().map(sealed).collect();
    let insert = sqlx::query("INSERT INTO sealed SELECT * FROM unnest($1::int[], $2::bytea[])");
    insert
        .bind(ids)
        .bind(values)
        .execute(&mut conn)
        .await
        .expect("plain SQL");
    for column in 0..COLUMNS {
        let table = format!(
            "CREATE TABLE {} AS SELECT id * 10 + copy AS id, value FROM sealed CROSS JOIN generate_series(0, 9) AS copy",
            name(column)
        );
        conn.execute(sqlx::AssertSqlSafe(table)).await.expect("plain SQL");
    }
    database
}

async fn prove(database: &Database, columns: usize) -> Tried {
    let schema = Schema {
        wrapped: (0..columns).map(|column| Column::new(&name(column), "value")).collect(),
        ..Schema::default()
    };
    let db = AmporaDb::new(database.options.clone(), schema);
    let tried = keys::try_live(&Layout::default(), &ring(), &db).await;
    db.close().await;
    tried.expect("reads")
}

/// A line of what the kernel says of this process, in kB. <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>
fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .expect("every process has it");
    let kilobytes = line.trim_start_matches(':').trim().trim_end_matches("kB").trim();
    kilobytes.parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_envelopes_take_less_than_64_mib() {
    let database = filled().await;
    // What the first proof needs once: code, connections, threads.
    assert_eq!(prove(&database, 1).await.opened, 10_000);
    // From here on the kernel notes the peak anew: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
    fs::write("/proc/self/clear_refs", "5").expect("one's own process");
    let before = status("VmRSS");
    let tried = prove(&database, COLUMNS).await;
    let peak = status("VmHWM").saturating_sub(before);
    assert_eq!((tried.opened, tried.opened_by(2)), (100_000, 100_000));
    assert_eq!(tried.document().nonces_compared, 100_000);
    println!("the proof took {peak} kB");
    assert!(peak < BOUND_KB, "the proof took {peak} kB");
}
