//! What kind of dump a file is, told by its first bytes.
//!
//! Archives: <https://github.com/postgres/postgres/blob/master/src/bin/pg_dump/pg_backup_archiver.c> (`ReadHead`); tar:
//! <https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06>; gzip: <https://www.rfc-editor.org/rfc/rfc1952>.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

/// First bytes that are enough to tell.
pub(super) const HEAD: usize = 1024;
/// Begins every archive.
const ARCHIVE: &[u8] = b"PGDMP";
/// The archive's format stands behind its magic, three bytes of version and the sizes of integers and offsets.
const FORMAT_AT: usize = 10;
/// The format of a `toc.dat`, in a folder and in a tar file.
const TABLE_OF_CONTENTS: u8 = 3;
/// Within these lines a script says what it is.
const TITLE_WITHIN: usize = 10;

/// How a dump was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `pg_dump -Fc`.
    Custom,
    /// `pg_dump -Fd`: a folder with a `toc.dat`.
    Directory,
    /// `pg_dump -Ft`.
    Tar,
    /// SQL. Listed, never restored: psql obeys commands inside it.
    Plain,
    /// SQL, compressed by gzip.
    PackedPlain,
    /// An archive that gzip was run over.
    PackedArchive,
}

impl Form {
    /// The form of a single file with this beginning; `None`: no dump.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        if is_archive(head) {
            return Some(Self::Custom);
        }
        if is_tar(head) {
            return Some(Self::Tar);
        }
        if head.starts_with(&[0x1f, 0x8b]) {
            let inner = unpacked(head);
            return if is_archive(&inner) {
                Some(Self::PackedArchive)
            } else {
                is_script(&inner).then_some(Self::PackedPlain)
            };
        }
        is_script(head).then_some(Self::Plain)
    }

    /// The form an empty file was meant to have: a dump that failed at once often leaves one.
    pub(super) fn meant(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension {
            "dump" | "dmp" | "pgdump" | "backup" => Some(Self::Custom),
            "tar" => Some(Self::Tar),
            "sql" => Some(Self::Plain),
            _ => None,
        }
    }

    /// Whether `pg_restore` reads it.
    #[must_use]
    pub const fn is_restorable(self) -> bool {
        matches!(self, Self::Custom | Self::Directory | Self::Tar)
    }

    /// Whether several tables can be restored at a time.
    #[must_use]
    pub const fn restores_in_parallel(self) -> bool {
        matches!(self, Self::Custom | Self::Directory)
    }

    /// What it is called in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Custom => "a custom archive",
            Self::Directory => "a directory archive",
            Self::Tar => "a tar archive",
            Self::Plain => "plain SQL",
            Self::PackedPlain => "compressed plain SQL",
            Self::PackedArchive => "an archive compressed by gzip",
        }
    }

    pub(super) const fn remedy(self) -> &'static str {
        match self {
            Self::Plain | Self::PackedPlain => "psql obeys commands inside it; make dumps with pg_dump -Fc",
            Self::PackedArchive => "Unpack it with gunzip; archives of pg_dump -Fc are compressed already",
            Self::Custom | Self::Directory | Self::Tar => "pg_restore reads it",
        }
    }
}

/// Whether this begins the `toc.dat` of a directory dump, which isn't a dump by itself.
pub(super) fn is_table_of_contents(head: &[u8]) -> bool {
    head.starts_with(ARCHIVE) && head.get(FORMAT_AT) == Some(&TABLE_OF_CONTENTS)
}

/// One that is cut off before its format is taken for a custom archive; reading it shows what it lacks.
fn is_archive(head: &[u8]) -> bool {
    head.starts_with(ARCHIVE) && !is_table_of_contents(head)
}

/// `pg_dump -Ft` writes its `toc.dat` first.
fn is_tar(head: &[u8]) -> bool {
    let inside = |at: usize, text: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(text));
    inside(0, b"toc.dat\0") && inside(257, b"ustar") && inside(512, ARCHIVE)
}

fn is_script(head: &[u8]) -> bool {
    let titles: [&[u8]; 2] = [b"-- PostgreSQL database dump", b"-- PostgreSQL database cluster dump"];
    let mut lines = head.split(|byte| *byte == b'\n').take(TITLE_WITHIN);
    lines.any(|line| titles.contains(&line.trim_ascii_end()))
}

/// As much as the head of a gzip file gives away.
fn unpacked(head: &[u8]) -> Vec<u8> {
    let mut inner = vec![0; HEAD];
    let mut decoder = MultiGzDecoder::new(head);
    let mut filled = 0;
    while filled < inner.len() {
        match decoder.read(&mut inner[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    inner.truncate(filled);
    inner
}
