//! What can't get to a tool elsewhere unchanged is refused here.

use adapters::process::{ProcessError, Tool, Transport};
use secrecy::SecretString;
use zeroize::Zeroizing;

#[tokio::test]
async fn what_would_be_lost_on_the_way_is_refused_before_anything_starts() {
    // Nobody listens there, and nobody is asked.
    let ssh = ["ssh".to_owned(), "-oPort=1".to_owned()];
    let tool = Tool::over_ssh(&ssh, "127.0.0.1", &["cat".to_owned()]).unwrap();
    let pod = Tool::in_pod(&["kubectl".to_owned()], "prod", "127.0.0.1", &["cat".to_owned()]).unwrap();
    let password = SecretString::from("correct-horse");
    let calls = [
        (tool.invoke(["a\nb"]), "an argument with a line break"),
        (tool.invoke(["a"]).arg("b\r"), "an argument with a line break"),
        (tool.invoke(["a"]).arg("b\0c"), "an argument with a line break"),
        (tool.invoke(["a"]).env("PGHOST", "/tmp"), "an environment variable"),
        (
            tool.invoke(["a"]).secret_env("PGPASSWORD", &password),
            "an environment variable",
        ),
        (
            pod.invoke(["a"]).input(Zeroizing::new(b"text".to_vec())),
            "standard input",
        ),
    ];
    for (call, what) in calls {
        let error = call.output().await.unwrap_err();
        assert!(matches!(error, ProcessError::NotPassedOn { .. }), "{error}");
        let text = error.to_string();
        assert!(text.starts_with(what) && text.contains("cat on "), "{text}");
        assert!(!text.contains("correct-horse"), "{text}");
    }
}

#[test]
fn a_destination_that_is_an_option_or_nothing_is_refused() {
    let (ssh, command) = (["ssh".to_owned()], ["id".to_owned()]);
    for host in ["-oProxyCommand=touch x", "", "db1 db2", "db1\n"] {
        let error = Tool::over_ssh(&ssh, host, &command).unwrap_err();
        assert!(matches!(error, ProcessError::NoDestination { .. }), "{host:?}: {error}");
        let error = Tool::in_pod(&["kubectl".to_owned()], "prod", host, &command).unwrap_err();
        assert!(matches!(error, ProcessError::NoDestination { .. }), "{host:?}: {error}");
    }
    let broken = Tool::over_ssh(&ssh, "db1", &["a\nb".to_owned()]).unwrap_err();
    assert!(matches!(broken, ProcessError::NotPassedOn { .. }), "{broken}");
    for (command, transport) in [
        (vec!["ssh", "db1"], Transport::Ssh),
        (vec!["pgbackrest", "db1", "info"], Transport::Ssh),
        (vec!["kubectl", "exec", "db-0", "pgbackrest"], Transport::Kubectl),
        (vec!["ssh", "db1", "pgbackrest"], Transport::Kubectl),
    ] {
        let command: Vec<_> = command.into_iter().map(str::to_owned).collect();
        let error = Tool::spelled_out(&command, transport).unwrap_err();
        assert!(
            matches!(error, ProcessError::LeadsNowhere { .. }),
            "{command:?}: {error}"
        );
    }
}
