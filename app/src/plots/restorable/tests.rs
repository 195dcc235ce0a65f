use chrono::{DateTime, Duration};
use domain::backup::Kind;
use domain::upgrade::Part;
use domain::wal::Lsn;

use super::*;

const NOW: i64 = 1_791_249_266; // Tue 6 Oct 2026, 01:14:26 UTC

fn ago(hours: i64) -> Timestamp {
    DateTime::from_timestamp(NOW, 0).expect("in range") - Duration::hours(hours)
}

fn window(repo: u32, from: i64, to: i64) -> Window {
    Window {
        source: "pgbr-main".into(),
        repo,
        from: ago(from),
        to: ago(to),
        end_lsn: Some(Lsn(0x5_3B00_0000)),
        timelines: vec![4],
        exact: true,
    }
}

fn copies(kind: Kind, hours: i64, status: Status) -> Copies {
    Copies {
        at: ago(hours),
        kind,
        status,
        count: 1,
    }
}

fn read(reading: Reading) -> Vec<(String, Reading)> {
    vec![("pgbr-main".into(), reading)]
}

fn plot() -> Restorable {
    Restorable {
        id: "spans".into(),
        from: ago(35 * 24),
        to: ago(-12),
        now: ago(0),
        picked: None,
        sources: read(Reading::Fresh),
        windows: vec![window(1, 33 * 24, 19 * 24), window(1, 18 * 24, 0)],
        gaps: vec![Gap {
            source: "pgbr-main".into(),
            repo: 1,
            timeline: 4,
            first_missing: "0000000400000004000000F1".into(),
            last_missing: "0000000400000004000000F3".into(),
            from: ago(19 * 24),
            to: Some(ago(18 * 24)),
        }],
        copies: vec![
            copies(Kind::Full, 48, Status::Ok),
            copies(Kind::Incr, 24, Status::Broken),
            copies(Kind::Dump, 12, Status::Unknown),
        ],
        upgrades: vec![Upgrade {
            what: Part::Image,
            from: "sha256:aa <b>".into(),
            to: "sha256:bb".into(),
            last_old: ago(72),
            first_new: ago(70),
        }],
        key: Some(KeyLane {
            name: "Key in Vault opens it".into(),
            spans: vec![
                KeySpan {
                    from: ago(33 * 24),
                    to: ago(6 * 24),
                    opens: Status::Ok,
                },
                KeySpan {
                    from: ago(6 * 24),
                    to: ago(0),
                    opens: Status::Broken,
                },
            ],
        }),
    }
}

#[test]
fn the_drawing_is_the_same_every_time() {
    for width in Width::ALL {
        assert_eq!(restorable(&plot(), width), restorable(&plot(), width));
    }
    insta::assert_snapshot!(
        restorable(&plot(), Width::Middle)
            .replace("/>", "/>\n")
            .replace("</text>", "</text>\n")
    );
}

#[test]
fn it_has_no_style_no_colour_and_a_name() {
    let svg = restorable(&plot(), Width::Wide);
    assert!(
        !svg.contains("style=") && !svg.contains("#AB") && !svg.contains("rgb("),
        "{svg}"
    );
    assert!(
        svg.contains("role=\"img\"") && svg.contains("<title id=") && svg.contains("<desc id="),
        "{svg}"
    );
}

#[test]
fn what_was_not_read_is_hatched_and_said() {
    let svg = restorable(
        &Restorable {
            sources: read(Reading::NotSince(ago(60))),
            ..plot()
        },
        Width::Wide,
    );
    assert!(svg.contains("url(#hatch)"), "{svg}");
    assert!(svg.contains("not read since 3 Oct 13:14<"), "{svg}");
    assert!(svg.contains("Nothing was read since 3 Oct 13:14 UTC."), "{svg}");
}

#[test]
fn nothing_read_is_no_empty_plot() {
    let empty = Restorable {
        sources: Vec::new(),
        windows: Vec::new(),
        gaps: Vec::new(),
        copies: Vec::new(),
        key: None,
        ..plot()
    };
    for width in Width::ALL {
        let svg = restorable(&empty, width);
        assert!(svg.contains("never read") && svg.contains("url(#hatch)"), "{svg}");
    }
}

