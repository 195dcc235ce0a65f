//! Backups, windows and gaps, made up.

use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::wal::Lsn;
use domain::window::{Gap, Window};

use super::{DAY, HOUR, ago};

pub fn backup(source: &str, label: &str, kind: Kind, stopped: i64, status: Status) -> Backup {
    let is_dump = kind == Kind::Dump;
    Backup {
        source: source.into(),
        tool: if is_dump { "pg_dump" } else { "pgbackrest" }.into(),
        repo: None,
        label: label.into(),
        kind,
        parent: None,
        started_at: Some(ago(stopped + 468)),
        stopped_at: Some(ago(stopped)),
        start_lsn: (!is_dump).then_some(Lsn(0x5_3B00_0028)),
        stop_lsn: (!is_dump).then_some(Lsn(0x5_3B00_1138)),
        size_bytes: (!is_dump).then_some(38_400_000_000),
        stored_bytes: Some(9_100_000_000),
        status,
        detail: match status {
            Status::Ok if is_dump => "read to its end: 14 tables, 182340 rows".into(),
            Status::Ok => "no error found by pgBackRest".into(),
            Status::Broken => "ends 1 byte early".into(),
            Status::Unknown => "not read yet".into(),
        },
    }
}

pub fn window(from: i64, to: i64) -> Window {
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

pub fn gap() -> Gap {
    Gap {
        source: "pgbr-main".into(),
        repo: 1,
        timeline: 4,
        first_missing: "0000000400000004000000F1".into(),
        last_missing: "0000000400000004000000F3".into(),
        from: ago(5 * DAY),
        to: Some(ago(4 * DAY)),
    }
}

pub fn full(label: &str, stopped: i64) -> Backup {
    backup("pgbr-main", label, Kind::Full, stopped, Status::Ok)
}

pub fn incr(label: &str, stopped: i64) -> Backup {
    backup("pgbr-main", label, Kind::Incr, stopped, Status::Ok)
}

pub fn dump(label: &str, stopped: i64, status: Status) -> Backup {
    backup("dumps", label, Kind::Dump, stopped, status)
}

/// Nine full ones, one that builds on the newest of them, three dumps of which one is cut short.
pub fn backups() -> Vec<Backup> {
    let fulls = (0..9).map(|day| full(&format!("2026100{}-220004F", 9 - day), HOUR * 3 + day * DAY));
    let mut backups: Vec<_> = fulls.collect();
    backups.push(Backup {
        parent: Some("20261009-220004F".into()),
        ..incr("20261009-220004F_20261010-060003I", HOUR)
    });
    backups.push(dump("ampora-20261006T0130.dump", 2 * HOUR, Status::Ok));
    backups.push(dump("ampora-20261005T0130.dump", 26 * HOUR, Status::Broken));
    backups.push(dump("ampora-20260928T0130.dump", 8 * DAY, Status::Ok));
    backups
}

/// Ten thousand, a new one each hour.
pub fn many() -> Vec<Backup> {
    let one = |hour: i64| match hour % 24 {
        0 => full(&format!("full-{hour:05}"), hour * HOUR),
        12 => dump(&format!("dump-{hour:05}.dump"), hour * HOUR, Status::Ok),
        _ => incr(&format!("incr-{hour:05}"), hour * HOUR),
    };
    (0..10_000).map(one).collect()
}
