use proptest::prelude::*;

use super::*;

fn keeps() -> impl Strategy<Value = Keep> {
    let why = String::new;
    prop_oneof![
        Just(Keep::Kept),
        Just(Keep::Unknown),
        Just(Keep::AtRisk { why: why() }),
        (0..3_u32).prop_map(move |left| Keep::Writes { left, why: why() }),
        (-5..100_i64).prop_map(move |days| Keep::Until {
            at: NOW + TimeDelta::days(days),
            why: why(),
        }),
    ]
}

fn helds() -> impl Strategy<Value = Held> {
    let keys = proptest::collection::btree_set(0..5_u8, 0..3);
    prop_oneof![
        (0..5_u8).prop_map(|name| Held::Key(key(&name.to_string()))),
        (keys, any::<bool>()).prop_map(|(names, strangers)| Held::Several {
            keys: names.iter().map(|name| key(&name.to_string())).collect(),
            strangers,
        }),
        Just(Held::Nobodys),
        Just(Held::Unknown("nobody looked".into())),
    ]
}

fn versions() -> impl Strategy<Value = Vec<KeyVersion>> {
    let one = (keeps(), 0..400_i64, 0..4_u8).prop_map(|(keep, days, kind)| {
        let version = match kind {
            0 => denied("", days),
            1 => destroyed("", days),
            _ => version("", days),
        };
        KeyVersion { keep, ..version }
    });
    proptest::collection::vec(one, 0..5).prop_map(|versions| {
        let named = versions.into_iter().enumerate().map(|(index, version)| KeyVersion {
            version: index.to_string(),
            fingerprint: version.fingerprint.is_some().then(|| key(&index.to_string())),
            ..version
        });
        named.collect()
    })
}

fn worlds() -> impl Strategy<Value = World> {
    let backups = proptest::collection::vec((0..400_i64, any::<bool>(), any::<bool>()), 1..6);
    let spans = proptest::collection::vec(helds(), 0..6);
    let openings = proptest::collection::vec((0..5_u8, 0..20_u32), 0..4);
    (
        versions(),
        backups,
        spans,
        openings,
        0..20_u32,
        0..90_i64,
        any::<bool>(),
    )
        .prop_map(|(versions, backups, held, openings, parsed, kept_for, dated)| {
            let backup = |(index, (days, is_dump, has_time)): (usize, (i64, bool, bool))| Backup {
                started_at: has_time.then(|| days_ago(days)),
                ..backup(&index.to_string(), if is_dump { Kind::Dump } else { Kind::Incr }, days)
            };
            let mut world = world(backups.into_iter().enumerate().map(backup).collect());
            world.keys.versions = versions;
            let span = |(index, held)| span(held, 300 - index as i64 * 50, 250 - index as i64 * 50);
            world.envelopes = held.into_iter().enumerate().map(span).collect();
            world.openings = openings
                .into_iter()
                .map(|(name, opened)| (key(&name.to_string()), opened))
                .collect();
            world.parsed = parsed;
            world.dated = dated;
            world.kept_for = (kept_for > 0).then(|| TimeDelta::days(kept_for));
            world
        })
}

proptest! {
    #[test]
    fn every_backup_has_cells_and_no_cell_says_more_than_is_known(world in worlds()) {
        let cells = world.cells();
        for backup in &world.backups {
            prop_assert!(cells.iter().any(|cell| cell.backup == backup.label));
        }
        for cell in &cells {
            let named = |version: &KeyVersion| Some(&version.version) == cell.version.as_ref();
            let version = world.keys.versions.iter().find(|version| named(version));
            prop_assert_eq!(version.is_some(), cell.version.is_some());
            if cell.status == CoverageStatus::Proven {
                let opened = |(key, count): &(Fingerprint, u32)| *count > 0 && version.is_some_and(|version| version.fingerprint.as_ref() == Some(key));
                prop_assert!(world.parsed > 0 && world.openings.iter().any(opened));
                prop_assert!(cell.proven_at.is_some());
            }
            if cell.at.is_some() {
                prop_assert!(cell.warning.is_some());
            }
            if matches!(cell.status, CoverageStatus::Missing | CoverageStatus::Unknown) {
                prop_assert!(!cell.detail.is_empty(), "{cell:?}");
            }
        }
    }

    #[test]
    fn a_backup_is_judged_by_itself(world in worlds()) {
        let together = world.cells();
        for backup in &world.backups {
            let alone = World {
                backups: vec![backup.clone()],
                ..world.clone()
            };
            let own: Vec<_> = together.iter().filter(|cell| cell.backup == backup.label).cloned().collect();
            prop_assert_eq!(own, alone.cells());
        }
    }
}
