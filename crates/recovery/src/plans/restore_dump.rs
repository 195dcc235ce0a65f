//! "Different database, same data": a dump into a database that doesn't exist yet. Nothing that exists is touched.

mod dump;
mod steps;

use adapters::dumps::PgRestore;
use adapters::postgres::{ServerFacts, TargetServer};
use domain::ids::Big;
use domain::plan::{Advisory, DatabaseName, Pinned, Plan, RestoreDump, Revived, Target};
use domain::time::{Timestamp, span};

use dump::DumpFacts;
pub(crate) use steps::rename;
use steps::steps;
pub use steps::{CHECK_KEY, CHECK_ROWS, COMPLETE, CREATE, RESTORE, SETTINGS, VERIFY};

use super::Planner;
use super::cost::{Back, Cost};
use crate::Error;
use crate::collect;
use crate::runs::fault;
use crate::settings::{Dumps, Restore, Source};

/// A restore that was resolved, for a plan of its own or as a part of a larger one.
pub(super) struct Resolved {
    pub pinned: RestoreDump,
    pub advisory: Advisory,
    /// The newest migration in the dump.
    pub migration_head: Option<String>,
    pub at: Timestamp,
}

impl Planner<'_> {
    pub(super) async fn restore_dump(&self, source: &str, backup: &str, database: &str) -> Result<Plan, Error> {
        let resolved = self.resolve_dump(source, backup, database).await?;
        Ok(Plan {
            pinned: Pinned::from(resolved.pinned),
            advisory: resolved.advisory,
            made_at: resolved.at,
        })
    }

    pub(super) async fn resolve_dump(&self, source: &str, backup: &str, database: &str) -> Result<Resolved, Error> {
        let (dumps, restore) = self.configured(source)?;
        let mut reasons = Vec::new();
        let name = database
            .parse::<DatabaseName>()
            .map_err(|error| reasons.push(error.to_string()))
            .ok();
        let pg_restore = PgRestore::find(dumps.pg_restore.clone())
            .await
            .map_err(|error| Error::Unavailable(format!("{error}.")))?;
        let dump = self
            .dump_facts(dumps, &pg_restore, backup)
            .await
            .map_err(|reason| reasons.push(reason))
            .ok();
        let server = TargetServer::new(restore.admin.clone());
        let facts = server
            .facts()
            .await
            .map_err(|error| reasons.push(fault::told(&error.to_string(), "Nothing was made")))
            .ok();
        if let (Some(facts), Some(name)) = (&facts, &name) {
            reasons.extend(against(facts, name, &restore.owner));
        }
        if let (Some(facts), Some(dump)) = (&facts, &dump) {
            reasons.extend(older(facts, &dump.contents.server_version));
        }
        let (Some(name), Some(dump), Some(facts), true) = (name, dump, facts, reasons.is_empty()) else {
            return Err(Error::Invalid(reasons));
        };
        let now = self.clock.now();
        let advisory = self.advisory(dumps, &dump, now).await;
        let migration_head = dump.contents.migration_head.clone();
        let pinned = pinned(
            self.deployment.name.as_str(),
            dumps,
            restore,
            &server,
            &pg_restore,
            backup,
            name,
            dump,
            facts,
        );
        Ok(Resolved {
            pinned,
            advisory,
            migration_head,
            at: now,
        })
    }

    fn configured(&self, source: &str) -> Result<(&Dumps, &Restore), Error> {
        let found = self
            .deployment
            .sources
            .iter()
            .find(|configured| configured.name() == source);
        let dumps = match found {
            Some(Source::Dumps(dumps)) => dumps,
            Some(other) => {
                return Err(Error::invalid(format!(
                    "{source} is a source of kind {}: only dumps can be restored by this version.",
                    other.kind()
                )));
            }
            None => return Err(Error::invalid(format!("There is no source {source:?}."))),
        };
        let restore = self.deployment.restore.as_ref();
        let restore = restore.ok_or_else(|| {
            Error::invalid("No server to restore into is configured: set admin_url under [deployment.restore].")
        })?;
        Ok((dumps, restore))
    }

    async fn advisory(&self, dumps: &Dumps, dump: &DumpFacts, now: Timestamp) -> Advisory {
        let begun = dump.contents.begun.zip(dumps.zone);
        let begun = begun.and_then(|(begun, zone)| collect::zoned(begun, zone));
        let mut warnings = Vec::new();
        match (&dump.key, dump.tried) {
            (_, 0) => warnings.push("The dump holds no wrapped values, so nothing proves which key it needs.".into()),
            (None, tried) => warnings.push(format!(
                "No key at hand opens all of its {tried} envelopes: the copy’s secrets would stay locked."
            )),
            (Some(_), _) => {}
        }
        let cost = match begun {
            Some(begun) => self.cost(None, &Back::of_dump(begun), now).await,
            None => {
                warnings.push("When the dump was begun is not known (no timezone is configured for it), so what the copy lacks can’t be told.".into());
                Cost::unknown(&Revived::ALL[..4], "when the dump was begun isn’t known")
            }
        };
        if let Some(seconds) = cost.loss.as_ref().and_then(|loss| loss.seconds) {
            warnings.push(format!(
                "The copy is {} older than production. Production itself isn’t touched.",
                span(seconds.min)
            ));
        }
        let took = self.took("restore-dump", dumps.place.name()).await;
        Advisory {
            data_loss: cost.loss,
            resurrections: cost.revived,
            durations: took.whole,
            phases: took.phases,
            warnings,
        }
    }
}

