//! From `muster.toml` to what the use cases are told: names resolved, secrets read, tools found. What this version can't read is handed on
//! as such, so that pages list it as unknown instead of leaving it out.

mod ampora;
mod artifacts;
mod clouds;
mod deployment;
mod drills;
mod dumps;
mod identity;
mod managers;
mod master_key;
mod sources;
mod tools;
mod urls;

use domain::approval::{LoginRules, Policy};
use domain::role::Rules;
use recovery::settings::{Reveal, Settings};

use crate::config::{self, Approvals, Config};

pub use identity::{provider, provider_or_nobody, public_url};
pub use urls::options;

use tools::Tools;

/// Which credentials a process is given. It holds no more than it needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reach {
    /// None: pages are shown from Muster's own database.
    Pages,
    /// Those that read: live databases, backups, keys.
    Observe,
    /// Also those that restore.
    Restore,
}

/// Resolves the configuration.
///
/// # Errors
/// If a secret that this reach needs can't be read, or the account that tools run as isn't there.
pub fn settings(config: &Config, reach: Reach) -> anyhow::Result<Settings> {
    let tools = Tools::find(&config.data_dir)?;
    let deployments = config
        .deployments
        .iter()
        .map(|written| deployment::resolve(written, reach, &tools, &config.data_dir));
    Ok(Settings {
        deployments: deployments.collect::<anyhow::Result<_>>()?,
        approvals: policy(&config.approvals),
        reveal: match config.approvals.reveal {
            config::Reveal::Sealed => Reveal::Sealed,
            config::Reveal::Shown => Reveal::Shown,
        },
        drills: drills::site(config, reach)?,
    })
}

fn policy(approvals: &Approvals) -> Policy {
    Policy {
        quorum: approvals.quorum,
        request_ttl: approvals.request_ttl.0,
        execution_window: approvals.execution_window.0,
        login: LoginRules {
            max_age: approvals.login_max_age.0,
            skew: approvals.clock_skew.0,
        },
        roles: Rules {
            operators_approve: approvals.operators_approve,
        },
    }
}

#[cfg(test)]
mod tests;
