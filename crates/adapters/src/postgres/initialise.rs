//! Makes a new cluster, so that an interrupted attempt is never taken for a good one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::chown,
    path::Path,
    time::Duration,
};

use super::{ClusterError, configure, diagnose, layout::Layout, spec::ClusterSpec};
use crate::process::ProcessError;

/// Attempts are made beside the data directory under names with this start.
const ATTEMPT: &str = "data.new-";
/// Seconds on a fast disk, a minute on a very slow one.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// Runs `initdb` in a folder of its own and moves the result into place as the last step.
pub(super) async fn initialise(spec: &ClusterSpec, layout: &Layout) -> Result<(), ClusterError> {
    remove_earlier_attempts(layout).map_err(ClusterError::file("cleaned up", layout.folder()))?;
    // Removed again, with all that is in it, whenever this returns early.
    let attempt = tempfile::Builder::new()
        .prefix(ATTEMPT)
        .tempdir_in(layout.folder())
        .map_err(|source| diagnose::file_error(layout, "made", layout.folder(), source))?;
    if let Some(user) = &spec.run_as {
        chown(attempt.path(), Some(user.uid), Some(user.gid))
            .map_err(ClusterError::file("handed over", attempt.path()))?;
    }
    run_initdb(spec, attempt.path())
        .await
        .map_err(|source| diagnose::initdb(spec, layout, source))?;
    include_our_settings(attempt.path())
        .and_then(|()| fs::rename(attempt.path(), layout.data()))
        .and_then(|()| File::open(layout.folder())?.sync_all())
        .map_err(|source| diagnose::file_error(layout, "put in place", &layout.data(), source))?;
    let _ = attempt.keep();
    tracing::info!(data = %layout.data().display(), postgresql = %spec.binaries.version, "made a private PostgreSQL cluster");
    Ok(())
}

/// UTF-8 with the collation of C: the same order on every machine, whatever its libc.
async fn run_initdb(spec: &ClusterSpec, target: &Path) -> Result<(), ProcessError> {
    match initdb(spec, target, "C.UTF-8").await {
        // Absent from some distributions; plain C orders the same way.
        Err(ProcessError::Failed { tail, .. }) if tail.iter().any(|line| line.contains("invalid locale name")) => {
            initdb(spec, target, "C").await
        }
        done => done,
    }
}

async fn initdb(spec: &ClusterSpec, target: &Path, locale: &str) -> Result<(), ProcessError> {
    let mut call = spec
        .binaries
        .tool("initdb")
        .run_as(spec.run_as.clone())
        .invoke(["--encoding=UTF8", "--lc-messages=C", "--data-checksums", "--auth=peer"])
        .arg(format!("--locale={locale}"))
        .arg(format!("--username={}", spec.superuser))
        .arg("--pgdata")
        .arg(target);
    if spec.is_volatile() {
        call = call.arg("--no-sync");
    }
    call.time_limit(TIME_LIMIT).output().await.map(drop)
}

fn include_our_settings(target: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(target.join("postgresql.conf"))?;
    writeln!(file, "\ninclude = '{}'", configure::INCLUDED)?;
    file.sync_all()
}

/// What a Muster that was killed half-way left behind.
fn remove_earlier_attempts(layout: &Layout) -> io::Result<()> {
    for entry in fs::read_dir(layout.folder())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(ATTEMPT) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
