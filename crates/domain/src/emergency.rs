//! What whoever is on call needs in the first minutes after something broke: what to stop before anything is restored, every usable way
//! back with the command that goes it without Muster, and whom to call. Nothing of it is drawn up while all is well.

mod alarm;
mod back;
mod duty;
mod first_aid;

use serde::{Deserialize, Serialize};

use crate::finding::Step;
use crate::ids::Person;
use crate::time::Timestamp;

pub use alarm::{Alarm, Signs, alarms};
pub use back::{Drilled, Expires, Kept, Rehearsal, Retention, WayBack, ways_back};
pub use duty::{Duty, Hours};
pub use first_aid::{Keeper, Site, Writing, first_aid, writing};

/// One deployment in an emergency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Emergency {
    pub deployment: String,
    /// What is broken, the worst first.
    pub alarms: Vec<Alarm>,
    pub writing: Writing,
    /// Before any restore.
    pub first_aid: Vec<Step>,
    /// The best one first. Empty: none is known.
    pub ways_back: Vec<Route>,
    /// Sources that may not be believed now, so that their ways are missing above: name and reason.
    pub unknown_sources: Vec<(String, String)>,
    pub contacts: Vec<Contact>,
    /// Who has signed in with a role that may approve. `None`: Muster's database doesn't answer.
    pub approvers: Option<Vec<PersonSeen>>,
}

/// One way back as it is printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Route {
    pub source: String,
    /// 0: the source has no repositories.
    pub repo: u32,
    /// `None`: a managed service chooses by itself.
    pub backup: Option<String>,
    pub kind: Option<String>,
    /// The moment that the copy will show.
    pub restores_to: Timestamp,
    /// Whether it surely shows that moment.
    pub exact: bool,
    /// Seconds of commits that are lost at least; `None`: not known.
    pub loss_seconds: Option<i64>,
    /// At most; `None`: not known, or production may have written since it was read.
    pub loss_seconds_at_most: Option<i64>,
    pub drilled: Drilled,
    /// `proven`, `expected`, `refuted`, `missing`, `unknown`.
    pub key: String,
    pub key_version: Option<String>,
    pub expires: Expires,
    /// The commands that a person runs without Muster, each with what it is for. Empty: none is known here.
    pub commands: Vec<Command>,
}

/// A command that a person runs, as an argument vector.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Command {
    pub about: String,
    pub argv: Vec<String>,
}

impl Command {
    /// A command of these words.
    pub fn new<T: Into<String>>(about: impl Into<String>, argv: impl IntoIterator<Item = T>) -> Self {
        Self {
            about: about.into(),
            argv: argv.into_iter().map(Into::into).collect(),
        }
    }
}

/// Whom to call, as the configuration says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    pub role: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// The hours as they are written, with their zone.
    pub hours: Option<String>,
    pub duty: Duty,
}

/// Somebody who has signed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonSeen {
    /// As the identity provider shows it.
    pub name: String,
    pub person: Person,
    /// Those of the last sign-in.
    pub roles: Vec<String>,
    pub seen_at: Timestamp,
}
