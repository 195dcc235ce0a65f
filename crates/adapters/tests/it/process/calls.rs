//! What goes into a tool and what comes out.

use adapters::process::{Line, ProcessError, RunAs, Secrets, Stream, Tool};
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::shell;
use crate::roles::wait_for;

#[tokio::test]
async fn environment_is_only_what_was_given() {
    let output = Tool::new("env")
        .invoke::<&str>([])
        .env("PGHOST", "/tmp/x")
        .output()
        .await
        .unwrap();
    let text = output.text().into_owned();
    let mut names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "LC_ALL", "PATH", "PGHOST", "TZ"]);
}

#[tokio::test]
async fn arguments_and_input_arrive_unchanged() {
    let output = shell("printf '%s|' \"$@\"; cat; pwd")
        .arg("name")
        .arg("a b; touch x")
        .arg("$(id)'\"")
        .input(Zeroizing::new(b"from stdin ".to_vec()))
        .current_dir("/usr")
        .output()
        .await
        .unwrap();
    assert_eq!(output.text(), "a b; touch x|$(id)'\"|from stdin /usr\n");
}

#[tokio::test]
async fn as_root_tools_run_as_an_unprivileged_user_without_groups() {
    let Some(user) = RunAs::unprivileged().unwrap() else {
        return;
    };
    for supervised in [false, true] {
        let mut call = Tool::new("/bin/sh")
            .run_as(Some(user.clone()))
            .invoke(["-c", "id -u; id -G; echo $HOME"]);
        if supervised {
            call = call.supervised();
        }
        let output = call.output().await.unwrap();
        assert_eq!(
            output.text(),
            format!("{}\n{}\n{}\n", user.uid, user.gid, user.home.display())
        );
    }
}

#[tokio::test]
async fn a_missing_program_names_its_package() {
    let error = Tool::new("/nowhere/pg_restore")
        .invoke(["--version"])
        .output()
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            ProcessError::NotFound {
                package: Some("postgresql-client"),
                ..
            }
        ),
        "{error}"
    );
    let error = Tool::new("no-such-tool")
        .invoke(["x"])
        .supervised()
        .output()
        .await
        .unwrap_err();
    assert!(matches!(error, ProcessError::NotFound { package: None, .. }), "{error}");
    let error = Tool::new("true")
        .invoke(["x"])
        .current_dir("/nowhere")
        .output()
        .await
        .unwrap_err();
    assert!(matches!(error, ProcessError::NotStarted { .. }), "{error}");
}

#[tokio::test]
async fn a_failure_quotes_the_last_words() {
    for supervised in [false, true] {
        let mut call = shell("for i in $(seq 100); do echo line $i >&2; done; exit 7");
        if supervised {
            call = call.supervised();
        }
        let ProcessError::Failed { status: 7, tail, .. } = call.output().await.unwrap_err() else {
            panic!("not a failure with status 7")
        };
        assert_eq!((tail.len(), tail.last().map(String::as_str)), (20, Some("line 100")));
    }
    let error = shell("echo on stdout; kill -9 $$").output().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "/bin/sh was killed by signal 9, not by Muster: on stdout"
    );
}

#[tokio::test]
async fn output_beyond_the_limit_is_counted_and_dropped() {
    let output = shell("head -c 3000000 /dev/zero; echo short >&2")
        .keep(1000)
        .output()
        .await
        .unwrap();
    assert_eq!((output.stdout.len(), output.stdout_dropped), (1000, 2_999_000));
    assert_eq!((output.error_text().as_ref(), output.stderr_dropped), ("short\n", 0));
}

#[tokio::test]
async fn lines_come_live_and_redacted() {
    let secret = SecretString::from("s3cret/pass word");
    let mut known = Secrets::default();
    known.add(b"token-0123456789");
    let script = "echo \"password=$PGPASSWORD\"; echo token-0123456789 >&2; sleep 600";
    let (sender, mut lines) = mpsc::channel(10);
    let token = CancellationToken::new();
    let call = shell(script)
        .secret_env("PGPASSWORD", &secret)
        .redacting(&known)
        .cancelled_by(token.clone());
    assert!(!format!("{call:?}").contains("s3cret"));
    let task = tokio::spawn(call.stream(sender));
    let mut seen = [lines.recv().await.unwrap(), lines.recv().await.unwrap()];
    seen.sort_by_key(|line| line.stream == Stream::Stderr);
    assert_eq!(
        seen[0],
        Line {
            stream: Stream::Stdout,
            text: "password=redacted".to_owned()
        }
    );
    assert_eq!(
        seen[1],
        Line {
            stream: Stream::Stderr,
            text: "redacted".to_owned()
        }
    );
    token.cancel();
    let error = task.await.unwrap().unwrap_err().to_string();
    assert!(
        error.contains("redacted") && !error.contains("token-0123456789"),
        "{error}"
    );
}

#[tokio::test]
async fn a_reader_that_went_away_does_not_stop_the_tool() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("done");
    let (sender, lines) = mpsc::channel(1);
    drop(lines);
    shell("seq 100000; echo done > \"$0\"")
        .arg(&file)
        .stream(sender)
        .await
        .unwrap();
    assert_eq!(wait_for(&file), "done");
}

#[tokio::test]
async fn low_priority_reaches_the_tool() {
    for supervised in [false, true] {
        // Given some time: without a supervisor the priority is lowered right after the start.
        let mut call = shell("sleep 0.2; nice").low_priority();
        if supervised {
            call = call.supervised();
        }
        assert_eq!(call.output().await.unwrap().text(), "10\n");
    }
}
