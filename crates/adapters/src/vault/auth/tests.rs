use super::*;

fn lease(lasts: Option<u64>, renewable: bool) -> Lease {
    Lease::of(Grant {
        token: "s.test".into(),
        lasts,
        renewable,
    })
}

#[test]
fn a_lease_is_renewed_at_half_of_its_time_and_replaced_before_its_end() {
    let due = |lease: &Lease, seconds| lease.due(Duration::from_secs(seconds));
    let (renewable, batch) = (lease(Some(100), true), lease(Some(100), false));
    for (age, of_renewable, of_batch) in [
        (0, Due::Nothing, Due::Nothing),
        (49, Due::Nothing, Due::Nothing),
        (50, Due::Renewal, Due::Nothing),
        (90, Due::Login, Due::Login),
        (100, Due::Over, Due::Over),
    ] {
        assert_eq!(
            (due(&renewable, age), due(&batch, age)),
            (of_renewable, of_batch),
            "{age}"
        );
    }
}

#[test]
fn a_lease_without_end_lasts_and_one_that_isnt_understood_is_over() {
    let (root, odd) = (lease(Some(0), true), lease(None, true));
    assert_eq!(root.due(Duration::MAX), Due::Nothing);
    assert_eq!(odd.due(Duration::ZERO), Due::Over);
    assert_eq!(lease(Some(u64::MAX), true).due(Duration::from_secs(1)), Due::Nothing);
}
