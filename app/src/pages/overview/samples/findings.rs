//! What the rules about keys make of a deployment that was made up.

use domain::finding::State;
use domain::inventory::Keys;
use domain::policy::{Fact, Promises};
use domain::rules::{Facts, History, Place, Rule};
use recovery::findings::Told;
use recovery::overview::View;

use super::{DAY, ago};

/// As Diagnostics would tell it; nothing where the proof can't be believed.
pub fn told(view: &View) -> Vec<Told> {
    let Some(keys) = view
        .proven
        .as_ref()
        .filter(|_| view.keys.known(view.now).fresh().is_some())
    else {
        return Vec::new();
    };
    let mut told: Vec<_> = Rule::ALL
        .into_iter()
        .filter(Rule::is_about_keys)
        .filter_map(|rule| judged(rule, keys, view))
        .collect();
    told.sort_by_key(|told| std::cmp::Reverse(told.found.severity));
    told
}

fn judged(rule: Rule, keys: &Keys, view: &View) -> Option<Told> {
    let now = view.now;
    let known = |value: Keys| Fact::Known { value, at: now };
    let facts = Facts {
        now,
        place: Place::default(),
        vitals: Fact::unknown("not read"),
        gone: None,
        traces: Fact::unknown("not read"),
        keys: Some(known(keys.clone())),
        elsewhere: &[],
        exposures: Fact::unknown("not read"),
        archives: Vec::new(),
        sources: &view.inventory.sources,
        backups: &view.inventory.backups,
        windows: &view.inventory.windows,
        lags: Vec::new(),
        history: History::default(),
        image: None,
        crl: None,
        rehearsals: None,
        restored: None,
        set_back: None,
        leftovers: None,
        promises: &Promises::default(),
        clear: std::collections::BTreeMap::new(),
    };
    let found = rule.judge(&facts).ok()??;
    Some(Told {
        code: rule.code,
        found,
        state: State::Open,
        since: Some(ago(DAY)),
    })
}
