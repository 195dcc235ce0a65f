//! Where a container has the master key from: an entry of its own, or a whole Secret that is turned into its environment
//! (<https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables>). An entry of its own wins, and of
//! several sources the last.

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar};

use crate::in_use::MASTER_KEY;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Given {
    /// From the data key of the Secret that was asked about.
    Here,
    /// The same, unless one of these has the name too.
    Perhaps(String),
    Elsewhere(String),
    Nowhere,
}

pub(super) fn given(container: &Container, secret: &str, key: &str) -> Given {
    let mut entries = container.env.iter().flatten();
    // Of two entries with one name the last counts.
    if let Some(entry) = entries.rfind(|entry| entry.name == MASTER_KEY) {
        return by_entry(entry, secret, key);
    }
    let mut later = Vec::new();
    for source in container.env_from.iter().flatten().rev() {
        let prefix = source.prefix.as_deref().unwrap_or_default();
        let reference = source.secret_ref.as_ref();
        if reference.is_some_and(|reference| reference.name == secret) && format!("{prefix}{key}") == MASTER_KEY {
            return if later.is_empty() {
                Given::Here
            } else {
                Given::Perhaps(later.join(" or "))
            };
        }
        // What has a prefix of its own can't have the name.
        if MASTER_KEY.starts_with(prefix) && reference.is_none_or(|reference| reference.name != secret) {
            later.push(called(source));
        }
    }
    if later.is_empty() {
        Given::Nowhere
    } else {
        Given::Elsewhere(later.join(" or "))
    }
}

fn by_entry(entry: &EnvVar, secret: &str, key: &str) -> Given {
    let Some(from) = &entry.value_from else {
        return Given::Elsewhere("a value that is written into the Deployment".into());
    };
    match (&from.secret_key_ref, &from.config_map_key_ref) {
        (Some(from), _) if from.name == secret && from.key == key => Given::Here,
        (Some(from), _) => Given::Elsewhere(format!("Secret {}, key {}", from.name, from.key)),
        (None, Some(from)) => Given::Elsewhere(format!("ConfigMap {}, key {}", from.name, from.key)),
        (None, None) => Given::Elsewhere("another source".into()),
    }
}

fn called(source: &EnvFromSource) -> String {
    match (&source.secret_ref, &source.config_map_ref) {
        (Some(secret), _) => format!("Secret {}", secret.name),
        (None, Some(map)) => format!("ConfigMap {}", map.name),
        (None, None) => "another source".into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn asked(container: &Value) -> Given {
        let mut container = container.clone();
        container["name"] = "ampora-web".into();
        given(
            &serde_json::from_value(container).unwrap(),
            "ampora-secrets",
            MASTER_KEY,
        )
    }

    fn entry(from: &Value) -> Value {
        json!({ "name": MASTER_KEY, "valueFrom": from })
    }

    #[test]
    fn an_entry_of_its_own_says_where_the_key_is_from() {
        let here = entry(&json!({ "secretKeyRef": { "name": "ampora-secrets", "key": MASTER_KEY } }));
        let there = entry(&json!({ "secretKeyRef": { "name": "other", "key": "master" } }));
        let map = entry(&json!({ "configMapKeyRef": { "name": "settings", "key": "master" } }));
        let literal = json!({ "name": MASTER_KEY, "value": "…" });
        let elsewhere = |place: &str| Given::Elsewhere(place.into());
        for (env, expected) in [
            (json!([literal, here]), Given::Here),
            (json!([here, there]), elsewhere("Secret other, key master")),
            (json!([map]), elsewhere("ConfigMap settings, key master")),
            (
                json!([literal]),
                elsewhere("a value that is written into the Deployment"),
            ),
            (json!([{ "name": "OTHER", "value": "1" }]), Given::Nowhere),
        ] {
            let whole = json!([{ "secretRef": { "name": "ampora-secrets" } }]);
            let with_whole = asked(&json!({ "env": env, "envFrom": whole }));
            let expected_with_whole = if expected == Given::Nowhere {
                Given::Here
            } else {
                expected.clone()
            };
            assert_eq!(with_whole, expected_with_whole, "{env}");
            assert_eq!(asked(&json!({ "env": env })), expected, "{env}");
        }
    }

    #[test]
    fn of_whole_secrets_the_last_counts() {
        let own = json!({ "secretRef": { "name": "ampora-secrets" } });
        let other = json!({ "secretRef": { "name": "other" } });
        let map = json!({ "configMapRef": { "name": "settings" } });
        let prefixed = json!({ "prefix": "DB_", "secretRef": { "name": "database" } });
        let own_prefixed = json!({ "prefix": "DB_", "secretRef": { "name": "ampora-secrets" } });
        for (sources, expected) in [
            (json!([map, own]), Given::Here),
            (json!([own, prefixed]), Given::Here),
            (json!([own, other]), Given::Perhaps("Secret other".into())),
            (
                json!([map, other]),
                Given::Elsewhere("Secret other or ConfigMap settings".into()),
            ),
            (json!([own_prefixed]), Given::Nowhere),
            (json!([]), Given::Nowhere),
        ] {
            assert_eq!(asked(&json!({ "envFrom": sources })), expected, "{sources}");
        }
    }
}
