//! The site's own questions.

use std::time::Duration;

use adapters::sandbox::SiteAnswer;
use domain::drill::{Check, names};

use super::Look;
use crate::settings::SiteCheck;

const PATIENCE: Duration = Duration::from_secs(60);

pub async fn checks(look: &Look<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    for question in &look.run.deployment.drills.checks {
        checks.push(ask(look, question).await);
    }
    checks
}

async fn ask(look: &Look<'_>, question: &SiteCheck) -> Check {
    let name = format!("{}{}", names::SITE, question.name);
    let answer = look.copy.ask(&look.copied.database, &question.query, PATIENCE).await;
    let check = match answer {
        Err(error) => Check::broken(name, error.to_string()),
        Ok(SiteAnswer::TooSlow) => Check::not_run(name, format!("no answer within {} s", PATIENCE.as_secs())),
        Ok(SiteAnswer::NoRow | SiteAnswer::Value(None)) => Check::broken(
            name,
            format!("it answered nothing, and {} was expected", question.expect),
        ),
        Ok(SiteAnswer::Value(Some(value))) if value == question.expect => Check::ok(name, value),
        Ok(SiteAnswer::Value(Some(value))) => Check::broken(
            name,
            format!("it answered {value}, and {} was expected", question.expect),
        ),
    };
    check.because("query", &question.query)
}
