//! The phases of a drill in their order, for a physical backup and for a dump; a managed database has its own.

use adapters::dumps::OpenDump;
use adapters::postgres::Binaries;
use adapters::sandbox::{Control, Copy, DumpRestore, Recovery, Running, Sandbox, ServerSpec};
use domain::drill::{Failure, PhaseName, WalNeeded};
use domain::time::{Timestamp, bytes};
use domain::vitals::Vitals;

use super::checks::{self, Copied};
use super::choose::{Physical, Plan, Way, choose};
use super::execution::{Execution, Stop};
use super::fetch::{self, Room};
use super::{instance, measure};
use crate::collect;
use crate::settings::{self, Dumps};

/// What has to be ended and removed, whatever happens.
#[derive(Default)]
pub struct Held {
    pub sandbox: Option<Sandbox>,
    pub running: Option<Running>,
    /// A copy that runs elsewhere.
    elsewhere: Option<Copy>,
    /// A copy of a dump out of a bucket.
    dump: Option<OpenDump>,
}

impl Held {
    /// What the checks ask.
    fn copy(&self) -> Option<&Copy> {
        self.elsewhere
            .as_ref()
            .or_else(|| self.running.as_ref().map(|running| &running.copy))
    }

    /// Ends the server and removes the sandbox, or leaves it until `keep`.
    ///
    /// # Errors
    /// If something can't be removed: then the environment is broken, whatever the backup is.
    pub async fn remove(self, keep: Option<Timestamp>) -> Result<((), String), Failure> {
        let Self {
            sandbox,
            running,
            elsewhere,
            dump,
        } = self;
        if let Some(elsewhere) = elsewhere {
            elsewhere.close().await;
        }
        if let Some(running) = running {
            running.end().await;
        }
        drop(dump);
        let removed = match (sandbox, keep) {
            (None, _) => return Ok(((), "there was nothing to remove".into())),
            (Some(sandbox), Some(until)) => sandbox
                .keep(until)
                .map(|()| format!("kept until {}", domain::time::rfc3339(until))),
            (Some(sandbox), None) => sandbox.remove().await.map(|()| "everything is removed".to_owned()),
        };
        removed
            .map(|words| ((), words))
            .map_err(|error| error.blame("sandbox-files"))
    }
}

/// Goes through all phases but the last.
///
/// # Errors
/// If one broke or was stopped.
pub async fn phases(run: &Execution, held: &mut Held) -> Result<(), Stop> {
    let Some(sandbox) = run.deployment.drills.sandbox.clone() else {
        let failure = Failure::of_environment(
            "no-sandbox",
            "this process runs no drills",
            "start a worker: `muster serve` or `muster worker`",
        );
        return run.phase::<()>(PhaseName::Prepare, async { Err(failure) }).await;
    };
    let (plan, production) = run.phase(PhaseName::Choose, pick(run)).await?;
    measure::declare(run, production.as_ref()).await;
    run.with(|drill| {
        drill.backup = Some(plan.chosen.clone());
        drill.warnings.extend(plan.unread.iter().cloned());
        if !sandbox.encrypted && !matches!(plan.way, Way::Managed(..)) {
            let words = "nobody declared the sandbox’s disk encrypted ([deployment.sandbox] encrypted): copies of tenants’ rows lay on it";
            drill.warnings.push(words.into());
        }
    });
    let copied = match plan.way {
        Way::Physical(physical) => self::physical(run, held, &sandbox, &physical, plan.chosen.to_the_end).await?,
        Way::Dump { dumps, file } => dump(run, held, &sandbox, &dumps, &file).await?,
        Way::Managed(managed, moment) => {
            let (copied, copy) = instance::phases(run, &managed, moment).await?;
            held.elsewhere = Some(copy);
            copied
        }
    };
    let Some(copy) = held.copy() else {
        return Err(Stop::Stopped);
    };
    if let Some(sandbox) = &held.sandbox {
        run.with(|drill| drill.figures.restored_bytes = Some(domain::ids::Big(sandbox.size())));
    }
    checks::phase(run, (copy, held.sandbox.as_ref()), &copied, production.as_ref()).await
}

