//! What the cells of one backup say together.

use super::*;
use crate::coverage::{Answer, Urgency, by_backup, endings};

fn cell(version: Option<&str>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: "full".into(),
        version: version.map(Into::into),
        status,
        proven_at: (status == CoverageStatus::Proven).then(|| days_ago(3)),
        detail: status.word().into(),
        warning: None,
        at: None,
    }
}

fn answer(cells: &[Coverage]) -> (Urgency, CoverageStatus, Vec<String>) {
    let cells: Vec<_> = cells.iter().collect();
    let answer = Answer::of(&cells);
    (
        answer.urgency,
        answer.status,
        answer.versions.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn one_key_that_is_missing_outweighs_others_that_are_there() {
    use CoverageStatus::{Expected, Missing, Proven, Refuted, Unknown};
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (two, three) = (Some("2"), Some("3"));
    for (cells, urgency, status, versions) in [
        (vec![], Urgency::Unknown, Unknown, vec![]),
        (vec![cell(two, Refuted)], Urgency::Unknown, Unknown, vec![]),
        (
            vec![cell(two, Refuted), cell(three, Proven)],
            Urgency::Opens,
            Proven,
            names(&["3"]),
        ),
        (
            vec![cell(two, Proven), cell(three, Proven)],
            Urgency::Opens,
            Proven,
            names(&["2", "3"]),
        ),
        (vec![cell(two, Expected)], Urgency::Opens, Expected, names(&["2"])),
        (
            vec![cell(two, Expected), cell(None, Unknown)],
            Urgency::Unknown,
            Unknown,
            vec![],
        ),
        (
            vec![cell(two, Proven), cell(None, Missing)],
            Urgency::AtRisk,
            Missing,
            vec![],
        ),
    ] {
        assert_eq!(answer(&cells), (urgency, status, versions), "{cells:?}");
    }
}

#[test]
fn what_goes_later_opens_today_and_is_at_risk() {
    let going = Coverage {
        status: CoverageStatus::Missing,
        warning: Some("version 2 goes".into()),
        at: Some(NOW + TimeDelta::days(9)),
        ..cell(Some("2"), CoverageStatus::Proven)
    };
    let cells = [&going];
    let answer = Answer::of(&cells);
    assert_eq!(
        (answer.urgency, answer.status),
        (Urgency::AtRisk, CoverageStatus::Proven)
    );
    assert_eq!(
        (answer.versions, answer.gone_at),
        (vec!["2"], Some(NOW + TimeDelta::days(9)))
    );
    assert_eq!(
        (answer.warning, answer.proven_at),
        (Some("version 2 goes"), Some(days_ago(3)))
    );
    let disabled = Coverage {
        warning: Some("version 2 is disabled".into()),
        ..cell(Some("2"), CoverageStatus::Expected)
    };
    assert_eq!(Answer::of(&[&disabled]).urgency, Urgency::AtRisk);
}

#[test]
fn versions_that_go_are_named_with_what_depends_on_them() {
    let keep = |at| Keep::Until {
        at,
        why: "max age".into(),
    };
    let (soon, late) = (NOW + TimeDelta::days(2), NOW + TimeDelta::days(60));
    let mut keys = Keys {
        versions: vec![
            KeyVersion {
                keep: keep(late),
                ..version("1", 300)
            },
            KeyVersion {
                keep: keep(soon),
                ..version("2", 200)
            },
            KeyVersion {
                keep: Keep::Writes {
                    left: 1,
                    why: String::new(),
                },
                ..version("3", 100)
            },
            KeyVersion {
                keep: Keep::AtRisk { why: String::new() },
                ..version("4", 50)
            },
            version("5", 10),
        ],
        ..world(Vec::new()).keys
    };
    let warned = |version: &str, status, at| Coverage {
        warning: Some("goes".into()),
        at,
        ..cell(Some(version), status)
    };
    keys.coverage = vec![
        warned("1", CoverageStatus::Proven, Some(late)),
        warned("2", CoverageStatus::Missing, Some(soon)),
        warned("2", CoverageStatus::Missing, Some(soon)),
        warned("3", CoverageStatus::Expected, None),
        cell(Some("5"), CoverageStatus::Proven),
    ];
    let endings = endings(&keys);
    let told: Vec<_> = endings
        .iter()
        .map(|it| (it.version, it.at, it.backups, it.outlive))
        .collect();
    assert_eq!(
        told,
        [("2", Some(soon), 2, 2), ("1", Some(late), 1, 0), ("3", None, 1, 0)]
    );
    assert_eq!(by_backup(&keys.coverage)["full"].len(), 5);
}
