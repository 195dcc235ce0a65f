//! The plan of a standing approval: which launcher gets the key, as it is configured and as its program lies on this machine.

use adapters::sandbox::program_of;
use domain::plan::{Advisory, DrillWithKey, LONGEST_DAYS, Launch, Pinned, Plan, Step};

use super::Planner;
use crate::Error;
use crate::settings::{Agents, Deployment};

const NO_LAUNCHER: &str = "No launcher is configured: [deployment.sandbox] launcher.";
const EVERY_DRILL: &str = "Until its time is over each drill of this deployment hands the master key to this program, whoever starts the drill: \
     its schedule does, and one operator can.";
const SIGNS: &str = "The program runs without a network, beside a copy of production. It holds the master key and with it the authority’s key: \
     look at where it comes from.";

impl Planner<'_> {
    pub(super) async fn drill_with_key(&self, days: u32) -> Result<Plan, Error> {
        if !(1..=LONGEST_DAYS).contains(&days) {
            return Err(Error::invalid(format!(
                "Such an approval stands for 1 to {LONGEST_DAYS} days."
            )));
        }
        let launch = launch(self.deployment).await.map_err(Error::invalid)?;
        let step = Step::new(
            "hand-over",
            "In each drill: once every other check is done, starts the program on the restored copy and gives it the key.",
        );
        let plan = DrillWithKey {
            deployment: self.deployment.name.clone(),
            steps: vec![step.running(launch.command.clone())],
            launch,
            valid_days: days,
        };
        Ok(Plan {
            pinned: Pinned::DrillWithKey(plan),
            advisory: Advisory {
                phases: Vec::new(),
                data_loss: None,
                resurrections: Vec::new(),
                durations: Vec::new(),
                warnings: vec![EVERY_DRILL.into(), SIGNS.into()],
            },
            made_at: self.clock.now(),
        })
    }
}

/// The launcher as it is now.
///
/// # Errors
/// In words, if there is none or its program can't be read.
pub async fn launch(deployment: &Deployment) -> Result<Launch, String> {
    let sandbox = deployment.drills.sandbox.as_ref().ok_or(NO_LAUNCHER)?;
    let command = match &sandbox.agents {
        Agents::Launched(command) => command.clone(),
        Agents::Not(why) => return Err(why.clone()),
    };
    let program = program_of(&command).map_err(|error| error.to_string())?;
    let hashed = tokio::task::spawn_blocking(move || program.sha256()).await;
    let program_sha256 = hashed
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    Ok(Launch {
        host: crate::runs::hostname(),
        namespace: format!("namespaces of its own, below {}", sandbox.places.root.display()),
        command,
        program_sha256,
    })
}
