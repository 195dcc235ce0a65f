//! A drill of a pgBackRest backup, and the same by hand: `pgbackrest restore`, start, wait for the end of recovery.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::time::{Duration, Instant};

use domain::drill::{Choice, Drill, PhaseName, Verdict};
use domain::time::Timestamp;
use sqlx::ConnectOptions as _;
use testkit::installation::Installation;
use testkit::pgbackrest::Copies;

use crate::world::World;
use crate::{Beside, bulk, say};

/// As many as the drill's own; and as many as the tool takes where nothing is said, which is what somebody gets by hand.
const PROCESSES: [&str; 2] = ["--process-max=2", "--process-max=1"];
/// Those of a drill's server that decide how fast it is.
const SETTINGS: &str =
    "-c archive_mode=off -c fsync=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=128MB";
/// For a restore of any size.
const LIMIT: Duration = Duration::from_hours(2);

/// A whole drill beside the tool with one process; then beside the tool with as many: up to a server that takes connections, with what the
/// drill removes afterwards, and all that is looked at besides.
pub async fn beside(megabytes: u64, rounds: usize) -> [Beside; 3] {
    say("making a cluster and a backup of it");
    let world = World::on(Installation::packaged()).await;
    for statements in bulk(megabytes) {
        for statement in statements.split_inclusive(';') {
            world.stanza.run(statement).await;
        }
    }
    // As production's are, whose tables have been read and vacuumed since they were filled: the first reader writes nothing then.
    world.stanza.run("VACUUM").await;
    let label = world.stanza.backup(1, Copies::Everything).await;
    world.settled().await;
    let (mut equal, mut single, mut restored, mut looked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        say(&format!("drill, round {}", round + 1));
        // Whoever comes second finds the machine still busy with what the first one wrote, so they take turns.
        if round % 2 == 1 {
            equal.push(alone(&world, &label, PROCESSES[0]).await);
        }
        let drill = world.drill(Choice::Latest).await.drill;
        assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
        say(&shares(&drill));
        let (whole, check) = (whole(&drill), phase(&drill, PhaseName::Check));
        restored.push(whole - check);
        looked.push(whole);
        if round % 2 == 0 {
            equal.push(alone(&world, &label, PROCESSES[0]).await);
        }
        single.push(alone(&world, &label, PROCESSES[1]).await);
    }
    let line = |what, bare: &[f64], muster: &[f64]| Beside {
        what,
        megabytes,
        bare: bare.to_vec(),
        muster: muster.to_vec(),
    };
    [
        line(
            "a whole drill, beside restore by one process and start",
            &single,
            &looked,
        ),
        line(
            "a drill but for its checks, beside restore by as many processes and start",
            &equal,
            &restored,
        ),
        line("a whole drill, beside the same", &equal, &looked),
    ]
}

fn whole(drill: &Drill) -> f64 {
    let ends = drill.started_at.zip(drill.finished_at);
    ends.map(|(from, to)| (to - from).as_seconds_f64()).expect("it is over")
}

/// Where the time went, for whoever wonders about a ratio.
fn shares(drill: &Drill) -> String {
    let seconds = |from, to| format!("{:.2} s", Timestamp::signed_duration_since(to, from).as_seconds_f64());
    let phases = drill.phases.iter().filter_map(|phase| {
        let took = seconds(phase.started_at, phase.finished_at?);
        Some(format!("{} {took}", phase.name.word()))
    });
    let checking = drill.phases.iter().find(|phase| phase.name == PhaseName::Check);
    let from = checking.map_or(drill.queued_at, |phase| phase.started_at);
    let checks = drill.checks.iter().filter_map(|check| {
        let until = seconds(from, check.finished_at?);
        Some(format!("{} after {until}", check.name))
    });
    let (phases, checks): (Vec<_>, Vec<_>) = (phases.collect(), checks.collect());
    format!("  {}; of the checks {}", phases.join(", "), checks.join(", "))
}

fn phase(drill: &Drill, name: PhaseName) -> f64 {
    let phase = drill
        .phases
        .iter()
        .find(|phase| phase.name == name)
        .expect("it came to that");
    let finished = phase.finished_at.expect("it is over");
    (finished - phase.started_at).as_seconds_f64()
}

/// Seconds by hand.
async fn alone(world: &World, label: &str, processes: &str) -> f64 {
    let cluster = world.stanza.cluster();
    let folder = world.site.folder.path().join("bare");
    let (data, socket) = (folder.join("data"), folder.join("socket"));
    for made in [&folder, &data, &socket] {
        fs::create_dir(made).expect("our own folder");
        fs::set_permissions(made, Permissions::from_mode(0o700)).expect("our own folder");
        if let Some(user) = cluster.run_as() {
            chown(made, Some(user.uid), Some(user.gid)).expect("root gives away");
        }
    }
    let begun = Instant::now();
    let set = format!("--set={label}");
    let to = format!("--pg1-path={}", data.display());
    let stanza = format!("--stanza={}", world.stanza.name);
    let restore = [
        &stanza,
        "--repo=1",
        &set,
        &to,
        processes,
        "--archive-mode=off",
        "restore",
    ];
    let restore = world.stanza.tool().invoke(restore).low_priority();
    restore.time_limit(LIMIT).output().await.expect("restores");
    let restored = begun.elapsed().as_secs_f64();
    start(world, &data, &socket).await;
    let seconds = begun.elapsed().as_secs_f64();
    say(&format!(
        "  by hand with {processes}: restore {restored:.2} s, start {:.2} s",
        seconds - restored
    ));
    let stop = ["-D", &data.display().to_string(), "-m", "immediate", "-w", "stop"];
    cluster.tool("pg_ctl").invoke(stop).output().await.expect("stops");
    fs::remove_dir_all(&folder).expect("our own folder");
    seconds
}

async fn start(world: &World, data: &Path, socket: &Path) {
    let options = format!("{SETTINGS} -c unix_socket_directories={}", socket.display());
    let (data, log) = (data.display().to_string(), socket.join("log").display().to_string());
    let start = ["-D", &data, "-l", &log, "-o", &options, "-w", "start"];
    let pg_ctl = world.stanza.cluster().tool("pg_ctl");
    pg_ctl.invoke(start).low_priority().output().await.expect("starts");
    let mut conn = world.stanza.options().socket(socket).connect().await.expect("connects");
    while sqlx::query_scalar("SELECT pg_is_in_recovery()")
        .fetch_one(&mut conn)
        .await
        .expect("answers")
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
