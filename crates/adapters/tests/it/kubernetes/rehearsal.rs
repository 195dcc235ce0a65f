//! Namespaces of drills: made once, cut off first, and deleted only by whose they are.

use adapters::kubernetes::{KubernetesError, KubernetesSettings, Openings, Rehearsal, leftovers};
use domain::ids::DrillId;
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Site;

const DRILL: DrillId = DrillId(Uuid::from_u128(7 << 100));

fn settings(site: &Site) -> KubernetesSettings {
    KubernetesSettings {
        kubeconfig: Some(site.api.kubeconfig(site.folder.path())),
        context: None,
    }
}

async fn rehearsal(site: &Site) -> Rehearsal {
    Rehearsal::of(&settings(site), "muster-drill", DRILL).await.unwrap()
}

fn openings() -> Openings {
    Openings {
        from: "192.0.2.5/32".into(),
        database: "192.0.2.5:15432".parse().unwrap(),
    }
}

#[tokio::test]
async fn it_is_cut_off_before_anything_is_in_it_and_goes_with_all_that_is() {
    let site = Site::new().await;
    let rehearsal = rehearsal(&site).await;
    assert!(!rehearsal.remove().await.unwrap(), "there is none yet");
    rehearsal.make(&openings()).await.unwrap();
    let path = format!("/api/v1/namespaces/{}", rehearsal.namespace());
    let labels = site.api.object(&path).unwrap()["metadata"]["labels"].clone();
    assert_eq!(labels["muster/drill"], DRILL.to_string());
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "baseline");
    let policy = format!(
        "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies/muster-drill",
        rehearsal.namespace()
    );
    let policy = site.api.object(&policy).unwrap();
    assert_eq!(policy["spec"]["policyTypes"], json!(["Ingress", "Egress"]));
    assert_eq!(policy["spec"]["egress"][0]["to"][0]["ipBlock"]["cidr"], "192.0.2.5/32");
    let again = rehearsal.make(&openings()).await;
    assert!(
        matches!(again, Err(KubernetesError::Refused { code: 409, .. })),
        "{again:?}"
    );

    let value = Zeroizing::new(b"a key of nobody".to_vec());
    rehearsal.hand_over(&[("master-key", value)]).await.unwrap();
    let secret = format!("{path}/secrets/muster-drill");
    assert_eq!(site.api.object(&secret).unwrap()["immutable"], true);
    let left = leftovers(&settings(&site)).await.unwrap();
    assert_eq!(
        (left.len(), left[0].drill, left[0].base()),
        (1, DRILL, Some("muster-drill"))
    );
    assert!(rehearsal.remove().await.unwrap());
    assert!(site.api.object(&path).is_none() && site.api.object(&secret).is_none());
}

#[tokio::test]
async fn what_does_not_carry_the_labels_of_the_drill_is_never_deleted() {
    let site = Site::new().await;
    let rehearsal = rehearsal(&site).await;
    let another = DrillId(Uuid::from_u128(8)).to_string();
    for labels in [
        json!({}),
        json!({ "muster/drill": DRILL.to_string() }),
        json!({ "app.kubernetes.io/managed-by": "muster-drill" }),
        json!({ "app.kubernetes.io/managed-by": "muster-drill", "muster/drill": "7" }),
        json!({ "app.kubernetes.io/managed-by": "muster-drill", "muster/drill": another }),
        json!({ "app.kubernetes.io/managed-by": "somebody", "muster/drill": DRILL.to_string() }),
    ] {
        site.api
            .put(json!({ "kind": "Namespace", "metadata": { "name": rehearsal.namespace(), "labels": labels } }));
        let refused = rehearsal.remove().await;
        assert!(
            matches!(refused, Err(KubernetesError::NotOurs(_))),
            "{labels}: {refused:?}"
        );
    }
    assert!(site.api.requests().iter().all(|request| request.method != "DELETE"));
}
