//! Steps 1 and 4 to 6 of the documented list: the cluster, TLS, Ampora itself, and letting agents back.

use domain::runbook::{Block, Section, Step};
use domain::time::rfc3339;

use super::{Book, database};
use crate::by_hand::shell;

pub(super) fn new_cluster(book: &Book<'_>) -> Section {
    let (_, namespace, _) = book.kubectl();
    let steps = vec![
        Step::told(
            "Provision it",
            "From the infrastructure code: a Kubernetes cluster with ingress and cert-manager, or a machine for a binary deployment, and a PostgreSQL server of the same major version. Record each hand-made step: it is a gap in that code.",
        ),
        Step::told(
            "Make sure that it is the new one",
            "Every command below acts on the current context.",
        )
        .by("kubectl config current-context")
        .by(format!("kubectl create namespace {}", shell::word(&namespace))),
        Step::told("Images can be pulled from there", "By digest, not by tag.")
            .by(format!("crane manifest {} >/dev/null && echo there", image(book))),
    ];
    Section::new(
        "cluster",
        "1. A new cluster, or a new machine",
        vec![Block::Steps(steps)],
    )
}

pub(super) fn tls(book: &Book<'_>) -> Section {
    let settings = book.deployment.tls.as_ref();
    let endpoint = settings.and_then(|tls| tls.endpoint.as_ref());
    let host = endpoint.map(|endpoint| format!("{}:{}", endpoint.host, endpoint.port));
    let host = host.unwrap_or_else(|| "ampora.example:443".into());
    let mut steps = Vec::new();
    if settings.is_some_and(|tls| tls.cert_manager.is_some()) {
        steps.push(
            Step::told(
                "Let cert-manager issue it anew",
                "Apply the saved configuration of the issuer first, then the Certificate.",
            )
            .by("kubectl apply -f ISSUER.yaml && kubectl get certificate --all-namespaces"),
        );
    }
    if settings.is_some_and(|tls| tls.saved.is_some()) || steps.is_empty() {
        steps.push(
            Step::told(
                "Put the saved bundle in place",
                "Certificate, chain and key, from where they are kept.",
            )
            .by("kubectl -n NAMESPACE create secret tls ampora-tls --cert=CHAIN.pem --key=KEY.pem"),
        );
    }
    steps.push(
        Step::told("See what is served", "Name, issuer and end have to be right before agents are pointed at it.").by(format!(
            "openssl s_client -connect {0} -servername {1} </dev/null 2>/dev/null | openssl x509 -noout -subject -issuer -enddate",
            shell::word(&host),
            shell::word(host.split(':').next().unwrap_or(&host))
        )),
    );
    Section::new("tls", "4. Re-issue server TLS", vec![Block::Steps(steps)])
}

pub(super) fn apply(book: &Book<'_>) -> Section {
    let (kubectl, _, workload) = book.kubectl();
    let (workload, image) = (shell::word(&workload), image(book));
    let cluster = book.deployment.kubernetes.as_ref();
    let overlay = cluster.and_then(|cluster| Some(cluster.overlay.as_ref()?.display().to_string()));
    let overlay = shell::word(&overlay.unwrap_or_else(|| "deploy/kustomize/overlays/OVERLAY".into()));
    let blocks = vec![
        Block::Trap(
            "kubectl apply -k as it stands would put the placeholder Secret over the delivered key, and start two or three replicas at once on whatever \
             database there is. An Ampora that meets an empty database makes a new authority and gives the first login Admin."
                .into(),
        ),
        Block::Steps(vec![
            Step::told("Render, and refuse placeholders", "No rendered Secret may be the placeholder, nor have the name of the Secret that the key was delivered to.")
                .by(format!("mkdir restore && kubectl kustomize {overlay} > restore/rendered.yaml"))
                .by("! grep -n 'ampora.io/placeholder' restore/rendered.yaml   # has to find nothing; remove that Secret from the overlay otherwise")
                .by("grep -n 'kind: Secret' -A 8 restore/rendered.yaml || echo 'no Secret'"),
            Step::told("Patch: no replica, the image by digest, no migration", "Of the first container. The digest is the one that fits the backup; a newer image would migrate the copy at its first start.")
                .by(patch(&workload, &image))
                .by(format!(
                    "kubectl kustomize restore > restore/to-apply.yaml\ngrep -n 'replicas: 0' restore/to-apply.yaml && grep -nF {} restore/to-apply.yaml && \
                     grep -n AMPORA_AUTO_MIGRATE -A 1 restore/to-apply.yaml   # each has to be there; look at the rest",
                    shell::word(&format!("image: {image}"))
                ))
                .by("kubectl diff -f restore/to-apply.yaml   # ends with 1 where something differs"),
            Step::told("Apply it with no replica", "Then the key’s fingerprint is read back once more, as in step 3.")
                .by("kubectl apply -f restore/to-apply.yaml")
                .by(format!("{kubectl} get deploy/{workload} -o jsonpath='{{.spec.replicas}} {{.spec.template.spec.containers[*].image}}{{\"\\n\"}}'")),
            database::gate(book),
            Step::told("Only now: one replica", "Look at its log for errors of decryption before the second one.")
                .by(format!("{kubectl} scale deploy/{workload} --replicas=1 && {kubectl} rollout status deploy/{workload}"))
                .by(format!("{kubectl} logs deploy/{workload} --tail=200 | grep -iE 'decrypt|migrat|authority|error'")),
        ]),
    ];
    Section::new("apply", "5. Apply Ampora’s manifests", blocks)
}

