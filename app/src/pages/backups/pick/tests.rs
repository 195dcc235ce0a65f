use domain::backup::Kind;
use domain::inventory::{Coverage, CoverageStatus};
use domain::plan::{Basis, DataLoss, Range};
use domain::route::{Missed, Nearest, Replay, Target, Took, Way};
use domain::wal::Lsn;
use leptos_router::params::ParamsMap;
use recovery::overview::Found;

use super::*;
use crate::pages::overview::proofs::text;
use crate::pages::overview::samples::{self, DAY, HOSTILE, HOUR, ago};

fn around(view: View) -> Around {
    Around {
        view,
        links: samples::links(),
        address: Address::new("/backups", ParamsMap::new()).with("range", "7d"),
        cannot_request: None,
    }
}

fn loss(min: i64, max: Option<i64>) -> DataLoss {
    DataLoss {
        basis: if max == Some(min) { Basis::Exact } else { Basis::Bounded },
        seconds: Some(Range { min, max }),
        ..DataLoss::unknown(ago(12))
    }
}

pub fn replayed() -> Found {
    let way = Way {
        source: "pgbr-main".into(),
        repo: 1,
        chain: vec!["20261009-220004F".into(), "20261009-220004F_20261010-060003I".into()],
        kind: Some(Kind::Incr),
        target: Target::Time,
        reaches: ago(HOUR),
        exact: true,
        replay: Some(Replay {
            timelines: vec![4, 5],
            from: Some(Lsn(0x5_3B00_0028)),
            to: Some(Lsn(0x5_3B01_0000)),
        }),
        loss: loss(3_588, Some(3_588)),
        takes: None,
        key: None,
    };
    let argv = [
        "pgbackrest",
        "--stanza=ampora",
        "--target=2026-10-06 00:14:26.000000+00",
        "restore",
    ];
    Found {
        by_hand: Some(argv.map(Into::into).into()),
        way,
    }
}

pub fn copy() -> Found {
    let way = Way {
        source: "dumps".into(),
        repo: 0,
        chain: vec!["ampora-20261006T0130.dump".into()],
        kind: Some(Kind::Dump),
        target: Target::AsTaken,
        reaches: ago(2 * HOUR + 468),
        exact: true,
        replay: None,
        loss: loss(7_656, None),
        takes: Some(Took {
            min: 244,
            max: 260,
            of: 3,
        }),
        key: Some(Coverage {
            backup: "ampora-20261006T0130.dump".into(),
            version: Some("2".into()),
            status: CoverageStatus::Proven,
            proven_at: Some(ago(DAY)),
            detail: String::new(),
            warning: None,
            at: None,
        }),
    };
    Found { by_hand: None, way }
}

pub fn found(at: Timestamp, ways: Vec<Found>, missed: Option<Missed>) -> RestoreTo {
    RestoreTo {
        at,
        ways,
        missed,
        image: None,
        migration_head: Some("20260901_AddPolicies".into()),
        newest_commit: Some(ago(12)),
    }
}

fn shown(around: Around, found: RestoreTo) -> String {
    let picked = Picked::At(found.at);
    let html = Owner::new().with(|| view! { <RestoreHere around picked found=Some(found) /> }.to_html());
    html.replace("<!>", "")
}

