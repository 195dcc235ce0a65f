//! cert-manager's Certificate and issuer against the saved manifests and the served certificate.

use adapters::kubernetes::{CertManagerReading, CertManagerSettings, SavedIssuer};
use adapters::tls::{Endpoint, TlsReading, TlsSettings, read};
use domain::status::Status;
use testkit::certificates::Issued;
use testkit::tls::TlsEndpoint;

use super::*;

const NAME: &str = "ampora.example.org";

fn in_days(count: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(count)
}

fn certificate(issuer: Value, from: i64, to: i64) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": { "name": "ampora-tls", "namespace": "ampora" },
        "spec": { "secretName": "ampora-tls", "dnsNames": [NAME], "issuerRef": issuer },
        "status": {
            "notBefore": in_days(from).to_rfc3339(),
            "notAfter": in_days(to).to_rfc3339(),
            "renewalTime": in_days(to - 30).to_rfc3339(),
            "conditions": [{ "type": "Ready", "status": "True", "message": "Certificate is up to date" }],
        },
    })
}

fn acme_issuer() -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": { "name": "letsencrypt" },
        "spec": { "acme": {
            "server": "https://acme.example.org/directory",
            "email": "ops@example.org",
            "privateKeySecretRef": { "name": "letsencrypt-account" },
            "solvers": [{ "http01": { "ingress": { "ingressClassName": "nginx" } } }],
        } },
        "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
    })
}

/// The same as it lies in Git: other order, comments, a neighbour.
const SAVED: &str = "\
# issuers of the cluster
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
---
kind: ClusterIssuer
metadata:
  name: letsencrypt
spec:
  acme:
    solvers:
      - http01: {ingress: {ingressClassName: nginx, serviceType: null}}
    privateKeySecretRef: {name: letsencrypt-account}
    email: ops@example.org
    server: https://acme.example.org/directory
apiVersion: cert-manager.io/v1
---
";

fn acme() -> Value {
    json!({ "name": "letsencrypt", "kind": "ClusterIssuer", "group": "cert-manager.io" })
}

impl Site {
    async fn with_cert_manager() -> Self {
        let site = Self::new().await;
        site.api.install_cert_manager();
        site.api.put(certificate(acme(), -1, 89));
        site.api.put(acme_issuer());
        fs::write(site.path("issuers.yaml"), SAVED).unwrap();
        site
    }

    fn settings(&self) -> CertManagerSettings {
        CertManagerSettings {
            certificate: "ampora-tls".into(),
            namespace: "ampora".into(),
            saved_issuer: Some(self.path("issuers.yaml")),
        }
    }

    async fn ask(&self) -> CertManagerReading {
        CertManagerReading::read(Some(&self.cluster().await), &self.settings()).await
    }

    async fn probe(&self, leaf: &Issued, at: DateTime<Utc>) -> TlsReading {
        let endpoint = TlsEndpoint::start(leaf, &[]).await;
        let roots = self.path("roots.pem");
        fs::write(&roots, leaf.pem()).unwrap();
        let settings = TlsSettings {
            endpoint: Some(Endpoint::new("127.0.0.1", endpoint.address.port())),
            server_name: Some(NAME.into()),
            roots: Some(roots),
            cert_manager: Some(self.settings()),
            ..TlsSettings::default()
        };
        let cluster = self.cluster().await;
        let reading = tokio::spawn(async move { read(&settings, Some(&cluster), at).await });
        reading.await.unwrap().unwrap()
    }
}

fn saved(reading: &CertManagerReading) -> &SavedIssuer {
    &reading.issuer.as_ref().unwrap().saved
}

