//! What is read when something is wrong, or under way.

use std::fs;
use std::time::Duration;

use adapters::pgbackrest::{PgBackRest, PgBackRestError, Progress};
use adapters::process::{RunAs, Tool};
use domain::status::Status;
use testkit::pgbackrest::{Copies, Stanza};
use testkit::sshd::Sshd;

use super::{read, windows};

#[tokio::test]
async fn a_repository_that_can_not_be_read_leaves_the_other() {
    let stanza = Stanza::start().await;
    stanza.backup(1, Copies::Everything).await;
    stanza.backup(2, Copies::Everything).await;
    stanza.write_and_archive().await;
    let hidden = stanza.repo(2).with_file_name("elsewhere");
    fs::rename(stanza.repo(2), &hidden).unwrap();
    fs::write(stanza.repo(2), "no folder").unwrap();
    let half = read(&stanza).await;
    assert_eq!(half.status, Status::Unknown, "{}", half.detail);
    assert!(half.detail.starts_with("repo2: "), "{}", half.detail);
    assert_eq!(
        half.repos.iter().map(|repo| repo.status).collect::<Vec<_>>(),
        [Status::Ok, Status::Unknown]
    );
    assert_eq!((half.backups.len(), half.backups[0].repo), (1, Some(1)));
    assert_eq!((windows(&half, 1, &[]).0.len(), windows(&half, 2, &[]).0.len()), (1, 0));

    fs::remove_file(stanza.repo(2)).unwrap();
    let gone = read(&stanza).await;
    assert_eq!(gone.status, Status::Broken);
    assert_eq!(gone.detail, "repo2: missing stanza path");
    assert_eq!(windows(&gone, 1, &[]).0.len(), 1);
}

#[tokio::test]
async fn a_stanza_without_backups_and_one_that_is_not_there_are_broken() {
    let stanza = Stanza::start().await;
    let empty = read(&stanza).await;
    assert_eq!((empty.status, empty.backups.len()), (Status::Broken, 0));
    assert!(empty.detail.contains("no valid backups"), "{}", empty.detail);
    let nowhere = PgBackRest {
        stanza: "nosuch".into(),
        ..stanza.source()
    };
    let nowhere = nowhere.read().await.unwrap();
    assert_eq!(nowhere.status, Status::Broken);
    assert!(nowhere.detail.contains("missing stanza path"), "{}", nowhere.detail);
}

#[tokio::test]
async fn a_failure_without_an_answer_is_told_in_its_own_words() {
    let stanza = Stanza::start().await;
    let mut command = stanza.command();
    command.push("--no-such-option".into());
    let tool = Tool::from_command(&command)
        .unwrap()
        .run_as(RunAs::unprivileged().unwrap());
    let error = stanza.source_with(tool).read().await.unwrap_err();
    assert!(matches!(error, PgBackRestError::Process(_)), "{error}");
    assert!(error.to_string().contains("no-such-option"), "{error}");
}

#[tokio::test]
async fn a_running_backup_is_told() {
    let stanza = Stanza::start().await;
    stanza.backup(1, Copies::Everything).await;
    stanza.backup(2, Copies::Everything).await;
    assert_eq!(read(&stanza).await.progress, None);
    // It can't end before the WAL that it needs is archived.
    stanza.hold_archiving(true).await;
    let running = stanza.backup(1, Copies::Changes);
    let watching = async {
        let progress = loop {
            if let Some(progress) = read(&stanza).await.progress {
                break progress;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        stanza.hold_archiving(false).await;
        progress
    };
    let (label, progress) = tokio::join!(running, watching);
    assert!(progress.backup.is_some() && progress.restore.is_none());
    assert!(Progress::words(&progress).starts_with("a backup is running"));
    let done = read(&stanza).await;
    assert_eq!((done.progress, done.status), (None, Status::Ok));
    assert_eq!(done.backups.last().unwrap().label, label);
}

#[tokio::test]
async fn a_stanza_of_any_name_is_read_over_ssh_as_it_is_here() {
    let name = r#"od'd $(touch x); "q""#;
    let stanza = Stanza::start_as(name, false).await;
    stanza.backup(1, Copies::Everything).await;
    stanza.backup(2, Copies::Everything).await;
    stanza.write_and_archive().await;
    let here = read(&stanza).await;
    assert_eq!((here.status, here.backups.len()), (Status::Ok, 2), "{}", here.detail);

    let host = Sshd::start();
    let command = stanza.command();
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    let there = stanza.source_with(host.tool(&command)).read().await.unwrap();
    assert_eq!((there.status, &there.backups), (Status::Ok, &here.backups));
    assert_eq!(windows(&there, 2, &[]), windows(&here, 2, &[]));
}
