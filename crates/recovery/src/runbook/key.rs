//! Step 3 of the documented list: the master key, from where it is kept to where Ampora reads it, without passing a command line.

use domain::runbook::{Block, Section, Step};

use super::Book;
use crate::by_hand::shell;
use crate::settings::{InUse, KeyPlace};

/// Computes a fingerprint of base64 on standard input; nothing of the key is printed.
const FINGERPRINT: &str = "python3 -c 'import sys,hmac,hashlib,base64; k=base64.b64decode(sys.stdin.read().strip()); assert len(k)==32; \
                           print(hmac.new(k, b\"muster/fingerprint/1\", hashlib.sha256).hexdigest()[:32])'";

pub(super) fn section(book: &Book<'_>) -> Section {
    let mut blocks = vec![Block::Trap(
        "A backup from before a rotation needs the key of its time: see which version the chosen backup needs. With a wrong key the rows come \
         back and every secret in them stays shut. Never write an old key over the live one: make a new Secret."
            .into(),
    )];
    let Some(key) = &book.deployment.master_key else {
        blocks.push(Block::Text(
            "Where the master key is kept isn’t known: no [deployment.master_key] is configured. It is 32 bytes, base64, in KeyProtection:MasterKey."
                .into(),
        ));
        return Section::new("key", "3. Deliver the master key", blocks);
    };
    let (kubectl, namespace, _) = book.kubectl();
    let (secret, field) = match &key.in_use {
        Some(InUse::Kubernetes(used)) => (used.secret.secret().to_owned(), used.key.clone()),
        _ => ("ampora-master-key".to_owned(), "master-key".to_owned()),
    };
    let fetch = fetch(&key.place);
    let mut steps = vec![
        Step::told(
            "Look at it without showing it",
            "The fingerprint has to be the one of the version that the backup needs.",
        )
        .by(format!("{fetch} | {FINGERPRINT}")),
    ];
    steps.push(match &key.in_use {
        Some(InUse::EnvFile(file)) => Step::told(
            "Put it where Ampora reads it",
            format!("In {}, readable for Ampora’s user alone, as KeyProtection__MasterKey. What else the file holds stays; of two such lines the last one counts.", file.path.display()),
        )
        .by(format!("test -e {0} || install -m 600 -o ampora /dev/null {0}\n{{ printf 'KeyProtection__MasterKey='; {fetch}; }} >> {0}", shell::word(&file.path.display().to_string()))),
        _ => Step::told(
            "Make a new Secret of it",
            format!("create, not apply: it fails where one is already. The value goes through a pipe and is part of no command line. In {namespace}."),
        )
        .by(format!("{fetch} | {kubectl} create secret generic {} --from-file={}=/dev/stdin", shell::word(&secret), shell::word(&field)))
        .by(format!(
            "{kubectl} get secret {} -o jsonpath='{{.data.{}}}' | base64 -d | {FINGERPRINT}",
            shell::word(&secret),
            field.replace('.', r"\.")
        )),
    });
    for replica in &key.replicas {
        steps.push(
            Step::told(
                format!("If that manager is gone too: {}", replica.name),
                "A copy of the same key, by its fingerprint above.",
            )
            .by(self::fetch(&replica.place)),
        );
    }
    blocks.push(Block::Steps(steps));
    Section::new("key", "3. Deliver the master key", blocks)
}

/// Prints one version's value, as the manager's own tool does. `VERSION` is the one that the backup needs.
fn fetch(place: &KeyPlace) -> String {
    let name = place.manager.name();
    let (_, named) = name.split_once(' ').unwrap_or(("", &name));
    let path = named
        .split(" at ")
        .next()
        .unwrap_or(named)
        .split(" in ")
        .next()
        .unwrap_or(named);
    let field = place.written.field.as_deref();
    let of_json = field.map_or_else(String::new, |field| {
        format!(" | jq -r {}", shell::word(&format!(".{field:?}")))
    });
    match place.manager.kind() {
        "file" => format!("cat {}/VERSION.key", shell::word(named)),
        "vault" => {
            let (mount, secret) = path.split_once('/').unwrap_or(("secret", path));
            let field = field.unwrap_or("value");
            format!(
                "vault kv get -mount={} -version=VERSION -field={} {}",
                shell::word(mount),
                shell::word(field),
                shell::word(secret)
            )
        }
        "aws" => format!(
            "aws secretsmanager get-secret-value --secret-id {} --version-id VERSION --query SecretString --output text{of_json}",
            shell::word(path)
        ),
        "gcp" => format!(
            "gcloud secrets versions access VERSION --secret={}{of_json}",
            shell::word(path)
        ),
        "azure" => format!(
            "az keyvault secret show --id {}/VERSION --query value -o tsv{of_json}",
            shell::word(named)
        ),
        "kubernetes" => {
            let (namespace, secret) = path.split_once('/').unwrap_or(("ampora", path));
            let field = field.unwrap_or("master-key").replace('.', r"\.");
            format!(
                "kubectl -n {} get secret {} -o jsonpath='{{.data.{field}}}' | base64 -d",
                shell::word(namespace),
                shell::word(secret)
            )
        }
        other => format!("# {other}: {name}"),
    }
}
