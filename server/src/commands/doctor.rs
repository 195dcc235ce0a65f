//! `muster doctor`: is everything there that the worst day will need? Each line is a check that was really made. Reads no key.

mod deployment;
mod host;
mod notify;
mod rights;

use domain::status::Status;
use serde::Serialize;

use super::exit;
use crate::cli::Exit;
use crate::config::Config;
use crate::print;
use crate::wiring::{self, Reach};

/// One check and what came of it.
#[derive(Serialize)]
struct Check {
    what: String,
    status: Status,
    detail: String,
    /// Whether the exit code minds it: what could be set up more safely works all the same.
    #[serde(skip)]
    counts: bool,
}

impl Check {
    fn new(what: impl Into<String>, status: Status, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            status,
            detail: detail.into(),
            counts: true,
        }
    }

    /// Said, and left out of the exit code.
    fn advice(self) -> Self {
        Self { counts: false, ..self }
    }

    /// What failed is broken.
    fn of<T, E: std::fmt::Display>(
        what: impl Into<String>,
        done: Result<T, E>,
        said: impl FnOnce(T) -> String,
    ) -> Self {
        match done {
            Ok(value) => Self::new(what, Status::Ok, said(value)),
            Err(error) => Self::new(what, Status::Broken, format!("{error:#}")),
        }
    }
}

pub async fn run(config: &Config, json: bool) -> anyhow::Result<Exit> {
    let mut checks = host::checks(config).await;
    checks.extend(notify::checks(config).await);
    match wiring::settings(config, Reach::Restore) {
        Ok(settings) => {
            for deployment in &settings.deployments {
                checks.extend(deployment::checks(deployment).await);
            }
        }
        Err(error) => checks.push(Check::new("credentials", Status::Broken, format!("{error:#}"))),
    }
    let code = exit(checks.iter().filter(|check| check.counts).map(|check| check.status));
    if json {
        print::json(&serde_json::json!({"schema": "muster.doctor/1", "checks": checks}))?;
    } else {
        let rows: Vec<_> = checks
            .into_iter()
            .map(|check| [check.status.word().into(), check.what, check.detail])
            .collect();
        print::text(&print::aligned(&rows));
    }
    Ok(code)
}
