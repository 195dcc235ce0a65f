//! Answers that nobody has seen: none makes a parser panic, and what can't be understood costs one entry where that is possible.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::judge::{Evidence, judge};
use super::*;

/// Runs everything that reads and judges over one text.
fn read_all(said: &[u8]) {
    let list = BackupList::parse(said).unwrap_or_default();
    let size = list.segment_size();
    let wal = WalShow::parse(said, size).unwrap_or_default();
    let verify = WalVerify::parse(said, size).unwrap_or_default();
    assert!(!verify.judge(size).1.is_empty());
    let evidence = Evidence {
        segment_size: size,
        wal: Some(&wal),
        verify: Some(&verify),
    };
    let segments = wal.segments();
    for one in judge(&list, "walg-main", evidence) {
        let opens = one.anchor.is_none_or(|anchor| segments.contains_key(&anchor.first));
        assert!(opens, "{} opens a window without its WAL", one.backup.label);
    }
}

/// A value of any kind where wal-g would write a certain one.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9A-F]{24}".prop_map(Value::from),
        "(base_)?[0-9A-F]{24}(_D_[0-9A-F]{24})?".prop_map(Value::from),
        "%[a-zA-Z.:%-]{0,4}|[0-9:TZ.+-]{0,30}".prop_map(Value::from),
        Just(json!(["000000010000000000000003", null, 7])),
        Just(json!({"status": "MISSING_LOST"})),
    ]
}

fn entry(keys: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map(prop::sample::select(keys), any_value(), 0..keys.len());
    fields.prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

const BACKUP: &[&str] = &[
    "backup_name",
    "start_time",
    "finish_time",
    "date_fmt",
    "start_lsn",
    "finish_lsn",
    "is_permanent",
    "system_identifier",
    "uncompressed_size",
];
const TIMELINE: &[&str] = &[
    "id",
    "parent_id",
    "switch_point_lsn",
    "start_segment",
    "end_segment",
    "segments_count",
    "missing_segments",
    "segment_range_size",
    "status",
];
const CHECK: &[&str] = &["status", "details", "start_segment", "end_segment"];

proptest! {
    #[test]
    fn no_bytes_make_it_panic(said in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&said);
    }

    #[test]
    fn no_text_around_or_inside_json_makes_it_panic(before in ".{0,40}", inside in "[\\[\\]{}\":,a-z0-9\n-]{0,80}", after in ".{0,40}") {
        read_all(format!("{before}\n[{{{inside}}}]{after}").as_bytes());
    }

    #[test]
    fn no_field_of_a_backup_does(entries in prop::collection::vec(entry(BACKUP), 0..6)) {
        read_all(Value::from(entries).to_string().as_bytes());
    }

    #[test]
    fn no_field_of_a_timeline_does(entries in prop::collection::vec(entry(TIMELINE), 0..6)) {
        read_all(Value::from(entries).to_string().as_bytes());
    }

    #[test]
    fn no_field_of_a_check_does(integrity in entry(CHECK), timeline in entry(CHECK), rows in prop::collection::vec(entry(CHECK), 0..4)) {
        read_all(json!({"integrity": {"status": integrity["status"], "details": rows}, "timeline": timeline}).to_string().as_bytes());
    }

    #[test]
    fn a_cut_answer_is_an_error_and_never_a_shorter_list(cut in 1..BACKUPS.len() - 2) {
        prop_assert!(BackupList::parse(&BACKUPS.as_bytes()[..cut]).is_err());
    }
}

#[test]
fn one_strange_entry_costs_no_other() {
    let strange = BACKUPS.replacen('[', r#"[null, 7, {"backup_name": 3}, {"backup_name": "latest"}, "#, 1);
    let list = list(&strange);
    assert_eq!((list.count(), list.nameless), (5, 3));
}

#[test]
fn fields_that_are_new_or_in_another_order_change_nothing() {
    let mut values: Vec<Value> = serde_json::from_str(BACKUPS).expect("a list");
    for value in &mut values {
        value["encrypted_by"] = json!({"kind": ["age"]});
    }
    assert_eq!(list(&Value::from(values).to_string()), list(BACKUPS));
}

#[test]
fn bytes_that_are_no_utf8_cost_only_the_text_they_are_in() {
    let said = BACKUPS.replacen("ampora-db-1", "\u{1}", 1).into_bytes();
    let said: Vec<u8> = said
        .into_iter()
        .map(|byte| if byte == 1 { 0xFF } else { byte })
        .collect();
    assert_eq!(BackupList::parse(&said).expect("a list"), list(BACKUPS));
}

#[test]
fn ten_thousand_backups_in_one_chain_are_read() {
    let name = |number: u64| match number {
        0 => format!("base_{}", named(1, 0)),
        _ => format!("base_{}_D_{}", named(1, number), named(1, number - 1)),
    };
    let entries: Vec<_> = (0..10_000u64)
        .rev()
        .map(|number| json!({"backup_name": name(number)}))
        .collect();
    let list = list(&Value::from(entries).to_string());
    let evidence = Evidence {
        segment_size: SIZE,
        wal: None,
        verify: None,
    };
    let judged = judge(&list, "walg-main", evidence);
    assert_eq!(judged.len(), 10_000);
    let first = judged
        .iter()
        .find(|one| one.backup.label == name(9_999))
        .expect("the newest");
    assert_eq!(first.backup.parent, Some(name(9_998)));
}
