//! Reading wrapped columns of a real database: small ones whole, large ones by a sample that misses no key.

use std::collections::BTreeMap;

use adapters::ampora::{AmporaDb, Batch, Column, Schema};
use domain::envelope::{Encoding, Layout};
use domain::key::KeyId;
use domain::proof::ColumnRows;
use sqlx::Executor as _;
use testkit::postgres::Database;
use tokio::sync::mpsc;

/// A value that was read: the id of its row, its tenant and its bytes.
type Value = (String, String, Option<Vec<u8>>);

const DEFAULT: [&str; 5] = ["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"];

fn layout(encoding: Encoding, fields: &[&str]) -> Layout {
    let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
    Layout::new(encoding, &fields, None).expect("a layout")
}

async fn filled(script: &str) -> Database {
    let database = testkit::postgres::database().await;
    database
        .connect()
        .await
        .execute(sqlx::AssertSqlSafe(script.to_owned()))
        .await
        .expect("plain SQL");
    database
}

/// Reads `secrets.wrapped`.
async fn read(database: &Database, layout: &Layout) -> (ColumnRows, Vec<Value>) {
    let schema = Schema {
        wrapped: vec![Column::new("secrets", "wrapped")],
        ..Schema::default()
    };
    let db = AmporaDb::new(database.options.clone(), schema);
    let (sender, mut batches) = mpsc::channel::<Batch>(1);
    let collected = async {
        let mut values = Vec::new();
        while let Some(batch) = batches.recv().await {
            for (place, stored) in batch.values() {
                assert_eq!((place.table, place.column), ("secrets", "wrapped"));
                values.push((place.id.to_owned(), place.tenant.to_owned(), stored.map(<[u8]>::to_vec)));
            }
        }
        values
    };
    let (rows, values) = tokio::join!(db.envelopes(layout, sender), collected);
    db.close().await;
    let [rows] = rows.expect("reads").try_into().expect("one column");
    (rows, values)
}

/// How many values were read of each key id, which stands at `at` in the decoded bytes.
fn ids(values: &[Value], decode: impl Fn(&[u8]) -> Vec<u8>, at: usize) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    for (_, _, stored) in values {
        let bytes = decode(stored.as_deref().expect("small"));
        *ids.entry(hex::encode(&bytes[at..at + 8])).or_default() += 1;
    }
    ids
}

/// 12 000 rows in one transaction: a hundred of an old key at the beginning, one somewhere inside, the rest of a third one.
fn large(header: &str, written: &str, kind: &str) -> String {
    format!(
        "CREATE TABLE secrets (id int PRIMARY KEY, wrapped {kind});
         INSERT INTO secrets
         SELECT n, {written} FROM (
             SELECT n, {header} || decode(md5('nonce' || n) || md5('tag' || n) || md5('text' || n), 'hex') AS envelope
             FROM (SELECT n, CASE WHEN n <= 100 THEN '\\x0a0a0a0a0a0a0a0a'::bytea
                                  WHEN n = 7777 THEN '\\x0b0b0b0b0b0b0b0b'::bytea
                                  ELSE '\\x0c0c0c0c0c0c0c0c'::bytea END AS key_id
                   FROM generate_series(1, 12000) AS n) AS numbered) AS sealed"
    )
}

fn assert_no_key_was_missed(rows: &ColumnRows, values: &[Value], read: &BTreeMap<String, usize>) {
    let counted = [("0a", 100), ("0b", 1), ("0c", 11_899)].map(|(digits, count)| (KeyId(digits.repeat(8)), count));
    assert_eq!(rows.by_id, BTreeMap::from(counted));
    assert_eq!(rows.rows, 12_000);
    assert_eq!(read["0a0a0a0a0a0a0a0a"], 100);
    assert_eq!(read["0b0b0b0b0b0b0b0b"], 1);
    assert!(read["0c0c0c0c0c0c0c0c"] >= 200, "{read:?}");
    let of_key: Vec<_> = values.iter().map(|(id, _, _)| id.as_str()).collect();
    for end in ["101", "102", "11999", "12000"] {
        assert!(of_key.contains(&end), "row {end} is at an end of its key");
    }
    let mut once: Vec<_> = of_key.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), of_key.len(), "no row is read twice");
}

#[tokio::test]
async fn a_large_column_is_sampled_by_key_ids() {
    let database = filled(&large("'\\x01'::bytea || key_id", "envelope", "bytea")).await;
    let (rows, values) = read(&database, &Layout::default()).await;
    let read = ids(&values, <[u8]>::to_vec, 1);
    assert_no_key_was_missed(&rows, &values, &read);
}

