//! Whether memory can reach a disk by being swapped out.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::Bar;
use super::lock::Locked;
use crate::tls::plain;

/// Judges what `/proc/swaps` lists, unless all memory is locked.
pub(super) fn judge(system: &Path, locked: &Locked) -> Bar {
    if *locked == Locked::All {
        return Bar::Holds("all memory is locked, so none of it is swapped out".into());
    }
    let listed = match fs::read(system.join("proc/swaps")) {
        Ok(listed) => String::from_utf8_lossy(&listed).into_owned(),
        // A kernel without swap.
        Err(error) if error.kind() == ErrorKind::NotFound => return none(),
        Err(error) => return Bar::Unknown(format!("/proc/swaps can’t be read: {error}")),
    };
    let places = places(&listed);
    if places.is_empty() {
        return none();
    }
    if is_forbidden(system) {
        return Bar::Holds("its control group may not swap (memory.swap.max is 0)".into());
    }
    let open: Vec<_> = places.iter().filter(|place| !is_safe(system, place)).cloned().collect();
    if open.is_empty() {
        return Bar::Holds(format!("{} is encrypted or stays in memory", places.join(", ")));
    }
    let unlocked = match locked {
        Locked::Limited(most) => format!("only {} KiB may be locked", most / 1024),
        Locked::Refused(why) => format!("memory can’t be locked: {why}"),
        Locked::All => String::new(),
    };
    Bar::Open {
        why: format!("keys may be written to {} unencrypted, as far as can be seen, and {unlocked}", open.join(", ")),
        remedy: "give Muster the right to lock its memory (systemd: LimitMEMLOCK=infinity), forbid it to swap (MemorySwapMax=0), or encrypt \
                 the swap"
            .into(),
    }
}

fn none() -> Bar {
    Bar::Holds("this machine has none".into())
}

/// Files and partitions. The first line names the columns: <https://man7.org/linux/man-pages/man5/proc_swaps.5.html>.
pub(super) fn places(listed: &str) -> Vec<String> {
    let lines = listed.lines().skip(1);
    let first = |line: &str| line.split_whitespace().next().map(plain);
    lines.filter_map(first).collect()
}

/// Whether this control group, or one that it is in, may not swap.
fn is_forbidden(system: &Path) -> bool {
    let group = fs::read_to_string(system.join("proc/self/cgroup")).unwrap_or_default();
    let Some(group) = group.lines().find_map(|line| line.strip_prefix("0::")) else {
        return false;
    };
    let own = Path::new(group.trim_start_matches('/'));
    let limit = |group: &Path| fs::read_to_string(system.join("sys/fs/cgroup").join(group).join("memory.swap.max"));
    own.ancestors()
        .any(|group| limit(group).is_ok_and(|limit| limit.trim() == "0"))
}

/// Encrypted by dm-crypt, or compressed memory that goes to no disk. Of a file it can't be told.
fn is_safe(system: &Path, place: &str) -> bool {
    let Some(device) = place.strip_prefix("/dev/").filter(|device| !device.contains('/')) else {
        return false;
    };
    let about = |what: &str| fs::read_to_string(system.join("sys/block").join(device).join(what)).unwrap_or_default();
    about("dm/uuid").starts_with("CRYPT-") || (device.starts_with("zram") && about("backing_dev").trim() == "none")
}
