//! Writes the server's configuration before every start: what Muster sets is never edited by hand.

use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::{PermissionsExt, fchown},
    path::Path,
};

use tempfile::NamedTempFile;

use super::{
    ClusterError, diagnose,
    layout::Layout,
    spec::{Auth, ClusterSpec},
};
use crate::process::RunAs;

/// Name of the file that `postgresql.conf` includes.
pub(super) const INCLUDED: &str = "muster.conf";

/// Said before what the specification asks for, so that it can say otherwise.
const DEFAULTS: [(&str, &str); 7] = [
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("lc_messages", "C"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_line_prefix", "%m [%p] "),
    ("log_checkpoints", "off"),
];

/// Writes all three files into the data directory; tells whether any of them said something else before.
pub(super) fn write(spec: &ClusterSpec, layout: &Layout, socket_dir: &Path) -> Result<bool, ClusterError> {
    let data = layout.data();
    let files = [
        (INCLUDED, settings(spec, socket_dir)),
        ("pg_hba.conf", host_based_authentication(spec)),
        ("pg_ident.conf", user_map(spec)?),
    ];
    let mut changed = false;
    for (name, content) in files {
        let path = data.join(name);
        if fs::read(&path).is_ok_and(|found| found == content.as_bytes()) {
            continue;
        }
        replace(&path, &data, &content, spec.run_as.as_ref())
            .map_err(|source| diagnose::file_error(layout, "written", &path, source))?;
        changed = true;
    }
    Ok(changed)
}

fn settings(spec: &ClusterSpec, socket_dir: &Path) -> String {
    let socket_dir = socket_dir.display().to_string();
    let ours = [
        ("listen_addresses", ""),
        ("unix_socket_directories", socket_dir.as_str()),
        ("unix_socket_permissions", "0700"),
        ("password_encryption", "scram-sha-256"),
    ];
    let asked = spec
        .settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let lines = DEFAULTS.into_iter().chain(asked).chain(ours);
    let lines = lines.map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")));
    std::iter::once("# Written by Muster at every start.\n".to_owned())
        .chain(lines)
        .collect()
}

fn host_based_authentication(spec: &ClusterSpec) -> String {
    let mut lines = String::from("# Written by Muster at every start.\n");
    for role in std::iter::once(&spec.superuser).chain(&spec.roles) {
        lines.push_str(&format!("local all \"{role}\" peer map=muster\n"));
        lines.push_str(&format!("local replication \"{role}\" peer map=muster\n"));
    }
    if spec.auth == Auth::Scram {
        lines.push_str("local all all scram-sha-256\n");
    }
    lines
}

fn user_map(spec: &ClusterSpec) -> Result<String, ClusterError> {
    let current = RunAs::current()?.map(|user| user.name);
    let server = spec.run_as.as_ref().map(|user| user.name.clone());
    let fixed = ["root", "postgres"].map(str::to_owned);
    let users: BTreeSet<String> = fixed.into_iter().chain(current).chain(server).collect();
    let mut lines = String::from("# Written by Muster at every start.\n");
    for user in &users {
        for role in std::iter::once(&spec.superuser).chain(&spec.roles) {
            lines.push_str(&format!("muster \"{user}\" \"{role}\"\n"));
        }
    }
    Ok(lines)
}

/// Replaces a file as a whole. The folder belongs to the server's user, who may have put a link where the
/// file was: a rename never follows it.
fn replace(path: &Path, dir: &Path, content: &str, owner: Option<&RunAs>) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(dir)?;
    file.write_all(content.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(0o600))?;
    if let Some(owner) = owner {
        fchown(file.as_file(), Some(owner.uid), Some(owner.gid))?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
