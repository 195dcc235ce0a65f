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
mod notify;
mod runbook;
mod sources;
mod tools;
mod urls;

use domain::approval::{LoginRules, Policy};
use domain::role::Rules;
use recovery::settings::{self, Reveal, Settings};

use crate::config::{self, Approvals, Config};

pub use identity::{provider, provider_or_nobody, public_url};
pub use notify::resolve as notify;
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
        contacts: config.contacts.iter().map(contact).collect(),
        notify: notify::as_far_as_known(config, reach),
        runbook: runbook::site(config, reach)?,
    })
}

fn contact(written: &config::Contact) -> settings::Contact {
    let zone = written.timezone.map_or(chrono_tz::UTC, |zone| zone.0);
    settings::Contact {
        name: written.name.clone(),
        role: written.role.clone(),
        phone: written.phone.clone(),
        email: written.email.clone(),
        // Hours that can't be read were refused with the configuration.
        hours: written
            .hours
            .as_ref()
            .and_then(|hours| Some((hours.parse().ok()?, zone))),
    }
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