#[tokio::test]
async fn an_issuer_that_is_saved_as_it_is_is_ok() {
    let site = Site::with_cert_manager().await;
    let reading = site.ask().await;
    assert_eq!(
        (reading.status, saved(&reading)),
        (Status::Ok, &SavedIssuer::Same),
        "{}",
        reading.detail
    );
    assert_eq!(
        (reading.secret.as_deref(), reading.ready),
        (Some("ampora-tls"), Some(true))
    );
    assert_eq!(reading.renewal_time, Some(in_days(59)));
    let issuer = reading.issuer.as_ref().unwrap();
    assert_eq!(issuer.account_secret.as_deref(), Some("letsencrypt-account"));
    site.assert_only_read();
    assert!(
        site.api
            .requests()
            .iter()
            .all(|request| !request.path.contains("secrets")),
        "Secrets hold private keys"
    );

    fs::create_dir(site.path("manifests")).unwrap();
    fs::rename(site.path("issuers.yaml"), site.path("manifests/issuers.yml")).unwrap();
    fs::write(site.path("manifests/chart.yaml"), "name: {{ .Values.name }}\n- [").unwrap();
    fs::write(site.path("manifests/notes.txt"), "no manifest").unwrap();
    fs::rename(site.path("manifests"), site.path("issuers.yaml")).unwrap();
    assert_eq!(saved(&site.ask().await), &SavedIssuer::Same, "a folder does as well");
}

#[tokio::test]
async fn an_issuer_that_was_changed_or_never_saved_is_broken() {
    let site = Site::with_cert_manager().await;
    let mut changed = acme_issuer();
    changed["spec"]["acme"]["solvers"][0]["http01"]["ingress"]["ingressClassName"] = "traefik".into();
    site.api.put(changed);
    let reading = site.ask().await;
    let at = "spec.acme.solvers[0].http01.ingress.ingressClassName".to_owned();
    assert_eq!(
        (reading.status, saved(&reading)),
        (Status::Broken, &SavedIssuer::Differs { at })
    );
    assert!(
        reading
            .detail
            .starts_with("ClusterIssuer letsencrypt isn’t what is saved"),
        "{}",
        reading.detail
    );

    fs::write(site.path("issuers.yaml"), "{\"kind\": \"ConfigMap\"}").unwrap();
    let reading = site.ask().await;
    assert_eq!(
        (reading.status, saved(&reading)),
        (Status::Broken, &SavedIssuer::Missing)
    );
    fs::remove_file(site.path("issuers.yaml")).unwrap();
    assert_eq!(saved(&site.ask().await), &SavedIssuer::Missing);
}

#[tokio::test]
async fn what_isnt_configured_or_cant_be_read_is_unknown() {
    let site = Site::with_cert_manager().await;
    let not_configured = CertManagerSettings {
        saved_issuer: None,
        ..site.settings()
    };
    let reading = CertManagerReading::read(Some(&site.cluster().await), &not_configured).await;
    assert_eq!(
        (reading.status, saved(&reading)),
        (Status::Unknown, &SavedIssuer::NotConfigured)
    );

    fs::write(
        site.path("issuers.yaml"),
        "kind: {{ .Values.kind }}\npassword: hunter2\n- [",
    )
    .unwrap();
    let reading = site.ask().await;
    assert_eq!(reading.status, Status::Unknown);
    assert!(reading.detail.contains("issuers.yaml isn’t YAML"), "{}", reading.detail);
    assert!(
        !reading.detail.contains("hunter2"),
        "a manifest may hold secrets: {}",
        reading.detail
    );

    let alone = CertManagerReading::read(None, &site.settings()).await;
    assert_eq!(
        (alone.status, alone.detail.as_str()),
        (Status::Unknown, "cert-manager: no cluster is configured")
    );
}

#[tokio::test]
async fn a_cluster_that_doesnt_answer_is_unknown_and_what_is_gone_is_broken() {
    let site = Site::new().await;
    let reading = site.ask().await;
    assert_eq!(reading.status, Status::Unknown);
    assert!(
        reading
            .detail
            .contains("doesn’t know the kind of Certificate ampora/ampora-tls"),
        "{}",
        reading.detail
    );

    let site = Site::with_cert_manager().await;
    site.api.forbid("clusterissuers");
    let reading = site.ask().await;
    assert_eq!(reading.status, Status::Unknown);
    assert!(
        reading
            .detail
            .contains("User \"muster\" cannot get resource \"clusterissuers\""),
        "{}",
        reading.detail
    );

    let site = Site::with_cert_manager().await;
    site.api.remove("clusterissuers", None, "letsencrypt");
    let reading = site.ask().await;
    assert_eq!((reading.status, reading.issuer), (Status::Broken, None));
    assert!(
        reading
            .detail
            .starts_with("cert-manager: the cluster has no ClusterIssuer letsencrypt"),
        "{}",
        reading.detail
    );
    site.api.remove("certificates", Some("ampora"), "ampora-tls");
    assert_eq!(site.ask().await.status, Status::Broken);
    let cluster = site.cluster().await;
    site.api.stop();
    let down = CertManagerReading::read(Some(&cluster), &site.settings()).await;
    assert_eq!(down.status, Status::Unknown, "{}", down.detail);
}

