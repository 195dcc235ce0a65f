//! The database was migrated by a newer image than the one that runs: migrations only go forward, so the old image meets tables it doesn't
//! know.

use super::facts::{Facts, History, sign};
use super::steps::stop;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};
use crate::history::Seen;

pub(super) const RULE: Rule = Rule {
    code: "schema-ahead",
    title: "The schema is ahead of the image",
    symptom: "After a rollback Ampora fails on tables or columns it doesn’t know",
    looks: &[Looks::Database, Looks::Images],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let image = facts.image()?;
    let vitals = facts.vitals()?;
    let Some(head) = sign(&vitals.value.signs.migration_head)? else {
        return Ok(None);
    };
    let Some((older, by)) = migrated_by(&facts.history, image.value, head) else {
        return Ok(None);
    };
    let place = &facts.place;
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("The image that runs is older than migration {head}"),
        cause: format!(
            "The migration was first seen under the image {by}; now an image runs that was seen before it, with {}. Migrations only go \
             forward, so rolling back the image doesn’t roll back the schema.",
            older.as_deref().unwrap_or("another head")
        ),
        steps: vec![
            stop(place),
            Step::run(
                "Run the newer image again.",
                format!(
                    "kubectl -n {} set image deploy/{} '*={by}'",
                    place.namespace, place.workload
                ),
                "install the release that ran before the rollback, then: systemctl start ampora",
            ),
            Step::told(
                "Or restore the snapshot from before the upgrade, into a database of its own, and run the older image on that.",
            ),
        ],
        evidence: vec![
            vitals.evidence("migration head", head),
            image.evidence("running image", image.value),
            image.evidence("image that brought the migration", by),
        ],
        rivals: vec![Rival {
            cause: "the image is newer and has no migration of its own".into(),
            ruled_out: "it was seen running before the migration was".into(),
        }],
        refutes: "This image bundling the migration.".into(),
        cure: None,
    }))
}

/// The head that the image had when it ran before, and the image that brought the present one, if the image that runs is the older.
fn migrated_by<'a>(history: &History<'a>, image: &str, head: &str) -> Option<(Option<String>, &'a str)> {
    let brought = history.heads.iter().find(|run| run.value == head)?.since;
    let before = history
        .images
        .iter()
        .rfind(|run| run.value == image && run.until < brought)?;
    let other = |run: &&Seen| run.value != image && run.since <= brought && run.until >= brought;
    let later = |run: &&Seen| run.value != image && run.since >= before.until;
    let by = history
        .images
        .iter()
        .find(other)
        .or_else(|| history.images.iter().find(later))?;
    let older = history
        .heads
        .iter()
        .rfind(|run| run.since <= before.until && run.value != head);
    Some((older.map(|run| run.value.clone()), &by.value))
}
