use std::fs;

use recovery::settings::{Agents, Proof, Source};

use super::*;
use crate::config::{Environment, load};

const SITE: &str = r#"
[oidc]
issuer = "https://login.example.org"
client_id = "muster"

[[deployment]]
name = "prod"
database.url_file = "reader"
restore.admin_url_file = "restore"
schema.heartbeat.table = "beats"
master_key = { manager = "file", dir = "/keys" }
tls.endpoint = "ampora.example.org:443"
source = [
  { kind = "pgbackrest", name = "here", stanza = "main" },
  { kind = "pgbackrest", name = "there", stanza = "main", transport = "ssh", host = "postgres@db1" },
  { kind = "pgbackrest", name = "pod", stanza = "main", transport = "kubectl", host = "db-0" },
  { kind = "dumps", name = "nightly", location = "file:///srv/dumps", timezone = "Europe/Zurich" },
  { kind = "dumps", name = "bucket", location = "s3://backups/dumps", timezone = "UTC" },
]
"#;

fn config(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("muster.toml");
    fs::write(&path, text).unwrap();
    load(Some(&path), &Environment::default()).unwrap().config
}

/// Secrets lie in files that don't exist, so a process that needs none of them must not look.
#[test]
fn a_process_reads_the_credentials_of_its_reach_and_no_others() {
    let config = config(SITE);
    let pages = settings(&config, Reach::Pages).unwrap();
    assert!(pages.deployments[0].database.is_none() && pages.deployments[0].restore.is_none());
    let refused = |reach| format!("{:#}", settings(&config, reach).unwrap_err());
    assert!(
        refused(Reach::Observe).contains("database.url"),
        "{}",
        refused(Reach::Observe)
    );

    let written = SITE.replace(
        "database.url_file = \"reader\"",
        "database.url = \"postgres://r:correct-horse@db/ampora\"",
    );
    let config = self::config(&written);
    let observing = settings(&config, Reach::Observe).unwrap();
    let database = observing.deployments[0].database.as_ref().unwrap();
    assert_eq!(database.options.get_host(), "db");
    assert!(observing.deployments[0].restore.is_none());
    let refused = format!("{:#}", settings(&config, Reach::Restore).unwrap_err());
    assert!(
        refused.contains("admin_url") && !refused.contains("correct-horse"),
        "{refused}"
    );
}

#[test]
fn what_cannot_be_read_is_handed_on_by_name() {
    let config = config(SITE);
    let deployment = settings(&config, Reach::Pages).unwrap().deployments.remove(0);
    let kinds: Vec<_> = deployment
        .sources
        .iter()
        .map(|source| (source.name(), source.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("here", "pgbackrest"),
            ("there", "pgbackrest"),
            ("pod", "pgbackrest"),
            ("nightly", "dumps"),
            ("bucket", "dumps"),
        ]
    );
    let Source::Dumps(dumps) = &deployment.sources[3] else {
        panic!("a folder of dumps")
    };
    assert_eq!(dumps.zone.map(|zone| zone.name()), Some("Europe/Zurich"));
    let endpoint = deployment.tls.expect("configured").endpoint.expect("configured");
    assert_eq!((endpoint.host.as_str(), endpoint.port), ("ampora.example.org", 443));
}

#[test]
fn a_bucket_s_credentials_are_read_where_it_is_looked_at() {
    let keys = "access_key_id = \"AKIAEXAMPLE\", secret_access_key_file = \"missing\", ";
    let site = SITE.replace("name = \"bucket\", ", &format!("name = \"bucket\", {keys}"));
    let config = config(&site.replace("database.url_file = \"reader\"\n", ""));
    let bucket = |reach| {
        settings(&config, reach)
            .unwrap()
            .deployments
            .remove(0)
            .sources
            .remove(4)
    };
    let Source::Dumps(dumps) = bucket(Reach::Pages) else {
        panic!("pages only name it")
    };
    assert_eq!(dumps.place.whereabouts(), "s3://backups/dumps");
    assert_eq!(dumps.scratch.root, config.data_dir.join("scratch"));
    let Source::Unusable { name, reason, .. } = bucket(Reach::Observe) else {
        panic!("it can’t be read without")
    };
    assert!(name == "bucket" && reason.contains("secret_access_key"), "{reason}");
}

