//! wal-g's answers as bodies of fuzz tests.

use super::judge::{Evidence, judge};
use super::{BackupList, WalShow, WalVerify};

const SIZE: u64 = 16 << 20;

/// `backup-list`, judged without any WAL: nothing may be called usable.
pub(crate) fn backup_list(data: &[u8]) {
    let Ok(list) = BackupList::parse(data) else { return };
    let evidence = Evidence {
        segment_size: list.segment_size(),
        wal: None,
        verify: None,
    };
    let judged = judge(&list, "main", evidence);
    assert_eq!(judged.len(), list.count(), "a backup was lost on the way");
    assert!(judged.iter().all(|one| one.anchor.is_none()), "a window without WAL");
}

/// `wal-show`, with the backups that it lists beside.
pub(crate) fn wal_show(data: &[u8]) {
    let Ok(wal) = WalShow::parse(data, SIZE) else { return };
    let segments = wal.segments();
    let list = BackupList::parse(data).unwrap_or_default();
    let evidence = Evidence {
        segment_size: SIZE,
        wal: Some(&wal),
        verify: None,
    };
    for one in judge(&list, "main", evidence) {
        let opens = one.anchor.is_none_or(|anchor| segments.contains_key(&anchor.first));
        assert!(opens, "{} opens a window without its WAL", one.backup.label);
    }
}

/// `wal-verify`.
pub(crate) fn wal_verify(data: &[u8]) {
    let Ok(verify) = WalVerify::parse(data, SIZE) else {
        return;
    };
    let (_, words) = verify.judge(SIZE);
    assert!(!words.is_empty(), "a status without a reason");
}
