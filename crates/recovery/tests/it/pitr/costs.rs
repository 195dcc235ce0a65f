//! What setting a cluster back costs: counted in it while it answers, bounded by its vital signs once it is gone.

use std::time::Duration;

use adapters::ampora::AmporaDb;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::plan::{Basis, Plan, Range, Revived};
use recovery::approvals;

use super::ground::Ground;

const TABLES: &str = r#"
    CREATE TABLE agent_certificates ("Fingerprint" text, "SerialNumber" text, "IssuedUtc" timestamptz, "ExpiresUtc" timestamptz, "RevokedUtc" timestamptz);
    INSERT INTO agent_certificates SELECT 'fp' || n, 'serial' || n, now() - interval '1 day', now() + interval '1 day', NULL FROM generate_series(1, 3) n;
    CREATE TABLE configuration_versions ("Version" integer, "Content" text, "Sha256" text, "PublishedUtc" timestamptz);
    CREATE TABLE bootstrap_tokens ("Id" text, "ExpiresUtc" timestamptz);
    INSERT INTO bootstrap_tokens SELECT 'token' || n, now() + interval '1 day' FROM generate_series(1, 2) n;
    CREATE TABLE federation_peers ("Id" text, "WrappedOutboundSecret" bytea);
    CREATE ROLE leaked LOGIN PASSWORD 'first'"#;

impl Ground {
    async fn statements(&self, statements: &str) {
        for statement in statements.split(';') {
            self.sql(statement).await;
        }
    }

    /// What the worker does every half minute.
    async fn look(&self) {
        let site = &self.site;
        let live = site.services.settings.deployments[0]
            .database
            .as_ref()
            .expect("configured");
        let db = AmporaDb::new(live.options.clone(), live.schema.clone());
        let vitals = db.vitals().await.expect("answers");
        site.services
            .store
            .vitals_append("demo", &vitals)
            .await
            .expect("takes it");
        db.close().await;
    }

    async fn stop(&self) {
        let cluster = self.stanza.cluster();
        let data = cluster.data_dir().display().to_string();
        let stopped = cluster
            .tool("pg_ctl")
            .invoke(["-D", &data, "-m", "fast", "-w", "stop"])
            .output()
            .await;
        stopped.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn costs(&self, at: &str) -> Plan {
        let plan = approvals::plan(&self.site.services, &self.a(), &self.wish(at)).await;
        plan.unwrap_or_else(|error| panic!("{error}"))
    }
}

fn named(plan: &Plan, kind: Revived) -> Vec<Option<String>> {
    let own = plan.advisory.resurrections.iter().filter(|one| one.kind == kind);
    own.map(|one| one.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_costs_are_counted_in_the_live_cluster_and_bounded_once_it_is_gone() {
    let ground = Ground::new().await;
    ground.statements(TABLES).await;
    ground.event("first").await;
    ground.look().await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let target: DateTime<Utc> = Utc::now();
    tokio::time::sleep(Duration::from_millis(2200)).await;
    ground.look().await;
    ground.event("second").await;
    ground.event("third").await;
    ground
        .statements(
            r#"INSERT INTO configuration_versions VALUES (4, 'x', 'y', clock_timestamp());
               INSERT INTO agent_certificates VALUES ('fp9', 'serial9', clock_timestamp(), now() + interval '1 day', NULL);
               UPDATE agent_certificates SET "RevokedUtc" = clock_timestamp() WHERE "Fingerprint" = 'fp2';
               ALTER ROLE leaked PASSWORD 'second'"#,
        )
        .await;
    ground.look().await;
    ground.stanza.write_and_archive().await;
    let at = target.to_rfc3339_opts(SecondsFormat::Micros, true);

    let plan = ground.costs(&at).await;
    let loss = plan.advisory.data_loss.clone().expect("it is told");
    assert_eq!(loss.basis, Basis::Exact, "{loss:?}");
    assert_eq!(loss.audit_events, Some(Range::exactly(2)));
    assert_eq!(
        (loss.configurations, loss.certificates),
        (Some(Range::exactly(1)), Some(Range::exactly(1)))
    );
    let point = loss.restore_point.expect("the first event is known by its time");
    assert!(point < target && loss.seconds.expect("known").min >= 3, "{loss:?}");
    assert_eq!(named(&plan, Revived::RevokedCertificate), [Some("fp2".to_owned())]);
    assert_eq!(named(&plan, Revived::RolePassword), [Some("leaked".to_owned())]);
    assert_eq!(
        named(&plan, Revived::RedeemedToken),
        [None],
        "nobody looked: not known, and said"
    );
    assert!(plan.advisory.durations.is_empty(), "no history");

    ground.stop().await;
    let plan = ground.costs(&at).await;
    let loss = plan.advisory.data_loss.clone().expect("it is told");
    assert_eq!(loss.basis, Basis::Bounded, "{loss:?}");
    assert_eq!(loss.audit_events, Some(Range::at_least(2)));
    assert_eq!(loss.configurations, Some(Range::at_least(1)));
    assert!(loss.unknown.iter().any(|why| why.contains("comes on top")), "{loss:?}");
    assert_eq!(named(&plan, Revived::RolePassword), [Some("leaked".to_owned())]);
}
