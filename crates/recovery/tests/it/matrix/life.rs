//! Findings over time: kept, acknowledged, resolved.

use domain::rules::Rule;
use recovery::collect::Observed;
use recovery::findings;

use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_kept_acknowledged_and_resolved_with_their_history() {
    use domain::role::Role;
    let site = Site::new().await;
    let services = &site.services;
    let deployment = &services.settings.deployments[0];
    let now = services.clock.now();
    let mut observed = Observed::never(deployment);
    let mut vitals = recovery::collect::vitals(deployment).await.expect("reads");
    vitals.signs.users = domain::vitals::Sign::Known(domain::vitals::Count::exactly(0));
    observed.vitals = observed.vitals.updated(Ok(vitals.clone()), now);
    findings::record(services, deployment, &observed, now)
        .await
        .expect("keeps");
    let (viewer, operator) = (site.person("v", Role::Viewer), site.person("a", Role::Operator));
    let open = findings::list(services, &viewer, Some("demo"), false)
        .await
        .expect("reads");
    assert_eq!(
        open.iter().map(|one| one.record.code.as_str()).collect::<Vec<_>>(),
        ["first-login-becomes-admin"]
    );

    let of = ("demo", "first-login-becomes-admin");
    let until = now + chrono::TimeDelta::hours(8);
    assert!(
        findings::acknowledge(services, &viewer, of, "seen", Some(until))
            .await
            .is_err(),
        "a viewer may not"
    );
    assert!(
        findings::acknowledge(services, &operator, of, " ", Some(until))
            .await
            .is_err(),
        "without a reason"
    );
    findings::acknowledge(services, &operator, of, "the table is being restored", Some(until))
        .await
        .expect("may");
    assert!(
        site.audited()
            .await
            .contains(&("finding.acknowledge".into(), "ok".into()))
    );

    // Unread: it stays, as unknown.
    let unread = Observed::never(deployment);
    findings::record(services, deployment, &unread, services.clock.now())
        .await
        .expect("keeps");
    let listed = findings::list(services, &viewer, None, false).await.expect("reads");
    assert_eq!(listed[0].record.state, domain::finding::State::Unknown);

    vitals.signs.users = domain::vitals::Sign::Known(domain::vitals::Count::exactly(2));
    let now = services.clock.now();
    observed.vitals = observed.vitals.updated(Ok(vitals), now);
    findings::record(services, deployment, &observed, now)
        .await
        .expect("keeps");
    assert!(
        findings::list(services, &viewer, None, false)
            .await
            .expect("reads")
            .is_empty()
    );
    let seen = findings::see(services, &viewer, of.0, of.1).await.expect("reads");
    let changes: Vec<_> = seen.events.iter().map(|event| event.change.as_str()).collect();
    assert_eq!(changes, ["opened", "acknowledged", "unknown", "resolved"]);
}

#[test]
fn every_rule_has_its_section_in_the_documentation() {
    let text = include_str!("../../../../../docs/failure-modes.md");
    for rule in Rule::ALL {
        assert!(
            text.contains(&format!("\n## {}\n", rule.code)),
            "{} has no section",
            rule.code
        );
        assert!(
            text.contains(&format!("*{}.*", rule.symptom)),
            "{}: the symptom differs",
            rule.code
        );
        let (_, section) = text.split_once(&format!("\n## {}\n", rule.code)).expect("its section");
        let section = section.split("\n## ").next().unwrap_or_default();
        let stated = format!("**Opens and resolves:** {}.", rule.hysteresis.words());
        assert!(section.contains(&stated), "{}: {stated}", rule.code);
    }
}
