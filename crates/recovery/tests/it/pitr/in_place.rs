//! A cluster replaced where it stands: only once it is down, archived and copied aside; and nothing that failed half-way is called success.

use std::fs;

use domain::approval::Decision;
use domain::ids::RunId;
use domain::plan::{Kept, Pinned};
use domain::run::{RunState, StepState};
use futures::StreamExt as _;
use recovery::approvals;
use recovery::settings::RestoreHost;
use store::runs::Run;
use testkit::pgbackrest::Stanza;

use super::behind::Behind;
use super::ground::{Ground, Parts};
use super::sweep::Dies;
use crate::runs::no_further;

const STOP: usize = 2;
pub const TAIL: usize = 3;
pub const ASIDE: usize = 4;
pub const OVER: usize = 5;
pub const DECIDE: usize = 8;
const LAST: usize = 14;

pub async fn in_place(parts: Parts, adjust: impl FnOnce(RestoreHost) -> RestoreHost) -> Ground {
    let mut ground = Ground::made(parts, adjust).await;
    ground.in_place = true;
    ground
}

fn names(ground: &Ground, run: RunId) -> String {
    ground.folder().join(format!("data.before-{run}")).display().to_string()
}

/// Promotes what waits, and expects the database of the target.
async fn promoted(ground: &Ground, run: RunId, lost: &str) -> Run {
    let paused = ground.worked(run).await;
    let RunState::Paused { seen, .. } = &paused.state else {
        panic!("{:?} {:?}", paused.state, paused.steps)
    };
    assert!(
        seen.contains("restored in place") && seen.contains("Give up: it stays down"),
        "{seen}"
    );
    ground.decide(paused.number, Decision::Promote).await;
    let done = ground.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let events = ground.events().await;
    assert!(
        events.contains(&"first".to_owned()) && !events.iter().any(|event| event == lost),
        "{events:?}"
    );
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_and_never_archived_can_be_got_back_from_the_copy() {
    // A server that is killed leaves its last segment unarchived.
    let killed = |mut host: RestoreHost| {
        let stop = host.stop.as_mut().expect("configured");
        let mode = stop.iter_mut().find(|word| *word == "fast").expect("pg_ctl's mode");
        *mode = "immediate".into();
        host
    };
    let ground = in_place(Parts::default(), killed).await;
    let (target, lost) = ground.between_two().await;
    let plan = approvals::plan(&ground.site.services, &ground.a(), &ground.wish(&target)).await;
    let plan = plan.unwrap_or_else(|error| panic!("{error}"));
    let Pinned::RestorePitr(pinned) = &plan.pinned else {
        panic!("{:?}", plan.pinned)
    };
    assert_eq!(pinned.in_place, Some(Kept::Everything));
    let (_, run) = ground.approved(&target).await;
    let done = promoted(&ground, run, &lost).await;
    let tail = format!("{:?}", done.steps[TAIL].1);
    assert!(tail.contains("wasn’t shut down in order"), "{tail}");
    assert!(format!("{:?}", done.steps).contains("it writes timeline 2"));
    assert_eq!(ground.leftovers("data.muster-"), Vec::<String>::new());
    let kept = ground.leftovers("data.before-");
    assert!(ground.events_in(&kept[0]).await.contains(&"never archived".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_that_wait_are_archived_before_anything_is_replaced() {
    let ground = in_place(Parts::default(), |host| host).await;
    let (target, lost) = ground.between_two().await;
    ground.stanza.hold_archiving(true).await;
    ground.event("held back").await;
    ground.sql("SELECT pg_switch_wal()").await;
    let (_, run) = ground.approved(&target).await;
    let done = promoted(&ground, run, &lost).await;
    let StepState::Done { detail, .. } = &done.steps[TAIL].1 else {
        panic!("{:?}", done.steps)
    };
    assert!(
        detail.contains("are archived now") && !detail.starts_with('0'),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hosts_cluster_is_replaced_in_place_over_ssh() {
    let parts = Parts {
        sshd: Some(testkit::sshd::Sshd::start()),
        ..Parts::default()
    };
    let ground = in_place(parts, |host| host).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    promoted(&ground, run, &lost).await;
    assert_eq!(ground.leftovers("data.muster-"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clusters_directory_is_refused_also_right_before_it_would_be_replaced() {
    let other = Stanza::start().await;
    let data = other.cluster().data_dir().display().to_string();
    let mut foreign = Ground::with(None, |host| RestoreHost { pgdata: data, ..host }).await;
    foreign.in_place = true;
    let (target, _) = foreign.between_two().await;
    let refused = approvals::plan(&foreign.site.services, &foreign.a(), &foreign.wish(&target)).await;
    let words = format!("{:?}", refused.expect_err("it is refused"));
    assert!(
        words.contains("another cluster’s directory is never replaced"),
        "{words}"
    );

    let ground = in_place(Parts::default(), |host| host).await;
    let (target, _) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let copied = |run: &Run| matches!(run.steps[TAIL].1, StepState::Done { .. });
    no_further(&ground.site, TAIL, ground.worked_until(run, copied, false)).await;
    // Somebody puts another cluster there meanwhile.
    let (data, own) = (ground.stanza.data_dir(), ground.folder().join("own"));
    fs::rename(&data, &own).expect("root may");
    let stop = other.cluster().tool("pg_ctl");
    let theirs = other.data_dir().display().to_string();
    stop.invoke(["-D", &theirs, "-m", "fast", "-w", "stop"])
        .output()
        .await
        .expect("stops");
    fs::rename(other.data_dir(), &data).expect("root may");
    ground.let_the_lease_run_out(run).await;
    let seen = ground.worked(run).await;
    let words = seen.state.reason().unwrap_or_default();
    assert!(words.contains("nothing was replaced"), "{:?}", seen.state);
    assert!(!matches!(seen.state, RunState::Succeeded { .. }));
    assert!(
        matches!(seen.steps[OVER].1, StepState::Waiting | StepState::Running { .. }),
        "{:?}",
        seen.steps
    );
    assert!(data.join("global/pg_control").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_up_again_keeps_its_files() {
    let ground = in_place(Parts::default(), |host| host).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let stopped = |run: &Run| matches!(run.steps[STOP].1, StepState::Done { .. });
    no_further(&ground.site, STOP, ground.worked_until(run, stopped, false)).await;
    let host = ground.site.services.settings.deployments[0]
        .host
        .as_ref()
        .expect("configured");
    host.host
        .hook(host.start.as_ref().expect("configured"))
        .await
        .expect("starts");
    ground.let_the_lease_run_out(run).await;
    let seen = ground.worked(run).await;
    let words = seen.state.reason().unwrap_or_default();
    assert!(
        matches!(seen.state, RunState::Failed { .. } | RunState::NeedsHuman { .. }),
        "{:?}",
        seen.state
    );
    assert!(
        words.contains("a server runs in") && words.contains("nothing was replaced"),
        "{words}"
    );
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_fails_half_way_needs_a_person_who_finds_the_old_cluster_whole() {
    let behind = Behind::script("pgbackrest \"$@\"; echo 'ERROR: [103]: gone' >&2; exit 103");
    let ground = in_place(Parts::default(), |host| behind.called(host)).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let seen = ground.worked(run).await;
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    for expected in [
        "[103]: gone",
        "the whole data directory is in",
        "To go back",
        "keeps other runs away",
    ] {
        assert!(seen.contains(expected), "{expected}: {seen}");
    }
    let events = ground.events_in(&format!("data.before-{run}")).await;
    assert!(events.contains(&lost) && events.contains(&"never archived".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_fails_changes_nothing_and_a_start_that_fails_needs_a_person() {
    let fails = || Some(vec!["false".to_owned()]);
    let ground = in_place(Parts::default(), |host| RestoreHost { stop: fails(), ..host }).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let seen = ground.worked(run).await;
    let RunState::Failed { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(
        reason.contains("the stop command failed") && reason.contains("Nothing was moved"),
        "{reason}"
    );
    assert!(ground.events().await.contains(&lost));
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());

    let ground = in_place(Parts::default(), |host| RestoreHost { start: fails(), ..host }).await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.worked(run).await;
    ground.decide(number, Decision::Promote).await;
    let seen = ground.worked(run).await;
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(
        seen.contains("the start command failed") && seen.contains("To go back"),
        "{seen}"
    );
    assert!(ground.events_in(&format!("data.before-{run}")).await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_in_place_tells_how_to_go_back() {
    let ground = in_place(Parts::default(), |host| host).await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.worked(run).await;
    ground.decide(number, Decision::GiveUp).await;
    let seen = ground.worked(run).await;
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(seen.contains("To go back: stop what runs"), "{seen}");
    let old = names(&ground, run);
    assert!(seen.contains(&old), "{old}: {seen}");
    assert!(ground.events_in(&format!("data.before-{run}")).await.contains(&lost));
    let data = ground.stanza.data_dir().display().to_string();
    let stop = ground.stanza.cluster().tool("pg_ctl");
    stop.invoke(["-D", &data, "-m", "fast", "-w", "stop"])
        .output()
        .await
        .expect("the private server stops");
}

/// The worker dies in a step, or behind it before that is written down.
async fn left_at(step: usize, dies: Dies) {
    let ground = in_place(Parts::default(), |host| host).await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.abandon(number, run, (step, DECIDE), dies).await;
    let mut seen = ground.worked(run).await;
    if matches!(seen.state, RunState::Paused { .. }) {
        ground.decide(number, Decision::Promote).await;
        seen = ground.worked(run).await;
    }
    let destructive = seen.steps[step].0.destructive;
    match &seen.state {
        RunState::Succeeded { .. } if !destructive => {
            assert!(!ground.events().await.contains(&lost), "step {step}");
            assert_eq!(ground.leftovers("data.muster-"), Vec::<String>::new(), "step {step}");
        }
        RunState::NeedsHuman { seen, .. } if destructive => {
            assert!(
                seen.contains("nobody knows how it ended") && seen.contains("To go back"),
                "{seen}"
            );
        }
        other => panic!("left at step {step}: {other:?} {:?}", seen.steps),
    }
    assert!(ground.leftovers("data.before-").len() <= 1, "step {step}");
}

async fn sweep(steps: impl IntoIterator<Item = usize>, dies: Dies) {
    let all = futures::stream::iter(steps).map(|step| left_at(step, dies));
    all.buffer_unordered(3).collect::<Vec<()>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_in_place_is_replaced_or_a_person_is_told() {
    sweep(0..LAST, Dies::Within).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_in_place_can_be_done_twice_or_isn_t() {
    sweep((0..DECIDE).chain(DECIDE + 1..=LAST), Dies::Behind).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_aside_that_broke_off_is_made_anew() {
    let ground = in_place(Parts::default(), |host| host).await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.abandon(number, run, (ASIDE, DECIDE), Dies::Behind).await;
    let (whole, part) = (names(&ground, run), format!("data.muster-{run}"));
    fs::rename(whole, ground.folder().join(&part)).expect("root may");
    fs::remove_dir_all(ground.folder().join(&part).join("pg_wal")).expect("root may");
    promoted(&ground, run, &lost).await;
    let kept = format!("data.before-{run}");
    assert!(ground.events_in(&kept).await.contains(&"never archived".to_owned()));
}
