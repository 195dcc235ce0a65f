//! Which version of Ampora the copy is of: the image that starts on it has to know its newest migration.

use domain::drill::{Check, names};

use super::Look;

pub async fn check(look: &mut Look<'_>) -> Check {
    let table = &look.schema.migrations;
    if let Some(damaged) = look.damaged(names::MIGRATIONS, &table.table) {
        return damaged;
    }
    let head = match look.copy.migration_head(&look.copied.database, table).await {
        Ok(Some(head)) => head,
        Ok(None) => return Check::not_run(names::MIGRATIONS, "no migration was ever applied"),
        Err(error) => return Check::not_run(names::MIGRATIONS, error.to_string()),
    };
    let of = |vitals: Option<&domain::vitals::Vitals>| vitals.and_then(|vitals| vitals.migration_head.clone());
    let (before, after) = (of(look.around.before.first()), of(look.around.after.first()));
    let running = of(look.production).or_else(|| after.clone());
    let fact = |check: Check| {
        check
            .because("in the copy", &head)
            .because("running", running.clone().unwrap_or_else(|| "unknown".into()))
    };
    let older = before.as_ref().is_some_and(|before| head < *before);
    let newer = running.as_ref().is_some_and(|running| head > *running);
    if older {
        return fact(Check::broken(
            names::MIGRATIONS,
            format!("the copy ends at {head}, and a later migration had been applied before"),
        ));
    }
    if newer {
        return fact(Check::broken(
            names::MIGRATIONS,
            format!("the copy is at {head}, which the image that runs now doesn’t know"),
        ));
    }
    match &running {
        None => fact(Check::not_run(
            names::MIGRATIONS,
            format!("the copy is at {head}; nothing is known of the running image"),
        )),
        Some(running) if *running == head => fact(Check::ok(
            names::MIGRATIONS,
            format!("{head}, as the running image has it"),
        )),
        Some(running) => fact(Check::ok(
            names::MIGRATIONS,
            format!("{head}; the running image brings it to {running}"),
        )),
    }
}
