//! `muster plan` as text: the digest first, since it is what people compare.

use domain::plan::{Advisory, Basis, DataLoss, Delivery, Pinned, Plan, Range};
use domain::time::{bytes, rfc3339, span};
use recovery::plans::full_disaster::told;

use crate::plan_document::preconditions;

/// One plan.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut text = format!("{}\ndigest  {}\n\n", plan.pinned.title(), plan.pinned.digest());
    for (what, value) in facts(&plan.pinned) {
        text.push_str(&format!("{what:<7} {value}\n"));
    }
    text.push_str(&costs(&plan.advisory, &plan.pinned));
    text.push_str("\nBefore it begins:\n");
    for condition in preconditions(&plan.pinned) {
        text.push_str(&format!("  - {condition}\n"));
    }
    text.push_str("\nSteps:\n");
    for (index, step) in plan.pinned.steps().iter().enumerate() {
        let mark = if step.destructive { " (destructive)" } else { "" };
        text.push_str(&format!("  {}. {}{mark}: {}\n", index + 1, step.name, step.detail));
        if !step.argv.is_empty() {
            text.push_str(&format!("     {}\n", step.argv.join(" ")));
        }
    }
    text
}

/// What is lost, what comes back to life, how long it takes: for plans that restore something.
fn costs(advisory: &Advisory, pinned: &Pinned) -> String {
    let mut text = String::new();
    let mut line = |what: &str, value: &str| text.push_str(&format!("{what:<7} {value}\n"));
    if let Some(loss) = &advisory.data_loss {
        for lost in lost(loss) {
            line("loses", &lost);
        }
    }
    for revived in &advisory.resurrections {
        line("revives", &revived.sentence());
    }
    if !matches!(pinned, Pinned::RetrieveKey(_) | Pinned::KeyCatchUp(_)) {
        line("takes", &takes(&advisory.durations));
    }
    for phase in &advisory.phases {
        let (least, most) = (span(phase.min.into()), span(phase.max.into()));
        line(
            "",
            &format!("{}: {least} to {most}, measured {} times", phase.name, phase.of),
        );
    }
    for warning in &advisory.warnings {
        line("note", warning);
    }
    text
}

fn lost(loss: &DataLoss) -> Vec<String> {
    let basis = match loss.basis {
        Basis::Exact => "counted in the live database",
        Basis::Bounded => "at least, from the last vital signs",
        Basis::Unknown => "not all of it could be counted",
    };
    let seconds = loss
        .seconds
        .map_or_else(|| "an unknown time".into(), |seconds| range(seconds, span));
    let mut lines = vec![format!("{seconds} of production, {basis} at {}", rfc3339(loss.as_of))];
    lines.extend(loss.figures().map(|(what, figure)| match figure {
        Some(figure) => format!("{} {what}", range(figure, |number| number.to_string())),
        None => format!("{what}: unknown"),
    }));
    lines.extend(
        loss.restore_point
            .map(|at| format!("nothing up to {}, the last commit that comes back", rfc3339(at))),
    );
    lines.extend(loss.unknown.iter().map(|why| format!("unknown: {why}")));
    lines
}

fn takes(durations: &[u32]) -> String {
    match (durations.iter().min(), durations.iter().max()) {
        (Some(least), Some(most)) => {
            let (least, most) = (span((*least).into()), span((*most).into()));
            format!("{least} to {most}, measured {} times", durations.len())
        }
        _ => "unknown: no history".into(),
    }
}

fn range(range: Range, show: impl Fn(i64) -> String) -> String {
    match range.max {
        Some(max) if max == range.min => show(max),
        Some(max) => format!("{} to {}", show(range.min), show(max)),
        None => format!("{} or more", show(range.min)),
    }
}

