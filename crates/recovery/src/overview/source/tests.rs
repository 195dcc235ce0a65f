use chrono::DateTime;

use super::*;

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

fn run(value: &str, since: i64, until: i64) -> Seen {
    Seen {
        value: value.into(),
        since: at(since),
        until: at(until),
    }
}

type Told<'a> = (Option<Status>, &'a str, i64, Option<i64>);

fn told(runs: &[Seen], now: i64) -> Vec<Stretch> {
    stretches(runs, at(now))
}

fn stretch((status, said, from, until): Told<'_>) -> Stretch {
    Stretch {
        status,
        said: said.into(),
        from: at(from),
        until: until.map(at),
    }
}

#[test]
fn the_newest_comes_first_and_still_stands() {
    let runs = [
        run("ok", 0, 60),
        run("unknown: ssh could not reach db1", 61, 70),
        run("ok", 71, 100),
    ];
    let expected = [
        (Some(Status::Ok), "", 71, None),
        (Some(Status::Unknown), "ssh could not reach db1", 61, Some(71)),
        (Some(Status::Ok), "", 0, Some(61)),
    ];
    assert_eq!(told(&runs, 101), expected.map(stretch));
}

#[test]
fn a_reason_that_changes_is_one_span_with_its_last_words() {
    let runs = [
        run("unknown: read 6 min ago", 0, 1),
        run("unknown: read 7 min ago", 1, 2),
        run("unknown: read 8 min ago", 2, 3),
    ];
    assert_eq!(
        told(&runs, 3),
        [stretch((Some(Status::Unknown), "read 8 min ago", 0, None))]
    );
}

#[test]
fn what_nobody_looked_at_is_no_standing() {
    let runs = [run("ok", 0, 10), run("ok", 60, 70)];
    let expected = [
        (None, "", 70, None),
        (Some(Status::Ok), "", 60, Some(70)),
        (None, "", 10, Some(60)),
        (Some(Status::Ok), "", 0, Some(10)),
    ];
    assert_eq!(told(&runs, 200), expected.map(stretch));
    assert!(told(&[], 0).is_empty());
}

#[test]
fn a_word_that_is_none_is_unknown() {
    assert_eq!(standing("fine"), (Status::Unknown, String::new()));
    assert_eq!(standing("broken: a: b"), (Status::Broken, "a: b".into()));
}
