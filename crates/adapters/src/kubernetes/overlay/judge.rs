//! What an overlay may not hold: a way out of its namespace, a way in, rights beyond its own, or a value that nobody filled in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::known;
use crate::kubernetes::rehearsal::SECRET;
use crate::tls::plain;

/// Why a kind that isn't known is refused, where that can be told.
const REFUSED: [(&str, &str); 12] = [
    ("Ingress", "it would let strangers in"),
    ("HTTPRoute", "it would let strangers in"),
    ("Gateway", "it would let strangers in"),
    (
        "NetworkPolicy",
        "policies add up: it could open what Muster’s own closes",
    ),
    ("Namespace", "Muster makes the namespace itself"),
    ("ClusterRole", "it belongs to the whole cluster"),
    ("ClusterRoleBinding", "it belongs to the whole cluster"),
    ("PersistentVolume", "it belongs to the whole cluster"),
    ("StorageClass", "it belongs to the whole cluster"),
    ("CustomResourceDefinition", "it belongs to the whole cluster"),
    ("Role", "what runs in a drill needs no rights in the cluster"),
    ("RoleBinding", "what runs in a drill needs no rights in the cluster"),
];
/// What people write where a value is to be filled in, in small letters without what joins the words.
const PLACEHOLDERS: [&str; 8] = [
    "changeme",
    "replaceme",
    "placeholder",
    "yourpassword",
    "yoursecret",
    "todo",
    "fixme",
    "xxx",
];
/// What of a pod reaches past its namespaces.
const OF_THE_HOST: [&str; 3] = ["hostNetwork", "hostPID", "hostIPC"];

/// Everything that speaks against applying them.
pub(super) fn reasons(objects: &[Value], namespace: &str) -> Vec<String> {
    let mut reasons: Vec<String> = objects.iter().flat_map(|object| of_one(object, namespace)).collect();
    let runs = |object: &Value| pod(object).is_some() && object["kind"] != "Job";
    if reasons.is_empty() && !objects.iter().any(runs) {
        reasons.push("it holds no Deployment, StatefulSet or Pod, so nothing would run".into());
    }
    reasons
}

fn of_one(object: &Value, namespace: &str) -> Vec<String> {
    let word = |value: &Value| plain(value.as_str().unwrap_or("?"));
    let (kind, name) = (word(&object["kind"]), word(&object["metadata"]["name"]));
    let mut reasons = Vec::new();
    let mut against = |why: String| reasons.push(format!("{kind} {name}: {why}"));
    if known(object).is_none() {
        let told = REFUSED.iter().find(|(refused, _)| *refused == kind);
        against(told.map_or_else(
            || format!("Muster applies no {} of {kind}", word(&object["apiVersion"])),
            |(_, why)| (*why).to_owned(),
        ));
        return reasons;
    }
    if object["metadata"]["name"].as_str().is_none_or(str::is_empty) {
        against("it has no name".into());
    }
    match &object["metadata"]["namespace"] {
        Value::Null => {}
        Value::String(named) if named == namespace => {}
        other => against(format!("it is for the namespace {}, not {namespace}", word(other))),
    }
    match kind.as_str() {
        "Service" => service(&object["spec"]).into_iter().for_each(&mut against),
        "Secret" => secret(object).into_iter().for_each(&mut against),
        "PersistentVolumeClaim" if !object["spec"]["volumeName"].is_null() => {
            against("it takes a volume that is there already".into());
        }
        _ => {}
    }
    if let Some(pod) = pod(object) {
        in_pod(pod).into_iter().for_each(&mut against);
    }
    reasons
}

/// What of it runs.
fn pod(object: &Value) -> Option<&Value> {
    match object["kind"].as_str()? {
        "Pod" => Some(&object["spec"]),
        "Deployment" | "StatefulSet" | "Job" => Some(&object["spec"]["template"]["spec"]),
        _ => None,
    }
}

fn service(spec: &Value) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(kind @ ("LoadBalancer" | "NodePort" | "ExternalName")) = spec["type"].as_str() {
        reasons.push(format!("a Service of type {kind} leads out of the cluster"));
    }
    if has_entries(&spec["externalIPs"]) {
        reasons.push("it takes addresses outside of the cluster".into());
    }
    reasons
}

fn has_entries(value: &Value) -> bool {
    value.as_array().is_some_and(|entries| !entries.is_empty())
}

fn secret(object: &Value) -> Vec<String> {
    let mut reasons = Vec::new();
    if object["metadata"]["name"] == SECRET {
        reasons.push("Muster makes this Secret itself".into());
    }
    let fields = |name: &str| object[name].as_object().into_iter().flatten();
    let decoded = |value: &Value| {
        let bytes = STANDARD.decode(value.as_str()?.trim()).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let encoded = fields("data").map(|(key, value)| (key, decoded(value)));
    let written = fields("stringData").map(|(key, value)| (key, value.as_str().map(str::to_owned)));
    for (key, value) in encoded.chain(written) {
        if value.is_none_or(|value| is_placeholder(&value)) {
            reasons.push(format!("{} holds a placeholder, or nothing", plain(key)));
        }
    }
    reasons
}

fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    value.is_empty()
        || (value.starts_with('<') && value.ends_with('>'))
        || value.starts_with("${")
        || PLACEHOLDERS.iter().any(|word| letters.starts_with(word))
}

fn in_pod(spec: &Value) -> Vec<String> {
    let mut reasons: Vec<String> = OF_THE_HOST
        .iter()
        .filter(|name| spec[**name] == true)
        .map(|name| format!("{name} would take it out of its namespaces"))
        .collect();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if list(&spec["volumes"])
        .iter()
        .any(|volume| !volume["hostPath"].is_null())
    {
        reasons.push("hostPath would show it the node’s files".into());
    }
    let containers = ["initContainers", "containers", "ephemeralContainers"].map(|name| list(&spec[name]));
    for container in containers.iter().flatten() {
        if container["securityContext"]["privileged"] == true {
            reasons.push("a privileged container is as good as the node".into());
        }
        if list(&container["ports"]).iter().any(|port| !port["hostPort"].is_null()) {
            reasons.push("hostPort would open it on the node".into());
        }
    }
    reasons
}
