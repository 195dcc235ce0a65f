//! Where Ampora runs and what its tables are called, as far as the configuration tells; else as its documentation has it. Recovery commands
//! are written with it.

use adapters::ampora::Schema;
use adapters::postgres::{PgConnectOptions, quote, relation};
use adapters::process::Tool;
use domain::envelope::{Encoding, Layout};
use domain::rules::{Archiver, Names, Place};
use domain::shell::word;

use crate::settings::{Deployment, InUse, Source};

/// Everything that commands name.
pub fn place(deployment: &Deployment) -> Place {
    let usual = Place::default();
    let cluster = deployment.kubernetes.as_ref();
    let database = deployment.database.as_ref();
    let key = deployment.master_key.as_ref();
    let env_file = key.and_then(|key| match &key.in_use {
        Some(InUse::EnvFile(file)) => Some(file.path.display().to_string()),
        _ => None,
    });
    Place {
        deployment: deployment.name.clone(),
        namespace: cluster.map_or(usual.namespace, |cluster| cluster.namespace.clone()),
        workload: cluster.map_or(usual.workload, |cluster| cluster.deployment.clone()),
        database: database
            .and_then(|database| database.options.get_database().map(str::to_owned))
            .unwrap_or(usual.database),
        env_file: env_file.unwrap_or(usual.env_file),
        archiver: deployment.sources.iter().find_map(archiver),
        names: names(&deployment.schema()),
        counts: counts(&deployment.schema(), &deployment.layout),
        reader: database.map_or(usual.reader, |database| quote(role(&database.options))),
        keep_more: key.and_then(|key| key.place.manager.keep_more()),
        bring_back: key.and_then(|key| key.place.manager.bring_back()),
    }
}

/// The role that reads: the one that the connection's options set, else the one that logs in.
fn role(options: &PgConnectOptions) -> &str {
    let set = options.get_options().into_iter().flat_map(str::split_whitespace);
    let role = set
        .rev()
        .find_map(|word| word.trim_start_matches("-c").strip_prefix("role="));
    role.unwrap_or_else(|| options.get_username())
}

/// A tool on the database's own host is called there without the words that lead to it from here.
fn archiver(source: &Source) -> Option<Archiver> {
    let command = |tool: &Tool, usual: &str| {
        let words = tool.typed_here().unwrap_or_else(|| vec![usual.to_owned()]);
        words.iter().map(|one| word(one)).collect::<Vec<_>>().join(" ")
    };
    match source {
        Source::PgBackRest(stanza) => {
            let called = command(&stanza.tool, "pgbackrest");
            let stanza = word(&format!("--stanza={}", stanza.stanza));
            Some(Archiver::PgBackRest {
                command: format!("{called} {stanza}"),
            })
        }
        Source::WalG(walg) => Some(Archiver::WalG {
            command: command(&walg.tool, "wal-g"),
        }),
        Source::Dumps(_) | Source::Rds(_) | Source::Unusable { .. } => None,
    }
}

fn names(schema: &Schema) -> Names {
    let Schema {
        certificates,
        tokens,
        peers,
        ..
    } = schema;
    Names {
        tenants: relation(&schema.tenants),
        signing_keys: relation(&schema.authorities.table),
        certificates: relation(&certificates.table),
        fingerprint: quote(&certificates.fingerprint),
        revoked: quote(&certificates.revoked),
        tokens: relation(&tokens.table),
        token: quote(&tokens.id),
        redeemed: tokens.redeemed.as_deref().map(quote),
        peers: relation(&peers.table),
        peer: quote(&peers.column),
    }
}

/// Counts the values of each wrapped column by the key that they name, in the layout of this deployment.
fn counts(schema: &Schema, layout: &Layout) -> String {
    let statements = schema.wrapped.iter().map(|wrapped| {
        let (table, column) = (relation(&wrapped.table), quote(&wrapped.column));
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