async fn pick(run: &Execution) -> Result<((Plan, Option<Vitals>), String), Failure> {
    let drill = run.drill();
    let production = collect::vitals(&run.deployment).await.ok();
    if let Some(vitals) = &production
        && let Err(error) = run.services.store.vitals_append(&drill.deployment, vitals).await
    {
        tracing::warn!(%error, "a reading of production could not be remembered");
    }
    let plan = choose(&run.deployment, &drill.choice, rand::random()).await?;
    let words = format!("{} of {}", plan.chosen.label, plan.chosen.source);
    Ok(((plan, production), words))
}

async fn prepare(run: &Execution, sandbox: &settings::Sandbox, room: Room<'_>) -> Result<(Sandbox, String), Failure> {
    let needed = room.needed();
    if let Some(limit) = sandbox.disk_limit.filter(|limit| *limit < needed) {
        return Err(Failure::of_environment(
            "disk-limit",
            format!("{} are needed, and a sandbox may take {}", bytes(needed), bytes(limit)),
            "raise [deployment.sandbox] disk_limit",
        ));
    }
    let blame = |error: adapters::sandbox::SandboxError| error.blame("sandbox-files");
    sandbox.places.has_room(needed).map_err(blame)?;
    let made = sandbox.places.make(run.id()).await.map_err(blame)?;
    run.with(|drill| {
        drill.isolation = made.isolation.clone();
        drill.isolation.detail = format!("{}; {}", made.isolation.detail, made.hold.detail);
    });
    let words = format!(
        "isolation: {}; {}; {} needed",
        made.isolation.kind.word(),
        made.hold.detail,
        bytes(needed)
    );
    Ok((made, words))
}

async fn physical(
    run: &Execution,
    held: &mut Held,
    settings: &settings::Sandbox,
    physical: &Physical,
    to_the_end: bool,
) -> Result<Copied, Stop> {
    let size = run.with(|drill| drill.backup.as_ref().and_then(|backup| backup.size_bytes));
    let room = Room::Physical {
        files: size,
        wal: &physical.wal,
    };
    let binaries = run
        .phase(PhaseName::Prepare, async {
            let binaries = fetch::binaries(settings, physical.major)?;
            let (made, words) = prepare(run, settings, room).await?;
            held.sandbox = Some(made);
            Ok((binaries, words))
        })
        .await?;
    let Some(sandbox) = held.sandbox.as_ref() else {
        return Err(Stop::Stopped);
    };
    let fetch = fetch::of(run, settings, physical);
    let control = run
        .phase(PhaseName::Fetch, async {
            fetch
                .files(sandbox, run.log(PhaseName::Fetch))
                .await
                .map_err(|error| error.blame("restore-failed"))?;
            let control = sandbox
                .control(&binaries)
                .await
                .map_err(|error| error.blame("restore-failed"))?;
            Ok((control, bytes(sandbox.size())))
        })
        .await?;
    run.phase(PhaseName::Wal, async {
        fetch
            .wal(sandbox, &physical.wal)
            .await
            .map_err(|error| error.blame("wal-unreadable"))?;
        Ok((
            (),
            format!("{} segments to {}", physical.wal.segments.len(), physical.wal.end),
        ))
    })
    .await?;
    let timeline = physical.wal.timeline;
    let recovery = if to_the_end {
        Recovery::ToTheEnd { timeline }
    } else {
        Recovery::ToConsistency { timeline }
    };
    let superusers = superusers(run, settings).await;
    held.running = Some(
        start(
            run,
            sandbox,
            &binaries,
            &control,
            settings,
            (sandbox.recovery(recovery), superusers),
        )
        .await?,
    );
    run.with(|drill| {
        drill.figures.wal_segments = u32::try_from(physical.wal.segments.len()).ok();
        drill
            .figures
            .versions
            .insert("postgresql".into(), binaries.version.clone());
    });
    Ok(Copied::physical(
        physical.wal.clone(),
        control,
        run.deployment.database.as_ref(),
    ))
}

