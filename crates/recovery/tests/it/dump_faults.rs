//! Faults of a restore into a new database: what a person reads says what happened, what is unharmed, and what to do next.

use std::os::unix::fs::PermissionsExt as _;

use adapters::process::Tool;
use domain::run::RunState;
use recovery::settings::Source;

use crate::runs::{approved, worked};
use crate::site::Site;

/// Runs a restore whose pg_restore does something of its own when it restores.
async fn ended(script: &str) -> String {
    let mut site = Site::new().await;
    let path = site.folder.path().join("pg_restore");
    // Planning reads the dump with the real one.
    let real = "case \"$*\" in *--exit-on-error*) ;; *) exec pg_restore \"$@\" ;; esac";
    std::fs::write(
        &path,
        format!("#!/bin/sh\nPATH=$PATH:/usr/lib/postgresql/15/bin\n{real}\n{script}\n"),
    )
    .expect("our own folder");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    let program = path.display().to_string();
    site.configure(|settings| {
        for source in &mut settings.deployments[0].sources {
            if let Source::Dumps(dumps) = source {
                dumps.pg_restore = Tool::new(&program);
            }
        }
    });
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let done = worked(&site, run).await;
    let RunState::Failed { reason, .. } = done.state else {
        panic!("{:?} {:?}", done.state, done.steps)
    };
    assert!(reason.contains("Nothing that exists was changed"), "{reason}");
    reason
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_ends_well_and_speaks_of_an_error_isn_t_believed() {
    let reason = ended("echo 'pg_restore: error: could not execute query' >&2; exit 0").await;
    assert!(reason.contains("ended well and spoke of errors"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_with_what_to_do() {
    let reason = ended("echo 'pg_restore: error: could not extend file: No space left on device' >&2; exit 1").await;
    assert!(reason.contains("make room"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_with_what_to_do() {
    let reason = ended("echo 'pg_restore: error: FATAL:  password authentication failed for user x' >&2; exit 1").await;
    assert!(reason.contains("refuses the password"), "{reason}");
}
