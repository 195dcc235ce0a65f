//! Which objects make up one dump: those beside a `toc.dat` are a directory dump together, any other stands for itself.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::Sha256;
use object_store::ObjectMeta;
use object_store::path::Path;

use crate::dumps::{At, DumpFile, Form};

const TOC: &str = "toc.dat";

/// One object, or those of a folder with a `toc.dat`, that first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Path below the prefix.
    pub label: String,
    /// Never empty.
    objects: Vec<ObjectMeta>,
    folder: bool,
}

/// Objects grouped to entries, by label.
pub fn entries(prefix: &Path, objects: Vec<ObjectMeta>) -> Vec<Entry> {
    let mut folders: BTreeMap<String, Vec<ObjectMeta>> = BTreeMap::new();
    let mut entries = Vec::new();
    for object in &objects {
        let label = below(prefix, &object.location);
        if let Some((folder, TOC)) = label.rsplit_once('/') {
            folders.insert(folder.to_owned(), vec![object.clone()]);
        }
    }
    for object in objects {
        let label = below(prefix, &object.location);
        let folder = label
            .rsplit_once('/')
            .and_then(|(folder, name)| Some((folders.get_mut(folder)?, name)));
        match folder {
            Some((_, TOC)) => {}
            Some((members, _)) => members.push(object),
            None => entries.push(Entry {
                label,
                objects: vec![object],
                folder: false,
            }),
        }
    }
    // Some consoles and Azure's hierarchical accounts mark a folder by an empty object of its name. A full one is another dump.
    entries.retain(|entry| entry.size() > 0 || !folders.contains_key(&entry.label));
    let taken = entries.iter().filter(|entry| folders.contains_key(&entry.label));
    let taken: BTreeSet<_> = taken.map(|entry| entry.label.clone()).collect();
    entries.extend(folders.into_iter().map(|(label, objects)| Entry {
        label: if taken.contains(&label) { label + "/" } else { label },
        objects,
        folder: true,
    }));
    entries.sort_by(|a, b| a.label.cmp(&b.label));
    entries
}

fn below(prefix: &Path, location: &Path) -> String {
    let below = location.prefix_match(prefix).map(|parts| {
        let parts: Vec<_> = parts.collect();
        parts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("/")
    });
    below.unwrap_or_else(|| location.to_string())
}

impl Entry {
    /// The object whose beginning tells what this is.
    pub fn telling(&self) -> &ObjectMeta {
        &self.objects[0]
    }

    pub const fn is_folder(&self) -> bool {
        self.folder
    }

    /// Bytes of all its objects.
    pub fn size(&self) -> u64 {
        self.objects.iter().map(|object| object.size).sum()
    }

    pub fn dump(self, form: Form) -> DumpFile {
        let modified = self.objects.iter().map(|object| object.last_modified).max();
        DumpFile {
            form,
            size: self.size(),
            modified: modified.unwrap_or_default(),
            version: self.version(),
            at: At::Objects(self.objects),
            label: self.label,
        }
    }

    /// What the bucket calls this content; `None` if it names none of some object.
    pub fn version(&self) -> Option<String> {
        let name = |object: &ObjectMeta| object.e_tag.clone().or_else(|| object.version.clone());
        let names: Vec<_> = self.objects.iter().map(name).collect::<Option<_>>()?;
        if let [one] = &names[..] {
            return Some(one.clone());
        }
        let lines = self.objects.iter().zip(names);
        let lines: String = lines
            .map(|(object, name)| format!("{} {name}\n", object.location))
            .collect();
        Some(Sha256::of(&[lines.as_bytes()]).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, e_tag: &str) -> ObjectMeta {
        ObjectMeta {
            location: key.into(),
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size: 10,
            e_tag: Some(e_tag.into()),
            version: None,
        }
    }

    #[test]
    fn objects_beside_a_table_of_contents_are_one_dump() {
        let keys = [
            "a/b.dump",
            "a/d/1.dat",
            "a/d/toc.dat",
            "a/d/2.dat",
            "a/d/e/x.dump",
            "a/toc.dat.old",
        ];
        let objects = keys.map(|key| object(key, key)).to_vec();
        let entries = entries(&Path::from("a"), objects.clone());
        let labels: Vec<_> = entries
            .iter()
            .map(|entry| (entry.label.as_str(), entry.size()))
            .collect();
        assert_eq!(
            labels,
            [("b.dump", 10), ("d", 30), ("d/e/x.dump", 10), ("toc.dat.old", 10)]
        );
        assert_eq!(entries[1].telling().location.as_ref(), "a/d/toc.dat");
        assert_eq!(entries[0].version().as_deref(), Some("a/b.dump"));

        let mut changed = objects;
        changed[3].e_tag = Some("another".into());
        let again = super::entries(&Path::from("a"), changed);
        assert_ne!(again[1].version(), entries[1].version());
        assert_eq!(again[1].clone().dump(Form::Directory).size, 30);
    }

    #[test]
    fn a_mark_of_a_folder_is_no_dump() {
        let mut marker = object("d.dump", "1");
        marker.size = 0;
        let both = entries(&Path::from(""), vec![marker, object("d.dump/toc.dat", "2")]);
        assert!(both.len() == 1 && both[0].is_folder());
        let both = entries(
            &Path::from(""),
            vec![object("d.dump", "1"), object("d.dump/toc.dat", "2")],
        );
        let labels: Vec<_> = both.iter().map(|entry| entry.label.as_str()).collect();
        assert_eq!(labels, ["d.dump", "d.dump/"]);
    }

    #[test]
    fn without_a_prefix_the_whole_key_is_the_label() {
        let entries = entries(&Path::from(""), vec![object("x/y.dump", "1")]);
        assert_eq!(entries[0].label, "x/y.dump");
    }

    proptest::proptest! {
        #[test]
        fn every_object_belongs_to_one_entry(keys in proptest::collection::btree_set("(a|b)?/?(toc\\.dat|[a-z]{1,2})(/toc\\.dat|/[a-z.]{0,3})?", 0..30)) {
            let keys: BTreeSet<_> = keys.iter().map(|key| Path::from(key.as_str()).to_string()).collect();
            let objects: Vec<_> = keys.iter().map(|key| object(key, key)).collect();
            let grouped = entries(&Path::from(""), objects.clone());
            let all: u64 = grouped.iter().map(Entry::size).sum();
            proptest::prop_assert_eq!(all, 10 * objects.len() as u64);
            let labels: BTreeSet<_> = grouped.iter().map(|entry| &entry.label).collect();
            proptest::prop_assert_eq!(labels.len(), grouped.len(), "no two have one label");
        }
    }
}
