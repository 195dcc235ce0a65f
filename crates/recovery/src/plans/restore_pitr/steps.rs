//! What the restore does, step by step, and in which words. The run's id, which isn't known yet, is written `{run}`.

use adapters::database_host::Recovery;
use adapters::pgbackrest::moment;
use domain::plan::{Confirmer, Kept, RecoveryStop, RestorePitr, Step};
use domain::time::rfc3339;

pub const VERIFY: &str = "verify-backup";
pub const LOCK: &str = "lock-host";
pub const RESTORE: &str = "restore-beside";
pub const RECOVER: &str = "recover-copy";
pub const CHECK_COPY: &str = "check-copy";
pub const DECIDE: &str = "second-decision";
pub const TAIL: &str = "archive-tail";
pub const ASIDE: &str = "copy-aside";
pub const OVER: &str = "restore-in-place";
pub const STOP: &str = "stop-server";
pub const SWAP: &str = "swap-directories";
pub const START: &str = "start-fenced";
pub const PROMOTE: &str = "promote";
pub const CHECK: &str = "check-restored";
pub use domain::plan::LET_IN;
pub const BACK_UP: &str = "full-backup";
pub const ARCHIVES: &str = "check";

/// The steps in order. `by_hand`: why people have to take the full backup at their end.
pub(super) fn steps(plan: &RestorePitr, tool: &[String], by_hand: Option<&str>) -> Vec<Step> {
    let first = [verify(), lock(plan)];
    let (middle, start) = match plan.in_place {
        None => (
            beside(plan, tool),
            "Starts the server where it was, at its target; nobody but Muster is let in.",
        ),
        Some(kept) => (
            in_place(plan, tool, kept),
            "Stops it and starts it by its own command, at its target; nobody but Muster is let in.",
        ),
    };
    let ends = [back_up(plan, tool, by_hand), archives(plan, tool)];
    let steps = first.into_iter().chain(middle).chain(last(plan, start));
    steps.chain(ends).collect()
}

fn verify() -> Step {
    Step::new(
        VERIFY,
        "Looks again at the backup, all of its WAL and the cluster: they have to be what was approved.",
    )
}

fn lock(plan: &RestorePitr) -> Step {
    let server = &plan.server;
    Step::new(
        LOCK,
        format!("Marks {} on {} as this run’s.", server.pgdata, server.host),
    )
}

fn until(plan: &RestorePitr) -> String {
    match plan.stop {
        RecoveryStop::Time { time, exclusive: false } => rfc3339(time),
        RecoveryStop::Time { time, exclusive: true } => format!("just before {}", rfc3339(time)),
        RecoveryStop::Latest => format!("the end of the archived WAL, {} at least", plan.expected_end),
    }
}

const LOOK: &str = "Looks through the copy: which databases it holds, and whether Ampora’s tenants, authority and migrations are there.";

/// A copy is made and recovered while the cluster goes on, and swapped in.
fn beside(plan: &RestorePitr, tool: &[String]) -> Vec<Step> {
    let (beside, before, pgdata) = (plan.beside(), plan.before(), &plan.server.pgdata);
    let until = until(plan);
    vec![
        Step::new(
            RESTORE,
            format!("Restores the backup into {beside}. The cluster goes on as it is."),
        )
        .running(argv(plan, tool)),
        Step::new(
            RECOVER,
            format!("Starts the copy on a private socket, without archiving and network, and replays WAL to {until}."),
        ),
        Step::new(CHECK_COPY, LOOK),
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
    ]
}

/// The cluster is stopped first, and what nothing else brings back is copied aside before its files are replaced.
fn in_place(plan: &RestorePitr, tool: &[String], kept: Kept) -> Vec<Step> {
    let (before, pgdata) = (plan.before(), &plan.server.pgdata);
    let until = until(plan);
    vec![
        Step::new(STOP, "Proves every precondition again, then stops the server.").running(plan.stop_command.clone()),
        Step::new(TAIL, "Hands to the archive what of its WAL isn’t there yet."),
        Step::new(ASIDE, format!("Copies {} to {before}.", kept.word())),
        Step::new(
            OVER,
            format!("Replaces the files in {pgdata} by those of the backup, if no server runs and it is still the same cluster."),
        )
        .running(argv(plan, tool))
        .destructive(),
        Step::new(
            RECOVER,
            format!("Starts it on a private socket, without archiving and network, and replays WAL to {until}."),
        ),
        Step::new(CHECK_COPY, LOOK),
        Step::new(
            DECIDE,
            "Waits for somebody else than who asked: it is promoted, or given up, and a person puts back what was copied aside.",
        ),
    ]
}

/// From the start at its target to the end.
fn last(plan: &RestorePitr, start: &str) -> Vec<Step> {
    vec![
        Step::new(START, start).running(plan.start_command.clone()),
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

/// Retention stays held off: what this expired could be the way back from a restore that turns out to be the wrong one.
fn back_up(plan: &RestorePitr, tool: &[String], by_hand: Option<&str>) -> Step {
    match by_hand {
        None => Step::new(
            BACK_UP,
            format!(
                "Takes a full backup of the new timeline into repo{} at once, and expires no older one by it. Clients are in already: if it fails, \
                 nothing of the restore is undone.",
                plan.repo
            ),
        )
        .running(called(plan, tool, &["--type=full", "--no-expire-auto", "--log-level-console=detail"], "backup")),
        Some(why) => Step::new(
            BACK_UP,
            format!(
                "Somebody takes a full backup of the new timeline at once, since Muster can’t ({why}): pgbackrest --stanza={} --repo={} --type=full \
                 --no-expire-auto backup. Clients are in already.",
                plan.stanza, plan.repo
            ),
        )
        .confirmed_by(Confirmer::Operator),
    }
}

fn archives(plan: &RestorePitr, tool: &[String]) -> Step {
    Step::new(
        ARCHIVES,
        "Has pgBackRest check that WAL of the restored cluster arrives in each of its repositories.",
    )
    .running(called(plan, tool, &["--log-level-console=info"], "check"))
}

/// A call of the tool for the cluster that was set back.
fn called(plan: &RestorePitr, tool: &[String], options: &[&str], command: &str) -> Vec<String> {
    let mut argv = tool.to_vec();
    argv.push(format!("--stanza={}", plan.stanza));
    if command == "backup" {
        argv.push(format!("--repo={}", plan.repo));
    }
    argv.push(format!("--pg1-path={}", plan.server.pgdata));
    argv.extend(options.iter().copied().map(str::to_owned));
    argv.extend(["--log-level-file=off".into(), command.into()]);
    argv
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
        format!("--pg1-path={}", plan.restored_into()),
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
    if plan.in_place.is_some() {
        argv.push("--delta".into());
    }
    argv.extend(["--log-level-console=detail", "--log-level-file=off", "restore"].map(str::to_owned));
    argv
}
