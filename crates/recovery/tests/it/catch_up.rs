//! A manager that is behind is caught up: on a real database, with the key in use in an env file, by a run that two people agreed to.

mod afterwards;
mod crash;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use adapters::key_files::{EnvFile, KeyFiles};
use adapters::manager::Written;
use domain::drift::Verdict;
use domain::key;
use domain::plan::Pinned;
use domain::role::{Actor, Role};
use domain::run::RunState;
use recovery::plans::Wish;
use recovery::settings::{InUse, KeyPlace, Proof};
use recovery::{Error, approvals, collect};
use sqlx::Executor as _;

use crate::managers::{Line, Mishap, held, put};
use crate::runs::{abandon, worked};
use crate::secrets;
use crate::site::{Site, master_key};

/// A site whose manager has the keys of `versions` (the last one current), and whose Ampora runs with the key `in_use`, under which the live
/// database is wrapped. Its dump is wrapped under key 2.
struct Behind {
    site: Site,
    keys: KeyFiles,
}

fn wish() -> Wish {
    Wish::KeyCatchUp {
        deployment: "demo".into(),
    }
}

impl Behind {
    async fn new() -> Self {
        Self::with(&[1], 4, |line| line).await
    }

    async fn with(versions: &[u8], in_use: u8, line: impl FnOnce(Line) -> Line) -> Self {
        secrets::listen();
        let mut site = Site::new().await;
        let keys = KeyFiles {
            dir: site.folder.path().join("keys"),
        };
        fs::remove_dir_all(&keys.dir).expect("our own folder");
        fs::create_dir(&keys.dir).expect("a folder");
        for (version, number) in (1..).zip(versions) {
            put(&keys, &format!("{version}"), *number, version == versions.len());
        }
        let line = line(Line::to(keys.dir.clone()));
        let env = site.folder.path().join("ampora.env");
        write_env(&env, in_use);
        site.configure(|settings| {
            let key = settings.deployments[0].master_key.as_mut().expect("is configured");
            key.place = KeyPlace {
                manager: Arc::new(line),
                written: Written::default(),
            };
            key.in_use = Some(InUse::EnvFile(EnvFile { path: env }));
        });
        let behind = Self { site, keys };
        behind.site.rewrap(0..3, in_use).await;
        behind
    }

    async fn refused(&self) -> String {
        let a = self.site.person("a", Role::Operator);
        match approvals::plan(&self.site.services, &a, &wish()).await {
            Err(Error::Invalid(reasons)) => reasons.join("\n"),
            other => panic!("{other:?}"),
        }
    }

    async fn verdict(&self) -> Verdict {
        let deployment = &self.site.services.settings.deployments[0];
        let observed = collect::cached(&self.site.services.store, deployment)
            .await
            .expect("reads");
        observed
            .keys
            .last_good
            .map_or(Verdict::Unknown, |(keys, _)| keys.verdict)
    }

