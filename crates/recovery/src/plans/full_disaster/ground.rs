//! The new cluster, and what the manifests would do to it: what is looked at before anything is made there, and what speaks against it.

use adapters::kubernetes::{
    AmporaManifests, Compared, Installation, KubernetesSecret, KubernetesSettings, Origin, Rendered, Workload,
};
use adapters::manager::SecretManager as _;
use adapters::process::Tool;
use adapters::registry::{Digest, Registry, Version, Wanted};
use domain::ids::Sha256;
use domain::plan::{Change, Delivery, Placed, RetrieveKey};
use domain::status::Status;

use super::image::{Chosen, choose};
use crate::Error;
use crate::collect;
use crate::keys::Memory;
use crate::plans::Planner;
use crate::plans::repoint::{Site, is_here};
use crate::settings::Deployment;

const NO_OVERLAY: &str =
    "Ampora’s manifests aren’t configured: name their overlay under [deployment.kubernetes] overlay.";
/// What to ask for instead where there is no cluster to bring it up in, in the documented order.
const OF_A_SERVICE: &str = "Ampora is a service of a machine here ([deployment.service]), and this brings it up in a cluster. On a new machine ask for \
    the same in this order: 1. install Ampora there, of the version that the backup is of, with its env file, and don’t start it: it would make a \
    new certificate authority on an empty database; 2. point [deployment.restore] at the new server and [deployment.service] at the new machine; \
    3. “Restore a dump”; 4. “Retrieve the master key”, the version that opens the dump, and put it \
    into the env file as KeyProtection__MasterKey; 5. the server’s certificate; 6. “Point Ampora at a restored database”, with the old one gone: it \
    looks through the database, writes the connection strings and starts the service; 7. the public name, when what came back to life is settled. The runbook \
    has the commands for the database, the key and the certificate.";

/// Everything configured that it needs.
pub struct Ground<'a> {
    pub site: Site<'a>,
    pub installation: Installation,
    pub overlay: AmporaManifests,
}

/// What was found.
pub struct Looked {
    pub cluster: String,
    pub sha256: Sha256,
    pub replicas: u32,
    pub image: Chosen,
    pub changes: Vec<Change>,
    /// Where the manifests have the connection string from.
    pub brought: String,
    pub warnings: Vec<String>,
}

impl<'a> Ground<'a> {
    /// # Errors
    /// With everything that isn't configured.
    pub fn of(deployment: &'a Deployment) -> Result<Self, Error> {
        let kubernetes = deployment.kubernetes.as_ref();
        let folder = kubernetes.and_then(|kubernetes| kubernetes.overlay.clone());
        let site = Site::of(deployment).map_err(|error| match error {
            Error::Invalid(missing) if folder.is_none() => {
                Error::Invalid([missing, vec![NO_OVERLAY.to_owned()]].concat())
            }
            other => other,
        })?;
        let installation = site.installation().cloned();
        let installation = installation.ok_or_else(|| Error::invalid(OF_A_SERVICE))?;
        let (Some(kubernetes), Some(folder)) = (kubernetes, folder) else {
            return Err(Error::invalid(NO_OVERLAY));
        };
        Ok(Self {
            site,
            installation,
            overlay: AmporaManifests {
                settings: KubernetesSettings {
                    kubeconfig: kubernetes.kubeconfig.clone(),
                    context: kubernetes.context.clone(),
                },
                namespace: kubernetes.namespace.clone(),
                deployment: kubernetes.deployment.clone(),
                folder,
                kubectl: Tool::new("kubectl"),
            },
        })
    }

    /// The Secret from which the manifests have Ampora take its master key.
    ///
    /// # Errors
    /// If they can't be rendered, or name none.
    pub(super) async fn key_secret(&self) -> Result<String, Error> {
        let rendered = self.overlay.render().await;
        let workload = rendered.and_then(|rendered| self.overlay.workload(&rendered));
        let workload = workload.map_err(|error| Error::invalid(format!("{error}.")))?;
        let key = workload.key.ok_or_else(|| Error::invalid(self.no_key_origin()))?;
        Ok(key.secret)
    }

    fn no_key_origin(&self) -> String {
        format!(
            "The manifests have {} take its master key from no Secret: let KeyProtection__MasterKey come from one, by secretKeyRef or envFrom.",
            self.installation.name()
        )
    }

    /// Looks at all of it, and collects every reason against it.
    pub(super) async fn look(
        &self,
        planner: &Planner<'_>,
        key: Option<&RetrieveKey>,
        head: Option<&str>,
        reasons: &mut Vec<String>,
    ) -> Option<Looked> {
        reasons.extend(self.against_cluster().await);
        let rendered = self.overlay.render().await;
        let rendered = rendered.map_err(|error| reasons.push(format!("{error}."))).ok()?;
        let workload = self.overlay.workload(&rendered);
        let workload = workload.map_err(|error| reasons.push(format!("{error}."))).ok()?;
        if let Some(place) = key.and_then(placed) {
            reasons.extend(self.against_place(&rendered, &workload, place));
        }
        let image = self.image(planner, &workload, head?).await;
        let (image, warning) = image.map_err(|reason| reasons.push(reason)).ok()?;
        let compared = self
            .overlay
            .compare(&self.overlay.prepared(&rendered, &image.image))
            .await;
        let compared = compared.map_err(|error| reasons.push(format!("{error}."))).ok()?;
        reasons.extend(self.kept_by(&compared).await);
        let warnings = image.warning.iter().cloned().chain(warning);
        Some(Looked {
            cluster: self.overlay.cluster(),
            sha256: rendered.sha256(),
            replicas: workload.replicas.max(1),
            warnings: warnings.collect(),
            image,
            changes: compared.changes,
            brought: brought(workload.connection.as_ref()),
        })
    }

