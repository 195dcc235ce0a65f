//! The server itself, what it lacks compared with where the backup comes from, and every table of every database.

use std::time::Duration;

use adapters::sandbox::{Extension, TablesRead};
use domain::drill::{Check, names};
use domain::ids::Big;

use super::Look;

/// Tables that are named where many can't be read.
const NAMED: usize = 5;

pub async fn checks(look: &mut Look<'_>) -> Vec<Check> {
    let version = look.copy.version().await;
    let server = match &version {
        Ok((version, _)) => Check::ok(names::SERVER, format!("PostgreSQL {version} takes connections")),
        Err(error) => return vec![Check::broken(names::SERVER, error.to_string())],
    };
    let other_order = version.map(|(_, other)| other).unwrap_or_default();
    let (parity, missing) = match look.copy.extensions().await {
        Ok(extensions) => parity(look, &extensions, &other_order),
        Err(error) => (Check::not_run(names::PARITY, error.to_string()), Vec::new()),
    };
    let sandbox = look.run.deployment.drills.sandbox.as_ref();
    let (jobs, limit) = sandbox.map_or((1, Duration::from_hours(1)), |sandbox| {
        (sandbox.jobs, sandbox.time_limit)
    });
    let tables = match look.copy.read_tables(jobs, limit, &look.run.end).await {
        Ok(read) => tables(look, &read, &missing, &other_order),
        Err(error) => Check::broken(names::TABLES, error.to_string()),
    };
    vec![server, parity, tables]
}

/// Extensions that the databases use and this server hasn't got are named as the remedy of whatever fails for their lack.
fn parity(look: &Look<'_>, extensions: &[Extension], other_order: &[String]) -> (Check, Vec<String>) {
    let missing: Vec<_> = extensions
        .iter()
        .filter(|extension| !extension.available)
        .map(|extension| {
            format!(
                "{} {} (database {})",
                extension.name, extension.version, extension.database
            )
        })
        .collect();
    let control = &look.copied.control;
    let shown = |number: Option<u32>| number.map_or("unknown".to_owned(), |number| number.to_string());
    let with_facts = |check: Check| {
        check
            .because(
                "checksums",
                control.checksums.map_or("unknown", |on| if on { "on" } else { "off" }),
            )
            .because("architecture", std::env::consts::ARCH)
            .because("block size", shown(control.block_size))
            .because("WAL segment size", shown(control.segment_size))
            .because("extensions", extensions.len())
    };
    if !missing.is_empty() {
        let words = format!("this server hasn’t got {}", missing.join(", "));
        let check = Check::broken(names::PARITY, words)
            .remedied_by("install the packages of these extensions where drills run");
        return (with_facts(check), missing);
    }
    let mut words = vec!["extensions are all there".to_owned()];
    if !other_order.is_empty() {
        words.push(format!(
            "texts may sort in another order here: {}",
            other_order.join(", ")
        ));
    }
    (with_facts(Check::ok(names::PARITY, words.join("; "))), missing)
}

fn tables(look: &mut Look<'_>, read: &TablesRead, missing: &[String], other_order: &[String]) -> Check {
    look.counts = read.rows.get(&look.copied.database).cloned().unwrap_or_default();
    let own = read
        .unreadable
        .iter()
        .filter(|table| table.database == look.copied.database);
    look.unreadable = own.map(|table| table.table.clone()).collect();
    let count: usize = read.rows.values().map(std::collections::BTreeMap::len).sum();
    let rows: u64 = look.counts.values().map(|rows| rows.0).sum();
    look.run.with(|drill| {
        drill.figures.tables = u32::try_from(count).ok();
        drill.figures.rows = Some(Big(rows));
    });
    if !read.unreadable.is_empty() {
        let named: Vec<_> = read
            .unreadable
            .iter()
            .take(NAMED)
            .map(|table| format!("{}.{}: {}", table.database, table.table, table.reason))
            .collect();
        let more = read.unreadable.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!("; and {more} more")
        } else {
            String::new()
        };
        let check = Check::broken(names::TABLES, format!("can’t be read: {}{more}", named.join("; ")));
        // Only a lack that shows as one: a page that doesn't add up stays a page that doesn't add up.
        let for_lack = read
            .unreadable
            .iter()
            .all(|table| table.reason.contains("could not access file"));
        let remedies: Option<Vec<_>> = read.unreadable.iter().map(|table| table.remedy).collect();
        return match remedies.as_deref() {
            _ if for_lack && !missing.is_empty() => {
                check.remedied_by("install the packages of the extensions that are missing")
            }
            Some([remedy, ..]) if !for_lack => check.remedied_by(*remedy),
            _ => check,
        };
    }
    if !look
        .counts
        .keys()
        .any(|table| !table.starts_with("pg_catalog.") && !table.starts_with("information_schema."))
    {
        return Check::not_run(
            names::TABLES,
            format!("database {} has no tables of its own", look.copied.database),
        );
    }
    let unseen = match look.copied.control.checksums {
        Some(true) => "",
        _ => "; checksums off: silent corruption can’t be seen",
    };
    match &read.structure {
        Some(Err(said)) if other_order.is_empty() => Check::broken(names::TABLES, format!("pg_amcheck: {said}")),
        Some(Err(said)) => Check::broken(names::TABLES, format!("pg_amcheck: {said}")).remedied_by(
            "run drills where texts sort as in production (the same libc and ICU): indexes look wrong otherwise",
        ),
        Some(Ok(())) => Check::ok(
            names::TABLES,
            format!("{count} tables were read to their end, and pg_amcheck found nothing wrong{unseen}"),
        ),
        None => Check::ok(
            names::TABLES,
            format!("{count} tables were read to their end; pg_amcheck isn’t available here{unseen}"),
        ),
    }
}
