//! From the facts to the first pod. Nothing may start on a database or with a key that isn't the approved one.

use adapters::kubernetes::{Cluster, InstallationError, KubernetesError};
use adapters::tls::{self, TlsSettings};
use domain::status::Status;

use super::{Rise, Seen, failed};
use crate::plans::full_disaster::{self as plans, Ground};
use crate::plans::repoint::look_again;
use crate::runs::execution::StepError;
use crate::runs::{repoint, rollout};

impl Rise<'_> {
    /// Reads every pinned fact again. What moved makes the approval stale.
    pub(super) async fn verify(&self) -> Result<String, StepError> {
        let memory = self.run.memory();
        let planner = self.run.planner(self.ground.site.deployment, &memory);
        plans::check_facts(&planner, self.plan)
            .await
            .map_err(StepError::unplanned)?;
        Ok(format!(
            "as approved: {}, key {}, {} objects",
            self.plan.database.backup,
            self.plan.key.fingerprint.short(),
            self.plan.manifests.changes.len()
        ))
    }

    pub(super) async fn check_cluster(&self) -> Result<String, StepError> {
        let reasons = self.ground.against_cluster().await;
        if reasons.is_empty() {
            let cluster = &self.plan.cluster;
            return Ok(format!("{} answers, and no Ampora runs on it", cluster.cluster));
        }
        Err(StepError::Failed(reasons.join(" ")))
    }

    /// The certificate as it lies in the cluster or in the saved bundle: the public name may lead to the old place still.
    pub(super) async fn server_tls(&self) -> Seen {
        let deployment = self.ground.site.deployment;
        let Some(configured) = deployment.tls.as_ref() else {
            return Seen::Unknown("nothing under [deployment.tls] says where the server’s certificate lies".into());
        };
        if configured.cert_manager.is_none() && configured.saved.is_none() {
            return Seen::Unknown(
                "[deployment.tls] names neither a certificate of cert-manager nor a saved bundle".into(),
            );
        }
        let settings = TlsSettings {
            endpoint: None,
            ..configured.clone()
        };
        let cluster = Cluster::connect(&self.ground.overlay.settings).await;
        let now = self.run.services.clock.now();
        match tls::read(&settings, cluster.as_ref().ok(), now).await {
            Err(why) => Seen::Unknown(why),
            Ok(reading) if reading.expires_in(now).is_some_and(|left| left.num_seconds() <= 0) => {
                Seen::NotDone(format!("the certificate has ended: {}", reading.detail))
            }
            Ok(reading) => match reading.status {
                Status::Ok => Seen::Done(reading.detail),
                Status::Unknown => Seen::Unknown(reading.detail),
                _ => Seen::NotDone(reading.detail),
            },
        }
    }

    /// What is rendered now has to be what was approved; of that, only what starts nothing is applied.
    pub(super) async fn apply(&self) -> Result<String, StepError> {
        let (overlay, manifests) = (&self.ground.overlay, &self.plan.manifests);
        let rendered = overlay.render().await.map_err(failed)?;
        if rendered.sha256() != manifests.sha256 {
            return Err(StepError::Stale(vec![format!(
                "{} renders to something else than what was approved",
                manifests.overlay
            )]));
        }
        let workload = overlay.workload(&rendered).map_err(failed)?;
        let key = workload.key.map(|origin| origin.secret).unwrap_or_default();
        let reasons = rendered.against(&overlay.namespace, &key);
        if !reasons.is_empty() {
            return Err(StepError::Failed(reasons.join(" ")));
        }
        let objects = overlay.prepared(&rendered, &manifests.image);
        let compared = overlay.compare(&objects).await.map_err(failed)?;
        for change in &compared.changes {
            for line in plans::told(change) {
                self.run.note(self.run.place_of(plans::APPLY), &line).await?;
            }
        }
        overlay.apply(&objects).await.map_err(failed)?;
        Ok(format!("{} objects applied, with no pod", objects.len()))
    }

    /// The connection string that people bring along, led to the restored database.
    pub(super) async fn lead(&self) -> Result<Seen, StepError> {
        let (secret, database) = (&self.plan.cluster.connection, &self.plan.database.target.database);
        let Ground { site, installation, .. } = &self.ground;
        match repoint::led(self.run, site, installation, secret, database.as_str()).await {
            Ok(detail) => Ok(Seen::Done(detail)),
            Err(
                error @ (InstallationError::Kubernetes(KubernetesError::Missing(_))
                | InstallationError::NoConnection(_)
                | InstallationError::Connection { .. }),
            ) => Ok(Seen::NotDone(format!(
                "Ampora’s connection string isn’t where the manifests say, {}: {error}. Bring it along, with role, password and options as \
                 Ampora had them; host and database may be any",
                self.plan.cluster.brought
            ))),
            Err(error) => Err(failed(error)),
        }
    }

    /// The gate: nothing starts on an empty database, on another one, or with another image.
    pub(super) async fn check_database(&self) -> Result<String, StepError> {
        match self.ground.installation.stands().await.map_err(failed)? {
            Some((0, image)) => self.fits(image).await,
            Some((pods, _)) => Err(StepError::Failed(format!(
                "something scaled {} to {pods} before the database was checked",
                self.plan.cluster.name
            ))),
            None => Err(StepError::Failed(format!(
                "{} isn’t there any more",
                self.plan.cluster.name
            ))),
        }
    }

    /// Whether the database is the approved one, and Ampora would start on it with this image.
    async fn fits(&self, image: String) -> Result<String, StepError> {
        let (plan, site) = (self.plan, &self.ground.site);
        let (memory, to) = (self.run.memory(), &plan.database.target.database);
        let planner = self.run.planner(site.deployment, &memory);
        let looked = Box::pin(look_again(&planner, site, to)).await;
        let (found, key) = looked.map_err(|reasons| StepError::Failed(reasons.join(" ")))?;
        let differs = [
            ("image", image, plan.manifests.image.clone()),
            ("tenants", found.tenants.to_string(), plan.holds.tenants.to_string()),
            (
                "certificate authorities",
                found.authorities.to_string(),
                plan.holds.authorities.to_string(),
            ),
            (
                "migration",
                found.migration_head.unwrap_or_default(),
                plan.holds.migration_head.clone(),
            ),
            ("key", key.to_string(), plan.key.fingerprint.to_string()),
        ];
        let differs = differs.into_iter().filter(|(_, is, was)| is != was);
        let moved: Vec<_> = differs
            .map(|(what, is, was)| format!("{what} {was} was approved, {is} is there"))
            .collect();
        if moved.is_empty() {
            let holds = &plan.holds;
            return Ok(format!(
                "{} tenants, {} authorities, migration {}; Ampora’s role can sign in",
                holds.tenants, holds.authorities, holds.migration_head
            ));
        }
        Err(StepError::Failed(moved.join("; ")))
    }

    /// The gate once more, since its worker may have died behind it long ago; then one pod.
    pub(super) async fn start_one(&self) -> Result<String, StepError> {
        let name = &self.plan.cluster.name;
        match self.ground.installation.stands().await.map_err(failed)? {
            Some((0, image)) => {
                self.fits(image).await.map_err(not_started)?;
            }
            // A worker before this one came so far.
            Some((1, _)) if self.resumed => {}
            Some((pods, _)) => return Err(StepError::Failed(format!("something scaled {name} to {pods}"))),
            None => return Err(not_started(StepError::Failed(format!("{name} isn’t there any more")))),
        }
        rollout::started(self.run, &self.ground.site, &self.ground.installation, 1).await?;
        self.same_authorities().await?;
        Ok(format!(
            "1 ready; still {} certificate authorities",
            self.plan.holds.authorities
        ))
    }

    /// With Ampora running, which may have written by now.
    pub(super) async fn check_envelopes(&self, secret: &str) -> Result<String, StepError> {
        let key = self.same_authorities().await?;
        let approved = &self.plan.key.fingerprint;
        if key != *approved {
            return Err(StepError::Failed(format!(
                "key {} opens the envelopes, and Ampora has key {}",
                key.short(),
                approved.short()
            )));
        }
        Ok(format!("{secret}; it opens every sampled envelope"))
    }

    /// The key that opens its envelopes, if no authority was added to those that were restored.
    async fn same_authorities(&self) -> Result<domain::key::Fingerprint, StepError> {
        let (memory, to) = (self.run.memory(), &self.plan.database.target.database);
        let planner = self.run.planner(self.ground.site.deployment, &memory);
        let looked = Box::pin(look_again(&planner, &self.ground.site, to)).await;
        let (found, key) = looked.map_err(|reasons| StepError::Failed(reasons.join(" ")))?;
        let before = self.plan.holds.authorities;
        if found.authorities == before.0 {
            return Ok(key);
        }
        Err(StepError::Failed(format!(
            "{to} has {} certificate authorities now, {before} before Ampora started: it may have made one of its own",
            found.authorities
        )))
    }
}

/// What moved between the gate and the first pod. The step has begun, but nothing was started.
fn not_started(error: StepError) -> StepError {
    match error {
        StepError::Failed(reason) => StepError::NeedsHuman(format!(
            "{reason}. It was otherwise when the database was checked, so something changed it since. Ampora wasn’t started, and has no pod: find \
             out what changed it before anything is"
        )),
        other => other,
    }
}
