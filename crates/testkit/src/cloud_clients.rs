//! The clients that Google and Microsoft publish for Python. No emulator of their secret managers can be had, so the fakes of the tests are
//! judged by these: a script asks a fake through them and fails where it doesn't behave as they know it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::peer::home;

/// A machine that is busy with a build starts Python slowly.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a script with these clients and arguments.
///
/// # Panics
/// If they aren't installed, or the script fails; the message ends with what it wrote.
pub async fn judge(script: &Path, arguments: &[&str]) {
    let child = Command::new(python())
        // Neither a login of this machine nor its proxy has a part in it.
        .env_clear()
        .env("HOME", "/nonexistent")
        .arg("-I")
        .arg(script)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = timeout(PATIENCE, child).await;
    let ended = ended.unwrap_or_else(|_| panic!("{} doesn't end", script.display()));
    let ended = ended.expect("Python starts");
    assert!(
        ended.status.success(),
        "{} is not content:\n{}{}",
        script.display(),
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
}

fn python() -> PathBuf {
    let home = home("cloud-clients");
    let program = home.join("bin/python");
    assert!(
        program.exists() && home.join(".installed").exists(),
        "the Python clients of Google and Azure, which judge our fakes, aren't in {}; run crates/xtask/setup.sh test",
        home.display()
    );
    program
}
