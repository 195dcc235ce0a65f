//! Removes a cluster when the test process is gone, however it went: statics are never dropped, and a killed
//! process cleans up nothing.

use std::{
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Waits for the end of its input, which only the test process holds open; then ends the server and removes
/// its folder. A server that was just started writes its number a moment later, so it is looked for twice.
const SCRIPT: &str = r#"
cat > /dev/null
pidfile="$1/data/postmaster.pid"
[ -e "$pidfile" ] || [ ! -e "$1/data" ] || sleep 0.5
if [ -e "$pidfile" ]; then
    pid=$(sed -n 1p "$pidfile")
    socket=$(sed -n 5p "$pidfile")
    kill -s QUIT "$pid"
    for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        [ -e "$pidfile" ] || break
        sleep 0.1
    done
    [ -e "$pidfile" ] && kill -s KILL "$pid"
    [ -n "$socket" ] && rmdir "$socket"
fi
# Copies of it that somebody left running.
for pidfile in "$1"/data.*/postmaster.pid; do
    [ -e "$pidfile" ] && kill -s QUIT "$(sed -n 1p "$pidfile")"
done
rm -rf "$2"
"#;

/// A process that outlives this one for as long as it takes to clean up.
pub(crate) struct Watchdog {
    process: Child,
}

impl Watchdog {
    /// Watches over the cluster in `folder` and removes `root`, which holds it.
    pub fn over(folder: &Path, root: &Path) -> io::Result<Self> {
        let process = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "watchdog"])
            .args([folder, root])
            .current_dir("/")
            .stdin(Stdio::piped())
            // There may be nothing left to end or remove.
            .stderr(Stdio::null())
            // Ctrl-C at the terminal is for the tests.
            .process_group(0)
            .spawn()?;
        Ok(Self { process })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
