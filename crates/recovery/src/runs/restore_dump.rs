//! The steps of restoring a dump into a new database. Each can be done again: what an interrupted try left behind carries this run's mark
//! and is made anew.

use adapters::ampora::AmporaDb;
use adapters::postgres::TargetServer;
use adapters::process::ProcessError;
use domain::ids::Big;
use domain::plan::RestoreDump;

use super::execution::{Execution, StepError};
use super::tool_log;
use super::{fault, report};
use crate::keys;
use crate::plans;
use crate::settings::{Deployment, Dumps, Restore, Source};

/// Everything configured that the steps need.
struct Setup<'a> {
    deployment: &'a Deployment,
    dumps: &'a Dumps,
    restore: &'a Restore,
    server: TargetServer,
}

pub async fn step(
    run: &Execution,
    plan: &RestoreDump,
    index: usize,
    name: &str,
    resumed: bool,
) -> Result<String, StepError> {
    let setup = setup(run, plan)?;
    match name {
        plans::VERIFY => verify(run, &setup, plan).await,
        plans::CREATE => create(run, &setup, plan, resumed).await,
        plans::RESTORE => restore(run, &setup, plan, index, resumed).await,
        plans::SETTINGS => settings(&setup, plan).await,
        plans::CHECK_ROWS => check_rows(&setup, plan).await,
        plans::CHECK_KEY => check_key(run, &setup, plan).await,
        plans::COMPLETE => complete(run, &setup, plan, index).await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    }
}

fn setup<'a>(run: &'a Execution, plan: &RestoreDump) -> Result<Setup<'a>, StepError> {
    let gone = |what: &str| StepError::Stale(vec![format!("{what} is no longer configured")]);
    let deployment = run
        .services
        .settings
        .deployment(&plan.deployment)
        .ok_or_else(|| gone("the deployment"))?;
    let source = deployment.sources.iter().find(|source| source.name() == plan.source);
    let Some(Source::Dumps(dumps)) = source else {
        return Err(gone("the source"));
    };
    let restore = deployment
        .restore
        .as_ref()
        .ok_or_else(|| gone("the server to restore into"))?;
    Ok(Setup {
        deployment,
        dumps,
        restore,
        server: TargetServer::new(restore.admin.clone()),
    })
}

/// Reads every pinned fact again, the dump byte for byte. What moved makes the approval stale.
async fn verify(run: &Execution, setup: &Setup<'_>, plan: &RestoreDump) -> Result<String, StepError> {
    let memory = run.memory();
    let checked = plans::check_facts(&run.planner(setup.deployment, &memory), plan).await;
    checked.map_err(StepError::unplanned)?;
    Ok(format!(
        "as approved: SHA-256 {}, {} bytes",
        plan.dump_sha256.short(),
        plan.dump_bytes
    ))
}

async fn create(run: &Execution, setup: &Setup<'_>, plan: &RestoreDump, resumed: bool) -> Result<String, StepError> {
    let created = setup.server.create(&plan.target, run.run(), resumed).await;
    created.map_err(|error| StepError::Failed(fault::told(&error.to_string(), "Nothing that exists was changed")))?;
    Ok(format!("{} made on {}", plan.target.database, plan.target.server))
}

async fn restore(
    run: &Execution,
    setup: &Setup<'_>,
    plan: &RestoreDump,
    index: usize,
    resumed: bool,
) -> Result<String, StepError> {
    if resumed {
        run.note(Some(index), "an earlier try was interrupted: its database is made anew")
            .await?;
        create(run, setup, plan, true).await?;
    }
    let place = &setup.dumps.place;
    let file = place.find(&plan.backup).await.map_err(failed)?;
    let dump = place.open(&file, &setup.dumps.scratch).await.map_err(failed)?;
    if dump.copied().is_some_and(|arrived| arrived != plan.dump_sha256) {
        return Err(StepError::Stale(vec![
            "the dump in the bucket is another one now".into(),
        ]));
    }
    // The run may be of a larger plan, in which the step has another place.
    let own = plan.steps.iter().find(|step| step.name == plans::RESTORE);
    let argv = own.map_or(&[][..], |step| &step.argv);
    // The approved argv names the program first and the dump, by its label, last.
    let [_, arguments @ .., _] = argv else {
        return Err(StepError::Failed("the plan has no command for this step".into()));
    };
    let mut call = setup
        .dumps
        .pg_restore
        .invoke(arguments.iter().map(String::as_str))
        .arg(dump.path().as_os_str());
    if let Some(password) = &setup.restore.password {
        call = call.secret_env("PGPASSWORD", password);
    }
    let call = call.arg("--verbose").supervised().cancelled_by(run.end.clone());
    run.note(Some(index), &call.command_line()).await?;
    let followed = tool_log::follow(run, index, call).await?;
    let unharmed = format!(
        "Nothing that exists was changed; {} is marked as not whole and may be dropped",
        plan.target.database
    );
    followed
        .ended
        .map_err(|error: ProcessError| StepError::Failed(fault::told(&error.to_string(), &unharmed)))?;
    if !followed.errors.is_empty() {
        let said = format!(
            "pg_restore ended well and spoke of errors all the same: {}",
            followed.errors.join("; ")
        );
        return Err(StepError::Failed(fault::told(&said, &unharmed)));
    }
    Ok(format!("{} tables restored", plan.rows.len()))
}

