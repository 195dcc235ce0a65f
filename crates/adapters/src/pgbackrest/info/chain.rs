//! Whether a backup can be used: it can't be better than what it builds on.

use std::collections::{BTreeMap, BTreeSet};

use domain::backup::Kind;
use domain::status::Status;

use super::entry::Entry;

/// What is thought of a backup, and the backup in its chain that is to blame for it.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub status: Status,
    fault: Option<Fault>,
}

#[derive(Clone, Debug)]
struct Fault {
    label: String,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Errors,
    Unchecked,
    NoParent,
    Missing,
    NotUnderstood,
    Circle,
}

impl What {
    const fn status(self) -> Status {
        match self {
            Self::Errors | Self::Missing | Self::Circle => Status::Broken,
            Self::Unchecked | Self::NoParent | Self::NotUnderstood => Status::Unknown,
        }
    }

    /// Said of the backup itself.
    const fn own(self) -> &'static str {
        match self {
            Self::Errors => "pgBackRest found page checksum errors in it",
            Self::Unchecked => "pgBackRest doesn’t say whether it saw errors; a drill would tell",
            Self::NoParent => "it is no full backup and names none that it builds on",
            Self::Missing => "it is not in the repository",
            Self::NotUnderstood => "it could not be understood",
            Self::Circle => "it builds on itself",
        }
    }

    /// Said behind the label of a backup that another one builds on.
    const fn of_parent(self) -> &'static str {
        match self {
            Self::Errors => "in which pgBackRest found page checksum errors",
            Self::Unchecked => "of which pgBackRest doesn’t say whether it saw errors",
            Self::NoParent => "which is no full backup and names none that it builds on",
            Self::Missing => "which is not in the repository",
            Self::NotUnderstood => "which could not be understood",
            Self::Circle => "which builds on itself",
        }
    }
}

impl Verdict {
    fn of(label: &str, what: Option<What>) -> Self {
        Self {
            status: what.map_or(Status::Ok, What::status),
            fault: what.map(|what| Fault {
                label: label.to_owned(),
                what,
            }),
        }
    }

    /// In words, for the backup with this label.
    pub fn detail(&self, label: &str) -> String {
        match &self.fault {
            None => "pgBackRest saw no errors while it was made".into(),
            Some(fault) if fault.label == label => fault.what.own().into(),
            Some(fault) => format!(
                "it builds on {}, {}",
                super::quoted(&fault.label),
                fault.what.of_parent()
            ),
        }
    }
}

/// A verdict for each backup. `unread` are the labels of entries that weren't understood.
pub(super) fn verdicts(entries: &[Entry], unread: &BTreeSet<String>) -> Vec<Verdict> {
    let places = entries.iter().enumerate();
    let places = places.map(|(index, entry)| ((entry.database.repo, entry.label.as_str()), index));
    let mut chains = Chains {
        entries,
        places: places.collect(),
        unread,
        open: vec![false; entries.len()],
        done: vec![None; entries.len()],
    };
    (0..entries.len()).map(|index| chains.verdict(index)).collect()
}

struct Chains<'a> {
    entries: &'a [Entry],
    places: BTreeMap<(u32, &'a str), usize>,
    unread: &'a BTreeSet<String>,
    /// Met and not done yet: met again, it is part of a circle.
    open: Vec<bool>,
    done: Vec<Option<Verdict>>,
}

impl Chains<'_> {
    /// Walks with a stack of its own: a chain of ten thousand incremental backups is too deep for calls.
    fn verdict(&mut self, index: usize) -> Verdict {
        let mut stack = vec![index];
        while let Some(&at) = stack.last() {
            if self.done[at].is_none() && !self.open[at] {
                self.open[at] = true;
                let before = self.parents(at).filter_map(|(_, parent)| parent);
                stack.extend(before.filter(|parent| self.done[*parent].is_none() && !self.open[*parent]));
            } else {
                if self.done[at].is_none() {
                    self.done[at] = Some(self.judge(at));
                }
                stack.pop();
            }
        }
        self.done[index].clone().expect("the walk ends when it is done")
    }

    /// What it builds on, by label and, where it is listed, by index. A label means the backup of the same repository.
    fn parents(&self, index: usize) -> impl Iterator<Item = (&str, Option<usize>)> {
        let entry = &self.entries[index];
        let place = |label: &String| self.places.get(&(entry.database.repo, label.as_str())).copied();
        entry.builds_on.iter().map(move |label| (label.as_str(), place(label)))
    }

    fn judge(&self, index: usize) -> Verdict {
        let entry = &self.entries[index];
        let own = match entry.error {
            Some(true) => Some(What::Errors),
            None => Some(What::Unchecked),
            Some(false) if entry.kind != Kind::Full && entry.builds_on.is_empty() => Some(What::NoParent),
            Some(false) => None,
        };
        let below = self.parents(index).map(|(label, parent)| match parent {
            Some(parent) => self.done[parent]
                .clone()
                .unwrap_or_else(|| Verdict::of(label, Some(What::Circle))),
            None if self.unread.contains(label) => Verdict::of(label, Some(What::NotUnderstood)),
            None => Verdict::of(label, Some(What::Missing)),
        });
        let own = Verdict::of(&entry.label, own);
        below.fold(
            own,
            |worst, verdict| if verdict.status > worst.status { verdict } else { worst },
        )
    }
}