async fn dump(
    run: &Execution,
    held: &mut Held,
    settings: &settings::Sandbox,
    dumps: &Dumps,
    file: &adapters::dumps::DumpFile,
) -> Result<Copied, Stop> {
    let room = fetch::room_for_dump(run, file).await;
    run.phase(PhaseName::Prepare, async {
        let (made, words) = prepare(run, settings, room).await?;
        held.sandbox = Some(made);
        Ok(((), words))
    })
    .await?;
    let Some(sandbox) = held.sandbox.as_ref() else {
        return Err(Stop::Stopped);
    };
    let (opened, outline) = run.phase(PhaseName::Fetch, fetch::dump(run, dumps, file)).await?;
    let (binaries, superuser) = run
        .phase(PhaseName::Start, async {
            let binaries = fetch::binaries(settings, outline.major())?;
            let superuser = sandbox
                .initialise(&binaries)
                .await
                .map_err(|error| error.blame("no-cluster"))?;
            let words = format!("PostgreSQL {}", binaries.version);
            Ok(((binaries, superuser), words))
        })
        .await?;
    let control = Control::default();
    let running = start(
        run,
        sandbox,
        &binaries,
        &control,
        settings,
        (Vec::new(), vec![superuser]),
    )
    .await?;
    let running = held.running.insert(running);
    let restore = DumpRestore {
        dump: &opened,
        outline: &outline,
        jobs: settings.jobs,
        roles: &settings.roles,
        time_limit: settings.time_limit,
        cancellation: run.end.clone(),
    };
    let restored = run.phase(PhaseName::Restore, async {
        let log = run.log(PhaseName::Restore);
        let database = restore
            .run(&running.copy, log)
            .await
            .map_err(|error| error.blame("dump-broken"))?;
        let words = format!("into database {database}");
        Ok((database, words))
    });
    let database = restored.await?;
    held.dump = Some(opened);
    run.with(|drill| {
        drill
            .figures
            .versions
            .insert("postgresql".into(), binaries.version.clone())
    });
    let begun = outline
        .begun
        .zip(dumps.zone)
        .and_then(|(begun, zone)| collect::zoned(begun, zone));
    let reading = fetch::kept_reading(run, dumps, file).await;
    Ok(Copied::dump(
        database,
        begun,
        reading,
        Control {
            checksums: Some(true),
            ..control
        },
    ))
}

/// Starts the server and waits for the end of its recovery. `how` is the recovery's settings, and who may be superuser.
async fn start(
    run: &Execution,
    sandbox: &Sandbox,
    binaries: &Binaries,
    control: &Control,
    settings: &settings::Sandbox,
    how: (Vec<(String, String)>, Vec<String>),
) -> Result<Running, Stop> {
    let (recovery, superusers) = how;
    let spec = ServerSpec {
        binaries,
        superusers,
        preload: settings.preload.clone(),
        temp_limit: settings.disk_limit.unwrap_or(8 << 30),
        recovery,
        time_limit: settings.time_limit,
        cancellation: run.end.clone(),
        log: run.log(PhaseName::Start),
    };
    run.phase(PhaseName::Start, async {
        let running = sandbox
            .start(spec, control)
            .await
            .map_err(|error| error.blame("server-did-not-start"))?;
        Ok((running, format!("PostgreSQL {} takes connections", binaries.version)))
    })
    .await
}

/// The names that a restored cluster's superuser may have: what the site says, what production says, what is usual.
async fn superusers(run: &Execution, settings: &settings::Sandbox) -> Vec<String> {
    let mut names = settings.superusers.clone();
    if let Some(database) = &run.deployment.database {
        let asked = adapters::sandbox::superuser_of(&database.options).await;
        names.extend(asked.ok());
        names.push(database.options.get_username().to_owned());
    }
    names.extend(["postgres", "ampora"].map(str::to_owned));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// Whether a recovery reached what it had to.
pub fn is_reached(wal: &WalNeeded, replayed: Option<domain::wal::Lsn>) -> bool {
    replayed.is_some_and(|replayed| wal.is_reached_by(replayed))
}
