//! Who puts a Deployment back to what Git says. While somebody does, a changed connection string lasts until the next reconciliation, and
//! Ampora would be led back to the old database behind everybody's back.

use std::collections::BTreeMap;

use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::{Api, ResourceExt as _};
use serde_json::Value;

use super::{Cluster, KubernetesError};
use crate::tls::plain;

const FLUX_OFF: &str = "kustomize.toolkit.fluxcd.io/reconcile";
const ARGO_OFF: &str = "argocd.argoproj.io/skip-reconcile";
const ARGO_TRACKING: &str = "argocd.argoproj.io/tracking-id";
const ARGO_INSTANCE: &str = "argocd.argoproj.io/instance";

/// What reconciles an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keeper {
    kind: Kind,
    /// `None`: it may lie in any.
    namespace: Option<String>,
    name: String,
}

/// <https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend>,
/// <https://fluxcd.io/flux/components/helm/helmreleases/#suspend>,
/// <https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/>.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    FluxKustomization,
    FluxHelmRelease,
    ArgoApplication,
}

impl Keeper {
    /// Reads who tracks the object with these labels and annotations. `None`: nobody that leaves a mark, or it was told to leave it alone.
    #[must_use]
    pub fn of(labels: &BTreeMap<String, String>, annotations: &BTreeMap<String, String>) -> Option<Self> {
        let flux = |prefix: &str, kind| {
            Some(Self {
                kind,
                namespace: labels.get(&format!("{prefix}/namespace")).cloned(),
                name: labels.get(&format!("{prefix}/name"))?.clone(),
            })
        };
        let off = annotations
            .get(FLUX_OFF)
            .is_some_and(|word| word.eq_ignore_ascii_case("disabled"));
        let kustomization = flux("kustomize.toolkit.fluxcd.io", Kind::FluxKustomization).filter(|_| !off);
        kustomization
            .or_else(|| flux("helm.toolkit.fluxcd.io", Kind::FluxHelmRelease))
            .or_else(|| argo(labels, annotations))
    }

    /// The same of an object as it stands in a manifest or an answer.
    #[must_use]
    pub fn of_object(object: &Value) -> Option<Self> {
        let marks = |kind: &str| {
            let marks = object["metadata"][kind].as_object().into_iter().flatten();
            let texts = marks.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
            texts.collect::<BTreeMap<_, _>>()
        };
        Self::of(&marks("labels"), &marks("annotations"))
    }

    /// Such as `Argo CD Application ampora`.
    #[must_use]
    pub fn name(&self) -> String {
        let kind = match self.kind {
            Kind::FluxKustomization => "Flux Kustomization",
            Kind::FluxHelmRelease => "Flux HelmRelease",
            Kind::ArgoApplication => "Argo CD Application",
        };
        let namespace = self
            .namespace
            .as_ref()
            .map_or(String::new(), |namespace| format!("{namespace}/"));
        plain(&format!("{kind} {namespace}{}", self.name))
    }

    /// What stops it, for a person to type.
    #[must_use]
    pub fn cure(&self) -> String {
        let namespace = self
            .namespace
            .as_deref()
            .map_or(String::new(), |namespace| format!(" -n {namespace}"));
        plain(&match self.kind {
            Kind::FluxKustomization => format!("flux suspend kustomization {}{namespace}", self.name),
            Kind::FluxHelmRelease => format!("flux suspend helmrelease {}{namespace}", self.name),
            Kind::ArgoApplication => format!("argocd app set {} --sync-policy none", self.name),
        })
    }

    fn resource(&self) -> ApiResource {
        let (group, version, kind) = match self.kind {
            Kind::FluxKustomization => ("kustomize.toolkit.fluxcd.io", "v1", "Kustomization"),
            Kind::FluxHelmRelease => ("helm.toolkit.fluxcd.io", "v2", "HelmRelease"),
            Kind::ArgoApplication => ("argoproj.io", "v1alpha1", "Application"),
        };
        ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
    }

