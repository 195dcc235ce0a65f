//! Faults of the key that Ampora runs with, two faults at once, and a database that can't be reached.

use std::fs;

use domain::finding::Cure;
use domain::key;
use domain::rules::{Looks, Silence};

use super::faults::FAULTS;
use super::patient::{Patient, commands, follow, judged, only, run_with};
use crate::site::master_key;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_with_the_version_that_fits_and_no_lost_authority() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    run_with(&patient.env, 1);
    let found = patient.found().await;
    assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), ["wrong-master-key"]);
    let found = only("wrong-master-key", found);
    assert!(found.cause.contains("Version 3"), "{}", found.cause);
    // What comes before the change: a backup, and a count of what was written under which key.
    follow(&patient.terminal(), &commands(&found)).await;
    let Some(Cure::RetrieveKey { version }) = found.cure else {
        panic!("{:?}", found.cure)
    };
    run_with(&patient.env, version.parse().expect("a number"));
    patient.is_well("the version that it named").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_faults_at_once_are_both_told() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    run_with(&patient.env, 1);
    let rewound = &FAULTS[0];
    patient.run(rewound.inject).await;
    assert_eq!(patient.codes().await, ["wrong-master-key", "audit-rewound"]);
    patient.heal(rewound).await;
    assert_eq!(patient.codes().await, ["wrong-master-key"]);
    run_with(&patient.env, 3);
    patient.is_well("both").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previous_key_that_is_still_set_is_told_until_its_line_is_gone() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    let env = fs::read_to_string(&patient.env).expect("ours");
    let previous = key::to_setting(&master_key(2));
    let both = format!("{env}KeyProtection__PreviousMasterKey={}\n", previous.as_str());
    fs::write(&patient.env, both).expect("ours");
    let found = patient.falls_ill("previous-master-key-set").await;
    let edits = found.steps.iter().filter_map(|step| step.binary.as_deref());
    let edits: Vec<_> = edits.filter(|command| !command.starts_with("systemctl ")).collect();
    follow(&patient.terminal().as_oneself(), &edits).await;
    patient.is_well("the line was removed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_made_anew_is_a_lost_one() {
    let mut patient = Patient::new().await;
    patient.collect().await;
    patient.ampora.lose_authority(&master_key(3)).await;
    patient.falls_ill("ca-lost").await;
    patient.ampora.return_authority().await;
    patient.is_well("the authority is back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_leaves_nothing_green() {
    let mut patient = Patient::new().await;
    patient.collect().await;
    let database = patient.deployment.database.as_mut().expect("configured");
    database.options = database.options.clone().database("nowhere_at_all");
    for (rule, says) in patient.collect().await {
        let looks_there = rule.code == "wrong-master-key"
            || rule
                .looks
                .iter()
                .any(|look| matches!(look, Looks::Database | Looks::Traces));
        if looks_there {
            assert!(
                matches!(says, Err(Silence::Unknown(_) | Silence::Unset(_))),
                "{}: {says:?}",
                rule.code
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_proven_rules_out_nothing_once_the_database_is_gone() {
    let mut patient = Patient::new().await;
    patient.remember(&[Looks::Database, Looks::Keys]).await;
    let says = async |patient: &Patient| {
        let judged = judged(&patient.site.services, &[]).await.into_iter();
        let own = judged.filter(|(rule, _)| rule.code == "wrong-master-key");
        own.map(|(_, says)| says).next().expect("a rule of this code")
    };
    assert_eq!(says(&patient).await, Ok(None), "it was proven");
    let database = patient.deployment.database.as_mut().expect("configured");
    database.options = database.options.clone().database("nowhere_at_all");
    patient.remember(&[Looks::Database]).await;
    let said = says(&patient).await;
    assert!(matches!(said, Err(Silence::Unknown(_))), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_that_are_open_when_the_database_goes_stay_open_as_unknown() {
    use domain::finding::State;
    use domain::role::Role;
    use recovery::findings;
    let mut patient = Patient::new().await;
    patient.run(r#"DELETE FROM "users""#).await;
    patient.remember(&[Looks::Database]).await;
    let database = patient.deployment.database.as_mut().expect("configured");
    database.options = database.options.clone().database("nowhere_at_all");
    // What was read is believed for a while; from then on it is unknown.
    let later = chrono::Utc::now() + chrono::TimeDelta::minutes(10);
    patient.clock = recovery::Clock::new(move || later);
    patient.remember(&[Looks::Database]).await;
    let viewer = patient.site.person("v", Role::Viewer);
    let listed = findings::list(&patient.site.services, &viewer, None, false)
        .await
        .expect("reads");
    let states: Vec<_> = listed
        .iter()
        .filter(|one| one.record.code != "drill-never-run")
        .map(|one| (one.record.code.as_str(), one.record.state))
        .collect();
    assert_eq!(states, [("first-login-becomes-admin", State::Unknown)]);
}
