//! Deployments made up for the tests of the pages: as good as can be, unknown throughout, empty, huge, hostile.

use chrono::{DateTime, Duration};
use domain::inventory::{Inventory, Keys};
use domain::observation::Observation;
use domain::status::Status;
use domain::time::Timestamp;
use domain::upgrade::{Part, Upgrade};
use recovery::overview::{ComesBack, Rehearsed, View};

mod backups;
mod facts;
mod findings;
mod history;
mod keys;

pub use backups::{backup, backups, gap, many, window};
pub use facts::{NOT_SET_UP, artifacts, policy, policy_unknown, sources, vitals};
pub use findings::told;
pub use history::{in_step, parted, silent};
pub use keys::{behind, coverage, coverage_of_troubled, fingerprint, half_rotated, in_sync, troubled};

use super::Links;

/// Tue 6 Oct 2026, 01:14:26 UTC.
pub fn ago(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_791_249_266, 0).expect("in range") - Duration::seconds(seconds)
}

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;
/// What somebody could call a backup to deceive whoever reads it.
pub const HOSTILE: &str = "\u{202e}pmud.<script>alert(1)</script>\"'&\u{200b}";

pub fn links() -> Links {
    Links {
        deployment: "ampora-prod".into(),
        is_default: true,
    }
}

/// When the keys are read, in seconds.
const KEYS_EVERY: u32 = 6 * 3_600;

fn proof(keys: Keys, age: i64) -> Observation<Keys> {
    Observation::never("master key", KEYS_EVERY).updated(Ok(keys), ago(age))
}

/// Everything read within its limit; the key is one rotation behind and there is a gap.
pub fn fresh() -> View {
    let backups = backups();
    let best = window(4 * DAY, 131);
    let proven = Keys {
        coverage: coverage(&backups),
        ..behind()
    };
    let inventory = Inventory {
        name: "ampora-prod".into(),
        sources: sources(),
        artifacts: artifacts(Status::Ok),
        backups,
        windows: vec![window(9 * DAY, 5 * DAY), best.clone()],
        gaps: vec![gap()],
        policy: policy(),
        not_backed_up: domain::inventory::NotBackedUp::documented(),
    };
    View {
        name: "ampora-prod".into(),
        region: Some("eu-central-1".into()),
        now: ago(0),
        inventory,
        vitals: Observation::never("database", 30).updated(Ok(vitals()), ago(12)),
        keys: proof(behind(), 125),
        proven: Some(proven),
        comes_back: ComesBack::UpTo {
            window: best,
            lost_seconds: Some(131),
        },
        past_windows: Vec::new(),
        not_set_up: NOT_SET_UP.to_vec(),
        can_restore: true,
        upgrades: vec![Upgrade {
            what: Part::MigrationHead,
            from: "20260801_AddTags".into(),
            to: "20260901_AddPolicies".into(),
            last_old: ago(3 * DAY + 60),
            first_new: ago(3 * DAY),
        }],
        durations: Vec::new(),
        rehearsed: Rehearsed::default(),
        waiting: 1,
    }
}

/// The same, all in step.
pub fn good() -> View {
    let mut view = fresh();
    view.keys = proof(in_sync(), 125);
    view.proven = Some(in_sync());
    view.inventory.artifacts[1].status = Status::Ok;
    view.inventory.artifacts[1].detail = in_sync().detail;
    view.durations = vec![251, 244, 260];
    view
}

/// The same after every source fell silent.
pub fn unknown() -> View {
    let mut view = fresh();
    let refused = "pgbackrest info: connection refused";
    view.past_windows = std::mem::take(&mut view.inventory.windows);
    view.inventory.gaps.clear();
    for (line, minutes) in view.inventory.sources.iter_mut().zip([43, 44]) {
        line.status = Status::Unknown;
        line.observed_at = Some(ago(minutes * 60));
        line.detail = refused.into();
    }
    for backup in &mut view.inventory.backups {
        backup.detail = format!("last known: {}; now: {refused}", backup.detail);
        backup.status = Status::Unknown;
    }
    view.inventory.artifacts = artifacts(Status::Unknown);
    view.inventory.policy = policy_unknown();
    view.vitals = view
        .vitals
        .updated(Err("connection to 10.0.0.7:5432 refused".into()), ago(30));
    view.keys = proof(behind(), 2 * DAY);
    view.proven = None;
    view.comes_back = ComesBack::Unknown {
        reason: format!("pgbr-main: {refused}"),
    };
    view
}

/// A deployment of which only the name is configured.
pub fn empty() -> View {
    let mut view = unknown();
    view.inventory.sources.clear();
    view.inventory.backups.clear();
    view.past_windows.clear();
    view.vitals = Observation::never("database", 30).updated(Err("no live database is configured".into()), ago(1));
    view.keys = Observation::never("master key", 30);
    view.comes_back = ComesBack::Unknown {
        reason: "no source of backups is configured".into(),
    };
    view.not_set_up = view.inventory.artifacts.iter().map(|artifact| artifact.kind).collect();
    view.can_restore = false;
    view.waiting = 0;
    view
}

/// Ten thousand backups.
pub fn huge() -> View {
    let mut view = fresh();
    view.inventory.backups = many();
    if let Some(keys) = &mut view.proven {
        keys.coverage = coverage(&view.inventory.backups);
    }
    view
}

/// Every text from outside is hostile.
pub fn hostile() -> View {
    let mut view = unknown();
    for line in &mut view.inventory.sources {
        line.name = HOSTILE.into();
        line.detail = HOSTILE.into();
    }
    for backup in &mut view.inventory.backups {
        backup.source = HOSTILE.into();
        backup.label = format!("{}{HOSTILE}", backup.label);
        backup.detail = HOSTILE.into();
        backup.parent = Some(HOSTILE.into());
    }
    let mut keys = troubled();
    keys.detail = HOSTILE.into();
    for version in &mut keys.versions {
        version.version.push_str(HOSTILE);
        version.manager = HOSTILE.into();
        version.detail = HOSTILE.into();
        version.labels = vec![HOSTILE.into()];
    }
    for replica in &mut keys.replicas {
        replica.name = HOSTILE.into();
        replica.detail = HOSTILE.into();
    }
    if let Some(secret) = &mut keys.secret {
        secret.remarks = vec![HOSTILE.into()];
        secret.copies[0].place = HOSTILE.into();
    }
    keys.coverage = coverage(&view.inventory.backups);
    view.keys = proof(keys.clone(), 125);
    view.proven = Some(keys);
    let past = view.past_windows.iter_mut();
    past.for_each(|window| window.source = HOSTILE.into());
    view.inventory.windows = view.past_windows.clone();
    view.comes_back = ComesBack::Unknown { reason: HOSTILE.into() };
    view
}
