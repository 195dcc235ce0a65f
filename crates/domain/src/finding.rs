//! What diagnosis found: the cause with its evidence, which other causes were ruled out, what to do in this state, and what would show that
//! the finding is wrong. Findings are documents that people act on at night, so each carries all of that itself.

mod life;

use serde::{Deserialize, Serialize};

use crate::emergency::Emergency;
use crate::status::Status;
use crate::time::Timestamp;

pub use life::{Acknowledged, Change, Heard, Record, State};

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing before the next recovery.
    Info,
    /// A recovery would be worse for it, or something heals by itself.
    Warning,
    /// Data, access or the way back is lost or about to be.
    Error,
}

impl Severity {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One fact that the rule matched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    pub fact: String,
    pub value: String,
    pub observed_at: Option<Timestamp>,
    pub source: String,
}

/// Another cause of the same symptom, and why it isn't this time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rival {
    pub cause: String,
    pub ruled_out: String,
}

/// One step of the recovery, with commands that can be copied.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    pub text: String,
    /// Where Ampora runs in Kubernetes.
    pub kubernetes: Option<String>,
    /// Where Ampora is a service of a machine.
    pub binary: Option<String>,
    /// The same command wherever Ampora runs: SQL, or a tool beside the database.
    pub anywhere: Option<String>,
}

impl Step {
    /// A step that is only told.
    pub fn told(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kubernetes: None,
            binary: None,
            anywhere: None,
        }
    }

    /// A step whose command depends on where Ampora runs.
    pub fn run(text: impl Into<String>, kubernetes: impl Into<String>, binary: impl Into<String>) -> Self {
        Self {
            kubernetes: Some(kubernetes.into()),
            binary: Some(binary.into()),
            ..Self::told(text)
        }
    }

    /// A step whose command is the same everywhere.
    pub fn anywhere(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            anywhere: Some(command.into()),
            ..Self::told(text)
        }
    }
}

/// A request that would cure it, for a form that is filled in beforehand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cure {
    RetrieveKey {
        version: String,
    },
    /// The key in use becomes the manager’s current version.
    KeyCatchUp,
    RestoreDump {
        source: String,
        backup: String,
    },
    /// A point in time that a window reaches.
    RestoreTo {
        at: Timestamp,
        /// The source with that window, where Muster can set its cluster back.
        #[serde(default)]
        source: Option<String>,
    },
    /// A new instance of that moment, of a source in RDS.
    RestoreRds {
        source: String,
        at: Timestamp,
    },
    /// The lines of this request’s gap report, each with its form.
    Settle {
        request: i64,
    },
}

/// What a rule found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Found {
    pub severity: Severity,
    /// One sentence that names the fact.
    pub title: String,
    pub cause: String,
    pub steps: Vec<Step>,
    pub evidence: Vec<Evidence>,
    pub rivals: Vec<Rival>,
    /// What would show that the finding is wrong.
    pub refutes: String,
    pub cure: Option<Cure>,
}

impl Found {
    /// The steps as one text, numbered, with their commands.
    #[must_use]
    pub fn recovery(&self) -> String {
        let mut text = String::new();
        for (number, step) in self.steps.iter().enumerate() {
            text.push_str(&format!("{}. {}\n", number + 1, step.text));
            let commands = [
                ("Kubernetes", &step.kubernetes),
                ("binary", &step.binary),
                ("run", &step.anywhere),
            ];
            for (place, command) in commands {
                for line in command.iter().flat_map(|command| command.lines()) {
                    text.push_str(&format!("   {place}: {line}\n"));
                }
            }
        }
        text.trim_end().to_owned()
    }
}

/// `muster diagnose --json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    pub schema: String,
    pub findings: Vec<Finding>,
    /// Rules that could not be judged, with the reason.
    #[serde(default)]
    pub unknown: Vec<NotJudged>,
    /// What to do first, for each deployment in which something is broken.
    #[serde(default)]
    pub emergencies: Vec<Emergency>,
}

impl Report {
    #[must_use]
    pub fn new(findings: Vec<Finding>, unknown: Vec<NotJudged>) -> Self {
        Self {
            schema: "muster.findings/1".into(),
            findings,
            unknown,
            emergencies: Vec::new(),
        }
    }

    /// What the exit code is drawn from: errors are broken, what could not be judged is unknown, and so is a finding that may not be
    /// believed now.
    #[must_use]
    pub fn statuses(&self) -> Vec<Status> {
        let found = self
            .findings
            .iter()
            .map(|finding| match (finding.state, finding.severity) {
                (State::Unknown, _) => Status::Unknown,
                (_, Severity::Error) => Status::Broken,
                (_, Severity::Warning | Severity::Info) => Status::Ok,
            });
        let unknown = self.unknown.iter().map(|_| Status::Unknown);
        std::iter::once(Status::Ok).chain(found).chain(unknown).collect()
    }
}

/// One finding as it is printed. Fields only grow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub severity: Severity,
    pub deployment: String,
    pub title: String,
    pub cause: String,
    pub recovery: String,
    pub evidence: Vec<Evidence>,
    pub first_seen: Timestamp,
    #[serde(default)]
    pub state: State,
    #[serde(default)]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub rivals: Vec<Rival>,
    #[serde(default)]
    pub refutes: String,
    /// The request that would cure it, as a form is filled in with it.
    #[serde(default)]
    pub cure: Option<Cure>,
    /// Its section of the documentation.
    #[serde(default)]
    pub page: String,
}

impl Finding {
    #[must_use]
    pub fn new(deployment: &str, code: &str, found: Found, state: State, first_seen: Timestamp) -> Self {
        Self {
            code: code.into(),
            severity: found.severity,
            deployment: deployment.into(),
            recovery: found.recovery(),
            title: found.title,
            cause: found.cause,
            evidence: found.evidence,
            first_seen,
            state,
            steps: found.steps,
            rivals: found.rivals,
            refutes: found.refutes,
            cure: found.cure,
            page: format!("docs/failure-modes.md#{code}"),
        }
    }
}

/// A rule that could not be judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotJudged {
    pub deployment: String,
    pub code: String,
    pub reason: String,
}

/// What can't be judged, together where deployment and reason are the same: a manager that is out of reach silences many rules.
#[must_use]
pub fn by_reason(silent: &[NotJudged]) -> Vec<(&NotJudged, Vec<&str>)> {
    let mut together: Vec<(&NotJudged, Vec<&str>)> = Vec::new();
    for one in silent {
        let same = |first: &NotJudged| (&first.deployment, &first.reason) == (&one.deployment, &one.reason);
        match together.iter_mut().find(|(first, _)| same(first)) {
            Some((_, codes)) => codes.push(&one.code),
            None => together.push((one, vec![&one.code])),
        }
    }
    together
}
