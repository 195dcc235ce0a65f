use super::*;

#[test]
fn a_few_spoilt_envelopes_are_damage_and_many_are_unknown() {
    let few = judge(&evidence(vec![group("b", 200, &[(1, 197)])]));
    assert_eq!((few.verdict, few.damaged), (Verdict::InSync, 3));
    let many = judge(&evidence(vec![group("b", 200, &[(1, 196)])]));
    assert_eq!(many.verdict, Verdict::Unknown);
    let one_in_a_thousand = judge(&evidence(vec![group("b", 9000, &[(1, 8991)])]));
    assert_eq!(
        (one_in_a_thousand.verdict, one_in_a_thousand.damaged),
        (Verdict::InSync, 9)
    );
}

#[test]
fn damage_is_named_and_only_the_first_few() {
    let finding = judge(&evidence(vec![group("b", 9000, &[(1, 8991)])]));
    assert_eq!(finding.damage.len(), 5);
    assert_eq!(finding.damage[0].value, place(100));
    assert!(
        finding.detail.contains("9 damaged (ca_signing_keys.PrivateKey of 100"),
        "{}",
        finding.detail
    );
}

#[test]
fn an_id_that_opens_others_anywhere_or_is_at_hand_tells_damage_from_drift() {
    let elsewhere = Group {
        column: "git_config_sources.Credential".into(),
        ..group("b", 1, &[])
    };
    let finding = judge(&evidence(vec![group("b", 200, &[(1, 200)]), elsewhere]));
    assert_eq!((finding.verdict, finding.damaged), (Verdict::InSync, 1));
    let of_an_old_key = judge(&evidence(vec![group("b", 200, &[(1, 200)]), group("a", 1, &[])]));
    assert_eq!((of_an_old_key.verdict, of_an_old_key.damaged), (Verdict::InSync, 1));
    let all = judge(&evidence(vec![group("b", 2, &[])]));
    assert_eq!(all.verdict, Verdict::Unknown, "nothing is left to judge by");
}

#[test]
fn without_ids_a_column_that_opens_nearly_whole_is_damaged_and_another_is_mixed() {
    let damaged = judge(&evidence(vec![nameless(300, &[(1, 297)])]));
    assert_eq!((damaged.verdict, damaged.damaged), (Verdict::InSync, 3));
    let mixed = judge(&evidence(vec![nameless(100, &[(1, 98)])]));
    assert_eq!(mixed.verdict, Verdict::Mixed);
    let too_many = judge(&evidence(vec![nameless(1000, &[(1, 996)])]));
    assert_eq!(too_many.verdict, Verdict::Unknown);
}

#[test]
fn a_spoilt_id_is_damage_and_ids_of_another_kind_are_not() {
    let spoilt = judge(&evidence(vec![
        group("b", 999, &[(1, 999)]),
        group("spoilt", 1, &[(1, 1)]),
    ]));
    assert_eq!((spoilt.verdict, spoilt.damaged), (Verdict::InSync, 1));
    assert_eq!(spoilt.damage[0].value, place(0));
    let per_row = (0..50).map(|number| group(&number.to_string(), 1, &[(1, 1)])).collect();
    let finding = judge(&evidence(per_row));
    assert_eq!((finding.verdict, finding.damaged), (Verdict::InSync, 0));
}
