//! Where dumps lie, and with whose credentials they are read.

use super::*;

fn source(rest: &str) -> String {
    format!("{SMALL}[[deployment.source]]\nname = \"s\"\nkind = \"dumps\"\ntimezone = \"UTC\"\n{rest}")
}

#[test]
fn each_kind_of_place_has_keys_of_its_own() {
    let cases = [
        (
            "location = \"file:///srv\"\nregion = \"x\"",
            "source[0].region is for s3:// alone; this location is file://",
        ),
        (
            "location = \"file:///srv\"\nendpoint_url = \"https://x\"",
            "source[0].endpoint_url is for s3://, gs://, az:// alone",
        ),
        (
            "location = \"gs://b\"\naccess_key_id = \"x\"\nsecret_access_key = \"y\"",
            "access_key_id is for s3:// alone",
        ),
        (
            "location = \"s3://b\"\nservice_account = \"x.json\"",
            "service_account is for gs:// alone; this location is s3://",
        ),
        ("location = \"s3://b\"\naccount = \"x\"", "account is for az:// alone"),
        (
            "location = \"gs://b\"\naccount_key_env = \"X\"",
            "account_key is for az:// alone",
        ),
        (
            "location = \"s3://b\"\nsas_token_file = \"x\"",
            "sas_token is for az:// alone",
        ),
        (
            "location = \"s3://b\"\naccess_key_id = \"x\"",
            "access_key_id and secret_access_key go together",
        ),
        (
            "location = \"az://c\"",
            "source[0].account is missing: name the storage account",
        ),
        (
            "location = \"az://c\"\naccount = \"a\"\naccount_key = \"k\"\nsas_token = \"t\"",
            "sas_token is one credential too many",
        ),
        (
            "location = \"az://c\"\naccount = \"a\"\nendpoint_url = \"http://blob.example.org\"",
            "endpoint_url needs https://; over http:// anybody on the way could take the credentials",
        ),
        (
            "location = \"ftp://x/y\"",
            "location needs file:///an/absolute/folder, s3://bucket/prefix, gs://",
        ),
        (
            "location = \"s3://id:secret@b/x\"",
            "location needs file:///an/absolute/folder",
        ),
    ];
    for (rest, expected) in cases {
        let refusal = refused(&source(rest));
        assert!(refusal.contains(expected), "{rest}\n→ {refusal}");
        assert!(!refusal.contains("id:secret"), "{refusal}");
    }
}

#[test]
fn what_is_read_in_the_open_is_warned_of() {
    let warned = |rest: &str| {
        let loaded = read(&source(rest)).unwrap();
        loaded
            .warnings
            .iter()
            .map(|note| format!("{note}\n"))
            .collect::<String>()
    };
    let open = warned("location = \"s3://b\"\nendpoint_url = \"http://minio.example.org:9000\"");
    assert!(
        open.contains("endpoint_url with http:// anybody on the way can read the dumps"),
        "{open}"
    );
    let here = warned("location = \"s3://b\"\nendpoint_url = \"http://127.0.0.1:9000\"");
    assert!(!here.contains("http://"), "{here}");
    let without = read(&source("location = \"file:///srv\"").replace("timezone = \"UTC\"\n", "")).unwrap();
    assert!(
        without
            .warnings
            .iter()
            .any(|note| note.to_string().contains("timezone is missing"))
    );
}
