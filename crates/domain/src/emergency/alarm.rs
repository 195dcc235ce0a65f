//! When there is an emergency. The Overview stays calm for everything that can wait until the morning.

use serde::{Deserialize, Serialize};

/// One reason to get up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alarm {
    /// Stable, for programs: the code of a finding, or `nothing-comes-back`, `key-does-not-open`, `live-database-silent`.
    pub code: String,
    pub title: String,
}

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// Open findings of severity error: code and title.
    pub errors: Vec<(String, String)>,
    /// Every source was read, and nothing can be restored.
    pub nothing_comes_back: bool,
    /// What the proof of the key said, where it is broken.
    pub key: Option<String>,
    /// Why the live database, which could be read before, doesn't answer any more.
    pub silent: Option<String>,
}

/// Why there is an emergency, the worst first. Empty: there is none.
#[must_use]
pub fn alarms(signs: &Signs) -> Vec<Alarm> {
    let alarm = |code: &str, title: String| Alarm {
        code: code.into(),
        title,
    };
    let silent = signs.silent.iter().map(|why| {
        alarm(
            "live-database-silent",
            format!("The live database doesn’t answer: {why}"),
        )
    });
    let nothing = signs
        .nothing_comes_back
        .then(|| alarm("nothing-comes-back", "No backup can be restored".into()));
    let key = signs
        .key
        .iter()
        .map(|why| alarm("key-does-not-open", format!("Master key: {why}")));
    let errors = signs.errors.iter().map(|(code, title)| alarm(code, title.clone()));
    silent.chain(nothing).chain(key).chain(errors).collect()
}
