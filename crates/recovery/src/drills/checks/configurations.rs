//! Published configurations: each still is what its recorded hash says.

use domain::drill::{Check, names};

use super::Look;

const NAMED: usize = 3;

pub async fn check(look: &mut Look<'_>) -> Check {
    let versions = &look.schema.configurations;
    if let Some(damaged) = look.damaged(names::CONFIGURATIONS, &versions.versions) {
        return damaged;
    }
    match look.copy.configurations(&look.copied.database, versions).await {
        Err(error) => Check::not_run(names::CONFIGURATIONS, error.to_string()),
        Ok(found) if found.versions == 0 => Check::not_run(names::CONFIGURATIONS, "nothing is published"),
        Ok(found) if found.differ.is_empty() => Check::ok(
            names::CONFIGURATIONS,
            format!("{} published versions have the hash that was recorded", found.versions),
        ),
        Ok(found) => {
            let named: Vec<_> = found
                .differ
                .iter()
                .take(NAMED)
                .map(|differs| differs.version.clone())
                .collect();
            let words = format!(
                "{} of {} published versions aren’t what was published: {}",
                found.differ.len(),
                found.versions,
                named.join(", ")
            );
            Check::broken(names::CONFIGURATIONS, words)
        }
    }
}