    fn rests(&self, keeper: &DynamicObject) -> bool {
        let spec = &keeper.data["spec"];
        match self.kind {
            Kind::FluxKustomization | Kind::FluxHelmRelease => spec["suspend"] == true,
            Kind::ArgoApplication => {
                let automated = &spec["syncPolicy"]["automated"];
                let skipped = keeper.annotations().get(ARGO_OFF).is_some_and(|word| word == "true");
                skipped || matches!(automated, Value::Null | Value::Bool(false)) || automated["enabled"] == false
            }
        }
    }
}

/// The tracking id is `application:group/kind:namespace/name`; an Application of another namespace is written `namespace_application`.
fn argo(labels: &BTreeMap<String, String>, annotations: &BTreeMap<String, String>) -> Option<Keeper> {
    let tracking = annotations.get(ARGO_TRACKING).and_then(|id| id.split(':').next());
    let name = tracking.or_else(|| labels.get(ARGO_INSTANCE).map(String::as_str))?;
    let (namespace, name) = match name.split_once('_') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, name),
    };
    Some(Keeper {
        kind: Kind::ArgoApplication,
        namespace,
        name: name.into(),
    })
}

impl Cluster {
    /// Whether the keeper was told to leave its objects alone.
    ///
    /// # Errors
    /// If it can't be read: then nobody knows.
    pub async fn rests(&self, keeper: &Keeper) -> Result<bool, KubernetesError> {
        let resource = keeper.resource();
        let what = keeper.name();
        if let Some(namespace) = &keeper.namespace {
            let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, &resource);
            let found = self.ask(&what, api.get(&keeper.name)).await?;
            return Ok(keeper.rests(&found));
        }
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let all = self.ask(&what, api.list(&ListParams::default())).await?;
        let mut named = all
            .items
            .iter()
            .filter(|found| found.name_any() == keeper.name)
            .peekable();
        if named.peek().is_none() {
            return Err(KubernetesError::Missing(what));
        }
        Ok(named.all(|found| keeper.rests(found)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn marks(marks: &[(&str, &str)]) -> BTreeMap<String, String> {
        marks
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn each_tool_leaves_its_mark() {
        let flux = [
            ("kustomize.toolkit.fluxcd.io/name", "fleet"),
            ("kustomize.toolkit.fluxcd.io/namespace", "flux-system"),
        ];
        let named = |labels: &[_], annotations: &[_]| {
            Keeper::of(&marks(labels), &marks(annotations)).map(|keeper| keeper.name())
        };
        assert_eq!(
            named(&flux, &[]).as_deref(),
            Some("Flux Kustomization flux-system/fleet")
        );
        assert_eq!(named(&flux, &[(FLUX_OFF, "disabled")]), None);
        let helm = [
            ("helm.toolkit.fluxcd.io/name", "ampora"),
            ("helm.toolkit.fluxcd.io/namespace", "ampora"),
        ];
        assert_eq!(named(&helm, &[]).as_deref(), Some("Flux HelmRelease ampora/ampora"));
        let id = [(ARGO_TRACKING, "ampora:apps/Deployment:ampora/ampora-web")];
        assert_eq!(named(&[], &id).as_deref(), Some("Argo CD Application ampora"));
        let elsewhere = [(ARGO_TRACKING, "teams_ampora:apps/Deployment:ampora/ampora-web")];
        assert_eq!(
            named(&[], &elsewhere).as_deref(),
            Some("Argo CD Application teams/ampora")
        );
        assert_eq!(named(&[("app.kubernetes.io/instance", "ampora")], &[]), None);
    }

    #[test]
    fn only_what_was_told_to_rest_rests() {
        let keeper = |kind| Keeper {
            kind,
            namespace: None,
            name: "ampora".into(),
        };
        for (kind, spec, rests) in [
            (Kind::FluxKustomization, json!({ "suspend": true }), true),
            (Kind::FluxKustomization, json!({}), false),
            (Kind::ArgoApplication, json!({}), true),
            (
                Kind::ArgoApplication,
                json!({ "syncPolicy": { "automated": {} } }),
                false,
            ),
            (
                Kind::ArgoApplication,
                json!({ "syncPolicy": { "automated": { "enabled": false } } }),
                true,
            ),
        ] {
            let mut object = DynamicObject::new("ampora", &keeper(kind).resource());
            object.data = json!({ "spec": spec });
            assert_eq!(keeper(kind).rests(&object), rests, "{kind:?} {spec}");
        }
    }
}
