//! Ampora brought up on a new cluster.

use domain::ids::{Big, Sha256};
use domain::plan::{
    Change, Confirmer, Delivery, FullDisaster, Holds, Manifests, NewCluster, Pinned, Plan, RestoreDump, RetrieveKey,
    Step,
};

use super::plans::{placed, restore};
use crate::pages::overview::samples::HOSTILE;

/// With a dump and a key of other samples.
pub fn disaster() -> Plan {
    let (dump, key) = (restore(), placed());
    let (Pinned::RestoreDump(database), Pinned::RetrieveKey(key)) = (dump.pinned, key.pinned) else {
        unreachable!("samples are of their kinds");
    };
    Plan {
        pinned: Pinned::from(pinned(*database, key)),
        advisory: dump.advisory,
        made_at: dump.made_at,
    }
}

fn pinned(database: RestoreDump, key: RetrieveKey) -> FullDisaster {
    assert!(matches!(key.delivery, Delivery::Placed(_)), "a sample of a place");
    let change = |object: &str, new, lines: &[&str]| Change {
        object: object.into(),
        new,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    FullDisaster {
        deployment: database.deployment.clone(),
        cluster: NewCluster {
            cluster: "https://10.0.0.9:6443".into(),
            namespace: "ampora".into(),
            name: "Deployment ampora/ampora-web".into(),
            replicas: 3,
            brought: "Secret ampora-database, key ConnectionStrings__Ampora".into(),
            connection: "ampora-database-ampora-restored".into(),
        },
        holds: Holds {
            tenants: Big(12),
            authorities: Big(2),
            migration_head: "20260901_AddPeers".into(),
        },
        manifests: Manifests {
            overlay: "/etc/muster/overlays/dr".into(),
            sha256: Sha256::of(&[b"rendering"]),
            image: format!("registry.example/ampora@sha256:{}", "a".repeat(64)),
            image_because: "it ran while the database was at 20260901_AddPeers".into(),
            changes: vec![
                change("Deployment ampora/ampora-web", true, &[]),
                change("Service ampora/ampora-web", false, &[]),
                change(
                    &format!("ConfigMap ampora/settings{HOSTILE}"),
                    false,
                    &[".data.Host: old.example → new.example"],
                ),
            ],
        },
        steps: vec![
            Step::new("verify", "Reads every fact of this plan again."),
            Step::new("create-database", "Makes the empty database."),
            Step::new("start-one", "Starts one pod."),
            Step::new("settle-what-was-revived", "Waits until each line is settled.").confirmed_by(Confirmer::Approver),
            Step::new("public-name", "Somebody leads the public name here.").confirmed_by(Confirmer::Operator),
            Step::new("start-all", "Scales to 3."),
        ],
        database,
        key,
    }
}