    /// Reads the dump, so that it is known which key opens it.
    async fn collect(&self) {
        let (services, stop) = (&self.site.services, tokio_util::sync::CancellationToken::new());
        let collector = tokio::spawn(collect::run(services.clone(), stop.clone()));
        let deployment = &services.settings.deployments[0];
        let read = tokio::time::timeout(std::time::Duration::from_secs(60), async {
            loop {
                let observed = collect::cached(&services.store, deployment).await.expect("reads");
                let dumps = observed
                    .sources
                    .iter()
                    .filter_map(|(_, source)| source.last_good.as_ref());
                if dumps.flat_map(|(reading, _)| &reading.dumps).count() > 0 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        });
        read.await.expect("the dump is read");
        stop.cancel();
        collector.await.expect("it ends when asked");
    }
}

fn write_env(path: &std::path::Path, number: u8) {
    let text = format!("KeyProtection__MasterKey={}\n", &*key::to_setting(&master_key(number)));
    fs::write(path, text).expect("writes");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_in_use_becomes_the_current_version_and_the_verdict_turns() {
    let behind = Behind::new().await;
    let site = &behind.site;
    let plan = approvals::plan(&site.services, &site.person("a", Role::Operator), &wish()).await;
    let plan = plan.expect("planned");
    assert!(plan.advisory.warnings[0].contains("scale Ampora to 0, take a backup, count the envelopes"));
    let Pinned::KeyCatchUp(pinned) = &plan.pinned else {
        panic!("{plan:?}")
    };
    assert_eq!((&*pinned.expected, &pinned.pruned[..]), ("1", &[][..]));
    assert_eq!(pinned.fingerprint, master_key(4).fingerprint());
    collect::prove(
        &site.services,
        &site.services.settings.deployments[0],
        &Actor::job("collector"),
    )
    .await
    .expect("proves");
    assert_eq!(behind.verdict().await, Verdict::ManagerBehind);

    let run = site.started(&wish()).await;
    let done = worked(site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(held(&behind.keys), "1=1 2=4*", "the old version stays");
    assert_eq!(behind.verdict().await, Verdict::InSync, "pages turn at once");
    let details = format!("{:?}", done.steps);
    assert!(details.contains("opens 3 of 3 sampled envelopes"), "{details}");
    let audited = site.audited().await;
    for entry in [
        ("key.write", "-"),
        ("key.write", "ok"),
        ("key.read", "ok"),
        ("run.end", "ok"),
    ] {
        let same = |(action, outcome): &(String, String)| (action.as_str(), outcome.as_str()) == entry;
        assert!(audited.iter().any(same), "{entry:?} in {audited:?}");
    }
    secrets::nothing_is_kept(site, &[]).await;
    assert!(behind.refused().await.contains("nothing to catch up"), "once is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_that_is_not_current_is_written_once_more_and_said_so() {
    let behind = Behind::with(&[1], 4, |line| line).await;
    put(&behind.keys, "2", 4, false);
    let a = behind.site.person("a", Role::Operator);
    let plan = approvals::plan(&behind.site.services, &a, &wish())
        .await
        .expect("planned");
    let Pinned::KeyCatchUp(pinned) = &plan.pinned else {
        panic!("{plan:?}")
    };
    assert_eq!(pinned.held_as.as_deref(), Some("2"));
    let run = behind.site.started(&wish()).await;
    let done = worked(&behind.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(held(&behind.keys), "1=1 2=4 3=4*");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_state_is_refused_by_its_own_name() {
    let ahead = Behind::with(&[4, 5], 4, |line| line).await;
    assert!(ahead.refused().await.contains("the old key back over the new one"));
    let mixed = Behind::new().await;
    mixed.site.rewrap(0..1, 1).await;
    let reasons = mixed.refused().await;
    assert!(
        reasons.contains("rotation is under way") && reasons.contains("opens 2 of 3"),
        "{reasons}"
    );
    let foreign = Behind::new().await;
    foreign.site.rewrap(0..3, 7).await;
    let reasons = foreign.refused().await;
    assert!(
        reasons.contains("key in use") && reasons.contains("opens 0 of 3"),
        "{reasons}"
    );
    let empty = Behind::new().await;
    let deleted = empty
        .site
        .live
        .connect()
        .await
        .execute("DELETE FROM ca_signing_keys")
        .await;
    deleted.expect("deletes");
    assert!(empty.refused().await.contains("No envelope of the live database"));

    let mut unread = Behind::new().await;
    unread.site.configure(|settings| {
        settings.deployments[0]
            .master_key
            .as_mut()
            .expect("is configured")
            .proof = Proof::Metadata;
    });
    assert!(unread.refused().await.contains("current version 1 wasn’t read"));
    let mut unset = Behind::new().await;
    unset.site.configure(|settings| {
        settings.deployments[0]
            .master_key
            .as_mut()
            .expect("is configured")
            .in_use = None;
    });
    assert!(unset.refused().await.contains("set in_use"));
    let cloud = Behind::with(&[1], 4, |line| Line { kind: "gcp", ..line }).await;
    assert!(cloud.refused().await.contains("only reads"));
    let viewer = behind_viewer(&cloud).await;
    assert!(matches!(viewer, Error::Forbidden(_)), "{viewer}");
}

async fn behind_viewer(behind: &Behind) -> Error {
    let viewer = behind.site.person("v", Role::Viewer);
    let asked = approvals::plan(&behind.site.services, &viewer, &wish()).await;
    asked.expect_err("a viewer asks for nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_a_backup_needs_is_never_pruned() {
    let keeps = |number| {
        move |line: Line| Line {
            keeps: Some(number),
            ..line
        }
    };
    let needed = Behind::with(&[2], 4, keeps(1)).await;
    let unread = needed.refused().await;
    assert!(
        unread.contains("which backups need it isn’t known: dumps: not read yet"),
        "{unread}"
    );
    needed.collect().await;
    let reasons = needed.refused().await;
    assert!(
        reasons.contains("removes version 1, which kept backups need: ampora.dump"),
        "{reasons}"
    );

    let spare = Behind::with(&[1, 2], 4, keeps(2)).await;
    spare.collect().await;
    let run = spare.site.started(&wish()).await;
    let done = worked(&spare.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(held(&spare.keys), "2=2 3=4*", "the manager pruned what nobody needs");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_the_write_it_takes_effect_once_or_not_at_all() {
    for (mishap, ends, there, says) in [
        (Mishap::LostRequest, "failed", "1=1*", "nothing was written"),
        (Mishap::LostAnswer, "succeeded", "1=1 2=4*", "nothing was written again"),
        (
            Mishap::Overtaken,
            "refused",
            "1=1 8=8*",
            "another current version by now",
        ),
        (
            Mishap::Replaced,
            "needs human",
            "1=1 2=4 8=8*",
            "the current version is 8 by now",
        ),
    ] {
        let behind = Behind::with(&[1], 4, |line| line.breaks(mishap)).await;
        let run = behind.site.started(&wish()).await;
        let done = worked(&behind.site, run).await;
        let said = format!("{:?} {:?}", done.state, done.steps);
        assert_eq!(done.state.word(), ends, "{mishap:?}: {said}");
        assert!(said.contains(says), "{mishap:?}: {said}");
        assert_eq!(held(&behind.keys), there, "{mishap:?}");
        secrets::nothing_is_kept(&behind.site, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catch_up_that_its_worker_left_at_any_step_is_finished_once() {
    for left_at in 0..4 {
        let behind = Behind::new().await;
        let run = behind.site.started(&wish()).await;
        abandon(&behind.site, run, left_at).await;
        let done = worked(&behind.site, run).await;
        assert!(
            matches!(done.state, RunState::Succeeded { .. }),
            "left at {left_at}: {:?} {:?}",
            done.state,
            done.steps
        );
        assert_eq!(held(&behind.keys), "1=1 2=4*", "left at {left_at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_after_the_approval_stops_the_write() {
    type Move = fn(&Behind);
    let moves: [(Move, &str, &str); 3] = [
        (
            |behind| put(&behind.keys, "2", 5, true),
            "1=1 2=5*",
            "expected was 1 and is 2",
        ),
        (
            |behind| put(&behind.keys, "2", 4, true),
            "1=1 2=4*",
            "nothing to catch up",
        ),
        (
            |behind| write_env(&behind.site.folder.path().join("ampora.env"), 6),
            "1=1*",
            "opens 0 of 3",
        ),
    ];
    for (change, there, says) in moves {
        let behind = Behind::new().await;
        let run = behind.site.started(&wish()).await;
        change(&behind);
        let done = worked(&behind.site, run).await;
        let RunState::Refused { reason, .. } = &done.state else {
            panic!("{:?} {:?}", done.state, done.steps)
        };
        assert!(reason.starts_with("stale: ") && reason.contains(says), "{reason}");
        assert_eq!(held(&behind.keys), there);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_takes_over_proves_again_before_it_writes() {
    let behind = Behind::new().await;
    let run = behind.site.started(&wish()).await;
    abandon(&behind.site, run, 1).await;
    // The worker before may have got as far as writing; here it hasn't, and the world has changed since its proof.
    fs::remove_file(behind.keys.dir.join("2.key")).ok();
    fs::write(behind.keys.dir.join("current"), "1").expect("writes");
    behind.site.rewrap(0..1, 7).await;
    let done = worked(&behind.site, run).await;
    assert!(
        matches!(done.state, RunState::Refused { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(held(&behind.keys), "1=1*");
}
