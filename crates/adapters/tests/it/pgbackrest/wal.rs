//! Which WAL is there, and how far it leads.

use domain::status::Status;
use domain::window::Unarchived;
use testkit::installation::Installation;
use testkit::pgbackrest::{Copies, Stanza};

use super::{judged, read, windows};

testkit::on_both!(
    a_deleted_segment_cuts_the_window_of_its_repository_only,
    a_window_crosses_to_the_timeline_of_a_restore_as_long_as_its_history_is_there,
);

async fn a_deleted_segment_cuts_the_window_of_its_repository_only(on: Installation) {
    let stanza = Stanza::start_on(on).await;
    let full = stanza.backup(1, Copies::Everything).await;
    stanza.backup(2, Copies::Everything).await;
    let (before, _) = stanza.write_and_archive().await;
    let (_, lost) = stanza.write_and_archive().await;
    let (after, _) = stanza.write_and_archive().await;
    let later = stanza.backup(1, Copies::Changes).await;
    let (last, _) = stanza.write_and_archive().await;
    let commits = [before, after, last];

    let whole = read(&stanza).await;
    assert_eq!((whole.status, whole.detail.as_str()), (Status::Ok, "ok"));
    assert_eq!((whole.unread.len(), whole.not_understood.len()), (0, 0));
    for repo in [1, 2] {
        let (found, gaps) = windows(&whole, repo, &commits);
        assert_eq!((found.len(), gaps.len()), (1, 0), "{found:?} {gaps:?}");
        assert_eq!((found[0].to, found[0].exact), (last.at, true));
    }

    stanza.lose_wal(1, &lost);
    let torn = read(&stanza).await;
    let (found, gaps) = windows(&torn, 1, &commits);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].to, found[0].exact), (before.at, true));
    assert_eq!((found[1].to, found[1].exact), (last.at, true));
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((gaps[0].missing(), gaps[0].timeline), (lost, 1));
    assert_eq!((gaps[0].from, gaps[0].to), (before.at, Some(found[1].from)));
    assert_eq!(windows(&torn, 2, &commits), windows(&whole, 2, &commits));
    // The backups themselves are whole.
    assert_eq!(
        (judged(&torn, &full).0, judged(&torn, &later).0),
        (Status::Ok, Status::Ok)
    );
}

#[tokio::test]
async fn a_backup_without_its_own_wal_is_broken() {
    let stanza = Stanza::start().await;
    let label = stanza.backup(1, Copies::Everything).await;
    let whole = read(&stanza).await;
    let needed = whole.archives[0].1[0].last.name(whole.archives[0].0.segment_size);
    stanza.lose_wal(1, &needed);
    let torn = read(&stanza).await;
    let (status, detail) = judged(&torn, &label);
    assert_eq!(status, Status::Broken);
    assert!(detail.contains(&needed), "{detail}");
    assert_eq!(windows(&torn, 1, &[]).0, []);
}

async fn a_window_crosses_to_the_timeline_of_a_restore_as_long_as_its_history_is_there(on: Installation) {
    let mut stanza = Stanza::start_on(on).await;
    let full = stanza.backup(1, Copies::Everything).await;
    stanza.backup(2, Copies::Everything).await;
    let (kept, _) = stanza.write_and_archive().await;
    let (undone, _) = stanza.write_and_archive().await;
    stanza.rewind(1, &full, kept.lsn).await;
    let (new, _) = stanza.write_and_archive().await;
    assert_eq!(new.timeline, Some(2));
    let commits = [kept, undone, new];

    let whole = read(&stanza).await;
    for repo in [1, 2] {
        let (found, gaps) = windows(&whole, repo, &commits);
        let across = found.iter().find(|window| window.timelines == [1, 2]).unwrap();
        assert_eq!((across.to, across.exact), (new.at, true), "{found:?}");
        assert_eq!(gaps, [], "{found:?}");
        // What the restore undid can be had on the old timeline alone.
        let old = found.iter().find(|window| window.timelines == [1]).unwrap();
        assert_eq!((old.to, old.exact), (undone.at, true));
    }
    let (archive, anchors) = &whole.archives[0];
    assert_eq!(archive.oldest_unarchived(anchors, &commits), Unarchived::Nothing);
    let waiting = stanza.write().await;
    let commits = [kept, undone, new, waiting];
    assert_eq!(
        archive.oldest_unarchived(anchors, &commits),
        Unarchived::Since(waiting.at)
    );

    stanza.lose_wal(1, "00000002.history");
    let cut = read(&stanza).await;
    let (found, gaps) = windows(&cut, 1, &commits);
    assert!(
        found
            .iter()
            .all(|window| window.timelines == [1] && window.to == undone.at),
        "{found:?}"
    );
    assert_eq!((gaps[0].missing().as_str(), gaps[0].to), ("00000002.history", None));
    assert_eq!(windows(&cut, 2, &commits), windows(&whole, 2, &commits));
}