#[tokio::test]
async fn answers_of_another_shape_are_unknown() {
    let site = Site::with_cert_manager().await;
    let bare = json!({ "apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": { "name": "ampora-tls", "namespace": "ampora" } });
    site.api.put(bare.clone());
    let reading = site.ask().await;
    assert_eq!(reading.status, Status::Unknown);
    assert!(
        reading.detail.contains("doesn’t say by whom it is issued"),
        "{}",
        reading.detail
    );

    let mut odd = bare;
    odd["spec"] = json!({ "secretName": 7, "dnsNames": [NAME, null], "issuerRef": { "name": "x", "group": "awspca.cert-manager.io" } });
    odd["status"] = json!({ "notAfter": "soon", "conditions": { "Ready": true } });
    site.api.put(odd);
    let reading = site.ask().await;
    assert_eq!((reading.status, reading.not_after), (Status::Unknown, None));
    assert!(
        reading
            .detail
            .contains("Issuer x of awspca.cert-manager.io, which Muster doesn’t read"),
        "{}",
        reading.detail
    );

    site.api.say("certificates", StatusCode::OK, "no json");
    assert_eq!(site.ask().await.status, Status::Unknown);
}

#[tokio::test]
async fn an_authority_needs_its_key_saved_beside_it() {
    let site = Site::with_cert_manager().await;
    let issuer = json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Issuer",
        "metadata": { "name": "corporate", "namespace": "ampora" },
        "spec": { "ca": { "secretName": "corporate-ca" } },
        "status": { "conditions": [{ "type": "Ready", "status": "False", "message": "secret not found" }] },
    });
    site.api.put(issuer);
    site.api.put(certificate(json!({ "name": "corporate" }), -1, 89));
    let text = "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: corporate}\nspec: {ca: {secretName: corporate-ca}}\n";
    fs::write(site.path("issuers.yaml"), text).unwrap();
    let reading = site.ask().await;
    assert_eq!(
        (reading.status, saved(&reading)),
        (Status::Broken, &SavedIssuer::WithoutKey)
    );
    assert!(
        reading
            .detail
            .starts_with("Issuer corporate isn’t ready: secret not found"),
        "{}",
        reading.detail
    );
    let sealed = format!("{text}---\nkind: SealedSecret\nmetadata: {{name: corporate-ca}}\n");
    fs::write(site.path("issuers.yaml"), sealed).unwrap();
    assert_eq!(saved(&site.ask().await), &SavedIssuer::Same);
}

#[tokio::test]
async fn the_endpoint_must_serve_what_cert_manager_keeps() {
    let site = Site::with_cert_manager().await;
    let kept = Issued::self_signed(&[NAME], (in_days(-1), in_days(89)));
    let reading = site.probe(&kept, now()).await;
    assert_eq!(reading.status, Status::Ok, "{}", reading.detail);
    assert!(
        reading.detail.contains("it is cert-manager’s ampora/ampora-tls"),
        "{}",
        reading.detail
    );

    let forgotten = Issued::self_signed(&[NAME], (in_days(-80), in_days(10)));
    let reading = site.probe(&forgotten, now()).await;
    assert_eq!(reading.status, Status::Broken);
    assert!(
        reading
            .detail
            .starts_with("the endpoint doesn’t serve cert-manager’s ampora/ampora-tls"),
        "{}",
        reading.detail
    );

    site.api.put(certificate(acme(), 0, 90));
    let reading = site.probe(&forgotten, now() + TimeDelta::minutes(5)).await;
    assert_eq!(
        reading.status,
        Status::Unknown,
        "a renewal takes its time: {}",
        reading.detail
    );
}
