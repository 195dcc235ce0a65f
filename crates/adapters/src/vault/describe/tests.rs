use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn entry(deletion: Deletion) -> Entry {
    Entry {
        created_at: None,
        deletion,
        destroyed: false,
    }
}

fn versions(numbers: impl IntoIterator<Item = u64>) -> BTreeMap<u64, Entry> {
    numbers
        .into_iter()
        .map(|number| (number, entry(Deletion::Never)))
        .collect()
}

fn rules(max_versions: u64) -> Rules {
    Rules {
        max_versions: Some(max_versions),
        ..Rules::default()
    }
}

fn metadata(numbers: impl IntoIterator<Item = u64>, max_versions: u64) -> Metadata {
    let versions = versions(numbers);
    Metadata {
        current: versions.keys().next_back().copied(),
        rules: rules(max_versions),
        versions,
        ..Metadata::default()
    }
}

fn left(secret: &Secret) -> Vec<u32> {
    let left = |version: &Version| match version.keep {
        Keep::Writes { left, .. } => left,
        ref other => panic!("{other:?}"),
    };
    secret.versions.iter().map(left).collect()
}

fn at(day: u32) -> Timestamp {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

#[test]
fn the_paths_own_limit_counts_then_the_mounts_then_vaults() {
    for (path, mount, expected) in [
        (3, 5, [1, 2, 3]),
        (7, 5, [5, 6, 7]),
        (0, 5, [3, 4, 5]),
        (0, 0, [8, 9, 10]),
    ] {
        let secret = secret(&metadata(1..=3, path), Ok(&rules(mount)), now());
        assert_eq!(left(&secret), expected, "{path} {mount}");
    }
}

#[test]
fn a_limit_that_was_lowered_takes_all_above_it_with_the_next_write() {
    let secret = secret(&metadata(1..=5, 2), Ok(&rules(0)), now());
    assert_eq!(left(&secret), [1, 1, 1, 1, 2]);
    assert_eq!(secret.pruned_by_next_write().len(), 4);
}

#[test]
fn an_unknown_limit_leaves_it_open_what_the_next_write_removes() {
    let of_mount = secret(&metadata(1..=2, 0), Err("permission denied"), now());
    assert_eq!(of_mount.unclear_at_next_write().len(), 2);
    assert!(
        of_mount.remarks[0].contains("isn’t known which versions the next write removes: permission denied"),
        "{:?}",
        of_mount.remarks
    );
    let odd = Rules {
        max_versions: None,
        ..Rules::default()
    };
    let odd = secret(&metadata(1..=2, 0), Ok(&odd), now());
    assert_eq!(odd.unclear_at_next_write().len(), 2);
    assert!(odd.remarks[0].contains("isn’t a number"), "{:?}", odd.remarks);
    let own = secret(&metadata(1..=2, 3), Err("permission denied"), now());
    assert_eq!(left(&own), [2, 3]);
}

#[test]
fn a_date_is_named_unless_the_next_write_comes_first() {
    let mut metadata = metadata(1..=3, 3);
    for (number, deletion) in [
        (1, Deletion::At(at(25))),
        (2, Deletion::At(at(25))),
        (3, Deletion::At(at(19))),
    ] {
        metadata.versions.insert(number, entry(deletion));
    }
    let secret = secret(&metadata, Ok(&rules(0)), now());
    let lives: Vec<_> = secret.versions.iter().map(|version| version.life).collect();
    assert_eq!(lives, [Life::Enabled, Life::Enabled, Life::Deleted]);
    let [first, second, third] = [0, 1, 2].map(|index| secret.versions[index].keep.clone());
    assert!(matches!(&first, Keep::Writes { left: 1, why } if why.contains("2026-11-25")));
    assert!(matches!(&second, Keep::Until { at: date, why } if *date == at(25) && why.contains("2 more versions")));
    assert!(matches!(third, Keep::Writes { left: 3, .. }));
    assert!(
        secret.remarks[0].starts_with("The current version, 3, is deleted"),
        "{:?}",
        secret.remarks
    );
}

#[test]
fn what_is_no_longer_listed_is_named() {
    let mut pruned = metadata([3, 4, 6, 9], 10);
    pruned.current = Some(11);
    let gone = &secret(&pruned, Ok(&rules(0)), now()).remarks[0];
    assert!(gone.ends_with(": 1 to 2, 5, 7 to 8, 10 to 11"), "{gone}");
    let whole = secret(&metadata(1..=4, 10), Ok(&rules(0)), now());
    assert_eq!(whole.remarks, [""; 0]);
}

#[test]
fn a_list_of_ten_thousand_holes_stays_short() {
    let secret = secret(&metadata((1..=10_000).map(|n| n * 2), 10), Ok(&rules(0)), now());
    assert!(secret.remarks[0].ends_with("19 and 9990 more"), "{:?}", secret.remarks);
}

#[test]
fn what_isnt_known_isnt_made_up() {
    let mut metadata = metadata(1..=2, 3);
    metadata.current = None;
    metadata.versions.insert(2, entry(Deletion::Unclear));
    metadata.unclear = vec!["three".into()];
    let secret = secret(&metadata, Ok(&rules(0)), now());
    assert!(secret.current().is_none());
    assert_eq!(secret.versions[0].keep, Keep::Unknown);
    assert!(matches!(secret.versions[1].keep, Keep::AtRisk { .. }));
    assert_eq!(secret.remarks.len(), 2, "{:?}", secret.remarks);
}

#[test]
fn protection_says_what_helps() {
    let protection = |cas| {
        let rules = Rules {
            cas_required: cas,
            ..rules(0)
        };
        secret(&metadata(1..=1, 0), Ok(&rules), now()).protection
    };
    assert!(matches!(protection(true), Protection::Unprotected { why } if why.contains("cas_required is on")));
    assert!(matches!(protection(false), Protection::Unprotected { why } if why.ends_with("cas_required is off")));
}

/// What the engine does at a write: <https://github.com/openbao/openbao/blob/main/builtin/logical/kv/upgrade.go> stores versions this way,
/// and `AddVersion` in `path_data.go` removes them.
fn write(versions: &mut Vec<u64>, current: &mut u64, most: u64) {
    *current += 1;
    versions.push(*current);
    if let Some(last) = current.checked_sub(most) {
        versions.retain(|version| *version > last);
    }
}

proptest! {
    #[test]
    fn what_is_said_of_writes_comes_true(limits in prop::collection::vec(1..12_u64, 1..30), more in 1..12_u64) {
        let (mut there, mut current) = (Vec::new(), 0);
        for most in limits {
            write(&mut there, &mut current, most);
        }
        let secret = secret(&metadata(there.clone(), more), Ok(&rules(0)), now());
        let pruned: Vec<_> = secret.pruned_by_next_write().iter().map(|version| version.name.clone()).collect();
        let said: Vec<_> = there.iter().copied().zip(left(&secret)).collect();
        for write_number in 1..=15 {
            write(&mut there, &mut current, more);
            for (version, left) in &said {
                prop_assert_eq!(there.contains(version), *left > write_number, "version {} after {} writes", version, write_number);
            }
            if write_number == 1 {
                let gone: Vec<_> = said.iter().filter(|(version, _)| !there.contains(version)).map(|(version, _)| version.to_string()).collect();
                prop_assert_eq!(&gone, &pruned);
            }
        }
    }
}
