use domain::drift::Verdict;
use domain::status::Status;

use super::world::{Form, World};

#[tokio::test(flavor = "multi_thread")]
async fn one_envelope_of_another_key_is_found_among_twelve_thousand() {
    let world = World::new(Form::Usual).await;
    world.manager(&[1, 2], 2);
    world.wrap(0..12_000, 2).await;
    let whole = world.is(Verdict::InSync, Status::Ok).await;
    assert_eq!(whole.envelopes.columns[0].rows, 12_000);
    assert!(whole.envelopes.sampled < 12_000, "a sample is enough");
    world.wrap([7_777], 1).await;
    let keys = world.is(Verdict::Mixed, Status::Broken).await;
    let shares = keys.envelopes.shares.expect("proven");
    let old = shares.of.values().min().expect("two keys");
    assert_eq!((*old, shares.margin), (83, 0), "one in 12 000, counted");
}
