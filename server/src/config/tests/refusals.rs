//! What can't be used is refused with the full name of the key, its line, and what to write instead.

use super::*;

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one_at_each_depth() {
    let cases = [
        (
            "listn = \"127.0.0.1:1\"",
            "line 1: listn is unknown: did you mean listen?",
        ),
        (
            "[approvals]\nquorom = 2",
            "line 2: approvals.quorom is unknown: did you mean quorum?",
        ),
        (
            "[oidc.roles]\noperators = [\"a\"]\n",
            "oidc.roles.operators is unknown: did you mean operator?",
        ),
        (
            "[[deployment]]\nname = \"a\"\nregoin = \"x\"",
            "line 3: deployment[0].regoin is unknown: did you mean region?",
        ),
        (
            "[[deployment]]\nname = \"a\"\n[deployment.polcy]",
            "deployment[0].polcy is unknown: did you mean policy?",
        ),
        (
            "[[deployment]]\nname = \"a\"\n[[deployment.source]]\nkind = \"pgbackrest\"\nname = \"b\"\nstanzza = \"c\"",
            "line 6: deployment[0].source[0].stanzza is unknown: did you mean stanza?",
        ),
        (
            "[[deployment]]\nname = \"a\"\n[deployment.schema]\ntenants = { tabel = \"t\" }",
            "deployment[0].schema.tenants.tabel is unknown: did you mean table?",
        ),
        (
            "[[deployment]]\nname = \"a\"\n[deployment.master_key]\nmanager = \"file\"\ndir = \"k\"\nin_use = { kubernetes = { secret = \"s\", kye = \"k\" } }",
            "deployment[0].master_key.in_use.kubernetes.kye is unknown: did you mean key?",
        ),
        (
            "[[deployment]]\nname = \"a\"\n[deployment.master_key]\nmanager = \"file\"\ndir = \"k\"\nreplicas = [{ name = \"r\", manager = \"file\", dirr = \"x\" }]",
            "deployment[0].master_key.replicas[0].dirr is unknown: did you mean dir?",
        ),
        (
            "[notify.smtp]\nhots = \"x\"",
            "notify.smtp.hots is unknown: did you mean host?",
        ),
        (
            "[oidc]\nclient_secret_fil = \"x\"",
            "oidc.client_secret_fil is unknown: did you mean client_secret_file?",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refused(text);
        assert!(refusal.contains(expected), "{text}\n→ {refusal}");
    }
}

#[test]
fn no_table_of_the_schema_takes_an_unknown_key() {
    let tables = [
        "",
        "[database]",
        "[oidc]",
        "[oidc.roles]",
        "[approvals]",
        "[notify]",
        "[notify.webhook]",
        "[notify.smtp]",
        "[signing]",
        "[audit]",
        "[runbook]",
        "[[contact]]",
        "[[deployment]]",
    ];
    let below = [
        "database",
        "schema",
        "schema.ca",
        "envelope",
        "restore",
        "heartbeat",
        "tls",
        "images",
        "kubernetes",
        "policy",
        "sandbox",
    ];
    let nested = below.iter().map(|table| format!("{SMALL}[deployment.{table}]"));
    for header in tables.iter().map(|header| (*header).to_owned()).chain(nested) {
        let refusal = refused(&format!("{header}\nzzzz = 1"));
        assert!(
            refusal.contains("zzzz is unknown: known here: "),
            "{header} → {refusal}"
        );
    }
}

#[test]
fn a_key_in_the_wrong_table_is_told_where_it_belongs() {
    assert!(refused("quorum = 3").contains("quorum is unknown: it belongs to [approvals]"));
    assert!(
        refused("[approvals]\ndata_dir = \"x\"")
            .contains("approvals.data_dir is unknown: it belongs to the top of the file")
    );
}

#[test]
fn wrong_types_are_named_without_their_values() {
    let cases = [
        ("listen = 8080", "listen needs a text in quotes, not a whole number"),
        (
            "listen = \"localhost\"",
            "listen needs an address and a port such as 127.0.0.1:8080",
        ),
        (
            "[approvals]\nquorum = \"2\"",
            "approvals.quorum needs a whole number, not a text",
        ),
        (
            "[approvals]\nquorum = 2.0",
            "approvals.quorum needs a whole number, not a number with a point",
        ),
        (
            "[approvals]\noperators_approve = \"yes\"",
            "approvals.operators_approve needs true or false, not a text",
        ),
        (
            "[approvals]\nrequest_ttl = 86400",
            "approvals.request_ttl needs a text in quotes, not a whole number",
        ),
        (
            "[approvals]\nrequest_ttl = \"a day\"",
            "approvals.request_ttl needs a length of time such as 15m, 26h, 90d or 1h30m",
        ),
        ("[approvals]\nrequest_ttl = \"15M\"", "a capital M would be months"),
        (
            "[approvals]\nreveal = \"show\"",
            "approvals.reveal doesn't know \"show\": did you mean shown?",
        ),
        (
            "trusted_proxies = \"10.0.0.0/8\"",
            "trusted_proxies needs a list such as [\"a\", \"b\"], not a text",
        ),
        (
            "trusted_proxies = [\"10.0.0.0/8\", 7]",
            "trusted_proxies[1] needs a text in quotes, not a whole number",
        ),
        ("deployment = \"demo\"", "deployment needs a list of tables, not a text"),
        (
            "[deployment]\nname = \"demo\"",
            "deployment needs a list of tables, not a table",
        ),
        ("oidc = true", "oidc needs a table, not true or false"),
        ("data_dir = 2020-01-01", "data_dir needs a text in quotes, not a date"),
        (
            "public_url = \"muster.example.org\"",
            "public_url needs an address such as https://",
        ),
    ];
    for (text, expected) in cases {
        let refusal = refused(text);
        assert!(refusal.contains(expected), "{text}\n→ {refusal}");
    }
}

#[test]
fn one_person_alone_is_no_quorum() {
    for people in ["1", "0", "-1"] {
        let refusal = refused(&format!("[approvals]\nquorum = {people}"));
        assert!(
            refusal.contains(&format!(
                "line 2: approvals.quorum is {people} and needs at least 2: one person alone must never be able"
            )),
            "{refusal}"
        );
    }
    assert!(refused("[approvals]\nquorum = 1000").contains("can be 255 at most"));
}

#[test]
fn logins_and_clocks_can_only_be_made_stricter() {
    assert!(refused("[approvals]\nlogin_max_age = \"6m\"").contains("approvals.login_max_age is longer than 5m"));
    assert!(refused("[approvals]\nclock_skew = \"61s\"").contains("approvals.clock_skew is longer than 60s"));
    assert!(
        refused("[approvals]\nexecution_window = \"0s\"").contains("approvals.execution_window is shorter than 30s")
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let refusal = refused("listn = 1\n[approvals]\nquorum = 1\nreveal = 7\n[[deployment]]\nregion = \"x\"");
    assert_eq!(refusal.lines().count(), 4, "{refusal}");
    assert!(
        refusal.contains("line 5: deployment[0].name is missing: How it is called on pages"),
        "{refusal}"
    );
}

#[test]
fn variants_are_named() {
    let source = |rest: &str| refused(&format!("{SMALL}[[deployment.source]]\nname = \"s\"\n{rest}"));
    assert!(source("").contains("deployment[0].source[0].kind is missing: one of pgbackrest, walg, dumps, rds"));
    assert!(
        source("kind = \"pg_backrest\"")
            .contains("source[0].kind doesn't know \"pg_backrest\": did you mean pgbackrest?")
    );
    assert!(
        source("kind = 7").contains("source[0].kind needs one of pgbackrest, walg, dumps, rds, not a whole number")
    );
    assert!(source("kind = \"rds\"\ninstance = \"i\"").contains("deployment[0].source[0].region is missing"));
    let launcher = refused(&format!("{SMALL}[deployment.sandbox]\nlauncher = {{}}"));
    assert!(
        launcher.contains("sandbox.launcher needs exactly one of the keys command, kubernetes"),
        "{launcher}"
    );
    let overlay = "overlay = \"/o\", namespace = \"n\", database = \"0.0.0.0:15432\"";
    let everywhere = refused(&format!(
        "{SMALL}[deployment.sandbox]\nlauncher = {{ kubernetes = {{ {overlay} }} }}"
    ));
    assert!(
        everywhere.contains("kubernetes.database needs the one address"),
        "{everywhere}"
    );
    let launcher = refused(&format!("{SMALL}[deployment.sandbox]\nlauncher = \"kubernets\""));
    assert!(launcher.contains("sandbox.launcher doesn't know"), "{launcher}");
}

#[test]
fn an_envelope_that_could_be_forged_is_refused() {
    let envelope = |rest: &str| refused(&format!("{SMALL}[deployment.envelope]\n{rest}"));
    let short = envelope("fields = [\"nonce:12\", \"tag:8\", \"ciphertext\"]");
    assert!(
        short.contains("line 3: deployment[0].envelope can't be used: fields: the tag must have 16 bytes, not 8"),
        "{short}"
    );
    assert!(
        envelope("aad = \"{tabel}\"").contains("aad: {tabel} in aad is none of"),
        "the placeholder is named"
    );
    assert!(
        envelope("fields = [\"key_id:4\", \"nonce:12\", \"tag:16\", \"ciphertext\"]").contains("doesn't fit key_id")
    );
    assert!(envelope("key_id = \"md5\"").contains("envelope.key_id doesn't know \"md5\""));
}

#[test]
fn an_envelope_may_lack_a_key_id_or_have_one_that_tells_nothing() {
    let envelope = |rest: &str| accepted(&format!("{SMALL}[deployment.envelope]\n{rest}"));
    for rest in [
        "fields = [\"nonce:12\", \"tag:16\", \"ciphertext\"]",
        "fields = [\"nonce:12\", \"key_id:0\", \"tag:16\", \"ciphertext\"]",
        "key_id = \"\"\nfields = [\"nonce:12\", \"tag:16\", \"ciphertext\"]",
        "key_id = \"none\"\nfields = [\"key_id:4\", \"nonce:12\", \"tag:16\", \"ciphertext\"]",
    ] {
        envelope(rest);
    }
}

#[test]
fn names_are_unique_and_plain() {
    assert!(
        refused(&format!("{SMALL}{SMALL}"))
            .contains("line 4: deployment[1].name \"demo\" is the name of an earlier deployment too")
    );
    assert!(
        refused("[[deployment]]\nname = \"../etc\"").contains("deployment[0].name needs a name of at most 63 letters")
    );
}

#[test]
fn an_issuer_on_the_network_needs_tls() {
    let issuer = |issuer: &str| format!("[oidc]\nclient_id = \"muster\"\nissuer = {issuer:?}");
    assert!(refused(&issuer("http://login.example.org")).contains("oidc.issuer needs https://"));
    accepted(&issuer("http://127.0.0.1:9010"));
    accepted(&issuer("http://localhost:9010"));
    assert!(refused(&issuer("http://localhost.example.org")).contains("oidc.issuer needs https://"));
}

#[test]
fn hostile_keys_and_values_stay_on_one_line() {
    let refusal = refused("\"a\\nb\\u202e\" = 1\n[approvals]\nreveal = \"\\u001b[31mred\\nline\"");
    assert_eq!(refusal.lines().count(), 2, "{refusal:?}");
    assert!(!refusal.contains(['\u{1b}', '\u{202e}']), "{refusal:?}");
}

#[test]
fn warnings_don_t_stop_anything() {
    let loaded = read("public_url = \"http://muster.example.org\"").unwrap();
    let warnings: Vec<_> = loaded.warnings.iter().map(|note| note.key.as_str()).collect();
    assert_eq!(warnings, ["public_url", "oidc"]);
}
