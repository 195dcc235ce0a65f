//! What is looked at in the restored copy, one file a question. Those that must pass come first, so that the time to recover ends with them.

mod agents;
mod audit;
mod authority;
mod configurations;
mod key;
mod migrations;
mod moment;
mod outside;
mod recovery;
mod revocations;
mod rows;
mod site;
mod tables;

use std::collections::BTreeSet;

use adapters::ampora::Schema;
use adapters::sandbox::{Control, Copy, Sandbox};
use domain::drill::{Beats, Check, Counts, PhaseName, Surroundings, WalNeeded, names};
use domain::key::MasterKey;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::wal::Lsn;
use store::{DumpReading, VitalsAround};

use super::execution::{Execution, Stop};
use super::managed::Moment;
use super::measure;
use crate::settings::Database;

/// Readings on each side that a comparison looks at.
const AROUND: i64 = 10;

/// How the copy came about, which is what tells whether all of it came back.
pub enum How {
    /// Up to where the WAL leads.
    Wal(WalNeeded),
    Dump,
    /// By AWS, to a moment.
    Managed(Moment),
}

/// What was restored, as far as it is known before anybody looked.
pub struct Copied {
    /// Ampora's own.
    pub database: String,
    pub how: How,
    pub control: Control,
    /// When a dump was begun, if its zone is known.
    pub begun: Option<Timestamp>,
    pub reading: Option<DumpReading>,
}

impl Copied {
    pub fn physical(wal: WalNeeded, control: Control, live: Option<&Database>) -> Self {
        let named = live.and_then(|live| live.options.get_database()).map(str::to_owned);
        Self {
            database: named.unwrap_or_else(|| "ampora".into()),
            how: How::Wal(wal),
            control,
            begun: None,
            reading: None,
        }
    }

    pub fn dump(database: String, begun: Option<Timestamp>, reading: Option<DumpReading>, control: Control) -> Self {
        Self {
            database,
            how: How::Dump,
            control,
            begun,
            reading,
        }
    }

    pub const fn managed(database: String, control: Control, moment: Moment) -> Self {
        Self {
            database,
            how: How::Managed(moment),
            control,
            begun: None,
            reading: None,
        }
    }
}

/// What the checks look at, and what one leaves for the next.
pub struct Look<'a> {
    pub run: &'a Execution,
    pub copy: &'a Copy,
    pub copied: &'a Copied,
    pub schema: Schema,
    pub production: Option<&'a Vitals>,
    /// Readings around the moment that the copy is of.
    pub around: VitalsAround,
    pub replayed: Option<Lsn>,
    /// The moment that the copy is of, where its log doesn’t tell.
    pub moment: Option<Timestamp>,
    /// Rows of Ampora's database.
    pub counts: Counts,
    /// Tables of it that can't be read, `schema.table`.
    pub unreadable: BTreeSet<String>,
    /// The manager's key that opens the copy, once it was found. Gone with the drill.
    pub opener: Option<MasterKey>,
}

/// Looks at everything. `on` is the copy, and the sandbox it is in.
///
/// # Errors
/// If it was stopped, or Muster can't write down what it saw.
pub async fn phase(
    run: &Execution,
    on: (&Copy, Option<&Sandbox>),
    copied: &Copied,
    production: Option<&Vitals>,
) -> Result<(), Stop> {
    let (copy, sandbox) = on;
    let mut look = Look {
        run,
        copy,
        copied,
        schema: run.deployment.schema(),
        production,
        around: VitalsAround::default(),
        replayed: None,
        moment: copied.begun,
        counts: Counts::new(),
        unreadable: BTreeSet::new(),
        opener: None,
    };
    let looking = async {
        match all(&mut look, sandbox).await {
            Ok(()) => Ok(Ok(())),
            Err(stop) => Ok(Err(stop)),
        }
    };
    run.phase(PhaseName::Check, async {
        looking.await.map(|done| (done, "looked at".to_owned()))
    })
    .await?
}

