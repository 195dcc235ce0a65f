//! This machine: the process, the tools, the folders, the identity provider.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use adapters::memory::{self, Bar};
use adapters::postgres::Binaries;
use adapters::process::{RunAs, Tool};
use domain::status::Status;
use rustix::process::geteuid;

use super::Check;
use crate::config::Config;
use crate::web::Site;
use crate::wiring;

pub async fn checks(config: &Config) -> Vec<Check> {
    let version = Tool::new("pgbackrest").invoke(["version"]).output().await;
    let mut checks = memory();
    checks.extend([
        Check::of("tools run as", RunAs::unprivileged(), |user| {
            user.map_or_else(|| "this very user".into(), |user| user.name)
        }),
        Check::of("PostgreSQL", Binaries::find(None), |found| {
            format!("programs of version {}", found.version)
        }),
        Check::of("pgBackRest", version, |output| output.text().trim().to_owned()),
        Check::of("browser bundle", Site::find(config.site_dir.as_deref()), |site| {
            format!("build {}", site.build())
        }),
        data_dir(config),
        provider(config).await,
    ]);
    checks
}

/// The ways by which a key in memory could get out. What no process can close is listed too, since silence would promise it.
fn memory() -> Vec<Check> {
    let report = memory::guard();
    let guards = report.guards.iter().map(|guard| {
        let (status, says) = match &guard.bar {
            Bar::Holds(by) => (Status::Ok, by.clone()),
            Bar::Open { why, remedy } => (Status::Broken, format!("{why}; {remedy}")),
            Bar::Unknown(why) => (Status::Unknown, why.clone()),
        };
        Check::new(format!("memory: {}", guard.way), status, says).advice()
    });
    let limits = memory::LIMITS
        .iter()
        .map(|limit| Check::new("memory: not kept in", Status::Unknown, *limit).advice());
    guards.chain(limits).collect()
}

/// Whoever else may write there could put a cluster of their own in place of Muster's.
fn data_dir(config: &Config) -> Check {
    let what = "data directory";
    let path = config.data_dir.display();
    match std::fs::metadata(&config.data_dir) {
        Ok(found) if !found.is_dir() => Check::new(what, Status::Broken, format!("{path} is no folder")),
        Ok(found) => judged(what, &path.to_string(), &found),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Check::new(
            what,
            Status::Ok,
            format!("{path} isn't there yet; it is made at the first start"),
        ),
        Err(error) => Check::new(what, Status::Broken, format!("{path}: {error}")),
    }
}

fn judged(what: &str, path: &str, found: &Metadata) -> Check {
    let mode = found.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        let advice = format!("others may write into {path} (mode {mode:o}): chmod go-w it");
        return Check::new(what, Status::Broken, advice);
    }
    if found.uid() != geteuid().as_raw() {
        let advice = format!(
            "{path} belongs to user id {}, not to the one that runs this",
            found.uid()
        );
        return Check::new(what, Status::Broken, advice);
    }
    Check::new(what, Status::Ok, format!("{path}, mode {mode:o}"))
}

async fn provider(config: &Config) -> Check {
    let what = "identity provider";
    let provider = match wiring::provider(config) {
        Ok(provider) => provider,
        Err(error) => return Check::new(what, Status::Broken, format!("{error:#}")),
    };
    // Whether it proves fresh logins shows only in a login.
    let said = |()| "answers; only a login shows whether it sends auth_time".into();
    Check::of(what, provider.probe().await, said)
}
