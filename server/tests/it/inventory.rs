//! `muster inventory` over real systems, from a configuration as people write it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use testkit::certificates::Authority;
use testkit::registry::{Login, Registry};
use testkit::tls::TlsEndpoint;

use crate::place::{Place, code, error, run};

fn inventory(place: &Place) -> (i32, Value) {
    let output = run(&["inventory", "--json", "--config", &place.config()]);
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", error(&output)));
    (code(&output), document)
}

fn one<'a>(document: &'a Value, list: &str, key: &str, name: &str) -> &'a Value {
    let all = document["deployments"][0][list].as_array().expect("a list");
    let found = all.iter().find(|entry| entry[key] == name);
    found.unwrap_or_else(|| panic!("{list} has no {name}: {all:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_differs_and_ends_soon_and_an_image_that_is_gone_are_said() {
    let now = Utc::now();
    let root = Authority::root("Test root", (now - TimeDelta::days(9), now + TimeDelta::days(900)));
    let life = |days| (now - TimeDelta::days(1), now + TimeDelta::days(days));
    let (served, saved) = (
        root.issue(&["localhost"], life(5)),
        root.issue(&["localhost"], life(60)),
    );
    let endpoint = TlsEndpoint::start(&served, &[]).await;
    let registry = Registry::start(Login::Open).await;
    let (kept, lost) = (
        registry.push("ampora/web", "1.4.2").await,
        registry.push("ampora/web", "1.4.1").await,
    );
    registry.delete_manifest("ampora/web", &lost.digest).await;
    let place = Place::new(&format!(
        r#"
[[deployment]]
name = "acme"
[deployment.tls]
endpoint = "localhost:{port}"
bundle = "saved.pem"
roots = "roots.pem"
[deployment.images]
reference = "{registry}/ampora/web:1.4.2"
digest = "{kept}"
versions = [{{ digest = "{lost}", note = "wrote the March backups" }}]
[deployment.policy]
tls_expiry = "21d"
off = ["rto"]
"#,
        port = endpoint.address.port(),
        registry = registry.address(),
        kept = kept.digest,
        lost = lost.digest,
    ));
    let write = |name: &str, text: String| fs::write(place.folder.path().join(name), text).expect("our own folder");
    write("saved.pem", format!("{}{}", saved.pem(), saved.key_pem()));
    write("roots.pem", root.pem());
    let bundle = place.folder.path().join("saved.pem");
    fs::set_permissions(bundle, fs::Permissions::from_mode(0o600)).expect("our own file");

    let (code, document) = inventory(&place);
    assert_eq!(code, 1, "something is broken");
    let tls = one(&document, "artifacts", "kind", "tls");
    assert_eq!(tls["status"], "broken", "{tls}");
    let image = one(&document, "artifacts", "kind", "image");
    assert_eq!(image["status"], "broken", "{image}");
    assert!(image["detail"].as_str().expect("text").contains("March"), "{image}");
    let verdict = |rule| one(&document, "policy", "rule", rule)["verdict"].clone();
    assert_eq!(verdict("tls-expiry"), "broken");
    assert_eq!(verdict("image-pullable"), "broken");
    assert_eq!(verdict("rto"), "off");
    assert_eq!(verdict("rpo"), "unset");
    assert_eq!(
        document["deployments"][0]["policy"].as_array().expect("a list").len(),
        16
    );
    let why = &document["deployments"][0]["not_backed_up"];
    assert!(why.as_array().is_some_and(|list| list.len() == 3), "{why}");
}
