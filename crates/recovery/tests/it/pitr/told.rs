//! What a person reads when setting a cluster back fails: what happened, what is unharmed, what to do. Tools, disks and databases are real.

use std::fs;
use std::time::Duration;

use domain::approval::Decision;
use domain::ids::RunId;
use domain::run::RunState;
use recovery::runs;
use recovery::settings::RestoreHost;
use store::runs::Run;
use testkit::pgbackrest::{PASSPHRASE, Stanza};
use testkit::postgres::ThrowawayCluster;

use super::behind::Behind;
use super::ground::{Ground, Parts};
use crate::small::Small;

const UNHARMED: &str = "was not touched";

fn failed(seen: &Run) -> &str {
    match &seen.state {
        RunState::Failed { reason, .. } => reason,
        other => panic!("{other:?} {:?}", seen.steps),
    }
}

fn tells(words: &str, all: &[&str]) {
    for expected in all {
        assert!(words.contains(expected), "{expected}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_is_told() {
    let behind = Behind::script(
        "touch \"$folder/begun\"; until test -e \"$folder/go\"; do sleep 0.1; done; exec pgbackrest \"$@\"",
    );
    let ground = Ground::with(None, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let fill = async {
        behind.reached("begun").await;
        let user = ground.stanza.cluster().run_as().expect("tests run as root");
        let small = Small::over(&ground.folder().join(format!("data.muster-{run}")), 4, user);
        fs::write(behind.file("go"), "").expect("our own folder");
        small
    };
    let (seen, small) = tokio::join!(ground.worked(run), fill);
    drop(small);
    tells(
        failed(&seen),
        &["unable to write '", UNHARMED, "whether the disk is full, make room"],
    );
    assert!(ground.events().await.contains(&lost));
    assert_eq!(ground.leftovers("data.muster-lock"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_passphrase_of_the_repository_is_told() {
    let folder = tempfile::Builder::new()
        .prefix("muster-conf-")
        .tempdir_in("/tmp")
        .expect("a folder");
    let wrong = folder.path().join("pgbackrest.conf");
    let stanza = Stanza::encrypted().await;
    let user = stanza.cluster().run_as().expect("tests run as root").clone();
    let misread = |host: RestoreHost| {
        let right = host.tool[1].trim_start_matches("--config=");
        let text = fs::read_to_string(right).expect("our own file");
        fs::write(&wrong, text.replace(PASSPHRASE, "another")).expect("our own folder");
        for path in [folder.path(), &wrong] {
            std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)).expect("root may");
        }
        RestoreHost {
            tool: vec![host.tool[0].clone(), format!("--config={}", wrong.display())],
            ..host
        }
    };
    let parts = Parts {
        stanza: Some(stanza),
        second: true,
        ..Parts::default()
    };
    let ground = Ground::made(parts, misread).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let seen = ground.worked(run).await;
    tells(
        failed(&seen),
        &["ERROR: [", UNHARMED, "can’t be read with this passphrase"],
    );
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_is_gone_is_told() {
    let behind = Behind::script("exec pgbackrest \"$@\"");
    let ground = Ground::with(None, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    fs::remove_file(behind.file("pgbackrest")).expect("our own file");
    let seen = ground.worked(run).await;
    tells(
        failed(&seen),
        &[
            "was not found; nothing was started",
            UNHARMED,
            "install it where it runs",
        ],
    );
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_cancelled_half_way_leaves_no_process_and_no_copy() {
    let behind = Behind::halfway();
    let ground = Ground::with(None, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let cancel = async {
        behind.reached("half").await;
        runs::cancel(&ground.site.services, &ground.b(), run)
            .await
            .expect("asks");
    };
    let (seen, ()) = tokio::join!(ground.worked(run), cancel);
    assert!(
        matches!(seen.state, RunState::Cancelled { .. }),
        "{:?} {:?}",
        seen.state,
        seen.steps
    );
    tells(
        &format!("{:?}", seen.steps[2].1),
        &["was cancelled and ended with all its children", UNHARMED],
    );
    assert!(!behind.goes_on());
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());
    assert!(ground.events().await.contains(&lost));
}

/// What pauses is promoted, and is then the database of the target.
async fn goes_on_to_its_end(ground: &Ground, behind: &Behind, run: RunId, lost: &str) {
    let paused = ground.worked(run).await;
    assert!(
        matches!(paused.state, RunState::Paused { .. }),
        "{:?} {:?}",
        paused.state,
        paused.steps
    );
    assert!(!behind.were_there_two(), "never two restores");
    ground.decide(paused.number, Decision::Promote).await;
    let done = ground.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert!(!ground.events().await.iter().any(|event| event == lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn muster_s_own_database_may_be_gone_for_a_while() {
    let keeper = ThrowawayCluster::start().await;
    let behind = Behind::slow_at_first(5);
    let parts = Parts {
        own: Some(keeper.database().await),
        ..Parts::default()
    };
    let ground = Ground::made(parts, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let data = keeper.cluster().data_dir().display().to_string();
    let log = format!("{data}/start.log");
    let pg_ctl = keeper.cluster().tool("pg_ctl");
    let stop = ["-D", &data, "-m", "immediate", "-w", "stop"];
    let start = ["-D", &data, "-l", &log, "-w", "start"];
    let worker = tokio::spawn(runs::work(
        ground.site.services.clone(),
        std::sync::Arc::new(store::events::Events::listen(&ground.site.services.store)),
        tokio_util::sync::CancellationToken::new(),
    ));
    behind.reached("half").await;
    pg_ctl.invoke(stop).output().await.expect("stops");
    tokio::time::sleep(Duration::from_secs(20)).await;
    pg_ctl
        .invoke(start)
        .output()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    worker.abort();
    let _ = worker.await;
    ground.let_the_lease_run_out(run).await;
    goes_on_to_its_end(&ground, &behind, run, &lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_ends_its_tool() {
    let behind = Behind::slow_at_first(300);
    let ground = Ground::with(None, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let ended = async {
        behind.reached("half").await;
        let mut conn = ground.site.own.connect().await;
        let taken = "UPDATE runs SET fence = fence + 1, lease_until = clock_timestamp() + interval '1 h' WHERE id = $1";
        sqlx::query(taken)
            .bind(run.0)
            .execute(&mut conn)
            .await
            .expect("our own database");
        while behind.goes_on() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        seen = ground.worked_until(run, |_| false, true) => panic!("{:?}", seen.state),
        () = ended => {}
    }
    ground.let_the_lease_run_out(run).await;
    goes_on_to_its_end(&ground, &behind, run, &lost).await;
}
