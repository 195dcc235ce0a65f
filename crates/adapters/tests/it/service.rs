//! The env file of a service: replaced as a whole or not at all, for its owner alone, here and over a real sshd.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use adapters::database_host::DatabaseHost;
use adapters::process::RunAs;
use adapters::service::{Commands, Service, ServiceError};
use tempfile::TempDir;
use testkit::sshd::{HOST, Sshd};
use zeroize::Zeroizing;

const BEFORE: &str = "A=1\nConnectionStrings__Ampora=Host=old;Database=ampora;Password=p w\n# end";
const AFTER: &str = "A=1\nConnectionStrings__Ampora=Host=new;Database=other;Password=p w\n# end";

/// A folder of the user that runs tools, with an env file in it.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("muster-env-")
        .tempdir_in("/tmp")
        .expect("a folder");
    let file = folder.path().join("ampora.env");
    fs::write(&file, BEFORE).expect("our own folder");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("our own file");
    if let Some(user) = RunAs::unprivileged().expect("a user for tools") {
        for path in [folder.path(), &file] {
            chown(path, Some(user.uid), Some(user.gid)).expect("root may");
        }
    }
    folder
}

fn service(host: DatabaseHost, folder: &Path) -> Service {
    let none = || vec!["true".to_owned()];
    let commands = Commands {
        stop: none(),
        start: none(),
        status: None,
    };
    Service::new(host, folder.join("ampora.env").display().to_string(), commands)
}

async fn lead(service: &Service) -> Result<(), ServiceError> {
    let connections = service.read().await?.connections;
    let led = connections[0].value.pointed_at("new", 5432, "other").text();
    // The port is Npgsql's own, and wasn't named before.
    let led = Zeroizing::new(led.replace(";Port=5432", ""));
    service.lead("7", &[("ConnectionStrings__Ampora".into(), led)]).await
}

async fn is_replaced(host: DatabaseHost) {
    let folder = folder();
    let (file, kept) = (
        folder.path().join("ampora.env"),
        folder.path().join("ampora.env.before-7"),
    );
    let owner = fs::metadata(&file).expect("there").uid();
    let service = service(host, folder.path());
    for _ in 0..2 {
        lead(&service).await.expect("replaces");
        assert_eq!(fs::read_to_string(&file).expect("there"), AFTER);
        assert_eq!(fs::read_to_string(&kept).expect("kept"), BEFORE);
        for path in [&file, &kept] {
            let meta = fs::metadata(path).expect("there");
            assert_eq!(
                (meta.uid(), meta.permissions().mode() & 0o777),
                (owner, 0o600),
                "{path:?}"
            );
        }
    }
    assert_eq!(
        fs::read_dir(folder.path()).expect("lists").count(),
        2,
        "nothing else is left"
    );
    service.forget("7").await.expect("removes");
    assert!(!kept.exists());
}

#[tokio::test]
async fn an_env_file_here_is_replaced() {
    is_replaced(DatabaseHost::local(None)).await;
}

#[tokio::test]
async fn an_env_file_over_ssh_is_replaced() {
    let sshd = Sshd::start();
    let run_as = RunAs::unprivileged().expect("a user for tools");
    is_replaced(DatabaseHost::over_ssh(sshd.ssh(), HOST.into(), run_as)).await;
}

#[tokio::test]
async fn a_connection_that_ends_half_way_leaves_the_file_as_it_was() {
    let (folder, tools) = (folder(), tempfile::tempdir().expect("a folder"));
    // As ssh is called, it hands on ten bytes and is gone.
    let cut = tools.path().join("cut");
    fs::write(
        &cut,
        "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\nhead -c 10 | sh -c \"$*\"\n",
    )
    .expect("writes");
    fs::set_permissions(&cut, fs::Permissions::from_mode(0o755)).expect("our own file");
    let host = DatabaseHost::over_ssh(vec![cut.display().to_string()], HOST.into(), None);
    let error = lead(&service(host, folder.path())).await.expect_err("it isn't whole");
    assert!(error.to_string().contains("did not arrive whole"), "{error}");
    assert_eq!(
        fs::read_to_string(folder.path().join("ampora.env")).expect("there"),
        BEFORE
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("lists").count(),
        1,
        "nothing else is left"
    );
}
