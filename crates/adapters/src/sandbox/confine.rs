//! Keeps a server away from everything but its own folder: namespaces of util-linux, which every Debian and Red Hat has. Whether they hold
//! is tried on each drill, since containers and hardened kernels forbid them in many ways.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::drill::{Isolation, IsolationKind};
use rustix::process::{getgid, getuid};

use super::{Hold, Sandboxes};
use crate::process::{Invocation, ProcessError, RunAs, Tool};

const SCRIPT: &str = include_str!("confine.sh");
const PATIENCE: Duration = Duration::from_secs(20);
/// Prints what a process inside can see: network interfaces, processes, and those of the given paths that exist.
const PROBE: &str = r#"sed -n 's/^ *\([^:|]*\):.*/net \1/p' /proc/net/dev
for process in /proc/[0-9]*; do echo "process ${process#/proc/}"; done
for path in "$@"; do if [ -e "$path" ]; then echo "seen $path"; fi; done
echo whole"#;
/// The probe is a shell and its `sed`.
const MOST_PROCESSES: usize = 4;

/// What a confined command may see.
pub(super) struct View<'a> {
    /// An empty folder, where the view is put together.
    pub at: &'a Path,
    pub read: &'a [PathBuf],
    pub write: &'a [PathBuf],
    /// Whether its own loopback takes connections; it reaches nobody else in any case.
    pub loopback: bool,
}

impl Sandboxes {
    /// Finds out what holds, by trying. `at` is an empty folder of the sandbox.
    pub(super) async fn probe(&self, at: &Path) -> Isolation {
        let view = View {
            at,
            read: &[],
            write: &[],
            loopback: false,
        };
        let hidden = self.hidden.iter().map(|path| path.as_os_str().to_owned());
        let command = ["/bin/sh", "-c", PROBE, "probe"].map(OsString::from);
        let call = self.confined(&view, &Hold::default(), command.into_iter().chain(hidden).collect());
        let answer = call.time_limit(PATIENCE).output().await;
        match answer.map(|output| reason_against(&output.text())) {
            Ok(None) => Isolation {
                kind: IsolationKind::Namespaces,
                detail:
                    "the server sees its own folder and the system’s programs, no process but its own, and no network"
                        .into(),
            },
            Ok(Some(reason)) => self.without(&reason),
            Err(error) => self.without(&short(&error)),
        }
    }

    /// The call of a command in namespaces of its own, as the sandbox's user; and in a scope with limits, if it is held so.
    pub(super) fn confined(&self, view: &View<'_>, hold: &Hold, command: Vec<OsString>) -> Invocation {
        let (uid, gid) = self.run_as.as_ref().map_or_else(
            || (getuid().as_raw(), getgid().as_raw()),
            |user: &RunAs| (user.uid, user.gid),
        );
        let is_root = self.run_as.is_some();
        let mut words: Vec<OsString> = Vec::new();
        let mut say = |word: &str| words.push(word.into());
        if !is_root {
            say("--user");
            say("--map-root-user");
        }
        for word in [
            "--mount",
            "--net",
            "--pid",
            "--ipc",
            "--uts",
            "--fork",
            "--kill-child",
            "/bin/sh",
            "-c",
            SCRIPT,
            "confine",
        ] {
            say(word);
        }
        words.push(view.at.as_os_str().to_owned());
        if view.loopback {
            words.push("loopback".into());
        }
        for (mode, paths) in [("ro", view.read), ("rw", view.write)] {
            for path in paths {
                words.extend([mode.into(), path.as_os_str().to_owned()]);
            }
        }
        words.push("--".into());
        words.extend(drop_rights(is_root, uid, gid));
        words.extend(self.limits.each());
        words.extend(command);
        let call = if hold.together {
            let scope = self.limits.scope().into_iter().chain(["unshare".into()]);
            Tool::new("systemd-run").invoke(scope.chain(words))
        } else {
            Tool::new("unshare").invoke(words)
        };
        // Not the home of whoever runs Muster.
        call.env("HOME", "/")
    }

    fn without(&self, reason: &str) -> Isolation {
        match &self.run_as {
            Some(user) => Isolation {
                kind: IsolationKind::User,
                detail: format!(
                    "only the account {} stands between the server and Muster, and the network isn’t cut off: {reason}",
                    user.name
                ),
            },
            None => Isolation {
                kind: IsolationKind::None,
                detail: format!("nothing stands between the server and Muster: {reason}"),
            },
        }
    }
}

/// From the rights of whoever put the view together to those of the server: none.
fn drop_rights(is_root: bool, uid: u32, gid: u32) -> Vec<OsString> {
    let mut words = if is_root {
        vec![
            "setpriv".to_owned(),
            format!("--reuid={uid}"),
            format!("--regid={gid}"),
            "--clear-groups".to_owned(),
        ]
    } else {
        // PostgreSQL refuses to be root, also where that is only a name.
        let back = [
            "unshare".to_owned(),
            "--user".to_owned(),
            format!("--map-user={uid}"),
            format!("--map-group={gid}"),
        ];
        back.into_iter().chain(["setpriv".to_owned()]).collect()
    };
    words.extend(
        [
            "--no-new-privs",
            "--inh-caps=-all",
            "--ambient-caps=-all",
            "--bounding-set=-all",
        ]
        .map(str::to_owned),
    );
    words.into_iter().map(OsString::from).collect()
}

/// What the probe saw that it shouldn't have.
fn reason_against(seen: &str) -> Option<String> {
    let of = |word: &str| -> Vec<&str> {
        seen.lines()
            .filter_map(|line| line.strip_prefix(word))
            .map(str::trim)
            .collect()
    };
    if !seen.lines().any(|line| line == "whole") {
        return Some("the probe didn’t get to its end".into());
    }
    if let Some(path) = of("seen ").first() {
        return Some(format!("{path} can be seen inside"));
    }
    if let Some(interface) = of("net ").iter().find(|name| **name != "lo") {
        return Some(format!("the network interface {interface} can be seen inside"));
    }
    (of("process ").len() > MOST_PROCESSES).then(|| "processes of others can be seen inside".into())
}

fn short(error: &ProcessError) -> String {
    let words = error.to_string();
    words.lines().last().unwrap_or(&words).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::reason_against;

    #[test]
    fn a_probe_that_saw_too_much_is_believed() {
        assert_eq!(reason_against("net lo\nprocess 1\nwhole\n"), None);
        for seen in [
            "net lo\nnet eth0\nwhole",
            "seen /var/lib/muster\nwhole",
            "net lo\nprocess 1",
            "",
        ] {
            assert!(reason_against(seen).is_some(), "{seen:?}");
        }
        let many: String = (0..9).map(|pid| format!("process {pid}\n")).collect();
        assert!(reason_against(&format!("{many}whole")).is_some());
    }
}
