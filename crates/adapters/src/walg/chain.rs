//! What a delta builds on. wal-g tells a delta only by its name, `base_<segment>_D_<segment>`: the second part is the segment in the name of
//! the backup it builds on, which may be a delta itself. Restoring it takes every backup down to the full one.
//! Naming: <https://github.com/wal-g/wal-g/blob/v3.0.9/internal/databases/postgres/backup_push_handler.go>.

use std::collections::BTreeMap;

use domain::status::Status;

/// Length of a segment's file name.
const SEGMENT: usize = 24;

/// The parts of a backup's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BackupName<'a> {
    /// Segment the backup started in, 24 hex digits.
    pub own: &'a str,
    /// What the name of a delta says of the backup it builds on.
    pub base: Option<&'a str>,
}

impl<'a> BackupName<'a> {
    /// `None`: no name of a PostgreSQL base backup.
    pub fn parse(name: &'a str) -> Option<Self> {
        let (own, rest) = name.strip_prefix("base_")?.split_at_checked(SEGMENT)?;
        if !own.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let base = match rest {
            "" => None,
            _ => Some(rest.strip_prefix("_D_")?),
        };
        Some(Self { own, base })
    }
}

/// What a backup builds on directly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Base {
    /// Nothing: it is a full backup.
    Full,
    /// The backup at this index of the list.
    Listed(usize),
    /// A backup that isn't in the list.
    Absent(String),
    /// The suffix fits several backups.
    Ambiguous,
}

/// Whether everything that a backup builds on is in the storage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Chain {
    Whole,
    /// A backup that starts in this segment is missing.
    Torn(String),
    /// Its deltas build on each other and on no full backup.
    Circular,
    /// It can't be told what a delta builds on.
    Ambiguous,
}

impl Chain {
    /// What is wrong with it, if anything is.
    pub fn fault(&self) -> Option<(Status, String)> {
        match self {
            Self::Whole => None,
            Self::Torn(segment) => Some((
                Status::Broken,
                format!(
                    "its chain is torn: the backup that starts in {segment} isn’t in the storage, and this delta is nothing without it"
                ),
            )),
            Self::Circular => Some((
                Status::Broken,
                "its chain leads back to itself and to no full backup".into(),
            )),
            Self::Ambiguous => Some((
                Status::Unknown,
                "its chain builds on a name that several backups have".into(),
            )),
        }
    }
}

/// What each backup builds on, in the order of `names`. A name that isn't understood counts as full.
pub fn bases(names: &[&str]) -> Vec<Base> {
    let parsed: Vec<_> = names.iter().map(|name| BackupName::parse(name)).collect();
    // One backup may lie in several storages under one name.
    let mut starting: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (index, name) in parsed.iter().enumerate() {
        if let Some(name) = name {
            starting
                .entry(name.own)
                .or_default()
                .entry(names[index])
                .or_insert(index);
        }
    }
    let base = |index: usize| {
        let Some(suffix) = parsed[index].and_then(|name| name.base) else {
            return Base::Full;
        };
        let named = starting.get(suffix).into_iter().flatten();
        let mut others = named
            .filter(|(name, _)| **name != names[index])
            .map(|(_, other)| *other);
        match (others.next(), others.next()) {
            (None, _) => Base::Absent(suffix.to_owned()),
            (Some(one), None) => Base::Listed(one),
            (Some(_), Some(_)) => Base::Ambiguous,
        }
    };
    (0..names.len()).map(base).collect()
}

/// Follows every backup down to its full one. Each is looked at once, however long the chains are.
pub fn chains(bases: &[Base]) -> Vec<Chain> {
    let mut known: Vec<Option<Chain>> = vec![None; bases.len()];
    let mut walked_from = vec![None; bases.len()];
    for start in 0..bases.len() {
        let mut path = Vec::new();
        let mut at = start;
        let chain = loop {
            if let Some(chain) = &known[at] {
                break chain.clone();
            }
            if walked_from[at] == Some(start) {
                break Chain::Circular;
            }
            walked_from[at] = Some(start);
            path.push(at);
            match &bases[at] {
                Base::Full => break Chain::Whole,
                Base::Listed(base) => at = *base,
                Base::Absent(segment) => break Chain::Torn(segment.clone()),
                Base::Ambiguous => break Chain::Ambiguous,
            }
        };
        for index in path {
            known[index] = Some(chain.clone());
        }
    }
    known.into_iter().flatten().collect()
}
