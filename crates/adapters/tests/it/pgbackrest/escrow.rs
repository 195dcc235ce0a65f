//! What in escrow opens, and what doesn't.

use adapters::pgbackrest::{Opening, PgBackRest, PgBackRestError, RepoSecrets};
use adapters::process::{RunAs, Tool};
use secrecy::SecretString;
use testkit::pgbackrest::{Copies, PASSPHRASE, Stanza};
use testkit::sshd::Sshd;

const WRONG: &str = "incorrect horse battery staple";

fn passphrase(text: &str) -> RepoSecrets {
    RepoSecrets {
        cipher_pass: Some(SecretString::from(text)),
        ..RepoSecrets::default()
    }
}

async fn tried(source: &PgBackRest, repo: u32, escrow: &RepoSecrets) -> Opening {
    let opening = source.opens_with(repo, escrow).await.unwrap();
    let shown = format!("{opening:?} {escrow:?}");
    assert!(!shown.contains(PASSPHRASE) && !shown.contains(WRONG), "{shown}");
    opening
}

#[tokio::test]
async fn only_the_right_passphrase_opens_an_encrypted_repository() {
    let stanza = Stanza::encrypted().await;
    let source = stanza.source();
    let opened = |backups| Opening::Proven {
        options: vec!["cipher-pass".into()],
        backups,
    };
    assert_eq!(tried(&source, 2, &passphrase(PASSPHRASE)).await, opened(0));
    stanza.backup(2, Copies::Everything).await;
    assert_eq!(tried(&source, 2, &passphrase(PASSPHRASE)).await, opened(1));
    // The configuration has the right one all the while.
    let Opening::Refused { reason } = tried(&source, 2, &passphrase(WRONG)).await else {
        panic!("the wrong one opens")
    };
    assert!(
        reason.starts_with("what is in escrow doesn’t open repo2: ["),
        "{reason}"
    );
    let Opening::Refused { reason } = tried(&source, 2, &RepoSecrets::default()).await else {
        panic!("none opens")
    };
    assert_eq!(
        reason,
        "repo2 is encrypted (aes-256-cbc) and no passphrase is in escrow"
    );
}

#[tokio::test]
async fn a_repository_that_opens_anyhow_proves_nothing() {
    let stanza = Stanza::encrypted().await;
    stanza.backup(1, Copies::Everything).await;
    let source = stanza.source();
    for escrow in [RepoSecrets::default(), passphrase(PASSPHRASE)] {
        let opening = tried(&source, 1, &escrow).await;
        assert!(matches!(opening, Opening::Unproven { .. }), "{opening:?}");
    }
    let mut escrow = passphrase(PASSPHRASE);
    escrow.credentials = vec![("s3-key".into(), SecretString::from("of a bucket that isn’t there"))];
    let Opening::Unproven { reason } = tried(&source, 2, &escrow).await else {
        panic!("a key that isn’t used is proven")
    };
    assert!(reason.contains("made-up s3-key"), "{reason}");
    let opening = tried(&source, 3, &passphrase(PASSPHRASE)).await;
    assert!(matches!(opening, Opening::Refused { .. }), "{opening:?}");
}

#[tokio::test]
async fn a_command_that_drops_its_environment_is_found_out() {
    let stanza = Stanza::encrypted().await;
    stanza.backup(2, Copies::Everything).await;
    let wrapper = ["env", "-i", "PATH=/usr/bin:/bin"].map(str::to_owned);
    let command = [wrapper.to_vec(), stanza.command()].concat();
    let tool = Tool::from_command(&command)
        .unwrap()
        .run_as(RunAs::unprivileged().unwrap());
    let source = stanza.source_with(tool);
    for text in [PASSPHRASE, WRONG] {
        let opening = tried(&source, 2, &passphrase(text)).await;
        assert!(matches!(opening, Opening::Unproven { .. }), "{opening:?}");
    }
}

#[tokio::test]
async fn elsewhere_nothing_is_proven_and_nothing_sent() {
    let stanza = Stanza::encrypted().await;
    let host = Sshd::start();
    let command = stanza.command();
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    let source = stanza.source_with(host.tool(&command));
    let error = source.opens_with(2, &passphrase(PASSPHRASE)).await.unwrap_err();
    assert!(matches!(error, PgBackRestError::Elsewhere), "{error}");
    assert!(!error.to_string().contains(PASSPHRASE));
}