/// What on the server speaks against it.
fn against(facts: &ServerFacts, name: &DatabaseName, owner: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    if facts.databases.iter().any(|database| database == name.as_str()) {
        reasons.push(format!(
            "The database {name} exists on {}; Muster never restores over anything. Choose another name.",
            facts.server
        ));
    }
    if !facts.roles.iter().any(|role| role == owner) {
        reasons.push(format!(
            "The role {owner} doesn’t exist on {}; create it first, it will own the database.",
            facts.server
        ));
    }
    reasons
}

/// Statements of a newer version may mean nothing to an older server, or something else; PostgreSQL promises only the other way round.
/// <https://www.postgresql.org/docs/current/app-pgdump.html#APP-PGDUMP-NOTES>
fn older(facts: &ServerFacts, dumped: &str) -> Option<String> {
    let (from, to) = (major(dumped)?, major(&facts.version)?);
    (from > to).then(|| {
        format!(
            "The dump is of PostgreSQL {dumped}, and {} runs {}, which is older and may not understand it: nothing was made. Restore into a \
             server of version {from} or later.",
            facts.server, facts.version
        )
    })
}

/// The number before the first dot; `18beta1` is of 18.
fn major(version: &str) -> Option<u32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[expect(
    clippy::too_many_arguments,
    reason = "a plan is the sum of everything that was looked at"
)]
fn pinned(
    deployment: &str,
    dumps: &Dumps,
    restore: &Restore,
    server: &TargetServer,
    pg_restore: &PgRestore,
    backup: &str,
    database: DatabaseName,
    dump: DumpFacts,
    facts: ServerFacts,
) -> RestoreDump {
    let settings = rename(&dump.contents.settings, &dump.contents.database, &database);
    let target = Target {
        server: facts.server,
        system_identifier: facts.system_identifier,
        server_version: facts.version,
        owner: restore.owner.clone(),
        encoding: dump.contents.encoding.clone(),
        collate: dump.contents.collate.clone(),
        ctype: dump.contents.ctype.clone(),
        provider: dump.contents.provider.clone().unwrap_or_default(),
        database,
    };
    let mut argv = vec![
        "pg_restore".to_owned(),
        "--exit-on-error".into(),
        "--no-owner".into(),
        format!("--role={}", restore.owner),
    ];
    // One process reads a tar archive, from its beginning to its end.
    let jobs = if dump.form.restores_in_parallel() {
        restore.jobs
    } else {
        1
    };
    argv.push(format!("--jobs={jobs}"));
    argv.extend(server.arguments(&target.database));
    argv.push(backup.to_owned());
    let steps = steps(&target, argv, &settings, dump.contents.rows.len(), dump.key.as_ref());
    RestoreDump {
        deployment: deployment.into(),
        source: dumps.place.name().into(),
        backup: backup.into(),
        dump_sha256: dump.contents.sha256,
        dump_bytes: Big(dump.bytes),
        target,
        rows: dump.contents.rows,
        settings,
        key_fingerprint: dump.key,
        tool_version: pg_restore.version.clone(),
        jobs,
        steps,
    }
}

/// Plans the same restore again and names what is no longer as it was approved.
///
/// # Errors
/// [`Error::Stale`] if a pinned fact moved, [`Error::Invalid`] if it can't be planned at all any more.
pub async fn check_facts(planner: &Planner<'_>, approved: &RestoreDump) -> Result<(), Error> {
    let plan = planner
        .restore_dump(&approved.source, &approved.backup, approved.target.database.as_str())
        .await?;
    let moved = Pinned::from(approved.clone()).moved(&plan.pinned);
    if moved.is_empty() {
        Ok(())
    } else {
        Err(Error::Stale(moved.iter().map(domain::plan::Moved::sentence).collect()))
    }
}
