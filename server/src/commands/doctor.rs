//! `muster doctor`: is everything there that the worst day will need? Each line is a check that was really made.

use std::fmt::Write as _;

use adapters::postgres::Binaries;
use adapters::process::{Tool, hygiene};
use domain::role::Actor;
use domain::status::Status;
use recovery::keys::Memory;
use recovery::settings::Deployment;
use recovery::{Clock, collect};
use serde::Serialize;

use super::{exit, print, print_json};
use crate::cli::Exit;
use crate::config::Config;
use crate::web::Site;
use crate::wiring::{self, Reach};

/// How far this machine's clock and a database's may differ, in seconds.
const SKEW: i64 = 5;

#[derive(Serialize)]
struct Check {
    what: String,
    status: Status,
    detail: String,
}

impl Check {
    fn new(what: impl Into<String>, status: Status, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            status,
            detail: detail.into(),
        }
    }

    fn of<T, E: std::fmt::Display>(what: &str, done: Result<T, E>, said: impl FnOnce(T) -> String) -> Self {
        match done {
            Ok(value) => Self::new(what, Status::Ok, said(value)),
            Err(error) => Self::new(what, Status::Broken, error.to_string()),
        }
    }
}

pub async fn run(config: &Config, json: bool) -> anyhow::Result<Exit> {
    let mut checks = host(config).await;
    checks.push(provider(config).await);
    match wiring::settings(config, Reach::Restore) {
        Ok(settings) => {
            for deployment in &settings.deployments {
                checks.extend(reach(deployment).await);
            }
        }
        Err(error) => checks.push(Check::new("configuration", Status::Broken, format!("{error:#}"))),
    }
    let code = exit(checks.iter().map(|check| check.status));
    if json {
        print_json(&serde_json::json!({"schema": "muster.doctor/1", "checks": checks}))?;
    } else {
        print(&text(&checks));
    }
    Ok(code)
}

async fn host(config: &Config) -> Vec<Check> {
    let problems: Vec<String> = hygiene::harden().problems().map(ToOwned::to_owned).collect();
    let hardened = if problems.is_empty() {
        Check::new("process", Status::Ok, "can be neither dumped nor traced")
    } else {
        Check::new("process", Status::Broken, problems.join("; "))
    };
    let version = Tool::new("pgbackrest").invoke(["version"]).output().await;
    vec![
        hardened,
        Check::of("PostgreSQL", Binaries::find(None), |found| {
            format!("programs of version {}", found.version)
        }),
        Check::of("pgBackRest", version, |output| output.text().trim().to_owned()),
        Check::of("browser bundle", Site::find(config.site_dir.as_deref()), |site| {
            format!("build {}", site.build())
        }),
    ]
}

async fn provider(config: &Config) -> Check {
    let what = "identity provider";
    let provider = match wiring::provider(config) {
        Ok(provider) => provider,
        Err(error) => return Check::new(what, Status::Broken, format!("{error:#}")),
    };
    match provider.probe().await {
        // Whether it proves fresh logins shows only in a login.
        Ok(()) => Check::new(what, Status::Ok, "answers; a login shows whether it sends auth_time"),
        Err(error) => Check::new(what, Status::Broken, error.to_string()),
    }
}

async fn reach(deployment: &Deployment) -> Vec<Check> {
    let now = Clock::system().now();
    let (actor, memory) = (Actor::job("shell"), Memory::None);
    let name = |what: &str| format!("{}: {what}", deployment.name);
    let vitals = collect::vitals(deployment).await;
    let mut checks = vec![match &vitals {
        Ok(vitals) => {
            let apart = (now - vitals.read_at).num_seconds().abs();
            let status = if apart <= SKEW { Status::Ok } else { Status::Broken };
            let said = format!("PostgreSQL {}, clocks {apart} s apart", vitals.server_version);
            Check::new(name("live database"), status, said)
        }
        Err(reason) => Check::new(name("live database"), Status::Broken, reason.clone()),
    }];
    for source in &deployment.sources {
        let read = collect::source(deployment, source, vitals.as_ref().ok(), &memory, &actor, now).await;
        checks.push(match read {
            Ok(reading) => Check::new(name(source.name()), reading.status, reading.detail),
            Err(reason) => Check::new(name(source.name()), Status::Unknown, reason),
        });
    }
    let keys = recovery::keys::prove(deployment, &memory, &actor, now).await;
    // Drift is a finding, not a fault of the set-up: what counts here is whether the proof could be made.
    let status = if keys.status == Status::Unknown {
        Status::Unknown
    } else {
        Status::Ok
    };
    checks.push(Check::new(name("master key"), status, keys.detail));
    checks
}

fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let _ = writeln!(text, "{:<8} {}: {}", check.status.word(), check.what, check.detail);
    }
    text
}
