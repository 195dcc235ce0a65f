use super::*;

fn settings(address: &str, namespace: Option<&str>, mount: &str, path: &str) -> VaultSettings {
    VaultSettings {
        namespace: namespace.map(str::to_owned),
        ..VaultSettings::new(
            address.parse().unwrap(),
            mount,
            path,
            VaultAuth::Token("s.secret".into()),
        )
    }
}

fn identity(address: &str, namespace: Option<&str>, mount: &str, path: &str) -> String {
    Place::of(&settings(address, namespace, mount, path))
        .unwrap()
        .identity()
}

#[test]
fn the_same_secret_has_the_same_identity_however_it_is_written() {
    let expected = "vault https://vault.example.org/team/kv/ampora/prod";
    for (address, namespace, mount, path) in [
        ("https://vault.example.org", Some("team"), "kv", "ampora/prod"),
        (
            "HTTPS://Vault.Example.org:443/",
            Some("/team/"),
            "/kv/",
            "/ampora/prod/",
        ),
        ("https://vault.example.org./v1/", None, "team/kv", "ampora/prod"),
    ] {
        assert_eq!(identity(address, namespace, mount, path), expected);
    }
    let root = identity("https://vault.example.org", Some("root"), "kv", "a");
    assert_eq!(root, identity("https://vault.example.org", Some(""), "kv", "a"));
    for (address, namespace, path) in [
        ("https://vault.example.org:8200", Some("team"), "ampora/prod"),
        ("https://vault.example.org", None, "ampora/prod"),
        ("https://vault.example.org", Some("team"), "ampora/Prod"),
    ] {
        assert_ne!(identity(address, namespace, "kv", path), expected);
    }
}

#[test]
fn a_name_says_where_it_is() {
    let name = |namespace| {
        Place::of(&settings(
            "https://vault.example.org:8200/",
            namespace,
            "secret",
            "ampora",
        ))
        .unwrap()
        .name()
    };
    assert_eq!(name(None), "vault secret/ampora at https://vault.example.org:8200");
    assert_eq!(
        name(Some("team")),
        "vault secret/ampora in team at https://vault.example.org:8200"
    );
}

#[test]
fn what_cant_or_mustnt_be_asked_is_refused() {
    let refused = |address, mount, path| Place::of(&settings(address, None, mount, path)).unwrap_err();
    let fine = "https://vault.example.org";
    for address in [
        "https://u:hunter2@vault.example.org",
        "https://vault.example.org?a=b",
        "https://vault.example.org#a",
        "ftp://127.0.0.1",
        "file:///tmp/vault",
    ] {
        let error = refused(address, "kv", "a");
        assert!(matches!(error, VaultError::Address(_)), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    assert!(matches!(
        refused("http://vault.example.org:8200", "kv", "a"),
        VaultError::Unprotected(_)
    ));
    assert!(Place::of(&settings("http://127.0.0.1:8200", None, "kv", "a")).is_ok());
    for (mount, path) in [
        ("", "a"),
        ("kv", "/"),
        ("kv", "a//b"),
        ("kv", "../sys"),
        ("kv", "a/./b"),
        ("kv", "a\nb"),
    ] {
        assert!(
            matches!(refused(fine, mount, path), VaultError::Name { .. }),
            "{mount} {path}"
        );
    }
}

#[test]
fn authorities_that_cant_be_read_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |file: &str, text: Option<&str>| {
        let path = folder.path().join(file);
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let settings = VaultSettings {
            ca: Some(path),
            ..settings("https://vault.example.org", None, "kv", "a")
        };
        crate::vault::Vault::new(&settings).unwrap_err().to_string()
    };
    assert!(refused("nothing.pem", None).contains("No such file"));
    assert!(refused("empty.pem", Some("")).contains("holds no certificate"));
    let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(refused("odd.pem", Some(odd)).contains("can’t be used"));
}

#[test]
fn debug_shows_no_credentials() {
    let token = settings("https://vault.example.org", None, "kv", "a");
    let approle = VaultAuth::AppRole {
        mount: "approle".into(),
        role_id: "role".into(),
        secret_id: "hunter2".into(),
    };
    let shown = format!("{token:?} {approle:?} {:?}", crate::vault::Vault::new(&token).unwrap());
    assert!(!shown.contains("s.secret") && !shown.contains("hunter2"), "{shown}");
}
