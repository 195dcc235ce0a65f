//! What the restore does, step by step, and in which words. The run's id, which isn't known yet, is written `{run}`.

use adapters::database_host::Recovery;
use adapters::pgbackrest::moment;
use domain::plan::{RecoveryStop, RestorePitr, Step};
use domain::time::rfc3339;

pub const VERIFY: &str = "verify-backup";
pub const LOCK: &str = "lock-host";
pub const RESTORE: &str = "restore-beside";
pub const RECOVER: &str = "recover-copy";
pub const CHECK_COPY: &str = "check-copy";
pub const DECIDE: &str = "second-decision";
pub const STOP: &str = "stop-server";
pub const SWAP: &str = "swap-directories";
pub const START: &str = "start-fenced";
pub const PROMOTE: &str = "promote";
pub const CHECK: &str = "check-restored";
pub const LET_IN: &str = "let-clients-in";

/// The steps in order.
pub(super) fn steps(plan: &RestorePitr, tool: &[String]) -> Vec<Step> {
    let (beside, before, pgdata) = (plan.beside(), plan.before(), &plan.server.pgdata);
    let until = match plan.stop {
        RecoveryStop::Time { time, exclusive: false } => rfc3339(time),
        RecoveryStop::Time { time, exclusive: true } => format!("just before {}", rfc3339(time)),
        RecoveryStop::Latest => format!("the end of the archived WAL, {} at least", plan.expected_end),
    };
    vec![
        Step::new(
            VERIFY,
            "Looks again at the backup, all of its WAL and the cluster: they have to be what was approved.",
        ),
        Step::new(LOCK, format!("Marks {pgdata} on {} as this run’s.", plan.server.host)),
        Step::new(
            RESTORE,
            format!("Restores the backup into {beside}. The cluster goes on as it is."),
        )
        .running(argv(plan, tool)),
        Step::new(
            RECOVER,
            format!("Starts the copy on a private socket, without archiving and network, and replays WAL to {until}."),
        ),
        Step::new(
            CHECK_COPY,
            "Looks through the copy: which databases it holds, and whether Ampora’s tenants, authority and migrations are there.",
        ),
        Step::new(
            DECIDE,
            "Waits for somebody else than who asked: the copy takes the cluster’s place, or is given up and removed.",
        ),
        Step::new(
            STOP,
            "Proves every precondition again, then stops the copy and the server.",
        )
        .running(plan.stop_command.clone()),
        Step::new(
            SWAP,
            format!("Renames {pgdata} to {before}, and {beside} to {pgdata}. The old cluster is kept whole."),
        )
        .destructive(),
        Step::new(
            START,
            "Starts the server where it was, at its target; nobody but Muster is let in.",
        )
        .running(plan.start_command.clone()),
        Step::new(
            PROMOTE,
            "Ends recovery: from here on the server writes a timeline of its own.",
        )
        .destructive(),
        Step::new(
            CHECK,
            "Looks through the restored cluster, and whether the master key opens its envelopes.",
        ),
        Step::new(
            LET_IN,
            "Restarts the server with its own settings, so that clients are let in, and gives the host free.",
        ),
    ]
}

/// How a server of this cluster gets its WAL.
pub fn recovery(plan: &RestorePitr, tool: &[String]) -> Recovery {
    Recovery {
        tool: tool.to_vec(),
        stanza: plan.stanza.clone(),
        repo: plan.repo,
    }
}

fn argv(plan: &RestorePitr, tool: &[String]) -> Vec<String> {
    let mut argv = tool.to_vec();
    argv.extend([
        format!("--stanza={}", plan.stanza),
        format!("--repo={}", plan.repo),
        format!("--set={}", plan.backup),
        format!("--pg1-path={}", plan.beside()),
    ]);
    match plan.stop {
        RecoveryStop::Time { time, exclusive } => {
            argv.extend([
                "--type=time".into(),
                format!("--target={}", moment(time)),
                "--target-action=pause".into(),
            ]);
            if exclusive {
                argv.push("--target-exclusive".into());
            }
        }
        // A standby goes to the end of the WAL and waits there; any other recovery would promote itself at the first hole.
        RecoveryStop::Latest => argv.push("--type=standby".into()),
    }
    argv.extend(
        plan.timelines
            .last()
            .map(|timeline| format!("--target-timeline={timeline}")),
    );
    argv.extend(["--log-level-console=detail", "--log-level-file=off", "restore"].map(str::to_owned));
    argv
}
