//! What a restore leaves to be done: databases are set back for real, and the lines of their gap reports are worked off one by one.

use std::fs;

use adapters::ampora::AccessTokens;
use domain::approval::Decision;
use domain::finding::{Found, Severity};
use domain::gap::GapReport;
use domain::plan::Revived;
use domain::rules::{Judgement, Looks, Silence};
use domain::run::RunState;
use recovery::{Services, runs};
use testkit::pgbackrest::Copies;
use testkit::terminal::Terminal;

use super::archive::hide;
use super::patient::{commands, follow, judged, only};
use crate::pitr::ground::Ground;
use crate::repoint::ground::Cluster;

const LOOKS: [Looks; 4] = [Looks::Database, Looks::Traces, Looks::Keys, Looks::Backups];

/// Before the moment that is restored.
const GIVEN: [&str; 3] = [
    r#"CREATE TABLE agent_certificates ("Fingerprint" text, "SerialNumber" text, "IssuedUtc" timestamptz, "ExpiresUtc" timestamptz, "RevokedUtc" timestamptz)"#,
    "INSERT INTO agent_certificates VALUES ('fp', 'serial', now() - interval '1 day', now() + interval '1 day', NULL)",
    "CREATE ROLE leaked LOGIN PASSWORD 'first'",
];
const REVOKE: &str = r#"UPDATE agent_certificates SET "RevokedUtc" = clock_timestamp()"#;

/// What is found with these looks. No drill was run here, which the rules about drills say.
async fn told(services: &Services, looks: &[Looks]) -> Vec<(&'static str, Found)> {
    let judged = judged(services, looks).await.into_iter();
    judged
        .filter(|(rule, _)| rule.looks != [Looks::Drills])
        .filter_map(|(rule, says)| Some((rule.code, says.ok()??)))
        .collect()
}

