use std::fs;

use adapters::dumps::{DumpFolder, DumpPlace, Scratch};
use adapters::process::Tool;
use domain::ids::Big;

use super::*;
use crate::collect::Progress;

#[test]
fn a_wall_clock_is_read_in_its_zone_at_its_season() {
    let zone: Tz = "Europe/Berlin".parse().unwrap();
    let utc = |text: &str| zoned(text.parse().unwrap(), zone).map(|time| time.to_rfc3339());
    for (begun, expected) in [
        ("2026-01-15T12:00:00", Some("2026-01-15T11:00:00+00:00")),
        ("2026-07-15T12:00:00", Some("2026-07-15T10:00:00+00:00")),
        // Struck twice, left out.
        ("2026-10-25T02:30:00", Some("2026-10-25T00:30:00+00:00")),
        ("2026-03-29T02:30:00", None),
    ] {
        assert_eq!(utc(begun).as_deref(), expected, "{begun}");
    }
}

/// A listed dump whose file was written at this time.
async fn file(folder: &tempfile::TempDir, label: &str, modified: Timestamp) -> (Dumps, DumpFile) {
    let path = folder.path().join(label);
    let content: &[u8] = if label.ends_with(".sql") {
        b"-- PostgreSQL database dump\n"
    } else {
        b"PGDMP"
    };
    fs::write(&path, content).unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified.into())
        .unwrap();
    let place = DumpPlace::Folder(DumpFolder {
        name: "dumps".into(),
        dir: folder.path().into(),
    });
    let file = place.find(label).await.unwrap();
    let dumps = Dumps {
        place,
        zone: Some(chrono_tz::UTC),
        pg_restore: Tool::new("pg_restore"),
        scratch: Scratch {
            root: folder.path().join("scratch"),
            reader: None,
        },
        progress: Progress::default(),
    };
    (dumps, file)
}

fn reading(begun: Option<NaiveDateTime>) -> DumpReading {
    DumpReading {
        contents: Ok(DumpContents {
            sha256: Sha256([7; 32]),
            rows: [("public.tenants".to_owned(), Big(3))].into(),
            encoding: "UTF8".into(),
            collate: "C".into(),
            ctype: "C".into(),
            provider: Some(domain::locale::LocaleProvider::Libc),
            begun,
            server_version: "15.18".into(),
            tool_version: "15.18".into(),
            database: "ampora".into(),
            settings: Vec::new(),
            migration_head: None,
        }),
        openings: Vec::new(),
        sampled: 0,
        unparsed: 0,
        read_at: at("2026-11-02T00:00:00Z"),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_start_is_checked_against_the_time_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let ended = at("2026-11-01T03:00:00Z");
    let (mut dumps, file) = file(&folder, "a.dump", ended).await;
    let cases = [
        // begun, zone, status, started?, stopped?, words
        (
            Some("2026-11-01T02:00:00"),
            Some("UTC"),
            Status::Ok,
            true,
            true,
            "3 rows",
        ),
        (
            Some("2026-11-01T02:00:00"),
            None,
            Status::Ok,
            false,
            true,
            "zone unknown",
        ),
        (
            Some("2026-11-01T03:04:00"),
            Some("UTC"),
            Status::Ok,
            true,
            true,
            "3 rows",
        ),
        (
            Some("2026-11-01T03:06:00"),
            Some("UTC"),
            Status::Unknown,
            true,
            true,
            "begun after it was written",
        ),
        // A clock in Auckland shows a later hour; one two days ahead is wrong anywhere.
        (
            Some("2026-11-01T16:00:00"),
            None,
            Status::Ok,
            false,
            true,
            "zone unknown",
        ),
        (
            Some("2026-11-03T02:00:00"),
            None,
            Status::Unknown,
            false,
            true,
            "begun after it was written",
        ),
        (
            Some("2026-10-20T02:00:00"),
            Some("UTC"),
            Status::Ok,
            true,
            false,
            "more than 7 days after",
        ),
        (
            Some("2026-10-20T02:00:00"),
            None,
            Status::Ok,
            false,
            false,
            "more than 7 days after",
        ),
        (None, Some("UTC"), Status::Ok, false, true, "doesn’t name its start"),
    ];
    for (begun, zone, status, started, stopped, words) in cases {
        dumps.zone = zone.map(|zone| zone.parse().unwrap());
        let reading = reading(begun.map(|begun| begun.parse().unwrap()));
        let said = backup(&dumps, &file, Some(&reading), None);
        assert_eq!(said.status, status, "{begun:?} {zone:?}: {}", said.detail);
        assert_eq!(
            (said.started_at.is_some(), said.stopped_at.is_some()),
            (started, stopped),
            "{begun:?} {zone:?}"
        );
        assert!(said.detail.contains(words), "{}", said.detail);
    }
}

#[tokio::test]
async fn what_was_read_decides_what_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let ended = at("2026-11-01T03:00:00Z");
    let (dumps, file) = file(&folder, "a.dump", ended).await;
    let whole = reading(Some("2026-11-01T02:00:00".parse().unwrap()));
    let same = (Sha256([7; 32]), ended);
    let other = (Sha256([8; 32]), ended);
    let said = |reading: Option<&DumpReading>, first| {
        let said = backup(&dumps, &file, reading, first);
        (said.status, said.detail)
    };
    assert_eq!(said(None, None), (Status::Unknown, "not read yet".into()));
    assert_eq!(said(Some(&whole), Some(&same)).0, Status::Ok);
    let (status, detail) = said(Some(&whole), Some(&other));
    assert_eq!(status, Status::Broken);
    assert!(
        detail.contains("changed after it was first read on 2026-11-01 03:00 UTC"),
        "{detail}"
    );
    assert!(
        detail.contains(&"08".repeat(32)) && detail.contains(&"07".repeat(32)),
        "{detail}"
    );
    let cut = DumpReading {
        contents: Err("end of file".into()),
        ..whole.clone()
    };
    assert_eq!(said(Some(&cut), None), (Status::Broken, "end of file".into()));
    assert!(
        said(Some(&cut), Some(&same))
            .1
            .contains("it was whole when it was first read")
    );

    let (dumps, plain) = self::file(&folder, "p.sql", ended).await;
    let said = backup(&dumps, &plain, Some(&whole), None);
    assert_eq!(said.status, Status::Unknown);
    assert!(
        said.detail.starts_with("plain SQL: listed, never restored"),
        "{}",
        said.detail
    );
}
