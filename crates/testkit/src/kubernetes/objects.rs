//! What a test put into the server, found by group, resource, namespace and name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::selector::Requirement;

/// A kind that is installed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Resource {
    /// Empty for the core group.
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub namespaced: bool,
}

/// What a path means.
pub(super) struct Target {
    pub resource: Resource,
    pub namespace: Option<String>,
    pub name: Option<String>,
}

impl Target {
    /// The same kind and namespace, with a name.
    pub fn named(&self, name: String) -> Self {
        Self {
            resource: self.resource.clone(),
            namespace: self.namespace.clone(),
            name: Some(name),
        }
    }

    fn key(&self) -> Option<Key> {
        Some((self.resource.plural.clone(), self.namespace.clone(), self.name.clone()?))
    }
}

/// Plural, namespace, name.
type Key = (String, Option<String>, String);

pub(super) struct Objects {
    resources: Vec<Resource>,
    objects: BTreeMap<Key, Value>,
    version: u64,
}

impl Default for Objects {
    fn default() -> Self {
        let resources = [
            ("", "v1", "Pod", true),
            ("", "v1", "Secret", true),
            ("", "v1", "ConfigMap", true),
            ("", "v1", "Service", true),
            ("", "v1", "ServiceAccount", true),
            ("", "v1", "Node", false),
            ("", "v1", "Namespace", false),
            ("apps", "v1", "Deployment", true),
            ("networking.k8s.io", "v1", "NetworkPolicy", true),
        ];
        Self {
            resources: resources.map(resource).into(),
            objects: BTreeMap::new(),
            version: 0,
        }
    }
}

fn resource((group, version, kind, namespaced): (&str, &str, &str, bool)) -> Resource {
    Resource {
        group: group.into(),
        version: version.into(),
        kind: kind.into(),
        plural: plural(&kind.to_lowercase()),
        namespaced,
    }
}

/// `networkpolicies`, `secrets`.
fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    }
}

impl Objects {
    /// Installs the kinds of Flux and Argo CD.
    pub fn install_gitops(&mut self) {
        let kinds = [
            ("kustomize.toolkit.fluxcd.io", "v1", "Kustomization", true),
            ("helm.toolkit.fluxcd.io", "v2", "HelmRelease", true),
            ("argoproj.io", "v1alpha1", "Application", true),
        ];
        self.resources.extend(kinds.map(resource));
    }

    pub fn install_cert_manager(&mut self) {
        let kinds = [("Certificate", true), ("Issuer", true), ("ClusterIssuer", false)];
        let resources = kinds.map(|(kind, namespaced)| resource(("cert-manager.io", "v1", kind, namespaced)));
        self.resources.extend(resources);
    }

    pub fn put(&mut self, mut object: Value) {
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let resource = self.resources.iter().find(|resource| resource.kind == kind);
        let resource = resource.unwrap_or_else(|| panic!("the kind {kind:?} isn't installed"));
        let (plural, namespaced) = (resource.plural.clone(), resource.namespaced);
        let name = object["metadata"]["name"]
            .as_str()
            .expect("an object has a name")
            .to_owned();
        if namespaced && object["metadata"]["namespace"].is_null() {
            object["metadata"]["namespace"] = "default".into();
        }
        self.version += 1;
        object["metadata"]["uid"] = format!("00000000-0000-4000-8000-{:012}", self.version).into();
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        object["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z".into();
        let namespace = object["metadata"]["namespace"].as_str().map(str::to_owned);
        self.objects.insert((plural, namespace, name), object);
    }

    pub fn remove(&mut self, plural: &str, namespace: Option<&str>, name: &str) {
        self.objects
            .remove(&(plural.into(), namespace.map(str::to_owned), name.into()));
    }

    pub fn all(&self, plural: &str) -> Vec<Value> {
        let found = self.objects.iter().filter(|((of, ..), _)| of == plural);
        found.map(|(_, object)| object.clone()).collect()
    }

    /// Removes a namespace with everything in it.
    pub fn remove_namespace(&mut self, name: &str) {
        self.objects.retain(|(plural, namespace, own), _| {
            namespace.as_deref() != Some(name) && (plural != "namespaces" || own != name)
        });
    }

    /// Whether there is this namespace. Those of tests that never made one are taken for granted.
    pub fn has_namespace(&self, name: &str) -> bool {
        let made = ("namespaces".to_owned(), None, name.to_owned());
        self.objects.contains_key(&made) || !self.objects.keys().any(|(plural, ..)| plural == "namespaces")
    }

    /// What a path means: `/api/v1/…` for the core group, `/apis/GROUP/VERSION/…` for others. `None`: nothing that is installed.
    pub fn target(&self, path: &str) -> Option<Target> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, plural, name) = match rest {
            ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
            ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
            [plural] => (None, *plural, None),
            [plural, name] => (None, *plural, Some(*name)),
            _ => return None,
        };
        let fits = |resource: &&Resource| {
            (&*resource.group, &*resource.version, &*resource.plural) == (group, version, plural)
        };
        let resource = self.resources.iter().find(fits)?.clone();
        (resource.namespaced || namespace.is_none()).then(|| Target {
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
        })
    }

    pub fn get(&self, target: &Target) -> Option<&Value> {
        self.objects.get(&target.key()?)
    }

    /// Puts a new state of an object in the place of the one before.
    pub fn change(&mut self, target: &Target, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let key = target.key().expect("what is changed has a name");
        self.objects.insert(key, object);
    }

    pub fn list(&self, target: &Target, selector: &[Requirement]) -> Value {
        let here = |(plural, namespace, _): &Key| {
            *plural == target.resource.plural && (target.namespace.is_none() || *namespace == target.namespace)
        };
        let items = self
            .objects
            .iter()
            .filter(|(key, _)| here(key))
            .map(|(_, object)| object);
        let items: Vec<&Value> = items
            .filter(|object| {
                selector
                    .iter()
                    .all(|requirement| requirement.holds(&object["metadata"]["labels"]))
            })
            .collect();
        let Resource {
            group, version, kind, ..
        } = &target.resource;
        let api_version = if group.is_empty() {
            version.clone()
        } else {
            format!("{group}/{version}")
        };
        json!({
            "kind": format!("{kind}List"),
            "apiVersion": api_version,
            "metadata": { "resourceVersion": self.version.to_string() },
            "items": items,
        })
    }
}
