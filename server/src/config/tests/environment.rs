//! `MUSTER__A__B` and its short forms.

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::*;

#[test]
fn variables_win_over_the_file_and_are_typed_by_the_schema() {
    let variables = [
        ("MUSTER__LISTEN", "127.0.0.1:9999"),
        ("MUSTER__APPROVALS__QUORUM", "4"),
        ("MUSTER__APPROVALS__OPERATORS_APPROVE", "false"),
        ("MUSTER__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("MUSTER__NOTIFY__SMTP__HOST", ""),
        ("PATH", "/bin"),
    ];
    let config = read_with("listen = \"127.0.0.1:1\"\n[approvals]\nquorum = 2", &variables)
        .unwrap()
        .config;
    assert_eq!(config.listen.port(), 9999);
    assert_eq!(config.approvals.quorum.people(), 4);
    assert!(!config.approvals.operators_approve);
    assert_eq!(config.trusted_proxies.len(), 1);
    assert!(config.notify.smtp.is_none(), "an empty variable counts as not set");
}

#[test]
fn short_names_set_address_and_place_and_long_ones_win() {
    let config = read_with(
        "",
        &[("MUSTER_LISTEN", "127.0.0.1:1111"), ("MUSTER_DATA_DIR", "/srv/muster")],
    )
    .unwrap()
    .config;
    assert_eq!(
        (config.listen.port(), config.data_dir.as_path()),
        (1111, Path::new("/srv/muster"))
    );
    let config = read_with(
        "",
        &[
            ("MUSTER_LISTEN", "127.0.0.1:1111"),
            ("MUSTER__LISTEN", "127.0.0.1:2222"),
        ],
    )
    .unwrap()
    .config;
    assert_eq!(config.listen.port(), 2222);
}

#[test]
fn mistakes_name_the_variable() {
    let cases = [
        (
            "MUSTER__APPROVALS__QUORUM",
            "1",
            "MUSTER__APPROVALS__QUORUM: approvals.quorum is 1 and needs at least 2",
        ),
        (
            "MUSTER__APPROVALS__QUORUM",
            "two",
            "MUSTER__APPROVALS__QUORUM: approvals.quorum needs a whole number, not a text",
        ),
        (
            "MUSTER__APPROVALS__QUORUN",
            "2",
            "MUSTER__APPROVALS__QUORUN: sets \"quorun\", which is unknown: did you mean quorum?",
        ),
        (
            "MUSTER__OIDK__ISSUER",
            "x",
            "MUSTER__OIDK__ISSUER: sets \"oidk\", which is unknown: did you mean oidc?",
        ),
        (
            "MUSTER__DEPLOYMENT__0__NAME",
            "x",
            "MUSTER__DEPLOYMENT__0__NAME: reaches into a list of tables",
        ),
        ("MUSTER__OIDC", "x", "MUSTER__OIDC: names a table"),
        (
            "MUSTER__LISTEN__PORT",
            "1",
            "MUSTER__LISTEN__PORT: leads below a key that is no table",
        ),
    ];
    for (name, value, expected) in cases {
        let refusal = refused_with("", &[(name, value)]);
        assert!(refusal.contains(expected), "{name} → {refusal}");
    }
}

#[test]
fn a_secret_from_the_environment_replaces_the_file_s_however_it_is_spelled() {
    let text = "[database]\nurl_file = \"/nowhere\"";
    let url = "postgres://muster@localhost/muster";
    let config = read_with(text, &[("MUSTER__DATABASE__URL", url)]).unwrap().config;
    assert_eq!(config.database.url.unwrap().read().unwrap().expose_secret(), url);
    let both = [("MUSTER__DATABASE__URL", url), ("MUSTER__DATABASE__URL_FILE", "/x")];
    assert!(refused_with("", &both).contains("url and url_file are given; keep one of them"));
}
