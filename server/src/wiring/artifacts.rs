//! What must come back besides the database: certificates, images, and what opens the backups.

use adapters::kubernetes::CertManagerSettings;
use adapters::pgbackrest::RepoSecrets;
use adapters::registry::{Credentials, ImageSettings};
use adapters::tls::{Endpoint, SavedFiles, TlsSettings};
use chrono::{NaiveTime, TimeZone as _, Utc};
use recovery::settings::{EarlierVersion, Images, Kubernetes, Repo};

use super::{Reach, clouds};
use crate::config::Secret;
use crate::config::deployment as written;

pub fn kubernetes(written: &written::Kubernetes) -> Kubernetes {
    Kubernetes {
        kubeconfig: written.kubeconfig.clone(),
        context: written.context.clone(),
        namespace: written.namespace.clone(),
        deployment: written.deployment.clone(),
        overlay: written.overlay.clone(),
    }
}

/// The repositories of all stanzas that the configuration speaks of.
pub fn repos(sources: &[written::Source], reach: Reach) -> anyhow::Result<Vec<Repo>> {
    let stanzas = sources.iter().filter_map(|source| match source {
        written::Source::PgBackRest(stanza) => Some(stanza),
        _ => None,
    });
    let repos = stanzas.flat_map(|stanza| stanza.repos.iter().map(|repo| (stanza.name.as_str(), repo)));
    repos.map(|(source, written)| repo(source, written, reach)).collect()
}

fn repo(source: &str, written: &written::Repo, reach: Reach) -> anyhow::Result<Repo> {
    Ok(Repo {
        source: source.into(),
        key: written.key,
        site: written.site.clone(),
        bucket: written
            .bucket
            .as_ref()
            .map(|bucket| clouds::bucket(bucket, reach))
            .transpose()?,
        escrow: written.escrow.as_ref().map(|escrow| {
            if reach < Reach::Observe {
                return Err("this process holds no secrets".into());
            }
            secrets(escrow).map_err(|error| format!("{error:#}"))
        }),
    })
}

/// An escrow that can't be read must show as such, not stop everything else.
fn secrets(written: &written::Escrow) -> anyhow::Result<RepoSecrets> {
    let named = [
        ("s3-key", &written.s3_key),
        ("s3-key-secret", &written.s3_key_secret),
        ("azure-key", &written.azure_key),
    ];
    let given = named
        .into_iter()
        .filter_map(|(option, secret)| Some((option, secret.as_ref()?)));
    let read = |(option, secret): (&str, &Secret)| anyhow::Ok((option.to_owned(), secret.read()?));
    Ok(RepoSecrets {
        cipher_pass: written.cipher_pass.as_ref().map(Secret::read).transpose()?,
        credentials: given.map(read).collect::<anyhow::Result<_>>()?,
    })
}

pub fn images(written: &written::Images, reach: Reach) -> anyhow::Result<Images> {
    let login = |username: &Option<String>, password: &Option<Secret>| -> anyhow::Result<Option<Credentials>> {
        Ok(match (username, password) {
            (Some(username), Some(password)) if reach >= Reach::Observe => Some(Credentials {
                username: username.clone(),
                password: password.read()?,
            }),
            _ => None,
        })
    };
    let image = ImageSettings {
        digest: written.digest.clone(),
        registry: written.registry.clone(),
        credentials: login(&written.username, &written.password)?,
        platform: written.platform.clone(),
        ..ImageSettings::new(written.reference.clone())
    };
    let second = written.second_registry.as_ref().map(|second| {
        let image = ImageSettings {
            registry: Some(second.address.clone()),
            credentials: login(&second.username, &second.password)?,
            ..image.clone()
        };
        anyhow::Ok((image, second.site.clone()))
    });
    let earlier = written.versions.iter().map(|version| EarlierVersion {
        digest: version.digest.clone(),
        from: version
            .from
            .map(|day| Utc.from_utc_datetime(&day.and_time(NaiveTime::MIN))),
        note: version.note.clone(),
    });
    Ok(Images {
        site: written.site.clone(),
        earlier: earlier.collect(),
        second: second.transpose()?,
        image,
    })
}

pub fn tls(written: &written::Tls, cluster: Option<&written::Kubernetes>) -> TlsSettings {
    let cert_manager = |certificate: &written::CertManager| CertManagerSettings {
        certificate: certificate.certificate.clone(),
        namespace: certificate.namespace.clone().unwrap_or_else(|| {
            cluster.map_or_else(
                || written::Kubernetes::default().namespace,
                |cluster| cluster.namespace.clone(),
            )
        }),
        saved_issuer: certificate.saved_issuer.clone(),
    };
    let pair = written.certificate.as_ref().map(|certificate| SavedFiles::Pair {
        certificate: certificate.clone(),
        private_key: written.private_key.clone(),
    });
    TlsSettings {
        endpoint: written.endpoint.as_ref().map(|at| Endpoint::new(&at.host, at.port)),
        server_name: written.server_name.clone(),
        names: written.names.clone(),
        roots: written.roots.clone(),
        saved: written.bundle.clone().map(SavedFiles::Bundle).or(pair),
        cert_manager: written.cert_manager.as_ref().map(cert_manager),
        ..TlsSettings::default()
    }
}