/// Writes a kustomization of what was rendered. It changes the one Deployment: `kubectl patch --local` would write the same into every
/// object. The field is the one that kubectl of any age knows.
fn patch(workload: &str, image: &str) -> String {
    format!(
        "cat > restore/kustomization.yaml <<'YAML'\n\
         resources: [rendered.yaml]\n\
         patchesJson6902:\n\
         - target: {{group: apps, version: v1, kind: Deployment, name: {workload}}}\n  path: patch.yaml\n\
         YAML\n\
         cat > restore/patch.yaml <<'YAML'\n\
         - {{op: add, path: /spec/replicas, value: 0}}\n\
         - {{op: add, path: /spec/template/spec/containers/0/image, value: \"{image}\"}}\n\
         - {{op: add, path: /spec/template/spec/containers/0/env/-, value: {{name: AMPORA_AUTO_MIGRATE, value: \"0\"}}}}\n\
         YAML"
    )
}

/// By digest where it is known.
fn image(book: &Book<'_>) -> String {
    let running = book.images().and_then(Result::ok).and_then(|reading| {
        let digest = reading.running_digest()?;
        let name = reading.image.reference.split(['@']).next().unwrap_or_default();
        let name = name
            .rsplit_once(':')
            .filter(|(_, tag)| !tag.contains('/'))
            .map_or(name, |(name, _)| name);
        Some(format!("{name}@{digest}"))
    });
    running.unwrap_or_else(|| "REGISTRY/ampora@sha256:DIGEST".into())
}

pub(super) fn validate(book: &Book<'_>) -> Section {
    let (kubectl, _, workload) = book.kubectl();
    let workload = shell::word(&workload);
    let agents = book.vitals().ok().and_then(|vitals| {
        let agents = vitals.signs.agents.known().ok()?;
        Some(format!(" There were {agents} at {}.", rfc3339(vitals.read_at)))
    });
    let schema = book.deployment.schema().agents;
    let heard = format!(
        "SELECT count(*) FILTER (WHERE {seen} > now() - interval '90 seconds') AS connected, count(*) AS known FROM {table};",
        seen = adapters::postgres::quote(&schema.last_seen),
        table = adapters::postgres::relation(&schema.table)
    );
    let steps = vec![
        Step::told("First undo what came back to life", "Revoke again what was revoked after the moment that was restored, delete tokens that were redeemed since, remove peers and access tokens that were withdrawn, set role passwords anew. Agents stay out (Service, ingress, one replica) until that is done: a revoked certificate is valid again until then."),
        Step::told("Ampora opens its secrets", "Sign in; Settings, Identities shows the authority with the fingerprint above; a Git source synchronises."),
        Step::told("Let agents back in batches", "About 1 000 sessions an instance: scale up, then open the ingress step by step. They come with the certificates they have; those are signed by the authority in the restored database.")
            .by(format!("{kubectl} scale deploy/{workload} --replicas=3")),
        Step::told("Do agents reconnect?", format!("That is the test of the whole restore: the answer has to be yes.{}", agents.unwrap_or_default()))
            .by(shell::sql(&book.database(), &heard)),
        Step::told("Missing effective configurations", "Agents whose row was rewound report theirs with the next heartbeat: wait it out."),
    ];
    Section::new(
        "validate",
        "6. Ampora validates, agents come back",
        vec![Block::Steps(steps)],
    )
}

/// Where only the database is new and the cluster is the old one.
pub(super) fn other_database(book: &Book<'_>) -> Section {
    let (kubectl, _, workload) = book.kubectl();
    let (workload, database) = (shell::word(&workload), book.database());
    let fence = format!(
        "ALTER DATABASE {0} WITH ALLOW_CONNECTIONS false;\nSELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {1};",
        adapters::postgres::quote(&database),
        adapters::postgres::literal(&database)
    );
    let blocks = vec![
        Block::Trap(
            "A rolling restart lets old pods write the old database while new ones write the new one, and Argo CD or Flux may put the old address back. \
             There is no way back after the first write."
                .into(),
        ),
        Block::Steps(vec![
            Step::told("No controller puts it back", "Suspend Argo CD or Flux for this Deployment.")
                .by(format!("{kubectl} get deploy/{workload} -o yaml | grep -iE 'argocd|fluxcd|toolkit'")),
            Step::told("Stop all of it", "And wait until no pod is left.")
                .by(format!("{kubectl} scale deploy/{workload} --replicas=0 && {kubectl} wait --for=delete pod -l app={workload} --timeout=120s")),
            Step::told("Fence the old database", "On the old server, from another database. Where the server is gone: make sure that it can’t come back.").by(shell::sql("postgres", &fence)),
            Step::told("Write both connection strings into a Secret", "ConnectionStrings__Ampora and ConnectionStrings__AmporaRead, from a file that is deleted afterwards; the Deployment names the Secret by secretKeyRef. Never set env with the value: it would stand in every ReplicaSet.")
                .by(format!("{kubectl} create secret generic ampora-database --from-file=main=./main.txt --from-file=read=./read.txt && shred -u main.txt read.txt")),
            database::gate(book),
            Step::told("Start one, look, then the others", "").by(format!("{kubectl} scale deploy/{workload} --replicas=1 && {kubectl} rollout status deploy/{workload}")),
        ]),
    ];
    Section::new("repoint", "Where only the database is new", blocks)
}
