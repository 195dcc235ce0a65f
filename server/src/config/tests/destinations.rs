//! Places for keys: each delivery needs one of its own, in a manager that Muster writes to.

use super::*;
use crate::config::deployment::Manager;

fn destination(rest: &str) -> String {
    format!("{SMALL}[[deployment.key_destination]]\nname = \"new\"\n{rest}")
}

#[test]
fn the_name_of_a_request_leads_to_a_place_of_its_own() {
    let text = destination("manager = \"file\"\ndir = \"/srv/{name}/keys-{name}\"\n");
    let config = accepted(&text);
    let destination = &config.deployments[0].key_destinations[0];
    let Manager::File(folder) = destination.manager_of("dr-1") else {
        panic!("a folder")
    };
    assert_eq!(folder.dir, std::path::Path::new("/srv/dr-1/keys-dr-1"));
}

#[test]
fn what_could_never_take_a_key_is_refused() {
    let vault = "manager = \"vault\"\naddress = \"https://v.example\"\ntoken = \"t\"\n";
    let cases = [
        (
            "manager = \"file\"\ndir = \"/srv/keys\"\n".to_owned(),
            "key_destination[0].dir has no {name} in it",
        ),
        (
            format!("{vault}path = \"ampora\"\n"),
            "key_destination[0].path has no {name} in it",
        ),
        (
            "manager = \"aws\"\nsecret_id = \"ampora\"\nregion = \"x\"\n".to_owned(),
            "key_destination[0].secret_id has no {name} in it",
        ),
        (
            "manager = \"gcp\"\nproject = \"p\"\nsecret = \"{name}\"\n".to_owned(),
            "key_destination[0].manager is one that Muster only reads",
        ),
        (
            "manager = \"azure\"\nvault_url = \"https://a.vault.azure.net\"\nsecret = \"{name}\"\n".to_owned(),
            "key_destination[0].manager is one that Muster only reads",
        ),
        (
            "manager = \"kubernetes\"\nsecret = \"k-{name}\"\n".to_owned(),
            "key_destination[0].field is missing",
        ),
        (
            format!("{vault}path = \"{{name}}\"\nencoding = \"raw\"\n"),
            "key_destination[0].encoding can't be raw",
        ),
        (
            "manager = \"file\"\ndir = \"/{name}\"\nfield = \"k\"\nencoding = \"raw\"\n".to_owned(),
            "key_destination[0].encoding can't be raw",
        ),
        (
            "manager = \"file\"\ndirr = \"/{name}\"\n".to_owned(),
            "key_destination[0].dirr is unknown",
        ),
    ];
    for (rest, expected) in cases {
        let refusal = refused(&destination(&rest));
        assert!(refusal.contains(expected), "{rest}\n→ {refusal}");
    }
    let twice = destination("manager = \"file\"\ndir = \"/{name}\"\n");
    let again = "[[deployment.key_destination]]\nname = \"new\"\nmanager = \"file\"\ndir = \"/b/{name}\"\n";
    assert!(refused(&format!("{twice}{again}")).contains("\"new\" is the name of an earlier destination too"));
}
