//! The objects that Muster itself makes in the namespace of a drill, and how it reads whether a workload is ready.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::DrillId;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{DRILL, MANAGED, Openings, SECRET};

/// Labelled as Muster's and as this drill's; the cluster itself keeps pods that reach for the node out of it.
pub(super) fn namespace(name: &str, drill: DrillId) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": name, "labels": {
            (MANAGED.0): MANAGED.1,
            (DRILL): drill.to_string(),
            "pod-security.kubernetes.io/enforce": "baseline",
        }},
    })
}

/// Every pod: in only from Muster, out only to the copy. Neither Git nor peers nor agents nor names can be reached.
/// <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
pub(super) fn policy(namespace: &str, openings: &Openings) -> Value {
    let database = openings.database;
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": SECRET, "namespace": namespace },
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{ "from": [{ "ipBlock": { "cidr": openings.from } }] }],
            "egress": [{
                "to": [{ "ipBlock": { "cidr": alone(database) } }],
                "ports": [{ "protocol": "TCP", "port": database.port() }],
            }],
        },
    })
}

/// The network of one address.
fn alone(address: SocketAddr) -> String {
    let bits = if address.is_ipv4() { 32 } else { 128 };
    format!("{}/{bits}", address.ip())
}

pub(super) fn secret(namespace: &str, values: &[(&str, Zeroizing<Vec<u8>>)]) -> Value {
    let data = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), STANDARD.encode(value).into()));
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": SECRET, "namespace": namespace },
        "type": "Opaque",
        "immutable": true,
        "data": data.collect::<Map<String, Value>>(),
    })
}

/// What a workload still lacks, or `None` if it is ready.
pub(super) fn lacks(found: &Value) -> Option<String> {
    let (spec, status) = (&found["spec"], &found["status"]);
    if found["kind"] == "Pod" {
        let conditions = status["conditions"].as_array();
        let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
        let is_ready = conditions.is_some_and(|conditions| conditions.iter().any(ready));
        return (!is_ready).then(|| "not ready".into());
    }
    let wanted = spec["replicas"].as_u64().unwrap_or(1);
    // What the status says of an older generation says nothing of this one.
    let current = status["observedGeneration"].as_u64() >= found["metadata"]["generation"].as_u64();
    let ready = status["readyReplicas"].as_u64().filter(|_| current).unwrap_or_default();
    (ready < wanted).then(|| format!("{ready} of {wanted} ready"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_ready_when_its_newest_state_is() {
        let deployment = |generation: u64, seen: u64, ready: u64| {
            json!({
                "kind": "Deployment",
                "metadata": { "generation": generation },
                "spec": { "replicas": 2 },
                "status": { "observedGeneration": seen, "readyReplicas": ready },
            })
        };
        assert_eq!(lacks(&deployment(2, 2, 2)), None);
        assert_eq!(lacks(&deployment(2, 1, 2)).as_deref(), Some("0 of 2 ready"));
        assert_eq!(lacks(&deployment(2, 2, 1)).as_deref(), Some("1 of 2 ready"));
        for odd in [
            json!(null),
            json!({"kind": "Pod"}),
            json!({"kind": "Deployment", "status": "none"}),
        ] {
            assert!(lacks(&odd).is_some(), "{odd}");
        }
        let pod = json!({ "kind": "Pod", "status": { "conditions": [{ "type": "Ready", "status": "True" }] } });
        assert_eq!(lacks(&pod), None);
    }

    #[test]
    fn nothing_is_open_but_what_was_asked_for() {
        let openings = Openings {
            from: "10.1.0.0/24".into(),
            database: "[fd00::1]:15432".parse().unwrap(),
        };
        let policy = policy("n", &openings);
        assert_eq!(policy["spec"]["podSelector"], json!({}));
        assert_eq!(
            policy["spec"]["egress"][0]["to"],
            json!([{ "ipBlock": { "cidr": "fd00::1/128" } }])
        );
        assert_eq!(policy["spec"]["egress"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            policy["spec"]["ingress"],
            json!([{ "from": [{ "ipBlock": { "cidr": "10.1.0.0/24" } }] }])
        );
    }
}
