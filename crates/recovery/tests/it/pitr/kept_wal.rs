//! Replaced in place where there is no room for the old cluster: its WAL alone is kept, and brings back what nothing else does.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::approval::Decision;
use domain::plan::{Kept, Pinned};
use domain::run::{RunState, StepState};
use recovery::{approvals, runs};
use sqlx::Connection as _;
use store::runs::Run;
use testkit::pgbackrest::Stanza;

use super::ground::{Ground, Parts};

const TAIL: usize = 3;
const ASIDE: usize = 4;
/// What a plan asks for beyond what is copied aside: for WAL that is fetched and written.
const MARGIN: u64 = 256 * 1024 * 1024;

/// A disk of its own below a stanza's cluster, until it is dropped. Dropped after the stanza, since its server goes first.
struct Disk(PathBuf);

impl Disk {
    /// Moves the cluster onto it.
    async fn below(stanza: &mut Stanza) -> Self {
        let folder = stanza.data_dir().parent().expect("it has one").to_owned();
        let aside = folder.with_file_name("aside");
        let place = folder.clone();
        stanza
            .restart(async || {
                let before = fs::metadata(&place).expect("our own folder");
                run(Command::new("mv").args([&place, &aside]));
                fs::create_dir(&place).expect("its place is free");
                run(Command::new("mount")
                    .args(["-t", "tmpfs", "-o", "size=4g", "tmpfs"])
                    .arg(&place));
                run(Command::new("cp").arg("-a").arg(aside.join(".")).arg(&place));
                fs::remove_dir_all(&aside).expect("our own folder");
                chown(&place, Some(before.uid()), Some(before.gid())).expect("root may");
                fs::set_permissions(&place, before.permissions()).expect("root may");
            })
            .await;
        Self(folder)
    }

    /// Leaves room for the WAL once more, and not for the whole cluster.
    fn shrink(&self, data: &Path) {
        let (whole, wal) = (size(data), size(&data.join("pg_wal")));
        assert!(wal < whole, "{wal} of {whole}");
        let used = size(&self.0);
        let room = MARGIN + wal + (whole - wal) / 2;
        let option = format!("remount,size={}", used + room);
        run(Command::new("mount").args(["-o", &option]).arg(&self.0));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = fs::remove_dir_all(self.0.parent().expect("it has one"));
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("part of every system");
    assert!(status.success(), "{command:?}");
}

/// Bytes that it takes on its disk.
fn size(path: &Path) -> u64 {
    let output = Command::new("du").args(["-s", "--block-size=1"]).arg(path).output();
    let text = String::from_utf8(output.expect("part of every system").stdout).expect("text");
    let number = text.split_whitespace().next().expect("a number");
    number.parse().expect("a number")
}

/// A cluster on a disk that holds its WAL twice, but not all of it; its server is killed rather than shut down.
async fn cramped() -> (Disk, Ground) {
    let mut stanza = Stanza::start().await;
    let disk = Disk::below(&mut stanza).await;
    let parts = Parts {
        stanza: Some(stanza),
        ..Parts::default()
    };
    let mut ground = Ground::made(parts, |mut host| {
        let stop = host.stop.as_mut().expect("configured");
        let mode = stop.iter_mut().find(|word| *word == "fast").expect("pg_ctl's mode");
        *mode = "immediate".into();
        host
    })
    .await;
    ground.in_place = true;
    (disk, ground)
}

/// The command that the log of the step has.
async fn told(ground: &Ground, seen: &Run) -> String {
    let log = runs::log_page(&ground.site.services, &ground.a(), seen.id, None, 20_000).await;
    let lines = log.expect("an operator may").lines.into_iter();
    let told = lines
        .map(|stored| stored.line.text)
        .find(|line| line.contains("comes back so"));
    let told = told.expect("it is told");
    let (_, command) = told.split_once("there is room: ").expect("a command");
    command.split(" (then").next().expect("its end").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_segment_that_was_never_archived_comes_back_by_the_command_that_the_log_has() {
    let (disk, ground) = cramped().await;
    let (target, lost) = ground.between_two().await;
    disk.shrink(&ground.stanza.data_dir());
    let plan = approvals::plan(&ground.site.services, &ground.a(), &ground.wish(&target)).await;
    let plan = plan.unwrap_or_else(|error| panic!("{error}"));
    let Pinned::RestorePitr(pinned) = &plan.pinned else {
        panic!("{:?}", plan.pinned)
    };
    assert_eq!(pinned.in_place, Some(Kept::Wal));
    let (number, id) = ground.approved(&target).await;
    let paused = ground.worked(id).await;
    assert!(
        matches!(paused.state, RunState::Paused { .. }),
        "{:?} {:?}",
        paused.state,
        paused.steps
    );
    ground.decide(number, Decision::Promote).await;
    let done = ground.worked(id).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let detail = |step: usize| match &done.steps[step].1 {
        StepState::Done { detail, .. } => detail.clone(),
        other => panic!("{other:?}"),
    };
    assert!(detail(TAIL).contains("wasn’t shut down in order"), "{}", detail(TAIL));
    assert!(detail(ASIDE).starts_with("pg_wal alone"), "{}", detail(ASIDE));
    let events = ground.events().await;
    assert!(
        !events.contains(&lost) && !events.contains(&"never archived".to_owned()),
        "{events:?}"
    );

    // On another disk, as whoever restores would.
    let room = tempfile::Builder::new()
        .prefix("muster-room-")
        .tempdir_in("/tmp")
        .expect("a folder");
    let user = ground.stanza.cluster().run_as().expect("tests run as root");
    let new = room.path().join("data");
    fs::create_dir(&new).expect("our own folder");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o700)).expect("our own folder");
    for path in [room.path(), &new] {
        chown(path, Some(user.uid), Some(user.gid)).expect("root may");
    }
    let command = told(&ground, &done).await.replace("NEW", &new.display().to_string());
    ground.typed(&command);
    let mut conn = ground.server_over(&new, room.path()).await;
    let asked = "SELECT \"Action\" FROM audit_events WHERE \"Action\" IN ($1, 'never archived')";
    let begun = std::time::Instant::now();
    loop {
        let found = sqlx::query_scalar::<_, String>(asked).bind(&lost).fetch_all(&mut conn);
        if found.await.expect("reads").len() == 2 {
            break;
        }
        assert!(begun.elapsed().as_secs() < 60, "it doesn’t come back: {command}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    conn.close().await.expect("closes");
    ground.stop_server_over(&new).await;
}