async fn settings(setup: &Setup<'_>, plan: &RestoreDump) -> Result<String, StepError> {
    let statements = [plan.settings.as_slice(), &["ANALYZE".to_owned()]].concat();
    setup.server.apply(&plan.target, &statements).await.map_err(failed)?;
    Ok(format!(
        "{} settings replayed, statistics gathered",
        plan.settings.len()
    ))
}

/// Every table of the plan, exactly; a table that the plan doesn't know is a difference too.
async fn check_rows(setup: &Setup<'_>, plan: &RestoreDump) -> Result<String, StepError> {
    let reader = setup
        .deployment
        .database
        .as_ref()
        .map_or(&setup.restore.admin, |database| &database.options);
    let found = setup.server.rows(&plan.target.database, reader).await.map_err(failed)?;
    let names: std::collections::BTreeSet<_> = plan.rows.keys().chain(found.keys()).collect();
    let count = |counts: &std::collections::BTreeMap<String, Big>, name: &str| {
        counts.get(name).map_or("none".into(), ToString::to_string)
    };
    let wrong: Vec<_> = names
        .iter()
        .filter(|name| plan.rows.get(**name) != found.get(**name))
        .map(|name| {
            format!(
                "{name}: {} in the dump, {} restored",
                count(&plan.rows, name),
                count(&found, name)
            )
        })
        .collect();
    if !wrong.is_empty() {
        return Err(StepError::Failed(wrong.join("; ")));
    }
    let rows: u64 = found.values().map(|rows| rows.0).sum();
    Ok(format!("{} tables, {rows} rows: as many as in the dump", found.len()))
}

/// The key that opened the dump when the plan was made has to open the restored copy, all of what is sampled.
async fn check_key(run: &Execution, setup: &Setup<'_>, plan: &RestoreDump) -> Result<String, StepError> {
    let Some(approved) = &plan.key_fingerprint else {
        return Ok("not run: the plan said that no key at hand opens this dump".into());
    };
    let Some(database) = &setup.deployment.database else {
        return Ok("not run: no role is configured that may read the wrapped columns".into());
    };
    let now = run.services.clock.now();
    let memory = run.memory();
    let ring = keys::read_ring(setup.deployment, &memory, &run.actor, now)
        .await
        .map_err(StepError::Failed)?;
    let options = setup.server.reader(&plan.target.database, &database.options);
    let db = AmporaDb::new(options, database.schema.clone());
    let tried = keys::try_live(&setup.deployment.layout, &ring, &db).await;
    db.close().await;
    let tried = tried.map_err(failed)?;
    let all = tried.parsed() + tried.unparsed;
    let key = ring.held.iter().position(|held| held.key.fingerprint() == *approved);
    let Some(key) = key else {
        return Err(StepError::Failed(format!(
            "key {} can’t be read any more",
            approved.short()
        )));
    };
    let opened = tried.opened_by(key);
    if all == 0 || opened != all {
        return Err(StepError::Failed(format!(
            "key {} opens {opened} of {all} envelopes of the copy",
            approved.short()
        )));
    }
    Ok(format!(
        "key {} ({}) opens {opened} of {all} envelopes",
        approved.short(),
        ring.held[key].name()
    ))
}

async fn complete(run: &Execution, setup: &Setup<'_>, plan: &RestoreDump, index: usize) -> Result<String, StepError> {
    let reader = setup.deployment.database.as_ref();
    let reader = reader.map_or(&setup.restore.admin, |database| &database.options);
    let copy = setup.server.reader(&plan.target.database, reader);
    let isolation = setup.server.isolation(&plan.target.database, reader).await;
    if let Some(silence) = report::of_copy(run, setup.deployment, (copy, false), isolation).await? {
        run.note(Some(index), &silence).await?;
    }
    setup.server.complete(&plan.target, run.run()).await.map_err(failed)?;
    Ok(format!("{} is whole", plan.target.database))
}

fn failed(error: impl std::error::Error) -> StepError {
    StepError::Failed(error.to_string())
}
