//! Values for the sheet.

use app::components::{Answer, Frame, Word};
use app::plots::{Copies, KeyLane, KeySpan, Reading, Restorable};
use app::theme::Theme;
use chrono::{DateTime, Duration};
use domain::backup::{Backup, Kind};
use domain::ids::{Person, Sha256};
use domain::plan::Step;
use domain::status::Status;
use domain::time::Timestamp;
use domain::upgrade::{Part, Upgrade};
use domain::wal::Lsn;
use domain::window::{Gap, Window};

/// Tue 6 Oct 2026, 01:14:26 UTC.
pub fn now() -> Timestamp {
    DateTime::from_timestamp(1_791_249_266, 0).expect("in range")
}

pub fn ago(seconds: i64) -> Timestamp {
    now() - Duration::seconds(seconds)
}

const HOUR: i64 = 3_600;

pub fn digest() -> Sha256 {
    Sha256::of(&[b"specimen"])
}

pub fn person(subject: &str) -> Person {
    Person {
        issuer: "https://idp.example.org".into(),
        subject: subject.into(),
    }
}

fn answer(word: Word, says: &str, grounds: &str) -> Answer {
    Answer {
        word,
        says: says.into(),
        grounds: grounds.into(),
    }
}

pub fn frame() -> Frame {
    Frame {
        now: now(),
        deployment: Some("ampora-prod".into()),
        person: Some("operator-b".into()),
        waiting: 1,
        answers: Some([
            answer(Word::Ok, "to 01:12:15 UTC", "2 min 11 s lost · 41 s ago, pgbr-main"),
            answer(Word::Unknown, "unknown", "no drill has been run"),
            answer(Word::Broken, "no, one rotation behind", "2 min ago, keys"),
            answer(
                Word::WaitsForYou,
                "2 people; 1 request waits",
                "2 must agree, the requester counted",
            ),
        ]),
        colophon: vec!["Muster 0.1.0".into(), "Audit log 48 377 entries".into()],
        theme: Theme::System,
    }
}

pub fn backup(label: &str, kind: Kind, hours: i64, status: Status, detail: &str) -> Backup {
    Backup {
        source: if kind == Kind::Dump { "dumps" } else { "pgbr-main" }.into(),
        tool: "pgbackrest".into(),
        repo: None,
        label: label.into(),
        kind,
        parent: None,
        started_at: Some(ago(hours * HOUR + 472)),
        stopped_at: Some(ago(hours * HOUR)),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: Some(38_400_000_000 - 10_000_000 * u64::try_from(hours).unwrap_or_default()),
        stored_bytes: Some(9_100_000_000),
        status,
        detail: detail.into(),
    }
}

fn window(from: i64, to: i64) -> Window {
    Window {
        source: "pgbr-main".into(),
        repo: 1,
        from: ago(from),
        to: ago(to),
        end_lsn: Some(Lsn(0x5_3B00_0000)),
        timelines: vec![4, 5],
        exact: true,
    }
}

pub fn plot(id: &str, reading: Reading) -> Restorable {
    let day = 24 * HOUR;
    let copies = |kind, hours: i64, status| Copies {
        at: ago(hours * HOUR),
        kind,
        status,
        count: 1,
    };
    let mut marks: Vec<_> = (0..33)
        .flat_map(|days| {
            let status = if days == 11 { Status::Broken } else { Status::Ok };
            let full = copies(Kind::Full, days * 24 + 3, status);
            let parts = (1..4).map(move |part| copies(Kind::Incr, days * 24 + 3 + part * 6, Status::Ok));
            std::iter::once(full).chain(parts)
        })
        .collect();
    marks.extend((0..13).map(|days| {
        let status = [Status::Ok, Status::Broken, Status::Unknown][usize::from(days == 5) + 2 * usize::from(days == 0)];
        copies(Kind::Dump, days * 24 + 1, status)
    }));
    Restorable {
        id: id.into(),
        from: ago(35 * day),
        to: ago(-day / 2),
        now: now(),
        picked: None,
        sources: vec![("pgbr-main".into(), reading)],
        windows: vec![window(33 * day, 19 * day + 17_340), window(19 * day, 131)],
        gaps: vec![Gap {
            source: "pgbr-main".into(),
            repo: 1,
            timeline: 4,
            first_missing: "0000000400000004000000F1".into(),
            last_missing: "0000000400000004000000F8".into(),
            from: ago(19 * day + 17_340),
            to: Some(ago(19 * day)),
        }],
        copies: marks,
        upgrades: vec![Upgrade {
            what: Part::Image,
            from: "sha256:9f2c".into(),
            to: "sha256:41aa".into(),
            last_old: ago(12 * day),
            first_new: ago(12 * day - 300),
        }],
        key: Some(KeyLane {
            name: "Key in Vault opens it".into(),
            spans: vec![
                KeySpan {
                    from: ago(33 * day),
                    to: ago(6 * day + 39_240),
                    opens: Status::Ok,
                },
                KeySpan {
                    from: ago(6 * day + 39_240),
                    to: ago(131),
                    opens: Status::Broken,
                },
            ],
        }),
    }
}

pub fn steps() -> Vec<Step> {
    let argv = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    vec![
        Step::new(
            "Read the pinned facts again",
            "If one of them moved, the run stops before it touched anything.",
        ),
        Step::new(
            "Create the database",
            "ampora_restored, empty, from template0, owned by ampora.",
        )
        .running(argv(&[
            "createdb",
            "--template=template0",
            "--owner=ampora",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "ampora_restored",
        ])),
        Step::new(
            "Restore the dump",
            "6.9 GB into the new database. Stops at the first error.",
        )
        .running(argv(&[
            "pg_restore",
            "--exit-on-error",
            "--no-owner",
            "--role=ampora",
            "--jobs=4",
            "--dbname=ampora_restored",
            "/var/backups/ampora 2026\u{202e}.dump",
        ]))
        .destructive(),
        Step::new("Analyze", "The dump brings no statistics.").running(argv(&[
            "vacuumdb",
            "--analyze-only",
            "ampora_restored",
        ])),
        Step::new(
            "Check",
            "Rows of 14 tables against the plan; the key opens the envelopes.",
        ),
    ]
}
