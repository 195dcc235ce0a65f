use proptest::prelude::*;
use serde_json::json;

use super::*;

const RUNS: &str = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ampora, namespace: muster-drill}\n\
                    spec: {template: {spec: {containers: [{name: web}]}}}\n";

fn read(text: &str) -> Result<Overlay, OverlayError> {
    Overlay::read(text.as_bytes().to_vec(), Path::new("overlay"), "muster-drill")
}

fn refused(text: &str) -> String {
    match read(&format!("{RUNS}---\n{text}")) {
        Err(error @ OverlayError::Refused(_)) => error.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn what_leads_out_in_or_beyond_is_refused_by_name() {
    for (text, why) in [
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ampora}}",
            "for the namespace ampora",
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: 7}}",
            "for the namespace ?",
        ),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {}}", "no name"),
        (
            "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}}",
            "let strangers in",
        ),
        (
            "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}}",
            "policies add up",
        ),
        (
            "{apiVersion: v1, kind: Namespace, metadata: {name: muster-drill}}",
            "makes the namespace itself",
        ),
        (
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}}",
            "the whole cluster",
        ),
        (
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}}",
            "no rights",
        ),
        (
            "{apiVersion: example.org/v1, kind: Widget, metadata: {name: a}}",
            "applies no example.org/v1 of Widget",
        ),
        (
            "{apiVersion: example.org/v1, kind: Deployment, metadata: {name: a}}",
            "applies no example.org/v1 of Deployment",
        ),
        (
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: LoadBalancer}}",
            "type LoadBalancer",
        ),
        (
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort}}",
            "type NodePort",
        ),
        (
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: ExternalName}}",
            "type ExternalName",
        ),
        (
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {externalIPs: [10.0.0.1]}}",
            "outside of the cluster",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: muster-drill}}",
            "makes this Secret itself",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {password: CHANGE_ME}}",
            "password holds a placeholder",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {password: Q0hBTkdFTUU=}}",
            "password holds a placeholder",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {password: ''}}",
            "password holds a placeholder",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {password: 7}}",
            "password holds a placeholder",
        ),
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {password: <your password>}}",
            "placeholder",
        ),
        (
            "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {volumeName: b}}",
            "there already",
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: true}}",
            "hostNetwork",
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {volumes: [{hostPath: {path: /}}]}}",
            "hostPath",
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {initContainers: [{securityContext: {privileged: true}}]}}",
            "privileged",
        ),
        (
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {spec: {containers: [{ports: [{hostPort: 80}]}]}}}}",
            "hostPort",
        ),
        ("just words", "applies no ? of ?"),
    ] {
        let said = refused(text);
        assert!(said.contains(why), "{text}: {said}");
    }
}

#[test]
fn what_runs_nothing_or_is_no_yaml_is_refused() {
    for empty in ["", "---\n", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"] {
        assert!(matches!(read(empty), Err(OverlayError::Refused(_))), "{empty:?}");
    }
    assert!(matches!(read("a: [1"), Err(OverlayError::Unreadable(_))));
}

#[test]
fn objects_are_placed_in_the_namespace_of_the_drill_and_what_runs_comes_last() {
    let text = format!(
        "{RUNS}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: admin}}\nstringData: {{password: correct horse}}\n\
         ---\napiVersion: v1\nkind: Service\nmetadata: {{name: ampora}}\nspec: {{clusterIP: None}}\n"
    );
    let overlay = read(&text).unwrap();
    let placed = overlay.placed("muster-drill-7");
    let paths: Vec<_> = placed.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/api/v1/namespaces/muster-drill-7/secrets",
            "/api/v1/namespaces/muster-drill-7/services",
            "/apis/apps/v1/namespaces/muster-drill-7/deployments"
        ]
    );
    assert!(
        placed
            .iter()
            .all(|(_, object)| object["metadata"]["namespace"] == json!("muster-drill-7"))
    );
    assert_ne!(overlay.sha256, read(&text.replace("correct", "wrong")).unwrap().sha256);
}

proptest! {
    #[test]
    fn any_document_is_judged(text in "\\PC{0,200}", kind in "(Pod|Secret|Service|Deployment|\\PC{0,9})") {
        let _ = read(&text);
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": text, "spec": [text], "data": {"a": text}, "stringData": 7});
        let _ = judge::reasons(&[object], "muster-drill");
    }
}