#[test]
fn a_gap_is_seen_however_short_it_is() {
    let mut short = plot();
    short.gaps[0].to = Some(short.gaps[0].from);
    let svg = restorable(&short, Width::Slim);
    assert!(svg.matches("stroke=\"var(--broken)\"").count() >= 2, "{svg}");
}

#[test]
fn each_repository_has_its_own_lane() {
    let mut two = plot();
    two.windows.push(window(2, 10 * 24, 1));
    let svg = restorable(&two, Width::Middle);
    assert!(
        svg.contains(">Restorable, pgbr-main repo1<") && svg.contains(">Restorable, pgbr-main repo2<"),
        "{svg}"
    );
}

#[test]
fn one_source_that_fell_silent_is_hatched_and_the_other_is_not() {
    let mut two = plot();
    two.sources.push(("pgbr-far".into(), Reading::Never));
    let svg = restorable(&two, Width::Wide);
    assert!(svg.contains(">Restorable, pgbr-far<"), "{svg}");
    assert_eq!(svg.matches("fill=\"url(#hatch)\"").count(), 1, "{svg}");
}

#[test]
fn an_end_that_is_known_about_only_is_dashed() {
    let mut about = plot();
    let dashes = |plot: &Restorable| {
        restorable(plot, Width::Wide)
            .matches("stroke=\"var(--unknown)\"")
            .count()
    };
    let before = dashes(&about);
    about.windows[1].exact = false;
    assert!(dashes(&about) > before);
}

#[test]
fn an_upgrade_lies_between_two_looks() {
    let svg = restorable(&plot(), Width::Wide);
    assert!(
        svg.contains(">Upgrades of Ampora<") && svg.contains(">image 3 Oct 03:14<"),
        "{svg}"
    );
    let line = describe::lines(&plot()).into_iter().find(|line| line.status.is_none());
    assert!(line.expect("its line").detail.starts_with("sha256:aa <b> to sha256:bb"));
}

#[test]
fn marks_that_stand_for_several_say_for_how_many() {
    let mut many = plot();
    assert_eq!(describe::clustered(&many), None);
    many.copies[0].count = 40;
    assert_eq!(
        describe::clustered(&many).as_deref(),
        Some("42 backups in 3 marks, up to 40 in one: the worst of them shows")
    );
}

#[test]
fn every_part_of_the_past_can_be_picked_and_no_part_of_the_future() {
    let picks = picks(&plot());
    assert_eq!(picks.len(), 96);
    let times: Vec<_> = picks.iter().flatten().collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(times.iter().all(|at| **at <= ago(0) && at.timestamp() % 60 == 0));
    assert!(
        picks.last().expect("96 of them").is_none(),
        "twelve hours of it are to come"
    );
}

#[test]
fn the_picked_time_is_named() {
    let svg = restorable(
        &Restorable {
            picked: Some(ago(1)),
            ..plot()
        },
        Width::Slim,
    );
    assert!(
        svg.contains(">restore to 00:14:26<") && svg.contains("var(--call)"),
        "{svg}"
    );
}

#[test]
fn the_table_has_every_span_and_gap() {
    let lines = describe::lines(&plot());
    assert_eq!(lines.len(), 6);
    assert!(
        lines
            .iter()
            .any(|line| line.detail.contains("0000000400000004000000F1"))
    );
    assert!(lines.windows(2).all(|pair| pair[0].from <= pair[1].from));
}

#[test]
fn a_managed_service_has_neither_repository_nor_wal() {
    let mut managed = plot();
    managed.sources = vec![("rds-main".into(), Reading::Fresh)];
    managed.windows = vec![Window {
        source: "rds-main".into(),
        end_lsn: None,
        timelines: Vec::new(),
        ..window(0, 24, 1)
    }];
    let lines = describe::lines(&managed);
    let line = lines.iter().find(|line| line.what == "Restorable, rds-main");
    assert_eq!(line.expect("its line").detail, "any second, as the service says");
}
