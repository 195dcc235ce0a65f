//! Where and with what drills restore.

use std::path::Path;
use std::time::Duration;

use adapters::kubernetes::{KubernetesSettings, Openings};
use adapters::process::Tool;
use adapters::sandbox::{Limits, Sandboxes};
use chrono_tz::Tz;
use domain::drill::Choice;
use recovery::drills::Signer;
use recovery::settings::{Agents, DrillSite, Drills, ManagedCopy, Overlaid, Sandbox, Schedule, SiteCheck};

use super::Reach;
use super::tools::Tools;
use crate::config::deployment::{self as written, DrillBackup, KubernetesLauncher, Launcher};
use crate::config::{Config, Signing};

/// Folder of sandboxes below the data directory.
const SANDBOXES: &str = "sandbox";
/// Key that signs receipts, where none is configured.
const KEY: &str = "receipt-key.pem";
/// Longest drill, where nothing else is said.
const TIME_LIMIT: Duration = Duration::from_secs(6 * 3600);
/// Folders in which configurations lie.
const CONFIGURATIONS: &str = "/etc/muster";

/// What holds for all deployments.
pub fn site(config: &Config, reach: Reach) -> anyhow::Result<DrillSite> {
    Ok(DrillSite {
        parallel: config.drills.parallel.max(1),
        signer: match reach {
            Reach::Restore => Some(signer(&config.signing, &config.data_dir)?.into()),
            Reach::Pages | Reach::Observe => None,
        },
    })
}

fn signer(signing: &Signing, data_dir: &Path) -> anyhow::Result<Signer> {
    use secrecy::ExposeSecret as _;
    let Some(configured) = &signing.receipt_key else {
        return Ok(Signer::of_file(&data_dir.join(KEY))?);
    };
    match configured.file() {
        Some(path) => Ok(Signer::of_file(path)?),
        None => Ok(Signer::from_pem(configured.read()?.expose_secret())?),
    }
}

/// What holds for one.
pub fn resolve(written: &written::Deployment, reach: Reach, tools: &Tools, data_dir: &Path) -> Drills {
    let drill = &written.drill;
    let schedule = Schedule {
        cron: drill.schedule.clone(),
        zone: drill.timezone.map_or(Tz::UTC, |zone| zone.0),
        choice: match drill.backup {
            DrillBackup::Random => Choice::Random,
            DrillBackup::Latest => Choice::Latest,
            DrillBackup::LatestRestorableTime => Choice::LatestRestorableTime,
        },
    };
    let check = |check: &written::SiteCheck| SiteCheck {
        name: check.name.clone(),
        query: check.query.clone(),
        expect: check.expect.clone(),
    };
    Drills {
        sandbox: (reach == Reach::Restore).then(|| sandbox(&written.sandbox, tools, data_dir)),
        managed: written.sources.iter().filter_map(managed).collect(),
        schedule: (!drill.off).then_some(schedule),
        checks: written.checks.iter().map(check).collect(),
    }
}

/// A managed database that drills may make copies of, by the name of its source.
fn managed(source: &written::Source) -> Option<(String, ManagedCopy)> {
    let written::Source::Rds(rds) = source else {
        return None;
    };
    let drill = rds.drill.as_ref()?;
    let copy = ManagedCopy {
        class: drill.class.clone(),
        subnet_group: drill.subnet_group.clone(),
        parameter_group: drill.parameter_group.clone(),
        security_groups: drill.security_groups.clone(),
    };
    Some((rds.name.clone(), copy))
}

fn sandbox(written: &written::Sandbox, tools: &Tools, data_dir: &Path) -> Sandbox {
    let root = written.root.clone().unwrap_or_else(|| data_dir.join(SANDBOXES));
    Sandbox {
        places: Sandboxes {
            // A relative path would mean another folder to the tools.
            root: std::path::absolute(&root).unwrap_or(root),
            run_as: tools.run_as(),
            hidden: vec![data_dir.to_owned(), CONFIGURATIONS.into()],
            limits: Limits {
                memory: written.memory_limit.unwrap_or(Limits::default().memory),
                cpus: written.cpus,
            },
        },
        bin_dir: written.bin_dir.clone(),
        pgbackrest: pgbackrest(written, tools),
        superusers: written.superuser.iter().cloned().collect(),
        preload: written.preload.clone(),
        roles: written.roles.clone(),
        jobs: written.jobs,
        time_limit: written
            .time_limit
            .and_then(|span| span.0.to_std().ok())
            .unwrap_or(TIME_LIMIT),
        disk_limit: written.disk_limit,
        keep_failed: written.keep_failed.map(|span| span.0),
        encrypted: written.encrypted,
        agents: agents(written),
    }
}

/// A configuration of its own, whose credentials can't write: the host's own could.
fn pgbackrest(written: &written::Sandbox, tools: &Tools) -> Result<Tool, String> {
    let mut command = written.pgbackrest.clone();
    let named = command
        .iter()
        .any(|word| word.starts_with("--config=") || word == "--config");
    match &written.config {
        Some(config) => command.push(format!("--config={}", config.display())),
        None if named => {}
        None => {
            return Err("drills need a pgbackrest.conf of their own, with credentials that can’t write: [deployment.sandbox] config".into());
        }
    }
    let tool = Tool::from_command(&command).map_err(|error| error.to_string())?;
    Ok(tool.run_as(tools.run_as()))
}

pub(super) fn agents(written: &written::Sandbox) -> Agents {
    match (written.agents, &written.launcher) {
        (written::AgentChecks::Off, _) => "switched off: [deployment.sandbox] agents".into(),
        (written::AgentChecks::Probe, Launcher::None) => {
            "no launcher is configured: [deployment.sandbox] launcher".into()
        }
        (written::AgentChecks::Probe, Launcher::Kubernetes(launcher)) => overlaid(launcher),
        (written::AgentChecks::Probe, Launcher::Command(command)) => Agents::Launched(command.clone()),
    }
}

/// Without one of its openings nothing would be reached, and nothing is applied.
fn overlaid(launcher: &KubernetesLauncher) -> Agents {
    let (Some(agents), Some(database), Some(from)) = (&launcher.agents, launcher.database, launcher.from) else {
        return "the launcher of an overlay needs the addresses of both ends: [deployment.sandbox] launcher.kubernetes agents, database and from".into();
    };
    Agents::InCluster(Overlaid {
        cluster: KubernetesSettings {
            kubeconfig: launcher.kubeconfig.clone(),
            context: launcher.context.clone(),
        },
        overlay: launcher.overlay.clone(),
        namespace: launcher.namespace.clone(),
        agents: agents.clone(),
        openings: Openings {
            from: from.0.to_string(),
            database,
        },
    })
}
