//! The plan of a standing approval: which launcher gets the key, as it is configured and as its program lies on this machine.

use adapters::kubernetes::{Overlay, address};
use adapters::sandbox::program_of;
use domain::plan::{Advisory, DrillWithKey, LONGEST_DAYS, Launch, LaunchCluster, Pinned, Plan, Step};

use super::Planner;
use crate::Error;
use crate::settings::{Agents, Deployment, Overlaid, Sandbox};

const NO_LAUNCHER: &str = "No launcher is configured: [deployment.sandbox] launcher.";
const EVERY_DRILL: &str = "Until its time is over each drill of this deployment hands the master key to this launcher, whoever starts the drill: \
     its schedule does, and one operator can.";
const IN_CLUSTER: &str = "In each such drill the key lies in a Secret of the drill’s namespace, where whoever may read Secrets in this cluster can read it. \
     Whether the cluster enforces NetworkPolicies is for you to know: Muster can’t see it.";
const SIGNS: &str = "The program runs without a network, beside a copy of production. It holds the master key and with it the authority’s key: \
     look at where it comes from.";

impl Planner<'_> {
    pub(super) async fn drill_with_key(&self, days: u32) -> Result<Plan, Error> {
        stands_for(days)?;
        let launch = launch(self.deployment).await.map_err(Error::invalid)?;
        let step = Step::new(
            "hand-over",
            "In each drill: once every other check is done, starts the program on the restored copy and gives it the key.",
        );
        let signs = if launch.cluster.is_some() { IN_CLUSTER } else { SIGNS };
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
                warnings: vec![EVERY_DRILL.into(), signs.into()],
            },
            made_at: self.clock.now(),
        })
    }
}

/// Whether an approval may stand for so long.
pub(super) fn stands_for(days: u32) -> Result<(), Error> {
    if (1..=LONGEST_DAYS).contains(&days) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Such an approval stands for 1 to {LONGEST_DAYS} days."
    )))
}

/// What a drill would start, as it is now.
#[derive(Clone, Debug)]
pub enum Launcher {
    /// Program and arguments.
    Here(Vec<String>),
    /// The very objects that were hashed.
    InCluster(Box<Overlaid>, Overlay),
}

/// The launcher as it is now, for people and for the drill that starts it.
///
/// # Errors
/// In words, if there is none, its program can't be read, or its overlay isn't one that would be applied.
pub async fn launcher(deployment: &Deployment) -> Result<(Launch, Launcher), String> {
    let sandbox = deployment.drills.sandbox.as_ref().ok_or(NO_LAUNCHER)?;
    match &sandbox.agents {
        Agents::Not(why) => Err(why.clone()),
        Agents::Launched(command) => here(command, sandbox).await,
        Agents::InCluster(overlaid) => in_cluster(overlaid).await,
    }
}

/// What of it people agree to.
///
/// # Errors
/// As [`launcher`].
pub async fn launch(deployment: &Deployment) -> Result<Launch, String> {
    launcher(deployment).await.map(|(launch, _)| launch)
}

async fn here(command: &[String], sandbox: &Sandbox) -> Result<(Launch, Launcher), String> {
    let program = program_of(command).map_err(|error| error.to_string())?;
    let hashed = tokio::task::spawn_blocking(move || program.sha256()).await;
    let program_sha256 = hashed
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    let launch = Launch {
        host: crate::runs::hostname(),
        namespace: format!("namespaces of its own, below {}", sandbox.places.root.display()),
        command: command.into(),
        program_sha256,
        cluster: None,
    };
    Ok((launch, Launcher::Here(command.into())))
}

async fn in_cluster(overlaid: &Overlaid) -> Result<(Launch, Launcher), String> {
    let overlay = Overlay::render(&overlaid.overlay, &overlaid.namespace).await;
    let overlay = overlay.map_err(|error| error.to_string())?;
    let command = [
        "kubectl".into(),
        "kustomize".into(),
        overlaid.overlay.display().to_string(),
    ];
    let launch = Launch {
        host: format!("the cluster at {}", address(&overlaid.cluster)),
        namespace: format!(
            "a namespace {}-… of its own, cut off by a NetworkPolicy",
            overlaid.namespace
        ),
        command: command.into(),
        program_sha256: overlay.sha256,
        cluster: Some(LaunchCluster {
            agents: overlaid.agents.clone(),
            database: overlaid.openings.database.to_string(),
            from: overlaid.openings.from.clone(),
        }),
    };
    Ok((launch, Launcher::InCluster(overlaid.clone().into(), overlay)))
}
