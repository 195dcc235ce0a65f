//! `[deployment.drill]` and `[[deployment.check]]`: when drills begin by themselves, and what the site itself asks of the restored copy.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::TimeZone;

/// The first night of each quarter.
const QUARTERLY: &str = "0 3 1 1,4,7,10 *";

/// When drills begin by themselves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Drill {
    /// Five fields, as in crontab(5): minute, hour, day of month, month, day of week. Left out: once a quarter.
    #[schemars(extend("format" = "not-empty"))]
    pub schedule: String,
    /// Zone of these times, such as `Europe/Berlin`. Left out: UTC.
    pub timezone: Option<TimeZone>,
    /// Which backup.
    pub backup: DrillBackup,
    /// Drills begin only when somebody starts one.
    pub off: bool,
}

/// Which backup a scheduled drill takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DrillBackup {
    /// Any that is believed to be good: over time each gets its turn.
    #[default]
    Random,
    /// What would be restored today.
    Latest,
    /// Whichever backup and WAL lead to the latest time that can be restored to, around a hole in the WAL too.
    LatestRestorableTime,
}

impl Default for Drill {
    fn default() -> Self {
        Self {
            schedule: QUARTERLY.into(),
            timezone: None,
            backup: DrillBackup::Random,
            off: false,
        }
    }
}

/// A question to the restored copy.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SiteCheck {
    #[schemars(extend("format" = "not-empty"))]
    pub name: String,
    /// One statement that answers one value.
    #[schemars(extend("format" = "not-empty"))]
    pub query: String,
    /// That value, as psql prints it.
    pub expect: String,
}
