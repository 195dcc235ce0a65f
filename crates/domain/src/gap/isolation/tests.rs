use chrono::DateTime;

use super::*;
use crate::gap::tests::vitals;
use crate::ids::Big;
use crate::vitals::Sign;

fn secured(tables: u64, forced: u64) -> Vitals {
    let mut vitals = vitals(50, &["aa"]);
    vitals.signs.row_security = Sign::Known(RowSecurity {
        tables: Big(tables),
        forced: Big(forced),
        policies: "ab".repeat(32),
    });
    vitals
}

fn told(before: Option<Vitals>, found: &Vitals, exempt: Option<&str>, sights: &[Sight]) -> (Outcome, String) {
    let seen = Isolation {
        role: "ampora".into(),
        exempt: exempt.map(str::to_owned),
        tables: sights
            .iter()
            .map(|sight| ("agents".to_owned(), sight.clone()))
            .collect(),
    };
    let mut report = GapReport::new("demo", DateTime::UNIX_EPOCH, None, Vec::new());
    report.before = before;
    let report = report.isolated(Some(found), Ok(&seen));
    let [one] = report.comparisons.as_slice() else {
        panic!("{:?}", report.comparisons)
    };
    (one.outcome, one.detail.clone())
}

#[test]
fn rows_of_others_are_broken_and_the_cause_is_named() {
    let known = || Some(secured(5, 5));
    let (outcome, detail) = told(known(), &secured(5, 5), None, &[Sight::Own, Sight::Own]);
    assert_eq!(outcome, Outcome::Same, "{detail}");
    for (found, exempt, sight, words) in [
        (secured(5, 5), Some("BYPASSRLS"), Sight::Others, "has BYPASSRLS"),
        (secured(5, 5), None, Sight::Others, "pg_policies"),
        (secured(5, 4), None, Sight::OthersAsOwner, "FORCE ROW LEVEL SECURITY"),
        (secured(4, 4), None, Sight::Unguarded, "ENABLE ROW LEVEL SECURITY"),
    ] {
        let (outcome, detail) = told(known(), &found, exempt, &[Sight::Own, sight]);
        assert_eq!(outcome, Outcome::Broken, "{detail}");
        assert!(
            detail.contains(words) && detail.contains("Don’t start Ampora"),
            "{detail}"
        );
    }
}

#[test]
fn what_was_so_in_production_is_told_and_what_is_not_proven_is_unknown() {
    let found = secured(5, 0);
    let (outcome, detail) = told(Some(secured(5, 0)), &found, None, &[Sight::OthersAsOwner]);
    assert_eq!(outcome, Outcome::Same);
    assert!(detail.contains("as in production"), "{detail}");
    for (before, sights) in [
        (None, vec![Sight::OthersAsOwner]),
        (
            Some(secured(5, 0)),
            vec![Sight::Own, Sight::Unproven("no policy".into())],
        ),
        (Some(secured(0, 0)), vec![Sight::Unguarded]),
        (Some(secured(0, 0)), vec![]),
    ] {
        let (outcome, detail) = told(before, &found, None, &sights);
        assert_eq!(outcome, Outcome::Unknown, "{detail}");
    }
}