#[test]
fn a_tool_elsewhere_is_called_through_ssh_or_kubectl() {
    let site = format!("{SITE}\n[deployment.kubernetes]\ncontext = \"prod\"\nnamespace = \"databases\"\n");
    let deployment = settings(&config(&site), Reach::Pages).unwrap().deployments.remove(0);
    let lines: Vec<_> = deployment
        .sources
        .iter()
        .filter_map(|source| match source {
            Source::PgBackRest(stanza) => Some(stanza.tool.invoke(["info"]).command_line()),
            _ => None,
        })
        .collect();
    assert_eq!(lines[0], "pgbackrest info");
    assert!(
        lines[1].starts_with("ssh -o BatchMode=yes") && lines[1].ends_with(" -- postgres@db1 'pgbackrest' 'info'"),
        "{}",
        lines[1]
    );
    assert_eq!(
        lines[2],
        "kubectl --context=prod exec -n databases db-0 -- pgbackrest info"
    );
}

#[test]
fn a_half_named_heartbeat_gets_the_usual_other_half() {
    let written = config(SITE);
    let schema = ampora::schema(&written.deployments[0].schema);
    assert_eq!(
        schema.heartbeat.map(|column| column.name()).as_deref(),
        Some("beats.BeatUtc")
    );
    assert_eq!(schema.audit.table, "audit_events");
}

#[test]
fn values_are_never_read_where_only_metadata_is_allowed() {
    let text = SITE.replace("dir = \"/keys\"", "dir = \"/keys\", proof = \"metadata\"");
    let deployment = settings(&config(&text), Reach::Pages).unwrap().deployments.remove(0);
    assert_eq!(deployment.master_key.unwrap().proof, Proof::Metadata);
}

#[test]
fn the_public_address_is_a_host_of_its_own() {
    let with = |url: &str| public_url(&config(&format!("public_url = \"{url}\"\n{SITE}")));
    assert_eq!(
        with("https://muster.example.org").unwrap().as_str(),
        "https://muster.example.org/"
    );
    assert!(with("https://example.org/muster").is_err());
    assert_eq!(public_url(&config(SITE)).unwrap().as_str(), "http://127.0.0.1:8080/");
}

#[test]
fn an_overlay_is_applied_only_where_both_ends_are_named() {
    let agents = |more: &str| {
        let text = format!(
            "[oidc]\nissuer = \"https://login.example.org\"\nclient_id = \"muster\"\n[[deployment]]\nname = \"prod\"\n\
             sandbox.launcher.kubernetes = {{ overlay = \"/srv/overlay\", namespace = \"muster-drill\"{more} }}\n"
        );
        drills::agents(&config(&text).deployments[0].sandbox)
    };
    for some in [
        "",
        ", agents = \"a:1\", database = \"192.0.2.5:15432\"",
        ", from = \"192.0.2.5\"",
    ] {
        let Agents::Not(why) = agents(some) else {
            panic!("{some}");
        };
        assert!(why.contains("agents, database and from"), "{why}");
    }
    let whole = agents(", agents = \"a:1\", database = \"192.0.2.5:15432\", from = \"192.0.2.5\"");
    let Agents::InCluster(overlaid) = whole else {
        panic!("{whole:?}");
    };
    assert_eq!(overlaid.openings.from, "192.0.2.5/32");
    assert_eq!(overlaid.openings.database.port(), 15432);
}

#[test]
fn drills_copy_an_rds_instance_only_where_a_table_says_so() {
    let rds = |drill: &str| {
        let source = format!(
            "source = [\n  {{ kind = \"rds\", name = \"managed\", instance = \"ampora\", region = \"eu-central-1\"{drill} }},"
        );
        let deployment = settings(&config(&SITE.replace("source = [", &source)), Reach::Pages);
        deployment.unwrap().deployments.remove(0).drills.managed
    };
    assert!(rds("").is_empty());
    let empty = &rds(", drill = {}")["managed"];
    assert_eq!((&empty.class, &empty.security_groups), (&None, &None));
    let told = &rds(", drill = { class = \"db.t4g.medium\", security_groups = [\"sg-1\"] }")["managed"];
    assert_eq!(told.class.as_deref(), Some("db.t4g.medium"));
    assert_eq!(told.security_groups.as_deref(), Some(&["sg-1".to_owned()][..]));
}
