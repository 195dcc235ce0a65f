//! Reading every byte.

use std::fs;

use domain::status::Status;
use testkit::installation::Installation;
use testkit::pgbackrest::{Copies, Stanza};

testkit::on_both!(
    what_was_changed_on_disk_is_found_in_its_repository,
    a_backup_whose_files_are_gone_is_found_though_it_is_listed,
);

async fn what_was_changed_on_disk_is_found_in_its_repository(on: Installation) {
    let archive = format!("{}-1", on.binaries.major);
    let stanza = Stanza::encrypted_on(on).await;
    let full = stanza.backup(1, Copies::Everything).await;
    let other = stanza.backup(2, Copies::Everything).await;
    let incr = stanza.backup(1, Copies::Changes).await;
    let (_, segment) = stanza.write_and_archive().await;

    let clean = stanza.source().verify().await.unwrap();
    assert_eq!(clean.status, Status::Ok, "{}", clean.detail);
    let archives: Vec<_> = clean
        .archives
        .iter()
        .map(|archive| (archive.repo, archive.id.as_str()))
        .collect();
    assert_eq!(archives, [(1, archive.as_str()), (2, archive.as_str())]);
    let backups: Vec<_> = clean
        .backups
        .iter()
        .map(|backup| (backup.repo, backup.label.as_str()))
        .collect();
    assert_eq!(backups, [(1, full.as_str()), (1, incr.as_str()), (2, other.as_str())]);
    assert!(
        clean
            .backups
            .iter()
            .all(|backup| backup.files.are_right() && backup.files.total > 900)
    );

    spoil(&stanza.file(2, "archive/demo", &segment));
    let torn = stanza.source().verify().await.unwrap();
    assert_eq!(torn.status, Status::Broken);
    let archives: Vec<_> = torn.archives.iter().map(|archive| archive.status).collect();
    assert_eq!(archives, [Status::Ok, Status::Broken], "{}", torn.detail);

    spoil(&stanza.file(1, &format!("backup/demo/{full}/bundle"), "1"));
    let spoilt = stanza.source().verify().await.unwrap();
    let backups: Vec<_> = spoilt.backups.iter().map(|backup| backup.status).collect();
    assert_eq!(
        (backups[0], backups[2]),
        (Status::Broken, Status::Ok),
        "{}",
        spoilt.detail
    );
    assert_ne!(
        backups[1],
        Status::Ok,
        "it uses the file of the other: {}",
        spoilt.detail
    );
}

async fn a_backup_whose_files_are_gone_is_found_though_it_is_listed(on: Installation) {
    let stanza = Stanza::start_on(on).await;
    let label = stanza.backup(1, Copies::Everything).await;
    let folder = stanza.repo(1).join("backup").join(&stanza.name).join(&label);
    for manifest in ["backup.manifest", "backup.manifest.copy"] {
        fs::remove_file(folder.join(manifest)).unwrap();
    }
    let without = stanza.source().verify().await.unwrap();
    assert_eq!(without.backups[0].said, "manifest missing");
    assert_eq!(without.status, Status::Broken, "{}", without.detail);
    fs::remove_dir_all(folder).unwrap();
    let gone = stanza.source().verify().await.unwrap();
    assert_eq!(gone.status, Status::Broken);
    assert!(gone.detail.contains(&label), "{}", gone.detail);
}

/// Changes one byte in the middle of a file.
fn spoil(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xFF;
    fs::write(path, bytes).unwrap();
}
