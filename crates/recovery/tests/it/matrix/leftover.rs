//! A drill's copy at AWS that Muster may not delete: an RDS of our own, with a real server behind the copy's address.

use chrono::{TimeDelta, Utc};
use domain::drill::Choice;
use domain::finding::Found;
use domain::role::Actor;
use domain::rules::Looks;
use recovery::{Clock, collect, drills, findings};

use super::patient::only;
use crate::managed_drill::world::Rehearsed;

/// What one look at the backups finds of leftovers.
async fn told(site: &Rehearsed) -> Vec<(&'static str, Found)> {
    let services = &site.site.services;
    let deployment = &services.settings.deployments[0];
    let actor = Actor::job("matrix");
    // Kept off the small stack of a test.
    let looked = Box::pin(collect::again(services, deployment, &[Looks::Backups], &actor)).await;
    looked.expect("is kept");
    let (all, now) = (&services.settings.deployments, services.clock.now());
    let known = Box::pin(findings::known(&services.store, all, deployment, now)).await;
    let judged = findings::judge(deployment, &known.expect("reads"), now).into_iter();
    let found = judged.filter_map(|(rule, says)| Some((rule.code, says.ok()??)));
    found.filter(|(code, _)| *code == "drill-leftover").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_muster_may_not_delete_is_told_after_a_day_until_it_may() {
    let mut site = Rehearsed::agreed().await;
    site.api.refuses("DeleteDBInstance", "AccessDenied", "not authorized");
    let drill = Box::pin(site.drill(Choice::Latest)).await.drill;
    assert!(told(&site).await.is_empty(), "Muster tries again first");
    site.site.services.clock = Clock::new(|| Utc::now() + TimeDelta::hours(25));
    let found = only("drill-leftover", told(&site).await);
    let name = drill.instance.expect("it is written down").name;
    assert!(found.recovery().contains(&name), "{}", found.recovery());
    site.api.refuses_nothing();
    drills::sweep(&site.site.services).await;
    assert!(told(&site).await.is_empty());
}
