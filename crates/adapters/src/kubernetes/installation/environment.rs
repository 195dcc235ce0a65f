//! A container's environment: where a variable comes from, and having it come from a Secret
//! (<https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables>).

use k8s_openapi::api::core::v1::{Container, EnvVar, EnvVarSource, SecretKeySelector};
use zeroize::Zeroizing;

/// One place that may hold a variable.
pub(in crate::kubernetes) enum Source {
    Literal(Zeroizing<String>),
    Secret { name: String, key: String },
    ConfigMap { name: String, key: String },
}

impl Source {
    pub fn words(&self) -> String {
        match self {
            Self::Literal(_) => "written into the Deployment".into(),
            Self::Secret { name, key } => format!("Secret {name}, key {key}"),
            Self::ConfigMap { name, key } => format!("ConfigMap {name}, key {key}"),
        }
    }
}

/// Where the variable may come from, what counts first.
pub(in crate::kubernetes) fn sources(container: &Container, variable: &str) -> Vec<Source> {
    let mut entries = container.env.iter().flatten();
    if let Some(entry) = entries.rfind(|entry| entry.name == variable) {
        return by_entry(entry).into_iter().collect();
    }
    let whole = container.env_from.iter().flatten().rev().filter_map(|source| {
        let key = variable
            .strip_prefix(source.prefix.as_deref().unwrap_or_default())?
            .to_owned();
        match (&source.secret_ref, &source.config_map_ref) {
            (Some(secret), _) => Some(Source::Secret {
                name: secret.name.clone(),
                key,
            }),
            (None, Some(map)) => Some(Source::ConfigMap {
                name: map.name.clone(),
                key,
            }),
            (None, None) => None,
        }
    });
    whole.collect()
}

fn by_entry(entry: &EnvVar) -> Option<Source> {
    let Some(from) = &entry.value_from else {
        return Some(Source::Literal(Zeroizing::new(entry.value.clone().unwrap_or_default())));
    };
    match (&from.secret_key_ref, &from.config_map_key_ref) {
        (Some(from), _) => Some(Source::Secret {
            name: from.name.clone(),
            key: from.key.clone(),
        }),
        (None, Some(from)) => Some(Source::ConfigMap {
            name: from.name.clone(),
            key: from.key.clone(),
        }),
        (None, None) => None,
    }
}

/// Has these variables come from the Secret's data keys of the same names. An entry keeps its place: others may refer to it.
pub(super) fn take_from(container: &mut Container, secret: &str, variables: &[&str]) {
    let entries = container.env.get_or_insert_default();
    for variable in variables {
        let place = entries.iter().position(|entry| entry.name == *variable).unwrap_or(0);
        entries.retain(|entry| entry.name != *variable);
        entries.insert(place, reference(variable, secret));
    }
}

fn reference(variable: &str, secret: &str) -> EnvVar {
    EnvVar {
        name: variable.into(),
        value: None,
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: secret.into(),
                key: variable.into(),
                optional: None,
            }),
            ..EnvVarSource::default()
        }),
    }
}
