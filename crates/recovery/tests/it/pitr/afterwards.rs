//! What follows once clients are in: whatever becomes of the full backup, the restore is done and says so.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};

use domain::approval::Decision;
use domain::plan::{Confirmer, Pinned, Step};
use domain::run::{RunState, StepState};
use recovery::settings::RestoreHost;
use recovery::{approvals, runs};
use testkit::pgbackrest::Copies;

use super::behind::Behind;
use super::ground::Ground;

const BACK_UP: usize = 12;

/// The steps of the plan, or why there is none.
async fn planned(ground: &Ground, at: &str) -> Result<Vec<Step>, String> {
    let plan = approvals::plan(&ground.site.services, &ground.a(), &ground.wish(at)).await;
    let plan = plan.map_err(|error| format!("{error:?}"))?;
    let Pinned::RestorePitr(pinned) = plan.pinned else {
        panic!("{:?}", plan.pinned)
    };
    Ok(pinned.steps)
}

/// Adds a line under `[global]` of the configuration of the host's pgBackRest, in place of what set the same.
fn configure(ground: &Ground, line: &str) {
    let words = ground.stanza.command();
    let config = words[1].strip_prefix("--config=").expect("the second word names it");
    let key = line.split_once('=').expect("a setting").0;
    let text = fs::read_to_string(config).expect("root may");
    let others: Vec<_> = text
        .lines()
        .filter(|other| !other.starts_with(&format!("{key}=")))
        .collect();
    fs::write(
        config,
        others.join("\n").replacen("[global]", &format!("[global]\n{line}"), 1),
    )
    .expect("root may");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_fails_is_no_failed_restore() {
    let behind = Behind::at(
        "backup",
        "echo 'ERROR: [041]: unable to write, no space left' >&2; exit 41",
    );
    let ground = Ground::with(None, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let run = ground.promoted(&target).await;
    let done = ground.worked(run.id).await;
    let RunState::NeedsHuman { seen, .. } = &done.state else {
        panic!("{:?} {:?}", done.state, done.steps)
    };
    for expected in [
        "The restore is done",
        "clients are in",
        "Nothing of it has to be undone",
        "[041]: unable to write",
        "--type=full --no-expire-auto",
        "; then ",
    ] {
        assert!(seen.contains(expected), "{expected}: {seen}");
    }
    assert!(
        matches!(done.steps[BACK_UP].1, StepState::Failed { .. }),
        "{:?}",
        done.steps
    );
    assert!(!ground.events().await.contains(&lost));
    assert_eq!(
        ground.leftovers("data.muster-"),
        Vec::<String>::new(),
        "nothing keeps other runs away"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cancelled_is_ended_and_harms_nothing() {
    let behind = Behind::at("backup", "touch \"$folder/half\"; linger 300");
    let ground = Ground::with(Some(testkit::sshd::Sshd::start()), |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let run = ground.promoted(&target).await.id;
    let cancel = async {
        behind.reached("half").await;
        assert!(
            !ground.events().await.contains(&lost),
            "clients are in while it goes on"
        );
        let asked = runs::cancel(&ground.site.services, &ground.b(), run).await;
        asked.expect("asks");
    };
    let (done, ()) = tokio::join!(ground.worked(run), cancel);
    let RunState::NeedsHuman { seen, .. } = &done.state else {
        panic!("{:?} {:?}", done.state, done.steps)
    };
    assert!(
        seen.contains("The restore is done") && seen.contains("was cancelled"),
        "{seen}"
    );
    assert!(!behind.goes_on());
    assert!(!ground.events().await.contains(&lost));
    assert_eq!(ground.leftovers("data.muster-"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_people_take_is_seen_or_confirmed() {
    let by_hand = |host: RestoreHost| RestoreHost {
        full_backup: false,
        ..host
    };
    let ground = Ground::with(None, by_hand).await;
    let (target, _) = ground.between_two().await;
    let run = ground.promoted(&target).await;
    let waits = ground.worked(run.id).await;
    let RunState::Paused { seen, .. } = &waits.state else {
        panic!("{:?} {:?}", waits.state, waits.steps)
    };
    assert!(seen.contains("repo1 has no full backup of timeline 2"), "{seen}");
    assert_eq!(waits.steps[BACK_UP].0.manual, Some(Confirmer::Operator));
    let promote = ground.site.decide(&ground.b(), waits.number, Decision::GiveUp).await;
    assert!(promote.is_err(), "nothing waits for a second decision any more");
    ground.stanza.backup(1, Copies::Everything).await;
    let services = &ground.site.services;
    let said = runs::confirm(services, &ground.b(), waits.number, "full-backup", "taken by hand").await;
    said.unwrap_or_else(|error| panic!("{error}"));
    let done = ground.worked(run.id).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let StepState::Done { detail, .. } = &done.steps[BACK_UP].1 else {
        panic!("{:?}", done.steps)
    };
    assert!(
        detail.contains("is a full backup of timeline 2"),
        "seen, not believed: {detail}"
    );
    assert_eq!(ground.fulls().await, 2, "Muster took none itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_this_host_may_not_write_to_is_told_beforehand() {
    let ground = Ground::new().await;
    let (target, _) = ground.between_two().await;
    let steps = planned(&ground, &target).await.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(
        (steps[BACK_UP].name.as_str(), steps[BACK_UP].manual),
        ("full-backup", None)
    );
    assert!(steps[BACK_UP].argv.contains(&"--no-expire-auto".to_owned()));

    let backups = ground.stanza.repo(1).join(format!("backup/{}", ground.stanza.name));
    chown(&backups, Some(0), Some(0)).expect("root may");
    fs::set_permissions(&backups, fs::Permissions::from_mode(0o755)).expect("root may");
    let steps = planned(&ground, &target).await.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(steps[BACK_UP].manual, Some(Confirmer::Operator));
    for expected in [
        "may not write to",
        "backup/demo",
        "pgbackrest --stanza=demo --repo=1 --type=full",
    ] {
        assert!(
            steps[BACK_UP].detail.contains(expected),
            "{expected}: {}",
            steps[BACK_UP].detail
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_next_backup_would_expire_is_held_first() {
    let ground = Ground::new().await;
    let (target, _) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    configure(&ground, "repo1-retention-full=1");
    let refused = planned(&ground, &target)
        .await
        .expect_err("it could be gone before it is restored");
    for expected in [
        "The next backup that ends would expire",
        "expire-auto=n",
        "keeps one full backup",
    ] {
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
    let seen = ground.worked(run).await;
    let RunState::Refused { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(reason.contains("stale") && reason.contains("would expire"), "{reason}");

    configure(&ground, "expire-auto=n");
    planned(&ground, &target).await.unwrap_or_else(|why| panic!("{why}"));
}
