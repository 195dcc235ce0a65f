//! `muster plan` as text: the digest first, since it is what people compare.

use domain::plan::{Pinned, Plan};
use domain::time::{bytes, span};

use crate::plan_document::preconditions;

/// One plan.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut text = format!("{}\ndigest  {}\n\n", plan.pinned.title(), plan.pinned.digest());
    if let Pinned::RestoreDump(restore) = &plan.pinned {
        let (target, size) = (&restore.target, bytes(restore.dump_bytes.0));
        text.push_str(&format!(
            "from    {} ({size}, SHA-256 {})\n",
            restore.backup,
            restore.dump_sha256.short()
        ));
        text.push_str(&format!(
            "to      {} on {}, owned by {}\n",
            target.database, target.server, target.owner
        ));
    }
    if let Some(seconds) = plan.advisory.data_loss.as_ref().and_then(|loss| loss.seconds) {
        text.push_str(&format!("lacks   the last {} of production\n", span(seconds.min)));
    }
    for warning in &plan.advisory.warnings {
        text.push_str(&format!("note    {warning}\n"));
    }
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
