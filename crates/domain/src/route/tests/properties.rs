use proptest::prelude::*;

use super::*;

prop_compose! {
    fn any_backup()(
        label in 0u8..8, parent in prop::option::of(0u8..8), kind in 0usize..5, started in prop::option::of(0i64..100),
        stopped in prop::option::of(0i64..100), status in 0usize..4, repo in prop::option::of(1u32..3),
    ) -> Backup {
        let kind = [Kind::Full, Kind::Diff, Kind::Incr, Kind::Dump, Kind::Snapshot][kind];
        Backup {
            parent: parent.map(|parent| parent.to_string()),
            started_at: started.map(at),
            stopped_at: stopped.map(at),
            status: [Status::Ok, Status::Ok, Status::Unknown, Status::Broken][status],
            repo,
            ..backup(&label.to_string(), kind, 0)
        }
    }
}

prop_compose! {
    fn any_window()(from in 0i64..90, length in 0i64..40, repo in 0u32..3, last in 1u32..4, exact: bool, managed: bool) -> Window {
        let own = window(from, from + length, &(1..=last).collect::<Vec<_>>());
        Window { repo, exact, end_lsn: own.end_lsn.filter(|_| !managed), ..own }
    }
}

proptest! {
    /// Whatever lies on the shelf: a way goes only to where its window reaches, along usable backups that build on one another.
    #[test]
    fn no_way_goes_where_nothing_reaches(
        backups in prop::collection::vec(any_backup(), 0..12),
        windows in prop::collection::vec(any_window(), 0..5),
        minute in -5i64..140,
    ) {
        let shelf = Shelf { backups, windows, ..shelf() };
        let asked = at(minute);
        let answer = shelf.to(minute);
        for way in &answer.ways {
            prop_assert!(way.reaches <= asked);
            let parts: Vec<_> = way.chain.iter().map(|label| {
                let same = |backup: &&Backup| backup.label == *label && backup.source == way.source && backup.status == Status::Ok;
                shelf.backups.iter().filter(same).collect::<Vec<_>>()
            }).collect();
            prop_assert!(parts.iter().all(|found| !found.is_empty()), "{way:?}");
            if way.target == Target::AsTaken {
                prop_assert_eq!(parts.len(), 1);
                continue;
            }
            prop_assert_eq!(way.reaches, asked);
            let covered = |window: &&Window| window.repo == way.repo && window.from <= asked && asked <= window.to;
            prop_assert!(shelf.windows.iter().any(|window| covered(&window)));
            if let Some(last) = parts.last() {
                prop_assert!(parts[0].iter().any(|backup| backup.kind == Kind::Full));
                prop_assert!(last.iter().any(|backup| backup.stopped_at.is_some_and(|stopped| stopped <= asked)));
            }
        }
        if let Some(missed) = answer.missed {
            prop_assert!(missed.before.is_none_or(|near| near.at < asked) && missed.after.is_none_or(|near| asked < near.at));
        }
    }

    /// A window that stands alone is reached at any second of it by the backup it begins with.
    #[test]
    fn every_second_of_a_window_is_reached(from in 0i64..50, length in 0i64..50, into in 0i64..50) {
        let shelf = Shelf {
            backups: vec![backup("full", Kind::Full, from)],
            windows: vec![window(from, from + length, &[1])],
            ..shelf()
        };
        let answer = shelf.to(from + into);
        prop_assert_eq!(answer.missed.is_none(), into <= length);
        prop_assert_eq!(answer.ways.len(), usize::from(into <= length));
    }
}