#[tokio::test]
async fn a_large_column_of_text_is_sampled_by_key_ids_too() {
    use base64::Engine as _;
    let base64 = |text: &[u8]| base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    // Both offsets that aren't at the border of a group of letters, and one that is.
    for (fields, header, at) in [
        (&DEFAULT[..], "'\\x01'::bytea || key_id", 1),
        (&["key_id:8", "nonce:12", "tag:16", "ciphertext"][..], "key_id", 0),
        (
            &["scheme:2", "key_id:8", "nonce:12", "tag:16", "ciphertext"][..],
            "'\\x0001'::bytea || key_id",
            2,
        ),
    ] {
        let written = "replace(encode(envelope, 'base64'), E'\\n', '')";
        let database = filled(&large(header, written, "text")).await;
        let (rows, values) = read(&database, &layout(Encoding::Base64, fields)).await;
        assert_no_key_was_missed(&rows, &values, &ids(&values, base64, at));
    }
    let database = filled(&large(
        "'\\x01'::bytea || key_id",
        "encode(envelope, 'hex')",
        "varchar(4000)",
    ))
    .await;
    let (rows, values) = read(&database, &layout(Encoding::Hex, &DEFAULT)).await;
    let hex = |text: &[u8]| hex::decode(text).expect("hex");
    assert_no_key_was_missed(&rows, &values, &ids(&values, hex, 1));
}

#[tokio::test]
async fn where_ids_have_no_place_the_ends_of_all_are_read() {
    let database = filled(&large("'\\x01'::bytea || key_id", "envelope", "bytea")).await;
    for fields in [
        &["nonce:12", "ciphertext", "tag:16"][..],
        &["nonce:12", "ciphertext", "tag:16", "key_id:8"],
    ] {
        let (rows, values) = read(&database, &layout(Encoding::Bytea, fields)).await;
        assert_eq!((rows.rows, rows.by_id.len()), (12_000, 0));
        let read: Vec<_> = values.iter().map(|(id, _, _)| id.as_str()).collect();
        for end in ["1", "200", "11801", "12000"] {
            assert!(read.contains(&end), "row {end} is at an end");
        }
    }
    let misplaced = layout(
        Encoding::Bytea,
        &["nonce:12", "scheme:1", "key_id:8", "tag:16", "ciphertext"],
    );
    let (rows, _) = read(&database, &misplaced).await;
    assert_eq!(rows.by_id.len(), 0, "12 000 different ids are none");
}

#[tokio::test]
async fn a_rotation_that_rewrites_rows_is_seen_at_the_end_of_the_order_of_writing() {
    let script = large("'\\x01'::bytea || key_id", "envelope", "bytea")
        + "; UPDATE secrets SET wrapped = '\\x010d0d0d0d0d0d0d0d'::bytea || substring(wrapped FROM 10) WHERE id BETWEEN 6000 AND 6050";
    let database = testkit::postgres::database().await;
    let mut conn = database.connect().await;
    for statement in script.split("; ") {
        conn.execute(sqlx::AssertSqlSafe(statement.to_owned()))
            .await
            .expect("plain SQL");
    }
    let nameless = layout(Encoding::Bytea, &["scheme:1", "nonce:12", "tag:16", "ciphertext"]);
    let (_, values) = read(&database, &nameless).await;
    let rewritten = ids(&values, <[u8]>::to_vec, 1)["0d0d0d0d0d0d0d0d"];
    assert_eq!(rewritten, 51);
}

#[tokio::test]
async fn a_small_column_is_read_whole_but_for_what_is_no_secret() {
    let database = filled(
        "CREATE TABLE secrets (\"Number\" bigint, tenant_id text, wrapped bytea, part text, PRIMARY KEY (\"Number\", part));
         INSERT INTO secrets SELECT n, 'acme', decode(md5(n::text), 'hex'), 'x' FROM generate_series(1, 1500) n;
         INSERT INTO secrets VALUES (2000, NULL, NULL, 'x'), (2001, NULL, '', 'x');
         INSERT INTO secrets SELECT 2002, 'acme', convert_to(repeat('x', 1048577), 'UTF8'), 'x'",
    )
    .await;
    let (rows, values) = read(&database, &Layout::default()).await;
    assert_eq!((rows.rows, values.len()), (1502, 1502));
    let of = |id: &str| values.iter().find(|(number, _, _)| number == id).expect("was read");
    let (_, tenant, stored) = of("7");
    assert_eq!((tenant.as_str(), stored.as_ref().map(Vec::len)), ("acme", Some(16)));
    assert_eq!(of("2001"), &("2001".into(), String::new(), Some(Vec::new())));
    assert_eq!(of("2002").2, None, "more than a MiB stays where it is");
}

#[tokio::test]
async fn tables_without_a_key_partitions_and_views_are_read() {
    let rows = "SELECT n AS n, decode(md5(n::text), 'hex') AS wrapped FROM generate_series(1, 11000) n";
    for script in [
        format!("CREATE TABLE secrets AS {rows}"),
        format!(
            "CREATE TABLE secrets (n int, wrapped bytea) PARTITION BY HASH (n);
             CREATE TABLE one PARTITION OF secrets FOR VALUES WITH (MODULUS 2, REMAINDER 0);
             CREATE TABLE two PARTITION OF secrets FOR VALUES WITH (MODULUS 2, REMAINDER 1);
             INSERT INTO secrets {rows}"
        ),
        format!("CREATE VIEW secrets AS {rows}"),
    ] {
        let database = filled(&script).await;
        let (rows, values) = read(&database, &Layout::default()).await;
        assert_eq!(rows.rows, 11_000, "{script}");
        assert!(values.len() > 8000, "{} of {script}", values.len());
    }
}
