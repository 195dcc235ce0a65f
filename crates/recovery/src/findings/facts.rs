//! From what was observed to the facts that the rules look at. What may not be believed now is handed on as unknown, with the reason.

use domain::envelope::Encoding;
use domain::inventory::{Inventory, Keys};
use domain::observation::{Known, Observation};
use domain::policy::Fact;
use domain::rules::{ArchiveReading, Facts, History, Judgement, Place, Rule, SourceArchive};
use domain::time::Timestamp;

use crate::collect::{self, Observed, SourceReading};
use crate::settings::{Database, Deployment, InUse, Source};

/// Gathers the facts and hands them to `judge`.
pub fn with(
    deployment: &Deployment,
    observed: &Observed,
    inventory: &Inventory,
    now: Timestamp,
    judge: impl FnOnce(&Facts<'_>) -> Vec<(Rule, Judgement)>,
) -> Vec<(Rule, Judgement)> {
    let archives = observed.sources.iter().filter(|(kind, _)| kind == "pgbackrest");
    let facts = Facts {
        now,
        place: place(deployment),
        vitals: reference(&observed.vitals, now),
        traces: reference(&observed.traces, now),
        keys: deployment.master_key.as_ref().map(|_| keys(observed, now)),
        elsewhere: &observed.beside.elsewhere,
        exposures: match &observed.beside.handed {
            None => Fact::unknown("who was handed a key is kept in Muster’s own database, which wasn’t read"),
            Some(handed) => Fact::Known {
                value: handed.judged(&observed.keys, now),
                at: now,
            },
        },
        archives: archives.map(|(_, source)| archive(source, now)).collect(),
        sources: &inventory.sources,
        backups: &inventory.backups,
        windows: &inventory.windows,
        lags: collect::lags(observed, now),
        history: History {
            heads: &observed.history.heads,
            images: &observed.history.images,
        },
        image: observed.images.as_ref().map(|images| match images.known(now) {
            Known::Unknown { reason, .. } => Fact::unknown(reason),
            Known::Fresh { value, at } => match value.running_digest() {
                Some(value) => Fact::Known { value, at },
                None => Fact::unknown("which image runs isn’t known"),
            },
        }),
        rehearsals: observed.rehearsals.as_ref(),
        crl: observed.crl.as_ref().map(|crl| crl.known(now).into()),
        promises: &deployment.promises,
    };
    judge(&facts)
}

/// A value that may be believed, by reference.
fn reference<T>(seen: &Observation<T>, now: Timestamp) -> Fact<&T> {
    match seen.known(now) {
        Known::Fresh { value, at } => Fact::Known { value, at },
        Known::Unknown { reason, .. } => Fact::unknown(reason),
    }
}

fn keys(observed: &Observed, now: Timestamp) -> Fact<Keys> {
    match observed.keys.known(now) {
        Known::Unknown { reason, .. } => Fact::unknown(reason),
        Known::Fresh { value, at } => Fact::Known {
            value: observed.keys_with_coverage(now).unwrap_or_else(|| value.clone()),
            at,
        },
    }
}

fn archive(seen: &Observation<SourceReading>, now: Timestamp) -> SourceArchive<'_> {
    let archives: Fact<&[ArchiveReading]> = match seen.known(now) {
        Known::Unknown { reason, .. } => Fact::unknown(reason),
        // Without an archive nothing was listed, which may be because it couldn't be.
        Known::Fresh { value, .. } if value.archives.is_empty() => Fact::unknown("no WAL archive was listed"),
        Known::Fresh { value, at } => Fact::Known {
            value: value.archives.as_slice(),
            at,
        },
    };
    SourceArchive {
        source: seen.source.clone(),
        archives,
    }
}

/// Where Ampora runs, as far as the configuration tells; else as its documentation has it.
fn place(deployment: &Deployment) -> Place {
    let usual = Place::default();
    let cluster = deployment.kubernetes.as_ref();
    let database = deployment.database.as_ref();
    let stanza = deployment.sources.iter().find_map(|source| match source {
        Source::PgBackRest(stanza) => Some(stanza.stanza.clone()),
        _ => None,
    });
    let env_file = deployment.master_key.as_ref().and_then(|key| match &key.in_use {
        Some(InUse::EnvFile(file)) => Some(file.path.display().to_string()),
        _ => None,
    });
    let table = |name: &str| {
        name.split('.')
            .map(|part| format!("\"{part}\""))
            .collect::<Vec<_>>()
            .join(".")
    };
    Place {
        namespace: cluster.map_or(usual.namespace, |cluster| cluster.namespace.clone()),
        workload: cluster.map_or(usual.workload, |cluster| cluster.deployment.clone()),
        database: database
            .and_then(|database| database.options.get_database().map(str::to_owned))
            .unwrap_or(usual.database),
        env_file: env_file.unwrap_or(usual.env_file),
        stanza,
        certificates: database.map_or(usual.certificates, |database| {
            table(&database.schema.certificates.table)
        }),
        tokens: database.map_or(usual.tokens, |database| table(&database.schema.tokens.table)),
        peers: database.map_or(usual.peers, |database| table(&database.schema.peers.table)),
        reader: database.map_or(usual.reader, |database| database.options.get_username().to_owned()),
        counts: database.map_or(usual.counts, |database| counts(database, deployment)),
    }
}

/// Counts the values of each wrapped column by the key that they name, in the layout of this deployment.
fn counts(database: &Database, deployment: &Deployment) -> String {
    let (layout, quoted) = (&deployment.layout, |name: &str| {
        format!("\"{}\"", name.replace('"', "\"\""))
    });
    let statements = database.schema.wrapped.iter().map(|wrapped| {
        let table: Vec<_> = wrapped.table.split('.').map(quoted).collect();
        let (table, column) = (table.join("."), quoted(&wrapped.column));
        let bytes = match layout.encoding() {
            Encoding::Bytea => column.clone(),
            Encoding::Hex => format!("decode({column}, 'hex')"),
            Encoding::Base64 => format!("decode({column}, 'base64')"),
        };
        match layout.key_id_at() {
            Some((at, length)) => format!(
                "SELECT substring({bytes} FROM {} FOR {length}) AS key_id, count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1;",
                at + 1
            ),
            None => format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL;"),
        }
    });
    statements.collect::<Vec<_>>().join("\n")
}
