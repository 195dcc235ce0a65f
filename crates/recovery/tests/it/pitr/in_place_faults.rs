//! Replaced in place, each step fails once, the lease is lost and Muster's own database goes away: before the first file is replaced the
//! cluster is up again and whole, from there on a person is told how to go back, and nothing half-way is called success.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use domain::ids::RunId;
use domain::run::RunState;
use futures::StreamExt as _;
use recovery::runs;
use store::runs::Run;
use testkit::postgres::ThrowawayCluster;

use super::behind::Behind;
use super::ground::{Ground, Parts};
use super::in_place::{ASIDE, DECIDE, OVER, TAIL, in_place};
use super::sweep::Dies;

const VERIFY: usize = 0;
const LOCK: usize = 1;
const RECOVER: usize = 6;
const CHECK_COPY: usize = 7;
const CHECK: usize = 11;
const LET_IN: usize = 12;

/// What is broken before a step begins again.
async fn break_it(ground: &mut Ground, step: usize, run: RunId, last: &str) {
    let nowhere = |ground: &mut Ground| {
        ground.site.configure(|settings| {
            let database = settings.deployments[0].database.as_mut().expect("configured");
            database.schema.tenants = "nowhere".into();
        });
    };
    match step {
        VERIFY | RECOVER => ground.stanza.lose_wal(1, last),
        LOCK => {
            let lock = ground.folder().join("data.muster-lock");
            let _ = fs::remove_file(&lock);
            std::os::unix::fs::symlink("another-run", lock).expect("root may");
        }
        TAIL => {
            for repo in [1, 2] {
                let archive = ground.stanza.repo(repo).join("archive");
                fs::set_permissions(archive, Permissions::from_mode(0o0)).expect("root may");
            }
        }
        ASIDE => fs::write(ground.folder().join(format!("data.before-{run}")), "mine").expect("root may"),
        CHECK_COPY | CHECK => nowhere(ground),
        LET_IN => {
            // The start command has nowhere to put the server's words.
            let log = ground.folder().join("hook.log");
            // The hook wrote it, if the server was started before.
            let _ = fs::remove_file(&log);
            fs::create_dir(&log).expect("root may");
        }
        other => panic!("nothing breaks step {other}"),
    }
}

fn newest_segment(ground: &Ground) -> String {
    let files = ground.stanza.files(1);
    let names = files
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.split_once('-'));
    let names = names.map(|(segment, _)| segment).filter(|name| name.len() == 24);
    names.max().expect("WAL is archived").to_owned()
}

async fn fails_at(step: usize) {
    let mut ground = in_place(Parts::default(), |host| host).await;
    let (target, lost) = ground.between_two().await;
    if step == TAIL {
        ground.stanza.hold_archiving(true).await;
        ground.event("held back").await;
        ground.sql("SELECT pg_switch_wal()").await;
    }
    let last = newest_segment(&ground);
    let (number, run) = ground.approved(&target).await;
    ground.abandon(number, run, (step, DECIDE), Dies::Before).await;
    break_it(&mut ground, step, run, &last).await;
    let seen = ground.worked(run).await;
    let reason = seen.state.reason().unwrap_or_default();
    match &seen.state {
        RunState::Failed { .. } | RunState::Refused { .. } if step < OVER => {
            assert!(ground.events().await.contains(&lost), "step {step}: it is up and whole");
        }
        RunState::NeedsHuman { .. } if step > OVER => {
            assert!(reason.contains("To go back"), "step {step}: {reason}");
            let kept = ground.events_in(&format!("data.before-{run}")).await;
            assert!(kept.contains(&lost), "step {step}: {kept:?}");
        }
        other => panic!("step {step}: {other:?} {:?}", seen.steps),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_in_place_fails_once() {
    let steps = [VERIFY, LOCK, TAIL, ASIDE, RECOVER, CHECK_COPY, CHECK, LET_IN];
    let all = futures::stream::iter(steps).map(fails_at);
    all.buffer_unordered(3).collect::<Vec<()>>().await;
}

/// Whoever comes after a lost worker finds files that may be replaced in part, and doesn't replace them again.
async fn a_person_is_told(ground: &Ground, behind: &Behind, run: RunId, lost: &str) {
    let seen: Run = ground.worked(run).await;
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?} {:?}", seen.state, seen.steps)
    };
    assert!(
        seen.contains("nobody knows how it ended") && seen.contains("To go back"),
        "{seen}"
    );
    assert!(!behind.were_there_two(), "never two restores");
    assert!(!behind.goes_on());
    let kept = ground.events_in(&format!("data.before-{run}")).await;
    assert!(kept.iter().any(|event| event == lost), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_ends_its_tool_and_the_next_one_asks() {
    let behind = Behind::slow_at_first(300);
    let ground = in_place(Parts::default(), |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let ended = async {
        behind.reached("half").await;
        let mut conn = ground.site.own.connect().await;
        let taken = "UPDATE runs SET fence = fence + 1, lease_until = clock_timestamp() + interval '1 h' WHERE id = $1";
        let taken = sqlx::query(taken).bind(run.0).execute(&mut conn).await;
        taken.expect("our own database");
        while behind.goes_on() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        seen = ground.worked_until(run, |_| false, true) => panic!("{:?}", seen.state),
        () = ended => {}
    }
    ground.let_the_lease_run_out(run).await;
    a_person_is_told(&ground, &behind, run, &lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn muster_s_own_database_may_be_gone_while_files_are_replaced() {
    let keeper = ThrowawayCluster::start().await;
    let behind = Behind::slow_at_first(5);
    let parts = Parts {
        own: Some(keeper.database().await),
        ..Parts::default()
    };
    let ground = in_place(parts, |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let events = std::sync::Arc::new(store::events::Events::listen(&ground.site.services.store));
    let end = tokio_util::sync::CancellationToken::new();
    let worker = tokio::spawn(runs::work(ground.site.services.clone(), events, end));
    behind.reached("half").await;
    let data = keeper.cluster().data_dir().display().to_string();
    let log = format!("{data}/start.log");
    let pg_ctl = keeper.cluster().tool("pg_ctl");
    let stop = ["-D", &data, "-m", "immediate", "-w", "stop"];
    pg_ctl.invoke(stop).output().await.expect("stops");
    tokio::time::sleep(Duration::from_secs(20)).await;
    let start = ["-D", &data, "-l", &log, "-w", "start"];
    pg_ctl.invoke(start).output().await.expect("starts");
    worker.abort();
    let _ = worker.await;
    ground.let_the_lease_run_out(run).await;
    a_person_is_told(&ground, &behind, run, &lost).await;
}
