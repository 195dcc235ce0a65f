//! What the controllers of a real cluster do when a Deployment changes: pods come and go, and its status follows. Each change is followed at
//! once; only whether new pods get ready is the test's to say.

use serde_json::{Value, json};

use super::objects::{Objects, Target};

/// Brings the pods of a Deployment in line with what it asks for.
pub(super) fn follow(objects: &mut Objects, target: &Target, ready: bool) {
    let Some(deployment) = objects.get(target).cloned() else {
        return;
    };
    let (name, namespace) = (target.name.clone().unwrap_or_default(), target.namespace.clone());
    let wanted = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
    for number in 0..16 {
        objects.remove("pods", namespace.as_deref(), &pod_name(&name, number));
    }
    for number in 0..wanted {
        objects.put(pod(&deployment, &pod_name(&name, number), ready));
    }
    let mut followed = deployment;
    let generation = followed["metadata"]["generation"].as_u64().unwrap_or_default() + 1;
    followed["metadata"]["generation"] = generation.into();
    followed["status"] = json!({
        "observedGeneration": generation,
        "replicas": wanted,
        "readyReplicas": if ready { wanted } else { 0 },
    });
    objects.change(target, followed);
}

fn pod_name(deployment: &str, number: u64) -> String {
    format!("{deployment}-{number}")
}

fn pod(deployment: &Value, name: &str, ready: bool) -> Value {
    let template = &deployment["spec"]["template"];
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": deployment["metadata"]["namespace"],
            "labels": template["metadata"]["labels"],
        },
        "spec": template["spec"],
        "status": {
            "phase": if ready { "Running" } else { "Pending" },
            "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" } }],
        },
    })
}