/// What it is done to, from what; a word and a value each.
fn facts(pinned: &Pinned) -> Vec<(&'static str, String)> {
    match pinned {
        Pinned::RestoreDump(plan) => {
            let (target, size) = (&plan.target, bytes(plan.dump_bytes.0));
            let from = format!("{} ({size}, SHA-256 {})", plan.backup, plan.dump_sha256.short());
            let to = format!("{} on {}, owned by {}", target.database, target.server, target.owner);
            vec![("from", from), ("to", to)]
        }
        Pinned::RestorePitr(plan) => {
            let from = format!("{} in {} repo{}", plan.backup, plan.source, plan.repo);
            let server = &plan.server;
            let to = format!(
                "{} on {}, cluster {}",
                server.pgdata, server.host, server.system_identifier
            );
            let mut facts = vec![("from", from), ("to", to)];
            facts.extend(plan.in_place.map(|kept| {
                (
                    "place",
                    format!("in place; {} is copied aside to {}", kept.word(), plan.before()),
                )
            }));
            facts
        }
        Pinned::RetrieveKey(plan) => {
            let mut facts = vec![
                ("from", format!("version {} of {}", plan.version, plan.manager)),
                ("key", plan.fingerprint.to_string()),
            ];
            facts.extend(to(&plan.delivery).into_iter().map(|to| ("to", to)));
            facts
        }
        Pinned::FullDisaster(plan) => {
            let target = &plan.database.target;
            let mut facts = vec![
                ("on", format!("{}, {}", plan.cluster.cluster, plan.cluster.name)),
                ("from", plan.database.backup.clone()),
                ("to", format!("{} on {}", target.database, target.server)),
                ("key", format!("version {}, {}", plan.key.version, plan.key.fingerprint)),
                ("image", plan.manifests.image.clone()),
            ];
            facts.extend(
                plan.manifests
                    .changes
                    .iter()
                    .flat_map(told)
                    .map(|line| ("applies", line)),
            );
            facts
        }
        Pinned::DrillWithKey(plan) => vec![
            ("to", plan.launch.command.join(" ")),
            ("sha-256", plan.launch.program_sha256.to_string()),
            ("on", plan.launch.host.clone()),
            ("for", format!("{} days", plan.valid_days)),
        ],
        Pinned::DrillOnRds(plan) => vec![
            (
                "from",
                format!(
                    "{} ({}) in {}",
                    plan.copy.instance, plan.copy.resource_id, plan.copy.region
                ),
            ),
            (
                "to",
                format!(
                    "a temporary instance of class {} in each drill, security groups {}",
                    plan.copy.class,
                    plan.copy.security_groups.join(", ")
                ),
            ),
            ("for", format!("{} days", plan.valid_days)),
        ],
        Pinned::RestoreRds(plan) => {
            let from = format!("{} ({}) in {}", plan.instance, plan.resource_id, plan.region);
            vec![("from", from), ("to", format!("the new instance {}", plan.target))]
        }
        Pinned::Repoint(plan) => {
            let from = format!("{} on {}", plan.from.database, plan.from.server);
            let to = format!(
                "{} on {}, cluster {}",
                plan.to.database, plan.to.server, plan.to.system_identifier
            );
            vec![("of", plan.ampora.name.clone()), ("from", from), ("to", to)]
        }
        Pinned::KeyCatchUp(plan) => {
            let mut facts = vec![
                ("from", plan.source.clone()),
                ("key", plan.fingerprint.to_string()),
                ("to", format!("{}, behind version {}", plan.manager, plan.expected)),
            ];
            if !plan.pruned.is_empty() {
                facts.push(("removes", plan.pruned.join(", ")));
            }
            facts
        }
    }
}

fn to(delivery: &Delivery) -> Vec<String> {
    match delivery {
        Delivery::ShownOnce => vec!["the requester, shown once".into()],
        Delivery::Sealed { recipient } => vec![format!("the requester, sealed to {recipient}")],
        Delivery::Split { recipients } => {
            let share = |(number, recipient)| format!("share {number} of 2, sealed to {recipient}");
            (1..).zip(recipients).map(share).collect()
        }
        Delivery::Placed(place) => vec![format!("{}, where nothing is", place.manager)],
    }
}
