//! The collector among sources that misbehave: each is looked at by itself, and what can't be read is unknown with the reason.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use adapters::pgbackrest::PgBackRest;
use adapters::process::{RunAs, Tool};
use domain::observation::Observation;
use domain::role::Role;
use domain::route::Target;
use domain::status::Status;
use domain::time::Timestamp;
use recovery::collect::{self, Observed};
use recovery::overview::{self, Gist};
use recovery::settings::{Settings, Source};
use recovery::{Clock, Error, Services};
use tokio_util::sync::CancellationToken;

use crate::site::Site;

/// A source whose tool is this script.
fn scripted(folder: &Path, name: &str, script: &str) -> Source {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("our own folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own file");
    Source::PgBackRest(PgBackRest {
        name: name.into(),
        stanza: "main".into(),
        tool: Tool::new(path).run_as(RunAs::unprivileged().expect("an account")),
    })
}

fn with_sources(site: &Site, sources: Vec<Source>) -> Services {
    let settings = &site.services.settings;
    let mut deployments = settings.deployments.clone();
    deployments[0].sources.extend(sources);
    Services {
        settings: Arc::new(Settings {
            deployments,
            ..(**settings).clone()
        }),
        ..site.services.clone()
    }
}

async fn seen(services: &Services) -> Observed {
    collect::cached(&services.store, &services.settings.deployments[0])
        .await
        .expect("reads")
}

fn source<'a>(observed: &'a Observed, name: &str) -> &'a Observation<collect::SourceReading> {
    let found = observed.sources.iter().find(|(_, source)| source.source == name);
    &found.expect("it is configured").1
}

/// Runs the collector until `enough` of what it stored was seen, then stops it.
async fn collect_until(services: &Services, enough: impl Fn(&Observed) -> bool) -> Observed {
    let stop = CancellationToken::new();
    let collector = tokio::spawn(collect::run(services.clone(), stop.clone()));
    let found = tokio::time::timeout(Duration::from_secs(120), async {
        loop {
            let observed = seen(services).await;
            if enough(&observed) {
                break observed;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let found = found.await.expect("the collector goes on");
    stop.cancel();
    collector.await.expect("it ends when asked");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_hangs_floods_or_lies_harms_no_other() {
    let site = Site::new().await;
    let folder = site.folder.path();
    let sources = vec![
        scripted(folder, "hangs", "sleep 1000"),
        scripted(folder, "floods", "head -c 1000000000 /dev/zero"),
        scripted(
            folder,
            "fails-quietly",
            "echo 'unable to find a valid repository'; exit 0",
        ),
        scripted(
            folder,
            "refuses",
            "echo 'ERROR: [103]: unable to find a valid repository' >&2; exit 103",
        ),
    ];
    let services = with_sources(&site, sources);
    let read = |observed: &Observed, name: &str| source(observed, name).last_good.is_some();
    let failed = |observed: &Observed, name: &str| source(observed, name).failure.is_some();
    let observed = collect_until(&services, |observed| {
        let bad = ["floods", "fails-quietly", "refuses"]
            .iter()
            .all(|name| failed(observed, name));
        bad && read(observed, "dumps") && observed.vitals.last_good.is_some()
    })
    .await;
    let hangs = source(&observed, "hangs");
    assert!(
        hangs.last_good.is_none() && hangs.failure.is_none(),
        "it was asked and hasn’t answered"
    );
    let why = |name| source(&observed, name).failure.clone().expect("failed").1;
    assert!(
        why("refuses").contains("unable to find a valid repository"),
        "{}",
        why("refuses")
    );
    assert!(why("fails-quietly").contains("no JSON"), "{}", why("fails-quietly"));

    let now = services.clock.now();
    let inventory = collect::assemble(&services.settings.deployments[0], &observed, now);
    for line in &inventory.sources {
        let expected = if line.name == "dumps" {
            Status::Ok
        } else {
            Status::Unknown
        };
        assert_eq!(line.status, expected, "{}: {}", line.name, line.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_are_written_down_with_since_when_they_hold() {
    let site = Site::new().await;
    let services = with_sources(&site, Vec::new());
    let before = services.clock.now();
    let has = |observed: &Observed, fact: &str| observed.history.latest.contains_key(fact);
    let observed = collect_until(&services, |observed| {
        has(observed, "policy:rpo") && has(observed, "source:dumps")
    })
    .await;
    let run = &observed.history.latest["policy:rpo"];
    assert!(run.since >= before && run.until >= run.since);
    let summaries = services.store.summaries::<Gist>().await.expect("reads");
    assert_eq!(
        summaries.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(),
        ["demo"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_of_a_site_looks() {
    let site = Site::new().await;
    let leader = store::Leadership::try_acquire(&site.services.store)
        .await
        .expect("asks")
        .expect("nobody leads");
    let services = Services {
        clock: Clock::system(),
        ..site.services.clone()
    };
    let stop = CancellationToken::new();
    let follower = tokio::spawn(collect::run(services.clone(), stop.clone()));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(
        seen(&services).await.vitals.last_good.is_none(),
        "another process leads"
    );
    stop.cancel();
    follower.await.expect("it ends when asked");
    leader.release().await.expect("steps down");
    collect_until(&services, |observed| observed.vitals.last_good.is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_answers_how_to_get_back_to_a_moment() {
    let site = Site::new().await;
    let services = with_sources(&site, Vec::new());
    let reader = site.person("v", Role::Viewer);
    let usable = |observed: &Observed| {
        let reading = source(observed, "dumps").last_good.as_ref();
        reading.is_some_and(|(reading, _)| reading.backups.iter().any(|backup| backup.status == Status::Ok))
    };
    let remembered = |observed: &Observed| observed.history.latest.contains_key("source:dumps");
    collect_until(&services, |observed| usable(observed) && remembered(observed)).await;

    let now = services.clock.now();
    let (view, found) = overview::restore_to(&services, &reader, "demo", now)
        .await
        .expect("reads");
    assert_eq!(view.name, "demo");
    assert!(found.missed.is_some(), "no window reaches now");
    let way = &found.ways.first().expect("the dump").way;
    assert_eq!((way.source.as_str(), way.target), ("dumps", Target::AsTaken));
    assert!(way.reaches < now && found.ways[0].by_hand.is_none());
    let (_, before) = overview::restore_to(&services, &reader, "demo", Timestamp::UNIX_EPOCH)
        .await
        .expect("reads");
    assert!(before.ways.is_empty() && before.missed.is_some_and(|missed| missed.before.is_none()));

    let seen = overview::source(&services, &reader, "demo", "dumps")
        .await
        .expect("reads");
    assert_eq!(seen.stretches.first().expect("it was looked at").until, None);
    let nowhere = overview::source(&services, &reader, "demo", "nowhere").await;
    assert!(matches!(nowhere, Err(Error::NotFound(_))));
}