#[test]
fn each_way_says_what_it_takes_and_what_it_loses() {
    let html = shown(
        around(samples::good()),
        found(ago(HOUR), vec![replayed(), copy()], None),
    );
    let said = text(&html);
    for says in [
        "Tue 6 Oct 2026, 00:14:26 UTC, 1 h ago: 2 ways to it",
        "Best: pgbr-main repo1, incr 20261009-220004F_20261010-060003I",
        "timelines 4 → 5",
        "5/3B000028 to 5/3B010000",
        "59 min 48 s of commits; production as read 12 s ago",
        "not known: no restore from this source was measured yet",
        "not known: no key was tried on this backup",
        "Not run by Muster",
        "2 h 7 min of commits at least",
        "4 min 4 s to 4 min 20 s, in 3 restores like it",
        "version 2 opens it",
        "Migration head 20260901_AddPolicies",
        "not known: not seen by Muster",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    assert!(
        html.contains("'--target=2026-10-06 00:14:26.000000+00'"),
        "the command is quoted: {html}"
    );
    assert_eq!(
        html.matches("<details open class=\"way\"").count(),
        1,
        "only the best stands open: {html}"
    );
    let request = "href=\"/requests/new?kind=restore%2Ddump&amp;deployment=ampora%2Dprod&amp;source=dumps&amp;backup=ampora%2D20261006T0130%2Edump\"";
    assert!(html.contains(request), "{html}");
}

#[test]
fn a_time_in_a_gap_names_what_is_missing_and_the_nearest_moments() {
    let near = |at, label: Option<&str>| Nearest {
        at,
        source: "pgbr-main".into(),
        repo: 1,
        label: label.map(Into::into),
    };
    let missed = Missed {
        before: Some(near(ago(5 * DAY), None)),
        after: Some(near(ago(4 * DAY), Some("F"))),
        gaps: vec![samples::gap()],
    };
    let html = shown(
        around(samples::fresh()),
        found(ago(4 * DAY + HOUR), Vec::new(), Some(missed)),
    );
    let said = text(&html);
    for says in [
        "nothing reaches it",
        "0000000400000004000000F1 to 0000000400000004000000F3 are missing",
        "Nearest before: Thu 1 Oct 2026, 01:14:26 UTC, 23 h away, a window, pgbr-main repo1",
        "Nearest after: Fri 2 Oct 2026, 01:14:26 UTC, 1 h away, F, pgbr-main repo1",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    assert!(
        html.contains("/backups?range=7d&amp;at=2026%2D10%2D02%2001%3A14%3A26#restore-to"),
        "{html}"
    );
}

#[test]
fn the_future_and_the_time_before_everything_say_so() {
    let nothing = || Missed {
        before: None,
        after: None,
        gaps: Vec::new(),
    };
    let later = text(&shown(
        around(samples::fresh()),
        found(ago(-HOUR), Vec::new(), Some(nothing())),
    ));
    assert!(
        later.contains("1 h in the future") && later.contains("nothing was written then"),
        "{later}"
    );
    let after = Nearest {
        at: ago(9 * DAY),
        source: "pgbr-main".into(),
        repo: 1,
        label: None,
    };
    let before = Missed {
        after: Some(after),
        ..nothing()
    };
    let before = text(&shown(
        around(samples::fresh()),
        found(ago(90 * DAY), Vec::new(), Some(before)),
    ));
    assert!(
        before.contains("older than everything that can be restored"),
        "{before}"
    );
}

#[test]
fn a_source_that_was_not_read_leaves_its_ways_unknown() {
    let nothing = Missed {
        before: None,
        after: None,
        gaps: Vec::new(),
    };
    let html = shown(around(samples::unknown()), found(ago(HOUR), Vec::new(), Some(nothing)));
    let said = text(&html);
    assert!(said.contains("What it could restore is not known"), "{said}");
    assert!(!html.contains("data-tone=\"ok\""), "{html}");
}

#[test]
fn what_is_no_time_is_refused_at_its_field() {
    let address = |text: &str| Address::new("/backups", ParamsMap::new()).with("at", text);
    assert_eq!(Picked::of(&address("2026-10-06 03:14:26+02:00")), Picked::At(ago(0)));
    assert_eq!(Picked::of(&address("")), Picked::Nothing);
    let picked = Picked::of(&address(HOSTILE));
    assert_eq!(picked, Picked::NotATime(HOSTILE.into()));
    let around = around(samples::fresh());
    let html = Owner::new().with(|| view! { <RestoreHere around picked found=None /> }.to_html());
    assert!(
        html.contains("aria-invalid=\"true\"") && html.contains("This is no time"),
        "{html}"
    );
    assert!(!html.contains("<script>"), "{html}");
    assert!(
        html.contains("type=\"hidden\" name=\"range\" value=\"7d\""),
        "the rest of the address is kept: {html}"
    );
}

#[test]
fn hostile_names_in_a_way_stay_text() {
    let mut hostile = replayed();
    hostile.way.source = HOSTILE.into();
    hostile.way.chain = vec![HOSTILE.into()];
    hostile.by_hand = Some(vec!["pgbackrest".into(), HOSTILE.into()]);
    let html = shown(around(samples::hostile()), found(ago(HOUR), vec![hostile], None));
    assert!(
        !html.contains("<script>") && !text(&html).contains('\u{202e}'),
        "{html}"
    );
}

#[test]
fn a_loss_of_nothing_and_one_that_is_not_known_have_words_of_their_own() {
    let none = loss::lost(&loss(0, Some(0)), ago(0));
    assert!(none.1.starts_with("nothing that is known"), "{none:?}");
    let unknown = DataLoss {
        basis: Basis::Unknown,
        seconds: None,
        ..loss(0, None)
    };
    assert_eq!(loss::lost(&unknown, ago(0)).0, Word::Unknown);
    assert_eq!(
        loss::lost(&loss(60, Some(120)), ago(0)).1,
        "1 min to 2 min of commits; production as read 12 s ago"
    );
}
