//! Where commands run and images lie: what contradicts itself or can't be asked is refused.

use super::*;

#[test]
fn a_command_that_needs_a_shell_is_refused() {
    let source = |rest: &str| {
        refused(&format!(
            "{SMALL}[[deployment.source]]\nname = \"s\"\nkind = \"pgbackrest\"\nstanza = \"a\"\n{rest}"
        ))
    };
    for tool in ["ssh", "/usr/bin/kubectl"] {
        let refusal = source(&format!("command = [{tool:?}, \"db1\", \"pgbackrest\"]"));
        assert!(refusal.contains("source[0].command begins with "), "{refusal}");
    }
    assert!(source("command = []").contains("source[0].command is empty"));
    assert!(
        source("command = [\"pgbackrest\", \"a\\nb\"]").contains("source[0].command has an argument with a line break")
    );
    assert!(source("transport = \"ssh\"").contains("source[0].host is missing"));
    assert!(source("transport = \"kubectl\"").contains("source[0].host is missing"));
    assert!(
        source("transport = \"ssh\"\nhost = \"-oProxyCommand=x\"")
            .contains("source[0].host can't be passed to a command")
    );
    assert!(source("host = \"db1\"").contains("source[0].host is only for transport"));
}

#[test]
fn a_place_that_contradicts_itself_is_refused() {
    let cases = [
        (
            "transport = \"ssh\"\nhost = \"db1\"\ncommand = [\"ssh\", \"db1\", \"wal-g\"]",
            "command begins with ssh, and host is given too",
        ),
        (
            "transport = \"kubectl\"\nhost = \"db-0\"\ncommand = [\"ssh\", \"db1\", \"wal-g\"]",
            "command begins with ssh, and host is given too",
        ),
        (
            "transport = \"ssh\"\ncommand = [\"ssh\", \"-p\", \"2222\", \"db1\"]",
            "command doesn't say what to call where; give host, or write ssh, its options, a host",
        ),
        (
            "transport = \"kubectl\"\ncommand = [\"kubectl\", \"exec\", \"db-0\", \"wal-g\"]",
            "command doesn't say what to call where; give host, or write kubectl, exec",
        ),
        (
            "transport = \"kubectl\"\ncommand = [\"ssh\", \"db1\", \"wal-g\"]",
            "host is missing: kubectl needs a pod",
        ),
        ("transport = \"ssh\"\nhost = \"db1\"\nssh = []", "ssh is empty"),
        (
            "ssh = [\"ssh\", \"-F\", \"x\"]",
            "ssh is only for transport = \"ssh\" with host",
        ),
        (
            "transport = \"ssh\"\nssh = [\"ssh\", \"-4\"]\ncommand = [\"ssh\", \"db1\", \"wal-g\"]",
            "ssh is only for transport = \"ssh\" with host",
        ),
    ];
    for (rest, expected) in cases {
        let refusal = refused(&format!(
            "{SMALL}[[deployment.source]]\nname = \"s\"\nkind = \"walg\"\n{rest}"
        ));
        assert!(
            refusal.contains(&format!("source[0].{expected}")),
            "{rest}\n→ {refusal}"
        );
    }
    let restore = "command = [\"ssh\", \"db1\", \"pgbackrest\"]\ntransport = \"ssh\"\nstop = [\"systemctl\", \"stop\", \"postgresql\"]";
    let refusal = refused(&format!("{SMALL}[deployment.restore]\n{restore}"));
    assert!(
        refusal.contains("restore.stop doesn't say what to call where"),
        "{refusal}"
    );
    assert_eq!(refusal.lines().count(), 1, "{refusal}");
}

#[test]
fn a_command_may_lead_elsewhere_itself() {
    for rest in [
        "transport = \"ssh\"\ncommand = [\"ssh\", \"-p\", \"2222\", \"db1\", \"pgbackrest\"]",
        "transport = \"ssh\"\nhost = \"postgres@db1\"\nssh = [\"/usr/bin/ssh\", \"-F\", \"/etc/muster/ssh_config\"]",
        "transport = \"ssh\"\nhost = \"bastion\"\ncommand = [\"kubectl\", \"exec\", \"db-0\", \"--\", \"pgbackrest\"]",
        "transport = \"kubectl\"\ncommand = [\"kubectl\", \"exec\", \"-n\", \"prod\", \"db-0\", \"--\", \"pgbackrest\"]",
        "transport = \"kubectl\"\nhost = \"db-0\"",
    ] {
        accepted(&format!(
            "{SMALL}[[deployment.source]]\nname = \"s\"\nkind = \"pgbackrest\"\nstanza = \"a\"\n{rest}"
        ));
    }
}

#[test]
fn an_image_that_can_t_be_asked_for_is_refused() {
    let images = |rest: &str| {
        refused(&format!(
            "{SMALL}[deployment.images]\nreference = \"ampora/web:1\"\n{rest}"
        ))
    };
    let digest = format!("sha256:{}", "0".repeat(64));
    let named = |reference: &str| refused(&format!("{SMALL}[deployment.images]\nreference = {reference:?}"));
    assert!(
        named("https://registry.example.org/web")
            .contains("images.reference can't be used: it begins like a web address")
    );
    assert!(named("Ampora/Web").contains("images.reference can't be used: its path needs parts of lower-case letters"));
    assert!(images("digest = \"1.4.2\"").contains("images.digest needs sha256: and 64 hex digits"));
    assert!(images("platform = \"amd64\"").contains("images.platform can't be used: a platform is os/architecture"));
    assert!(images("username = \"puller\"").contains("username and password go together"));
    let login = "username = \"puller\"\npassword = \"secret\"";
    let plain = images(&format!("registry = \"http://registry.example.org\"\n{login}"));
    assert!(plain.contains("would send the password over http://"), "{plain}");
    let version = format!("{{ digest = {digest:?} }}");
    assert!(
        images(&format!("versions = [{version}, {version}]"))
            .contains("images.versions[1].digest is the digest of an earlier entry")
    );
    let from = images(&format!("versions = [{{ digest = {digest:?}, from = \"March\" }}]"));
    assert!(
        from.contains("images.versions[0].from needs a day such as 2026-03-01"),
        "{from}"
    );
    let both = refused(&format!(
        "{SMALL}[deployment.images]\nreference = \"a/b@{digest}\"\ndigest = \"sha256:{}\"",
        "1".repeat(64)
    ));
    assert!(
        both.contains("images.digest contradicts the digest in reference"),
        "{both}"
    );
    let again = images("second_registry = { address = \"https://registry-1.docker.io/mirror\" }");
    assert!(
        again.contains("second_registry.address is the first registry again"),
        "{again}"
    );
    let second = images("second_registry = { address = \"https://registry.example.org\", password = \"secret\" }");
    assert!(
        second.contains("images.second_registry username and password go together"),
        "{second}"
    );
}
