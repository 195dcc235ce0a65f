//! What backups are read from. A source whose own settings can't be had is listed with the reason, and keeps no other from being read.

use adapters::dumps::DumpFolder;
use adapters::pgbackrest::PgBackRest;
use adapters::rds::Rds;
use adapters::walg::WalG;
use recovery::settings::{Dumps, Source};

use super::Reach;
use super::clouds::account;
use super::tools::Tools;
use crate::config::Location;
use crate::config::deployment as written;

/// Resolves one source.
pub fn source(written: &written::Source, cluster: Option<&written::Kubernetes>, reach: Reach, tools: &Tools) -> Source {
    let resolved = match written {
        written::Source::PgBackRest(stanza) => pgbackrest(stanza, cluster, tools),
        written::Source::WalG(storage) => walg(storage, cluster, tools),
        written::Source::Dumps(dumps) => dump_place(dumps, tools),
        written::Source::Rds(instance) => rds(instance, reach),
    };
    resolved.unwrap_or_else(|error| Source::Unusable {
        name: written.name().into(),
        kind: written.kind().into(),
        reason: format!("{error:#}"),
    })
}

fn pgbackrest(
    written: &written::PgBackRest,
    cluster: Option<&written::Kubernetes>,
    tools: &Tools,
) -> anyhow::Result<Source> {
    Ok(Source::PgBackRest(PgBackRest {
        name: written.name.clone(),
        stanza: written.stanza.clone(),
        tool: tools.configured(&written.command, written.place(), cluster)?,
    }))
}

fn walg(written: &written::WalG, cluster: Option<&written::Kubernetes>, tools: &Tools) -> anyhow::Result<Source> {
    Ok(Source::WalG(WalG {
        name: written.name.clone(),
        tool: tools.configured(&written.command, written.place(), cluster)?,
    }))
}

fn dump_place(written: &written::Dumps, tools: &Tools) -> anyhow::Result<Source> {
    let Location::File(dir) = &written.location else {
        anyhow::bail!("dumps in a bucket aren’t supported by this version yet");
    };
    Ok(Source::Dumps(Dumps {
        folder: DumpFolder {
            name: written.name.clone(),
            dir: dir.clone(),
        },
        zone: written.timezone.map(|zone| zone.0),
        pg_restore: tools.pg_restore(),
    }))
}

fn rds(written: &written::Rds, reach: Reach) -> anyhow::Result<Source> {
    let keys = super::clouds::Keys {
        access_key_id: written.access_key_id.as_ref(),
        secret_access_key: written.secret_access_key.as_ref(),
        session_token: written.session_token.as_ref(),
    };
    Ok(Source::Rds(Rds {
        name: written.name.clone(),
        instance: written.instance.clone(),
        aws: account(&written.region, written.endpoint_url.as_ref(), keys, reach)?,
    }))
}
