//! What backups are read from. A source whose own settings can't be had is listed with the reason, and keeps no other from being read.

use adapters::pgbackrest::PgBackRest;
use adapters::rds::Rds;
use adapters::walg::WalG;
use recovery::settings::Source;

use super::Reach;
use super::clouds::account;
use super::dumps;
use super::tools::Tools;
use crate::config::deployment as written;

/// Resolves one source.
pub fn source(written: &written::Source, cluster: Option<&written::Kubernetes>, reach: Reach, tools: &Tools) -> Source {
    let resolved = match written {
        written::Source::PgBackRest(stanza) => pgbackrest(stanza, cluster, tools),
        written::Source::WalG(storage) => walg(storage, cluster, tools),
        written::Source::Dumps(dumps) => dumps::dumps(dumps, reach, tools).map(Source::Dumps),
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
