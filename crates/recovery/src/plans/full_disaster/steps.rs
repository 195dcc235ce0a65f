//! What a full disaster takes, step by step, and in which words. Those of the database and the key are the ones of their own plans. None is
//! destructive: each sets something to how it has to be, or looks.

use domain::plan::{Confirmer, FullDisaster, Step};

use crate::plans;
use crate::plans::retrieve_key::{DELIVER, READ_BACK};

pub const VERIFY: &str = "verify";
pub const CHECK_CLUSTER: &str = "check-cluster";
pub const TLS: &str = "server-tls";
pub const APPLY: &str = "apply-manifests";
pub const LEAD: &str = "write-connection";
pub const CHECK_SECRET: &str = "check-key-secret";
pub const CHECK_DATABASE: &str = "check-database";
pub const START_ONE: &str = "start-one";
pub const CHECK_ENVELOPES: &str = "check-envelopes";
pub const CHECKLIST: &str = "settle-what-was-revived";
pub const NAME: &str = "public-name";
pub const START: &str = "start-all";
pub const AGENTS: &str = "agents-back";

/// The steps in order.
pub(super) fn steps(plan: &FullDisaster) -> Vec<Step> {
    let mut steps = vec![
        Step::new(
            VERIFY,
            "Reads every fact of this plan again: the dump, the key, the manifests and the cluster.",
        ),
        Step::new(
            CHECK_CLUSTER,
            format!(
                "Makes sure that {} answers, has the namespace {}, and runs no Ampora.",
                plan.cluster.cluster, plan.cluster.namespace
            ),
        ),
    ];
    let restore = plan.database.steps.iter().filter(|step| step.name != plans::VERIFY);
    steps.extend(restore.cloned());
    let deliver = [DELIVER, READ_BACK];
    let deliver = plan
        .key
        .steps
        .iter()
        .filter(|step| deliver.contains(&step.name.as_str()));
    steps.extend(deliver.cloned());
    steps.push(
        Step::new(
            TLS,
            "Looks whether the server’s certificate for the public name is there: issued by cert-manager, or in the saved bundle.",
        )
        .confirmed_by(Confirmer::Operator),
    );
    steps.extend(bring_up(plan));
    steps.extend(open(plan));
    steps
}

/// From the manifests to the first pod.
fn bring_up(plan: &FullDisaster) -> Vec<Step> {
    let FullDisaster {
        cluster,
        manifests,
        holds,
        ..
    } = plan;
    vec![
        Step::new(
            APPLY,
            format!(
                "Renders {} again; refuses a placeholder Secret and one over the key; applies {} objects, {} with 0 replicas, image {} and \
                 AMPORA_AUTO_MIGRATE=0.",
                manifests.overlay,
                manifests.changes.len(),
                cluster.name,
                manifests.image
            ),
        )
        .running(["kubectl", "kustomize", &manifests.overlay].map(str::to_owned).into()),
        Step::new(
            LEAD,
            format!(
                "Takes Ampora’s connection string from {}, which people bring along, leads it to {} on the new server, and writes it into the \
                 new Secret {}. Role, password and options stay.",
                cluster.brought, plan.database.target.database, cluster.connection
            ),
        )
        .confirmed_by(Confirmer::Operator),
        Step::new(
            CHECK_SECRET,
            format!(
                "Reads the key’s Secret once more, after everything was applied: it still holds key {}.",
                plan.key.fingerprint.short()
            ),
        ),
        Step::new(
            CHECK_DATABASE,
            format!(
                "Reads {} before anything may start on it: {} tenants, {} certificate authorities, migration {}, which the image fits; and signs \
                 in as Ampora will.",
                plan.database.target.database, holds.tenants, holds.authorities, holds.migration_head
            ),
        ),
        Step::new(
            START_ONE,
            "Starts one pod and waits until it is ready; it must have made no certificate authority of its own.",
        ),
        Step::new(
            CHECK_ENVELOPES,
            "With Ampora running: the key in its Secret opens every sampled envelope of its database.",
        ),
    ]
}

/// From the first pod to the fleet.
fn open(plan: &FullDisaster) -> Vec<Step> {
    vec![
        Step::new(
            CHECKLIST,
            "Waits until each line of what came back to life is done, or waived by an approver. Until then there is one pod, and agents stay out.",
        )
        .confirmed_by(Confirmer::Approver),
        Step::new(
            NAME,
            "Somebody leads the public name to the new cluster: DNS, load balancer, ingress. Muster can’t do it.",
        )
        .confirmed_by(Confirmer::Operator),
        Step::new(
            START,
            format!(
                "Scales to {}, one pod after the other, each ready before the next: about 1,000 agents come back to each.",
                plan.cluster.replicas
            ),
        ),
        Step::new(
            AGENTS,
            "Looks whether agents report again: with the certificates they have, to the authority that was restored.",
        )
        .confirmed_by(Confirmer::Operator),
    ]
}