    /// Whether it is there, and nothing of Ampora runs on it.
    pub async fn against_cluster(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let (namespace, name) = (&self.overlay.namespace, self.installation.name());
        match self.overlay.has_namespace().await {
            Ok(true) => {}
            Ok(false) => reasons.push(format!(
                "The cluster has no namespace {namespace}: make it with kubectl create namespace {namespace}, after making sure that it is the new cluster."
            )),
            Err(error) => return vec![format!("The new cluster: {error}.")],
        }
        match self.installation.stands().await {
            Ok(None | Some((0, _))) => {}
            Ok(Some((pods, _))) => reasons.push(format!(
                "{name} is there already and asks for {pods} pods: this brings Ampora up where none runs. To lead a running one to another \
                 database, ask to point it there."
            )),
            Err(error) => reasons.push(format!("{error}.")),
        }
        let (host, _) = self.site.seen_as();
        if self.site.restore.repoint.seen_as.is_none() && is_here(&host) {
            reasons.push(format!(
                "Muster reaches the new server as {host}, which means another machine to Ampora: set ampora_host under [deployment.restore]."
            ));
        }
        reasons
    }

    /// The delivered key has to be where the manifests have Ampora look for it, and nothing of theirs may be put over it.
    fn against_place(&self, rendered: &Rendered, workload: &Workload, place: &Placed) -> Vec<String> {
        let name = self.installation.name();
        let Some(origin) = &workload.key else {
            return vec![self.no_key_origin()];
        };
        let mut reasons = rendered.against(&self.overlay.namespace, &origin.secret);
        let secret = KubernetesSecret::new(self.overlay.settings.clone(), &self.overlay.namespace, &origin.secret);
        if secret.identity() != place.identity {
            reasons.push(format!(
                "The manifests have {name} take its master key from {}, and it would be delivered to {}: choose the destination and name that lead \
                 to the former.",
                secret.name(),
                place.manager
            ));
        }
        if place.field.as_deref() != Some(origin.key.as_str()) {
            reasons.push(format!(
                "The manifests have {name} read the data key {}, and the key would be written under {}: set field of the destination {}.",
                origin.key,
                place.field.as_deref().unwrap_or("none"),
                place.destination
            ));
        }
        reasons
    }

    /// Who would put back what was applied, unless it rests.
    async fn kept_by(&self, compared: &Compared) -> Vec<String> {
        let mut reasons = Vec::new();
        for (object, keeper) in &compared.keepers {
            match self.overlay.rests(keeper).await {
                Ok(true) => {}
                Ok(false) => reasons.push(format!(
                    "{} looks after {object} and would put back what Git says, replicas included. Suspend it first: {}.",
                    keeper.name(),
                    keeper.cure()
                )),
                Err(error) => reasons.push(format!("Whether {} is suspended isn’t known: {error}.", keeper.name())),
            }
        }
        reasons
    }

    async fn image(
        &self,
        planner: &Planner<'_>,
        workload: &Workload,
        head: &str,
    ) -> Result<(Chosen, Option<String>), String> {
        let history = match planner.memory {
            Memory::Store(store) => {
                let observed = collect::cached(store, planner.deployment).await;
                observed.map_err(|error| error.to_string())?.history
            }
            Memory::None => Default::default(),
        };
        let chosen = choose(&workload.image, head, &history.images, &history.heads)?;
        let warning = self.pullable(&chosen).await?;
        Ok((chosen, warning))
    }

    /// An image that the registry doesn't have any more is refused; what the registry doesn't tell is a warning.
    async fn pullable(&self, chosen: &Chosen) -> Result<Option<String>, String> {
        let unknown = |why: String| {
            Ok(Some(format!(
                "Whether {} can be pulled isn’t known: {why}.",
                chosen.digest
            )))
        };
        let Some(images) = &self.site.deployment.images else {
            return unknown("[deployment.images] isn’t set".into());
        };
        let digest = chosen.digest.parse::<Digest>();
        let digest = digest.map_err(|_| format!("{} is no digest: name the image by sha256:….", chosen.digest))?;
        let wanted = Wanted {
            what: "fits the backup".into(),
            version: Version::Digest(digest),
        };
        let registry = match Registry::new(&images.image) {
            Ok(registry) => registry,
            Err(error) => return unknown(error.to_string()),
        };
        match registry.check(&[wanted]).await.first() {
            Some(read) if read.status == Status::Broken => {
                Err(format!("The image {} can’t be pulled: {}.", chosen.digest, read.detail))
            }
            Some(read) if read.status == Status::Unknown => unknown(read.detail.clone()),
            _ => Ok(None),
        }
    }
}

fn brought(connection: Option<&Origin>) -> String {
    connection.map_or_else(
        || "the environment of its container".to_owned(),
        |origin| format!("Secret {}, key {}", origin.secret, origin.key),
    )
}

fn placed(key: &RetrieveKey) -> Option<&Placed> {
    match &key.delivery {
        Delivery::Placed(place) => Some(place),
        _ => None,
    }
}
