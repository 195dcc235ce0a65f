//! What is known of a tool elsewhere when its own end was not seen.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

use adapters::process::{LocalEnd, ProcessError, RunAs, Tool, Unreached};
use rustix::process::{Pid, Signal, kill_process};
use testkit::{
    peer::free_port,
    sshd::{HOST, Sshd},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::shell;

/// A tool that is reached with one more option of ssh.
fn with_option(sshd: &Sshd, option: String) -> Tool {
    let ssh = [sshd.ssh(), vec![option]].concat();
    let tool = Tool::over_ssh(&ssh, HOST, &["id".to_owned()]).unwrap();
    tool.run_as(RunAs::unprivileged().unwrap())
}

/// The key of somebody else, as that of [`HOST`].
fn other_known_hosts(folder: &Path) -> String {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    let file = folder.join("known_hosts");
    fs::write(&file, format!("{HOST} {key}\n")).unwrap();
    format!("-oUserKnownHostsFile={}", file.display())
}

#[tokio::test]
async fn a_host_key_that_is_unknown_or_changed_is_called_that() {
    let sshd = Sshd::start();
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    for (option, expected, words) in [
        (
            "-oHostKeyAlias=stranger".to_owned(),
            Unreached::HostKeyUnknown,
            "its host key is not known here",
        ),
        (
            other_known_hosts(folder.path()),
            Unreached::HostKeyChanged,
            "its host key is not the one known here",
        ),
    ] {
        let tool = with_option(&sshd, option);
        let error = tool.invoke::<&str>([]).outcome().await.unwrap_err();
        let text = error.to_string();
        let ProcessError::Unreachable { why, .. } = error else {
            panic!("{text}")
        };
        assert_eq!(why, expected, "{text}");
        assert!(
            text.starts_with(&format!("ssh could not reach {HOST} because {words}")),
            "{text}"
        );
        assert!(text.contains("nothing is known of the tool there"), "{text}");
    }
}

#[tokio::test]
async fn a_host_that_is_down_or_refuses_the_login_says_nothing_of_the_tool() {
    let sshd = Sshd::start();
    for (option, words) in [
        (format!("-oPort={}", free_port()), "Connection refused"),
        ("-oPubkeyAuthentication=no".to_owned(), "Permission denied"),
    ] {
        let tool = with_option(&sshd, option);
        for supervised in [false, true] {
            let call = tool.invoke::<&str>([]);
            let call = if supervised { call.supervised() } else { call };
            // As an outcome an exit status would be the tool's own, so it mustn't come as one.
            let text = call.outcome().await.unwrap_err().to_string();
            let start = format!("ssh could not reach {HOST}; nothing is known of the tool there: ");
            assert!(text.starts_with(&start) && text.contains(words), "{text}");
        }
    }
}

#[tokio::test]
async fn a_tool_that_was_killed_there_has_not_answered() {
    let sshd = Sshd::start();
    let error = shell(&sshd, "echo half an answer; kill -9 $$")
        .invoke::<&str>([])
        .outcome()
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(
            error,
            ProcessError::Unreachable {
                why: Unreached::Other,
                ..
            }
        ),
        "{text}"
    );
    assert!(text.ends_with("or the tool there was killed"), "{text}");
}

/// Says its number and hangs, also after its connection has ended.
const HANGS: &str = "echo $$; exec sleep 600";

/// Ends a tool by its number, since nobody else does.
fn end_by_hand(number: &str) {
    let pid = Pid::from_raw(number.parse().unwrap()).unwrap();
    kill_process(pid, Signal::KILL).expect("it still ran");
}

#[tokio::test]
async fn a_tool_that_hangs_is_given_up_but_not_called_ended() {
    let sshd = Sshd::start();
    // Long enough for it to say its number on a busy machine.
    let limit = Duration::from_secs(6);
    let call = || shell(&sshd, HANGS).invoke::<&str>([]).time_limit(limit);
    let (direct, supervised) = tokio::join!(call().output(), call().supervised().output());
    for outcome in [direct, supervised] {
        let error = outcome.unwrap_err();
        let text = error.to_string();
        let ProcessError::MayStillRun { end, tail, .. } = error else {
            panic!("{text}")
        };
        assert_eq!(end, LocalEnd::TimedOut(limit));
        assert!(
            text.contains("did not finish within 6 s; only the connection to it was ended"),
            "{text}"
        );
        end_by_hand(&tail[0]);
    }
}

#[tokio::test]
async fn an_ssh_that_was_cancelled_or_killed_says_nothing_of_the_tool() {
    let sshd = Sshd::start();
    for expected in [LocalEnd::Cancelled, LocalEnd::Killed(9)] {
        let token = CancellationToken::new();
        let call = shell(&sshd, HANGS).invoke::<&str>([]).cancelled_by(token.clone());
        let running = call.spawn().unwrap();
        let ssh = Pid::from_raw(running.identity().pid).unwrap();
        let (sender, mut lines) = mpsc::channel(10);
        let task = tokio::spawn(running.stream(sender));
        let number = lines.recv().await.unwrap().text;
        match expected {
            LocalEnd::Cancelled => token.cancel(),
            _ => kill_process(ssh, Signal::KILL).unwrap(),
        }
        let error = task.await.unwrap().unwrap_err();
        let ProcessError::MayStillRun { end, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(end, expected);
        end_by_hand(&number);
    }
}

#[tokio::test]
async fn a_pod_is_reached_through_kubectl_or_nothing_is_known() {
    let nobody = format!("--server=http://127.0.0.1:{}", free_port());
    let kubectl = ["kubectl".to_owned(), nobody];
    let tool = Tool::in_pod(&kubectl, "prod", "db-0", &["pgbackrest".to_owned()]).unwrap();
    let call = tool
        .run_as(RunAs::unprivileged().unwrap())
        .invoke(["it's a b", "$(id)"]);
    assert!(
        call.command_line()
            .ends_with("exec -n prod db-0 -- pgbackrest it's a b $(id)")
    );
    let text = call.outcome().await.unwrap_err().to_string();
    assert!(
        text.starts_with("kubectl could not reach pod prod/db-0; nothing is known"),
        "{text}"
    );
    assert!(text.contains("was refused"), "{text}");
}