async fn all(look: &mut Look<'_>, sandbox: Option<&Sandbox>) -> Result<(), Stop> {
    let run = look.run;
    run.checked(recovery::check(look).await).await?;
    if run.with(|drill| {
        drill
            .checks
            .iter()
            .any(|check| check.status == domain::drill::CheckStatus::Broken)
    }) {
        // Nothing is green behind a recovery that stopped early.
        return Ok(());
    }
    for check in tables::checks(look).await {
        run.checked(check).await?;
    }
    look.around = around(look).await;
    run.checked(rows::check(look)).await?;
    run.checked(key::check(look).await).await?;
    run.checked(authority::check(look).await).await?;
    run.checked(audit::check(look).await).await?;
    run.checked(configurations::check(look).await).await?;
    run.checked(revocations::check(look).await).await?;
    run.checked(migrations::check(look).await).await?;
    for check in outside::checks(look).await {
        run.checked(check).await?;
    }
    for check in site::checks(look).await {
        run.checked(check).await?;
    }
    // What is launched may write into the copy, so nothing is looked at behind it.
    loss(look).await;
    // Kept off the stack of whoever waits for the drill.
    for check in Box::pin(agents::checks(look, sandbox)).await {
        run.checked(check).await?;
    }
    Ok(())
}

/// By position for a physical copy, by time for any other.
async fn around(look: &Look<'_>) -> VitalsAround {
    let (store, name) = (&look.run.services.store, &look.run.deployment.name);
    let found = match (
        look.replayed,
        look.copied.control.system_identifier.as_ref(),
        look.moment,
    ) {
        (Some(replayed), Some(system), _) if matches!(look.copied.how, How::Wal(_)) => {
            store.vitals_around_lsn(name, system, replayed, AROUND).await
        }
        (_, _, Some(moment)) => store.vitals_around_time(name, moment, AROUND).await,
        _ => Ok(VitalsAround::default()),
    };
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "earlier readings could not be had");
        VitalsAround::default()
    })
}

/// How much would have been lost.
async fn loss(look: &Look<'_>) {
    let recovered = match &look.schema.heartbeat {
        Some(beat) => look.copy.newest(&look.copied.database, beat).await.ok().flatten(),
        None => None,
    };
    let audit = look.copy.audit(&look.copied.database, &look.schema.audit).await.ok();
    let heartbeats = Beats {
        production: look.production.and_then(|vitals| vitals.heartbeat),
        recovered,
    };
    let events = Beats {
        production: look.production.and_then(|vitals| vitals.newest_audit_event),
        recovered: audit.and_then(|span| span.newest),
    };
    look.run.with(|drill| {
        let Some(backup) = &drill.backup else { return };
        let rpo = measure::rpo(backup, heartbeats, events);
        (drill.figures.rpo_seconds, drill.figures.rpo_detail) = (rpo.seconds, rpo.detail);
    });
}

impl Look<'_> {
    /// Tables that a check of their own speaks for.
    fn spoken_for(&self) -> BTreeSet<String> {
        let audit = &self.schema.audit;
        let named = [
            Some(&audit.table),
            audit.archive.as_ref(),
            Some(&self.schema.authorities.table),
        ];
        named.into_iter().flatten().map(|name| qualified(name)).collect()
    }

    fn surroundings(&self) -> Surroundings {
        let rows = |readings: &[Vitals]| readings.iter().map(|vitals| vitals.rows.clone()).collect();
        Surroundings {
            before: rows(&self.around.before),
            after: rows(&self.around.after),
        }
    }

    /// A table that can't be read is said once, by the check of all tables.
    fn damaged(&self, name: &str, table: &str) -> Option<Check> {
        let damaged = self.unreadable.contains(&qualified(table));
        damaged.then(|| {
            Check::not_run(
                name,
                format!("{table} can’t be read, as the check {} says", names::TABLES),
            )
        })
    }
}

/// `schema.table`, as counts name it.
fn qualified(table: &str) -> String {
    if table.contains('.') {
        table.to_owned()
    } else {
        format!("public.{table}")
    }
}