fn codes(told: &[(&'static str, Found)]) -> Vec<&'static str> {
    told.iter().map(|(code, _)| *code).collect()
}

fn errors(told: &[(&'static str, Found)]) -> Vec<&'static str> {
    let errors = told.iter().filter(|(_, found)| found.severity == Severity::Error);
    errors.map(|(code, _)| *code).collect()
}

/// A cluster whose envelopes are of the manager's current key, and where nothing can be revived without being named.
async fn well() -> Ground {
    let mut ground = Ground::new().await;
    ground.site.rewrap(0..3, 3).await;
    ground
        .sql(r#"CREATE TABLE access_tokens ("Id" text, "ExpiresUtc" timestamptz, "RevokedUtc" timestamptz)"#)
        .await;
    ground.site.configure(|settings| {
        let database = settings.deployments[0].database.as_mut().expect("configured");
        database.schema.access_tokens = Some(AccessTokens {
            table: "access_tokens".into(),
            id: "Id".into(),
            expires: "ExpiresUtc".into(),
            revoked: "RevokedUtc".into(),
        });
    });
    ground
}

/// A cluster that was set back to before a certificate was revoked and a password changed.
struct SetBack {
    ground: Ground,
    /// Of the request.
    number: i64,
    report: GapReport,
}

impl SetBack {
    async fn new() -> Self {
        let ground = well().await;
        for statement in GIVEN {
            ground.sql(statement).await;
        }
        assert!(codes(&told(&ground.site.services, &LOOKS).await).is_empty());
        let (target, _) = ground.between_two().await;
        ground.sql(REVOKE).await;
        ground.sql("ALTER ROLE leaked PASSWORD 'second'").await;
        let before = told(&ground.site.services, &LOOKS).await;
        assert!(codes(&before).is_empty(), "nothing was restored yet: {before:?}");
        let (number, run) = ground.approved(&target).await;
        ground.worked(run).await;
        ground.decide(number, Decision::Promote).await;
        let done = ground.worked(run).await;
        assert!(matches!(done.state, RunState::Succeeded { .. }), "{done:?}");
        let report = runs::report(&ground.site.services, run).await.expect("reads");
        let (report, _) = report.expect("a report");
        Self { ground, number, report }
    }

    async fn told(&self) -> Vec<(&'static str, Found)> {
        told(&self.ground.site.services, &LOOKS).await
    }

    /// The lines about what is like this, and what they name.
    fn lines(&self, like: impl Fn(Revived) -> bool) -> Vec<(usize, Option<&str>)> {
        let all = self.report.revived.iter().enumerate();
        all.filter(|(_, one)| like(one.kind))
            .map(|(line, one)| (line, one.id.as_deref()))
            .collect()
    }

    async fn settle(&self, line: usize, waived: bool, note: &str) {
        let (services, a) = (&self.ground.site.services, self.ground.a());
        let settled = runs::settle(services, &a, self.number, line, (waived, note));
        settled.await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Each finding names the page on which it is ended.
    fn leads_here(&self, found: &Found) {
        let page = format!("/requests/{}#gap", self.number);
        assert!(found.recovery().contains(&page), "{}", found.recovery());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restore_left_to_be_done_is_told_until_each_line_is_settled() {
    let set_back = SetBack::new().await;
    let found = only("restore-revived-certificates", set_back.told().await);
    set_back.leads_here(&found);
    let certificates = set_back.lines(|kind| kind == Revived::RevokedCertificate);
    assert_eq!(certificates, [(0, Some("fp"))]);
    set_back.settle(0, false, "revoked again, says somebody").await;
    let found_itself = only("revoked-valid-again", set_back.told().await);
    assert!(
        found_itself.evidence[0].value.contains("fp"),
        "{:?}",
        found_itself.evidence
    );
    let terminal = Terminal::beside(&set_back.ground.site.live.options);
    follow(&terminal, &commands(&found)).await;
    assert!(errors(&set_back.told().await).is_empty(), "it is revoked again");

    let others = set_back.lines(|kind| kind != Revived::RevokedCertificate);
    assert!(others.iter().any(|(_, id)| *id == Some("leaked")), "{others:?}");
    set_back.ground.sql("ALTER ROLE leaked PASSWORD 'third'").await;
    for (line, _) in others {
        set_back.leads_here(&only("restore-not-settled", set_back.told().await));
        set_back.settle(line, false, "changed again; there are no others").await;
    }

    let told = set_back.told().await;
    assert_eq!(codes(&told), ["restore-lost-events"]);
    let found = only("restore-lost-events", told);
    set_back.leads_here(&found);
    assert_eq!(found.title, "2 audit events are lost");
    let line = set_back.report.loss_line().expect("a line");
    set_back
        .settle(line, true, "noted in the register of the auditors")
        .await;
    assert_eq!(codes(&set_back.told().await), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_beside_production_is_told_of_once_ampora_is_pointed_at_it() {
    let mut cluster = Cluster::new().await;
    let services = &cluster.site.services;
    for _ in 0..2 {
        let before = told(services, &LOOKS).await;
        assert_eq!(
            codes(&before),
            ["key-ahead"],
            "the live envelopes are of an older version"
        );
    }
    let done = cluster.run().await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{done:?}");
    let found = codes(&told(services, &[]).await);
    for code in ["restore-revived-certificates", "restore-not-settled"] {
        assert!(found.contains(&code), "which ones isn’t known, and open: {found:?}");
    }
    let copy = cluster.copy.clone();
    cluster.site.configure(|settings| {
        let database = settings.deployments[0].database.as_mut().expect("configured");
        database.options = database.options.clone().database(&copy);
    });
    let after = told(&cluster.site.services, &LOOKS).await;
    assert_eq!(errors(&after), ["key-ahead", "restore-revived-certificates"]);
}

/// Every finding with its severity, those about drills too.
async fn all_told(ground: &Ground) -> Vec<(&'static str, Severity)> {
    let judged = judged(&ground.site.services, &LOOKS).await.into_iter();
    let found = judged.filter_map(|(rule, says)| Some((rule.code, says.ok()??.severity)));
    found.collect()
}

/// A restore in which nothing was revoked, withdrawn or changed since its target.
async fn cleanly_set_back(at: impl AsyncFn(&Ground) -> String) -> (Ground, i64) {
    let ground = well().await;
    for _ in 0..2 {
        assert_eq!(all_told(&ground).await, [("drill-never-run", Severity::Warning)]);
    }
    let target = at(&ground).await;
    assert_eq!(all_told(&ground).await, [("drill-never-run", Severity::Warning)]);
    let (number, run) = ground.approved(&target).await;
    ground.worked(run).await;
    ground.decide(number, Decision::Promote).await;
    let done = ground.worked(run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{done:?}");
    (ground, number)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_clean_restore_to_a_time_only_what_it_left_behind_is_told() {
    let (mut ground, number) = cleanly_set_back(async |ground: &Ground| ground.between_two().await.0).await;
    let left = [
        ("drill-never-run", Severity::Warning),
        ("restore-lost-events", Severity::Warning),
    ];
    assert_eq!(all_told(&ground).await, left);
    ground.event("after the restore").await;
    ground.stanza.write_and_archive().await;
    ground.stanza.backup(1, Copies::Everything).await;
    for _ in 0..2 {
        assert_eq!(
            all_told(&ground).await,
            left,
            "once more, and after a backup on the new timeline"
        );
    }
    let agreed = says(&ground, "recovery-stopped-early").await;
    let Err(Silence::Agreed(how)) = agreed else {
        panic!("{agreed:?}")
    };
    assert!(
        how.contains(&format!("request {number} ")) && how.contains("timeline 2"),
        "{how}"
    );

    // Somebody else restores the cluster while a segment can't be had, by the tool alone.
    let (_, missing) = ground.stanza.write_and_archive().await;
    ground.stanza.write_and_archive().await;
    let hidden = [1, 2].map(|repo| hide(&ground.stanza, repo, &missing));
    ground.stanza.restore_latest().await;
    for (from, to) in &hidden {
        fs::rename(to, from).expect("it comes back");
    }
    ground.stanza.write_and_archive().await;
    let found = only("recovery-stopped-early", told(&ground.site.services, &LOOKS).await);
    let rival = found.rivals.iter().find(|rival| rival.cause.starts_with("Muster"));
    assert_eq!(
        rival.expect("is named").ruled_out,
        "no restore that it carried out made timeline 3"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_clean_restore_to_the_latest_state_only_what_it_left_behind_is_told() {
    let (ground, _) = cleanly_set_back(async |ground: &Ground| {
        ground.between_two().await;
        "latest".to_owned()
    })
    .await;
    let left = [
        ("drill-never-run", Severity::Warning),
        ("restore-lost-events", Severity::Warning),
    ];
    assert_eq!(all_told(&ground).await, left, "what was never archived");
    ground.stanza.write_and_archive().await;
    assert_eq!(all_told(&ground).await, left);
}

async fn says(ground: &Ground, code: &str) -> Judgement {
    let all = judged(&ground.site.services, &[]).await.into_iter();
    let own = all.filter(|(rule, _)| rule.code == code).map(|(_, says)| says).next();
    own.expect("a rule of this code")
}
