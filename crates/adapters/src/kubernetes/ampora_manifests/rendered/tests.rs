use proptest::prelude::*;

use super::*;
use crate::kubernetes::ampora_manifests::any::any_json;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: ampora-web, namespace: ampora}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - {name: proxy, image: proxy}
      - name: ampora-web
        image: registry/ampora:1
        env:
        - {name: AMPORA_AUTO_MIGRATE, value: '1'}
        - {name: KeyProtection__MasterKey, valueFrom: {secretKeyRef: {name: ampora-key, key: key}}}
        envFrom:
        - secretRef: {name: ampora-database}
";

fn read(text: &str) -> Rendered {
    Rendered::read(text.as_bytes().to_vec(), "ampora").expect("reads")
}

#[test]
fn the_deployment_says_where_its_secrets_come_from() {
    let workload = read(DEPLOYMENT).workload("ampora", "ampora-web");
    let workload = workload.expect("understood").expect("there");
    assert_eq!((workload.replicas, workload.image.as_str()), (3, "registry/ampora:1"));
    let origin = |secret: &str, key: &str| {
        Some(Origin {
            secret: secret.into(),
            key: key.into(),
        })
    };
    assert_eq!(workload.key, origin("ampora-key", "key"));
    assert_eq!(
        workload.connection,
        origin("ampora-database", "ConnectionStrings__Ampora")
    );
    assert_eq!(read(DEPLOYMENT).workload("other", "ampora-web"), Ok(None));
}

#[test]
fn what_is_applied_starts_nothing_and_migrates_nothing() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ampora}\n";
    let prepared =
        read(&format!("{DEPLOYMENT}{namespace}")).prepared("ampora", "ampora-web", "registry/ampora@sha256:1");
    assert_eq!(prepared[0]["kind"], "Namespace");
    assert!(prepared[0]["metadata"]["namespace"].is_null());
    let spec = &prepared[1]["spec"];
    let container = &spec["template"]["spec"]["containers"][1];
    assert_eq!(
        (&spec["replicas"], &container["image"]),
        (&json!(0), &json!("registry/ampora@sha256:1"))
    );
    let entries = container["env"].as_array().expect("entries");
    let migrate: Vec<_> = entries.iter().filter(|entry| entry["name"] == AUTO_MIGRATE).collect();
    assert_eq!(migrate, [&json!({ "name": AUTO_MIGRATE, "value": "0" })]);
    assert_eq!(spec["template"]["spec"]["containers"][0]["image"], "proxy");
}

#[test]
fn a_secret_over_the_key_is_seen_by_its_mark_and_by_its_name() {
    let secret = |metadata: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {metadata}\n");
    for (metadata, speaks_against) in [
        ("{name: other, labels: {ampora.io/placeholder: 'true'}}", true),
        ("{name: other, annotations: {ampora.io/placeholder: 'true'}}", true),
        ("{name: ampora-key}", true),
        ("{name: ampora-key, namespace: elsewhere}", false),
        ("{name: other, labels: {ampora.io/placeholder: 'false'}}", false),
    ] {
        let reasons = read(&secret(metadata)).against("ampora", "ampora-key");
        assert_eq!(!reasons.is_empty(), speaks_against, "{metadata}: {reasons:?}");
    }
}

#[test]
fn what_cannot_be_read_whole_is_not_applied_in_part() {
    for text in [
        "kind: [",
        "kind: Secret\nmetadata: {name: x}\n",
        "apiVersion: v1\nkind: Secret\n",
        "7",
    ] {
        assert!(Rendered::read(text.as_bytes().to_vec(), "ampora").is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_rendering_is_read_or_refused(text in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(rendered) = Rendered::read(text, "ampora") {
            let _ = rendered.against("ampora", "key");
            let _ = rendered.workload("ampora", "ampora-web");
            let _ = rendered.prepared("ampora", "ampora-web", "image");
        }
    }

    #[test]
    fn a_deployment_of_any_form_is_read_or_refused(object in any_json()) {
        let mut object = json!({ "spec": object });
        object["apiVersion"] = "apps/v1".into();
        object["kind"] = "Deployment".into();
        object["metadata"] = json!({ "name": "ampora-web" });
        if let Ok(rendered) = Rendered::read(object.to_string().into_bytes(), "ampora") {
            let _ = rendered.workload("ampora", "ampora-web");
            let _ = rendered.prepared("ampora", "ampora-web", "image");
        }
    }
}
