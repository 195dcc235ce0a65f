//! What a person types who goes a way without Muster. Each is a whole command; none of them writes over what is there.

use domain::emergency::Command;
use domain::route::{Target, Way};

use crate::by_hand::{self, DumpFile, INTO, PROMOTE, reached};
use crate::settings::{Deployment, Dumps, Source};

/// Role that owns it, where no other is configured.
const OWNER: &str = "ampora";

/// The commands, in order. Empty: none is known here.
pub fn of(deployment: &Deployment, way: &Way) -> Vec<Command> {
    let source = deployment.sources.iter().find(|source| source.name() == way.source);
    match source {
        Some(Source::PgBackRest(_)) => by_hand::restore(deployment, way).map_or_else(Vec::new, |argv| pgbackrest(deployment, way, argv)),
        Some(Source::Dumps(dumps)) => way.backup().map_or_else(Vec::new, |label| dump(deployment, dumps, label)),
        Some(Source::WalG(walg)) => way.backup().map_or_else(Vec::new, |label| {
            let mut argv = walg.tool.typed_here().unwrap_or_else(|| vec!["wal-g".into()]);
            argv.extend(["backup-fetch".into(), "PGDATA".into(), label.into()]);
            let about = "On a host with an empty data directory PGDATA, as the user of PostgreSQL; then set restore_command to “wal-g wal-fetch %f %p”, create recovery.signal and start the server";
            vec![Command::new(about, argv)]
        }),
        Some(Source::Rds(rds)) => vec![managed(&rds.instance, way)],
        Some(Source::Unusable { .. }) | None => Vec::new(),
    }
}

/// The restore never ends recovery by itself: a hole in the WAL would pass for its end.
fn pgbackrest(deployment: &Deployment, way: &Way, restore: Vec<String>) -> Vec<Command> {
    let end = match (way.target, &way.replay) {
        (Target::Latest, Some(replay)) => replay.to,
        _ => None,
    };
    let enough = match end {
        Some(end) => format!(
            "until enough is t: the WAL reaches {end}. If it stays f there is a hole in the WAL: don’t go on, take another way"
        ),
        None => "until paused is t: it stands at the time. If the server ended instead, its log says why".to_owned(),
    };
    let host = deployment.host.as_ref();
    let start = host.and_then(|host| host.start.clone());
    let pgdata = host.map_or("PGDATA", |host| host.pgdata.as_str());
    let start = start.unwrap_or_else(|| ["pg_ctl", "-D", pgdata, "start"].map(str::to_owned).into());
    let psql = |query: &str| ["psql", "-X", "-d", "postgres", "-c", query].map(str::to_owned);
    vec![
        Command::new(
            "On the host that is to hold the copy, as the user of PostgreSQL, with the server stopped and an empty data directory",
            restore,
        ),
        Command::new(
            "Starts it, with Ampora stopped: it replays, then waits, and nothing is written",
            start,
        ),
        Command::new(format!("Again and again {enough}"), psql(&reached(end))),
        Command::new(
            "Only then ends recovery. Look through the data before Ampora is started on them",
            psql(PROMOTE),
        ),
    ]
}

fn dump(deployment: &Deployment, dumps: &Dumps, label: &str) -> Vec<Command> {
    let owner = deployment
        .restore
        .as_ref()
        .map_or(OWNER, |restore| restore.owner.as_str());
    let DumpFile { fetch, path, is_script } = DumpFile::of(dumps, label);
    let mut commands: Vec<_> = fetch.into_iter().collect();
    commands.push(Command::new(
        "Makes a new, empty database beside the broken one",
        ["createdb", "--template=template0", "--owner", owner, INTO],
    ));
    let read = "Reads the dump into it and stops at the first error";
    if is_script {
        let database = format!("--dbname={INTO}");
        let file = format!("--file={path}");
        commands.push(Command::new(
            format!("{read}; unpack it first if it is compressed"),
            [
                "psql",
                "--set=ON_ERROR_STOP=1",
                "--single-transaction",
                &database,
                &file,
            ],
        ));
    } else {
        let (role, database) = (format!("--role={owner}"), format!("--dbname={INTO}"));
        commands.push(Command::new(
            read,
            ["pg_restore", "--exit-on-error", "--no-owner", &role, &database, &path],
        ));
    }
    commands
}

fn managed(instance: &str, way: &Way) -> Command {
    let target = format!("{instance}-restored");
    let about = "Makes a new instance beside the broken one";
    if way.target == Target::AsTaken {
        let snapshot = way.backup().unwrap_or("SNAPSHOT");
        return Command::new(
            about,
            [
                "aws",
                "rds",
                "restore-db-instance-from-db-snapshot",
                "--db-snapshot-identifier",
                snapshot,
                "--db-instance-identifier",
                &target,
            ],
        );
    }
    Command::new(
        about,
        [
            "aws",
            "rds",
            "restore-db-instance-to-point-in-time",
            "--source-db-instance-identifier",
            instance,
            "--target-db-instance-identifier",
            &target,
            "--use-latest-restorable-time",
        ],
    )
}
