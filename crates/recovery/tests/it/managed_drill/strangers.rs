//! Instances that are only called like a drill's are nobody's to delete.

use domain::drill::{Choice, TemporaryInstance, Verdict};
use domain::ids::DrillId;
use recovery::drills;
use testkit::rds::Instance;
use uuid::Uuid;

use super::world::{Rehearsed, code};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_called_like_a_drills_is_let_alone() {
    let site = Rehearsed::agreed().await;
    let done = site.drill(Choice::Latest).await.drill;
    assert_eq!(done.verdict, Some(Verdict::Passed), "{done:#?}");
    let deletions = site.api.calls("DeleteDBInstance").len();
    let own = done.id.to_string();
    let stranger = DrillId(Uuid::from_u128(7));
    let foreign = stranger.to_string();
    for (name, tags) in [
        // Somebody's own.
        ("muster-drill-rehearsal".to_owned(), vec![]),
        // Of a drill that this Muster doesn't know.
        (
            TemporaryInstance::name_of(stranger),
            vec![("muster-drill", foreign.as_str())],
        ),
        // With the tag of a drill that is over, and another name.
        ("muster-drill-0".to_owned(), vec![("muster-drill", own.as_str())]),
        // The name and tag of a drill that is over, but another instance.
        (
            TemporaryInstance::name_of(done.id),
            vec![("muster-drill", own.as_str())],
        ),
    ] {
        site.api.adds(Instance::usual(&name, site.endpoint.clone()), &tags);
    }
    for _ in 0..3 {
        drills::sweep(&site.site.services).await;
    }
    assert_eq!(site.api.calls("DeleteDBInstance").len(), deletions);
    assert_eq!(site.api.instances().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_already_is_not_touched() {
    let site = Rehearsed::agreed().await;
    for tags in [vec![], vec![("muster-drill", "00000000-0000-0000-0000-000000000007")]] {
        let id = site.queue(Choice::Latest).await;
        let name = TemporaryInstance::name_of(id);
        site.api.adds(Instance::usual(&name, site.endpoint.clone()), &tags);
        let drill = site.finish(id).await.drill;
        assert_eq!(
            (drill.verdict, code(&drill)),
            (Some(Verdict::EnvironmentBroken), "name-taken"),
            "{drill:#?}"
        );
        assert!(site.api.instances().contains(&name));
    }
    assert!(site.api.calls("DeleteDBInstance").is_empty());
}
