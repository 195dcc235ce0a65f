//! One deployment: its database, its sources, where it is restored to.

use adapters::dumps::DumpFolder;
use adapters::pgbackrest::PgBackRest;
use domain::inventory::ArtifactKind;
use domain::policy::Promises;
use recovery::settings::{Database, Deployment, Dumps, Restore, Source};

use super::tools::Tools;
use super::{Reach, ampora, master_key, urls};
use crate::config::Location;
use crate::config::deployment as written;

pub fn resolve(written: &written::Deployment, reach: Reach, tools: &Tools) -> anyhow::Result<Deployment> {
    let database = written.database.as_ref().filter(|_| reach >= Reach::Observe);
    let restore = written.restore.as_ref().filter(|_| reach >= Reach::Restore);
    let schema = ampora::schema(&written.schema);
    Ok(Deployment {
        name: written.name.clone(),
        region: written.region.clone(),
        database: database
            .map(|database| urls::options(&database.url).map(|options| Database { options, schema }))
            .transpose()?,
        layout: written.envelope.layout.clone(),
        sources: written
            .sources
            .iter()
            .map(|source| self::source(source, written.kubernetes.as_ref(), tools))
            .collect::<anyhow::Result<_>>()?,
        restore: restore.map(target).transpose()?.flatten(),
        master_key: written.master_key.as_ref().map(master_key::master_key),
        unread: unread(written),
        promises: promises(&written.policy),
    })
}

fn source(written: &written::Source, cluster: Option<&written::Kubernetes>, tools: &Tools) -> anyhow::Result<Source> {
    let unsupported = |kind: String| Source::Unsupported {
        name: written.name().into(),
        kind,
    };
    Ok(match written {
        written::Source::PgBackRest(stanza) => Source::PgBackRest(PgBackRest {
            name: stanza.name.clone(),
            stanza: stanza.stanza.clone(),
            tool: tools.configured(&stanza.command, stanza.place(), cluster)?,
        }),
        written::Source::Dumps(dumps) => match &dumps.location {
            Location::File(dir) => Source::Dumps(Dumps {
                folder: DumpFolder {
                    name: dumps.name.clone(),
                    dir: dir.clone(),
                },
                zone: dumps.timezone.map(|zone| zone.0),
                pg_restore: tools.pg_restore(),
            }),
            Location::S3 { .. } => unsupported("dumps in a bucket".into()),
        },
        other => unsupported(other.kind().into()),
    })
}

/// `None` without `admin_url`: then there is no server to restore into.
fn target(written: &written::Restore) -> anyhow::Result<Option<Restore>> {
    let Some(url) = &written.admin_url else { return Ok(None) };
    let (admin, password) = urls::options_and_password(url)?;
    Ok(Some(Restore {
        admin,
        password,
        owner: written.owner.clone(),
        jobs: written.jobs,
    }))
}

/// What is configured and not read by this version.
fn unread(written: &written::Deployment) -> Vec<(ArtifactKind, String)> {
    let tls = written.tls.as_ref().map(|tls| {
        let endpoint = tls.endpoint.as_ref();
        let what = endpoint.map_or("certificate".into(), |at| format!("{}:{}", at.host, at.port));
        (ArtifactKind::Tls, what)
    });
    let image = written.images.as_ref();
    let image = image.map(|image| (ArtifactKind::Image, image.reference.to_string()));
    tls.into_iter().chain(image).collect()
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
