use chrono::{DateTime, TimeDelta};
use domain::history::Seen;
use domain::rotation::{partings, spans};

use super::*;

const DAY: i64 = 86_400;

/// Before Tue 6 Oct 2026, 01:14:26 UTC.
fn ago(days: i64) -> Timestamp {
    DateTime::from_timestamp(1_791_249_266 - days * DAY, 0).expect("in range")
}

fn key(digit: char) -> String {
    format!("{digit}41e5f0600112233445566778899aabb")
}

/// A lane of values with the days on which they were looked at.
fn lane(runs: &[(String, i64, i64)]) -> Vec<Span> {
    let run = |(value, since, until): &(String, i64, i64)| Seen {
        value: value.clone(),
        since: ago(*since),
        until: ago(*until),
    };
    let runs: Vec<_> = runs.iter().map(run).collect();
    spans(&runs, TimeDelta::hours(25), ago(0))
}

fn plot(manager: &[(String, i64, i64)], live: &[(String, i64, i64)]) -> Rotation {
    let (manager, live) = (lane(manager), lane(live));
    let versions = [('2', "1"), ('7', "2")].map(|(digit, name)| (Fingerprint::from(key(digit)), name.to_owned()));
    Rotation {
        id: "keys".into(),
        from: ago(90),
        now: ago(0),
        partings: partings(&manager, &live, &live),
        lanes: vec![
            (Lane::Manager, manager),
            (Lane::InUse, live.clone()),
            (Lane::Envelopes, live),
        ],
        versions: versions.into(),
        versions_known: true,
    }
}

fn parted() -> Rotation {
    let manager = [(key('2'), 120, 61), (key('7'), 60, 0)];
    let live = [(key('2'), 120, 61), (key('7'), 60, 10), (key('c'), 9, 0)];
    plot(&manager, &live)
}

#[test]
fn the_drawing_is_the_same_every_time() {
    for width in Width::ALL {
        assert_eq!(rotation(&parted(), width), rotation(&parted(), width));
    }
    insta::assert_snapshot!(
        rotation(&parted(), Width::Middle)
            .replace("/>", "/>\n")
            .replace("</text>", "</text>\n")
    );
}

#[test]
fn it_has_no_style_no_colour_and_a_name() {
    let svg = rotation(&parted(), Width::Wide);
    assert!(
        !svg.contains("style=") && !svg.contains("#AB") && !svg.contains("rgb("),
        "{svg}"
    );
    assert!(
        svg.contains("role=\"img\"") && svg.contains("<title id=") && svg.contains("<desc id="),
        "{svg}"
    );
    assert!(svg.contains("They parted 27 Sep 01:14, for 9 d, in UTC."), "{svg}");
}

#[test]
fn each_key_keeps_its_band_and_is_named_on_it() {
    let ninety = parted();
    let year = Rotation {
        from: ago(366),
        ..parted()
    };
    for svg in [&ninety, &year].map(|plot| rotation(plot, Width::Wide)) {
        assert!(svg.contains(">version 2, 741e 5f06<"), "{svg}");
        assert!(
            svg.contains("fill=\"var(--band-2)\""),
            "the second key of the history: {svg}"
        );
        assert!(
            svg.contains("fill=\"var(--broken)\""),
            "the manager lacks the third: {svg}"
        );
        assert!(svg.contains(">c41e 5f06<"), "named behind now: {svg}");
    }
}

#[test]
fn without_a_fresh_list_of_versions_no_key_is_called_lacking() {
    let svg = rotation(
        &Rotation {
            versions: BTreeMap::new(),
            versions_known: false,
            ..parted()
        },
        Width::Wide,
    );
    assert!(
        svg.contains("fill=\"var(--band-3)\"") && !svg.contains("var(--broken-on)"),
        "{svg}"
    );
}

#[test]
fn what_nobody_knows_is_hatched_and_never_goes_on_in_colour() {
    let manager = [
        (key('7'), 40, 31),
        ("unknown: no answer".into(), 30, 21),
        (key('7'), 20, 0),
    ];
    let plot = plot(&manager, &[(key('7'), 40, 10)]);
    let svg = rotation(&plot, Width::Wide);
    // Before the first look in three lanes, the manager's answerless days, and two lanes that nobody looked at since.
    assert_eq!(svg.matches("fill=\"url(#hatch)\"").count(), 6, "{svg}");
    assert!(
        svg.contains(">not looked at yet<") && svg.contains(">unknown<"),
        "{svg}"
    );
    let lines = describe::lines(&plot);
    let unknown = lines.iter().filter(|line| {
        line.held
            .iter()
            .flatten()
            .any(|held| matches!(held, domain::rotation::Held::Unknown(_)))
    });
    assert_eq!(unknown.count(), 2);
}

#[test]
fn half_a_rotation_has_a_stripe_for_each_key() {
    let live = [
        (key('2'), 60, 10),
        (format!("mixed: {} {} none", key('2'), key('7')), 9, 0),
    ];
    let svg = rotation(&plot(&[(key('7'), 60, 0)], &live), Width::Middle);
    assert!(svg.contains(">several keys<"), "{svg}");
    let stripe = |paint: &str| svg.matches(&format!("height=\"7\" fill=\"{paint}\"")).count();
    assert!(stripe("var(--sea-band)") > 0 && stripe("var(--band-2)") > 0, "{svg}");
}

#[test]
fn a_history_of_nothing_is_unknown_from_end_to_end() {
    let svg = rotation(&plot(&[], &[]), Width::Slim);
    assert_eq!(svg.matches("fill=\"url(#hatch)\"").count(), 3, "{svg}");
    assert!(svg.contains("never looked at"), "{svg}");
}
