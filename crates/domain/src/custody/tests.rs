use super::*;

fn version(name: &str, life: Life, keep: Keep, current: bool) -> Version {
    Version {
        name: name.into(),
        created_at: None,
        current,
        life,
        keep,
        labels: Vec::new(),
    }
}

#[test]
fn a_version_is_called_by_its_life_its_end_and_its_place() {
    let risky = || Keep::AtRisk {
        why: "no staging label".into(),
    };
    let writes = |left| Keep::Writes {
        left,
        why: "max_versions 10".into(),
    };
    let secret = Secret {
        versions: vec![
            version("1", Life::Destroyed, Keep::Kept, false),
            version("2", Life::Deleted, Keep::Kept, false),
            version("3", Life::Enabled, writes(1), false),
            version("4", Life::Enabled, risky(), false),
            version("5", Life::Enabled, writes(2), false),
            version("6", Life::Enabled, Keep::Kept, false),
            version("7", Life::Disabled, Keep::Kept, false),
            version("8", Life::Enabled, writes(1), true),
            version("9", Life::Enabled, Keep::Unknown, false),
        ],
        ..Secret::default()
    };
    let words: Vec<_> = (0..secret.versions.len())
        .map(|index| secret.state(index).unwrap().word())
        .collect();
    assert_eq!(
        words,
        [
            "destroyed",
            "deleted",
            "expiring",
            "expiring",
            "older",
            "previous",
            "disabled",
            "current",
            "pending"
        ]
    );
    assert_eq!(secret.current().unwrap().name, "8");
    assert_eq!(secret.state(9), None);
}

#[test]
fn without_a_current_version_none_is_previous() {
    let secret = Secret {
        versions: vec![version("1", Life::Enabled, Keep::Kept, false)],
        ..Secret::default()
    };
    assert_eq!(secret.state(0), Some(State::Older));
}

fn writes(left: u32) -> Keep {
    Keep::Writes {
        left,
        why: "max_versions".into(),
    }
}

fn names<'s>(versions: &[&'s Version]) -> Vec<&'s str> {
    versions.iter().map(|version| version.name.as_str()).collect()
}

#[test]
fn the_next_write_costs_what_is_kept_for_one_more_and_still_there() {
    let until = Keep::Until {
        at: Timestamp::UNIX_EPOCH,
        why: "delete_version_after".into(),
    };
    let secret = Secret {
        versions: vec![
            version("1", Life::Destroyed, writes(1), false),
            version("2", Life::Deleted, writes(1), false),
            version("3", Life::Disabled, writes(1), false),
            version("4", Life::Enabled, writes(2), false),
            version("5", Life::Enabled, until, false),
            version("6", Life::Enabled, Keep::Unknown, false),
            version("7", Life::Destroyed, Keep::Unknown, false),
            version("8", Life::Enabled, Keep::Kept, false),
        ],
        ..Secret::default()
    };
    assert_eq!(names(&secret.pruned_by_next_write()), ["2", "3"]);
    assert_eq!(names(&secret.unclear_at_next_write()), ["6"]);
}

#[test]
fn a_manager_that_keeps_everything_loses_nothing() {
    let secret = Secret {
        versions: vec![version("1", Life::Enabled, Keep::Kept, false)],
        ..Secret::default()
    };
    assert!(secret.pruned_by_next_write().is_empty() && secret.unclear_at_next_write().is_empty());
    assert!(Secret::default().pruned_by_next_write().is_empty());
}
