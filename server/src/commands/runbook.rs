//! `muster runbook`: the full-disaster runbook as one file. Works from the configuration alone.

use anyhow::Context as _;
use domain::role::Actor;
use recovery::{Clock, runbook};

use super::chosen;
use crate::cli::{Exit, Runbook};
use crate::config::Config;
use crate::print;
use crate::wiring::{self, Reach};

pub async fn write(config: &Config, options: &Runbook) -> anyhow::Result<Exit> {
    // The commands of a restore need to know where it is restored to.
    let settings = wiring::settings(config, Reach::Restore)?;
    let deployment = chosen(&settings.deployments, Some(&options.deployment))?[0];
    let made = runbook::observed(&settings, deployment, &Actor::job("shell"), Clock::system().now()).await;
    let html = app::runbook::file(&made);
    let out = &options.out;
    std::fs::write(out, html).with_context(|| format!("{} can't be written", out.display()))?;
    let unknown = made.unknown().len();
    print::text(&format!("{}: {} facts are unknown\n", out.display(), unknown));
    Ok(if unknown == 0 { Exit::Ok } else { Exit::Unknown })
}
