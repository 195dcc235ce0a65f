use proptest::prelude::*;

use super::*;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "y", "z"];

/// Groups as they come of envelopes: of one key id each, opened by its key or by none. `y` and `z` are of keys that nobody has.
fn groups() -> impl Strategy<Value = Vec<Group>> {
    let one = (0..6_usize, 1..2000_u64, 0..4_u64, 0..3_usize).prop_map(|(name, sampled, spoilt, column)| {
        let opened = sampled.saturating_sub(spoilt);
        let opened: &[(usize, u64)] = if name < 4 && opened > 0 { &[(name, opened)] } else { &[] };
        Group {
            column: format!("table{column}.value"),
            ..group(NAMES[name], sampled, opened)
        }
    });
    proptest::collection::vec(one, 0..6)
}

fn evidences() -> impl Strategy<Value = Evidence> {
    (groups(), 0..20_u64, any::<bool>(), any::<bool>()).prop_map(
        |(groups, unparsed, layout_proven, current_opened_before)| Evidence {
            unparsed,
            layout_proven,
            current_opened_before,
            ..evidence(groups)
        },
    )
}

proptest! {
    #[test]
    fn in_sync_takes_an_envelope_that_the_current_version_opened(evidence in evidences()) {
        let finding = judge(&evidence);
        let opened: u64 = evidence.groups.iter().map(Group::opened).sum();
        if opened == 0 {
            prop_assert_ne!(finding.verdict, Verdict::InSync);
        }
        if finding.verdict == Verdict::InSync {
            let by_current = |opened: &Opened| opened.candidate == 1;
            prop_assert!(evidence.groups.iter().flat_map(|group| &group.opened).all(by_current));
        }
        let expected = match finding.verdict {
            Verdict::InSync => Status::Ok,
            Verdict::Unknown => Status::Unknown,
            _ => Status::Broken,
        };
        prop_assert_eq!(finding.status, expected);
        prop_assert!(!finding.detail.is_empty());
    }

    #[test]
    fn nothing_changes_when_a_bearable_envelope_is_spoilt(evidence in evidences(), column in 0..3_usize) {
        let before = judge(&evidence);
        if before.verdict == Verdict::Unknown {
            return Ok(());
        }
        let total: u64 = evidence.groups.iter().map(|group| group.sampled).sum();
        let unopened: u64 = evidence.groups.iter().filter(|group| !group.opened.is_empty()).map(Group::unopened).sum();
        let Some(opener) = evidence.groups.iter().find(|group| !group.opened.is_empty()) else {
            return Ok(());
        };
        if before.damaged >= (total / 1000).max(3) || unopened > before.damaged {
            return Ok(());
        }
        let spoilt = Group {
            column: format!("table{column}.value"),
            key_id: opener.key_id.clone(),
            ..group("", 1, &[])
        };
        let mut more = evidence.clone();
        more.groups.push(spoilt);
        let after = judge(&more);
        prop_assert_eq!(after.verdict, before.verdict);
        prop_assert_eq!(after.damaged, before.damaged + 1);
    }

    #[test]
    fn the_order_of_groups_says_nothing(evidence in evidences(), seed in any::<u64>()) {
        let mut other = evidence.clone();
        let length = other.groups.len().max(1) as u64;
        other.groups.sort_by_cached_key(|group| (group.sampled ^ seed) % length);
        other.groups.reverse();
        let (one, two) = (judge(&evidence), judge(&other));
        prop_assert_eq!((one.verdict, one.status, one.damaged), (two.verdict, two.status, two.damaged));
        prop_assert_eq!(one.shares, two.shares);
    }

    #[test]
    fn nothing_that_was_remembered_makes_anything_worse_than_unknown_ok(evidence in evidences(), grew in any::<bool>()) {
        let at = chrono::DateTime::UNIX_EPOCH;
        let before = Shares {
            newest: id("b").0,
            of: [(id("b").0, if grew { 0 } else { 1_000_000 })].into(),
            margin: 0,
            at: Some(at),
            grew_at: None,
        };
        let finding = judge(&evidence);
        let seen = finding.clone().after(Some(&before), at);
        prop_assert_eq!(seen.verdict, finding.verdict);
        let changed = seen.status != finding.status;
        prop_assert!(!changed || (seen.verdict == Verdict::Mixed && seen.movement == Some(Movement::Moving)));
    }

    #[test]
    fn no_counts_make_it_panic(counts in proptest::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 0..4)) {
        let odd = |(sampled, opened, rows): (u64, u64, u64)| Group {
            rows,
            ..group("b", sampled >> 8, &[(1, (opened >> 8).min(sampled >> 8))])
        };
        let _ = judge(&evidence(counts.into_iter().map(odd).collect()));
    }
}
