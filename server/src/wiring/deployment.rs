//! One deployment: its database, its sources, where it is restored to.

use std::collections::BTreeMap;
use std::path::Path;

use adapters::ampora::Schema;
use adapters::database_host::DatabaseHost;
use adapters::service::{Commands, Service};
use anyhow::Context as _;
use domain::policy::Promises;
use recovery::settings::{Database, Deployment, Heartbeat, Repoint, Restore, RestoreHost};

use super::tools::Tools;
use super::{Reach, ampora, artifacts, clouds, drills, master_key, sources, urls};
use crate::config::deployment as written;
use crate::config::deployment::Transport;

pub fn resolve(
    written: &written::Deployment,
    reach: Reach,
    tools: &Tools,
    data_dir: &Path,
) -> anyhow::Result<Deployment> {
    let database = written.database.as_ref().filter(|_| reach >= Reach::Observe);
    let restore = written.restore.as_ref().filter(|_| reach >= Reach::Restore);
    let mut schema = ampora::schema(&written.schema);
    if written.heartbeat.is_some() {
        schema.heartbeat.get_or_insert_with(adapters::ampora::Heartbeat::column);
    }
    let heartbeat = written.heartbeat.as_ref().filter(|_| reach >= Reach::Restore);
    let cluster = written.kubernetes.as_ref();
    let kms_keys = written.kms_keys.iter().map(|key| clouds::kms_key(key, reach));
    let images = written.images.as_ref().map(|images| artifacts::images(images, reach));
    let master_key = written
        .master_key
        .as_ref()
        .map(|key| master_key::master_key(key, cluster, reach));
    Ok(Deployment {
        name: written.name.clone(),
        region: written.region.clone(),
        database: database.map(|database| live(database, schema)).transpose()?,
        layout: written.envelope.layout.clone(),
        sources: written
            .sources
            .iter()
            .map(|source| sources::source(source, cluster, reach, tools))
            .collect(),
        restore: restore
            .map(|restore| target(restore, written.service.as_ref(), tools))
            .transpose()?
            .flatten(),
        host: restore.and_then(|restore| host(restore, tools)),
        master_key,
        key_destinations: written
            .key_destinations
            .iter()
            .map(|destination| master_key::destination(destination, cluster, reach))
            .collect(),
        repos: artifacts::repos(&written.sources, reach)?,
        crl: written.crl.clone(),
        kms_keys: kms_keys.collect::<anyhow::Result<_>>()?,
        tls: written.tls.as_ref().map(|tls| artifacts::tls(tls, cluster)),
        images: images.transpose()?,
        kubernetes: cluster.map(artifacts::kubernetes),
        sites: sites(&written.sources),
        promises: promises(&written.policy),
        drills: drills::resolve(written, reach, tools, data_dir),
        heartbeat: heartbeat.map(self::heartbeat).transpose()?,
    })
}

fn heartbeat(written: &written::Heartbeat) -> anyhow::Result<Heartbeat> {
    Ok(Heartbeat {
        writer: adapters::ampora::Heartbeat::new(urls::options(&written.url)?),
        every: written.every.0.to_std()?,
    })
}

/// `None` without `admin_url`: then there is no server to restore into.
fn live(database: &written::Database, schema: Schema) -> anyhow::Result<Database> {
    Ok(Database {
        options: urls::options(&database.url)?,
        replica: database.replica_url.as_ref().map(urls::options).transpose()?,
        schema,
    })
}

fn target(
    written: &written::Restore,
    service: Option<&written::Service>,
    tools: &Tools,
) -> anyhow::Result<Option<Restore>> {
    let Some(url) = &written.admin_url else { return Ok(None) };
    let (admin, password) = urls::options_and_password(url)?;
    Ok(Some(Restore {
        admin,
        password,
        owner: written.owner.clone(),
        jobs: written.jobs,
        repoint: Repoint {
            service: service.map(|service| self::service(service, tools)),
            ..repoint(written)?
        },
    }))
}

fn repoint(written: &written::Restore) -> anyhow::Result<Repoint> {
    let seen_as = written.ampora_host.as_deref().map(|host| match host.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') => port.parse().map(|port| (name.to_owned(), port)),
        _ => Ok((host.to_owned(), 5432)),
    });
    Ok(Repoint {
        service: None,
        seen_as: seen_as
            .transpose()
            .context("ampora_host: after the colon a port is expected")?,
        fence: written.fence_url.as_ref().map(urls::options).transpose()?,
        start_within: written.start_within.0.to_std().context("start_within is negative")?,
    })
}

/// Ampora's own commands and its own file: what is done here is done as Muster itself, not as the account of the tools that read backups.
fn service(written: &written::Service, tools: &Tools) -> Service {
    let host = match &written.host {
        Some(host) if written.transport == Transport::Ssh => {
            DatabaseHost::over_ssh(written.ssh.clone(), host.clone(), tools.run_as())
        }
        _ => DatabaseHost::local(None),
    };
    let commands = Commands {
        stop: written.stop.clone(),
        start: written.start.clone(),
        status: written.status.clone(),
    };
    Service::new(host, written.env_file.clone(), commands)
}

/// The host whose cluster can be set back. `None`: no data directory is named, or it lies in a pod, where the server is the main process
/// and nothing is left to run a command in once it is stopped.
fn host(written: &written::Restore, tools: &Tools) -> Option<RestoreHost> {
    let host = match (written.transport, &written.host) {
        (Transport::Local, _) => DatabaseHost::local(tools.run_as()),
        (Transport::Ssh, Some(host)) => DatabaseHost::over_ssh(written.ssh.clone(), host.clone(), tools.run_as()),
        (Transport::Ssh, None) | (Transport::Kubectl, _) => return None,
    };
    Some(RestoreHost {
        host,
        tool: written.command.clone(),
        pgdata: written.pgdata.clone()?,
        bin_dir: written.bin_dir.clone(),
        stop: written.stop.clone(),
        start: written.start.clone(),
        full_backup: written.full_backup,
    })
}

/// Where the sources lie, by name. A managed service tells its own region.
fn sites(sources: &[written::Source]) -> BTreeMap<String, String> {
    let site = |source: &written::Source| match source {
        written::Source::WalG(storage) => storage.site.clone(),
        written::Source::Dumps(dumps) => dumps.site.clone(),
        written::Source::Rds(instance) => Some(instance.region.clone()),
        written::Source::PgBackRest(_) => None,
    };
    let named = sources.iter().map(|source| (source.name().to_owned(), site(source)));
    named.filter_map(|(name, site)| Some((name, site?))).collect()
}

fn promises(policy: &written::Policy) -> Promises {
    let limit = |span: Option<crate::config::Span>| span.map(|span| span.0);
    Promises {
        full_backup_age: limit(policy.full_backup_age),
        full_retention: limit(policy.full_retention),
        wal_lag: limit(policy.wal_lag),
        rpo: limit(policy.rpo),
        rto: limit(policy.rto),
        drill_every: limit(policy.drill_every),
        tls_expiry: limit(policy.tls_expiry),
        audit_retention: limit(policy.audit_retention),
        off: policy.off.iter().map(|rule| rule.0).collect(),
    }
}
