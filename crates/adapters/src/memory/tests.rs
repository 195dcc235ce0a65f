use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::lock::Locked;
use super::*;
use crate::process::hygiene::HygieneReport;

const HEADER: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

/// A machine with these files.
fn machine(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn swap(files: &[(&str, &str)], locked: &Locked) -> Bar {
    swap::judge(machine(files).path(), locked)
}

fn with_swap(place: &str) -> String {
    format!("{HEADER}{place}                               partition\t2097148\t\t0\t\t-2\n")
}

#[track_caller]
fn assert_open(bar: &Bar, words: &str) {
    assert!(matches!(bar, Bar::Open { why, .. } if why.contains(words)), "{bar:?}");
}

#[track_caller]
fn assert_holds(bar: &Bar, words: &str) {
    assert!(matches!(bar, Bar::Holds(how) if how.contains(words)), "{bar:?}");
}

#[test]
fn swap_on_a_disk_is_open_unless_memory_is_locked() {
    let disk = with_swap("/dev/sda2");
    let files = [("proc/swaps", disk.as_str())];
    assert_open(&swap(&files, &Locked::Limited(8 << 20)), "/dev/sda2");
    assert_open(&swap(&files, &Locked::Limited(8 << 20)), "only 8192 KiB may be locked");
    assert_open(&swap(&files, &Locked::Refused("no such call".into())), "no such call");
    assert_holds(&swap(&files, &Locked::All), "locked");
}

#[test]
fn a_machine_without_swap_needs_no_lock() {
    assert_holds(&swap(&[], &Locked::Limited(0)), "none");
    assert_holds(&swap(&[("proc/swaps", HEADER)], &Locked::Limited(0)), "none");
}

#[test]
fn encrypted_swap_and_swap_in_memory_are_safe() {
    let (mapped, packed) = (with_swap("/dev/dm-1"), with_swap("/dev/zram0"));
    let uuid = |kind: &str| format!("{kind}-swap\n");
    let judged = |swaps: &str, about: (&str, &str)| swap(&[("proc/swaps", swaps), about], &Locked::Limited(0));
    assert_holds(
        &judged(&mapped, ("sys/block/dm-1/dm/uuid", &uuid("CRYPT-PLAIN"))),
        "/dev/dm-1 is encrypted",
    );
    assert_open(&judged(&mapped, ("sys/block/dm-1/dm/uuid", &uuid("LVM"))), "/dev/dm-1");
    assert_holds(
        &judged(&packed, ("sys/block/zram0/backing_dev", "none\n")),
        "stays in memory",
    );
    assert_open(
        &judged(&packed, ("sys/block/zram0/backing_dev", "/dev/sda3\n")),
        "/dev/zram0",
    );
    assert_open(
        &swap(&[("proc/swaps", &with_swap("/swapfile"))], &Locked::Limited(0)),
        "/swapfile",
    );
    let both = mapped.clone() + "/swapfile file 1 0 -3\n";
    let one_open = judged(&both, ("sys/block/dm-1/dm/uuid", &uuid("CRYPT-LUKS2")));
    assert!(
        matches!(&one_open, Bar::Open { why, .. } if !why.contains("dm-1")),
        "{one_open:?}"
    );
}

#[test]
fn a_control_group_that_may_not_swap_is_safe() {
    let disk = with_swap("/dev/sda2");
    let judged = |group: &str, limits: &[(&str, &str)]| {
        let mut files = vec![("proc/swaps", disk.as_str()), ("proc/self/cgroup", group)];
        files.extend_from_slice(limits);
        swap(&files, &Locked::Limited(0))
    };
    let group = "9:name=systemd:/\n0::/system.slice/muster.service\n";
    let own = ("sys/fs/cgroup/system.slice/muster.service/memory.swap.max", "0\n");
    let above = ("sys/fs/cgroup/system.slice/memory.swap.max", "0\n");
    let most = ("sys/fs/cgroup/system.slice/muster.service/memory.swap.max", "max\n");
    assert_holds(&judged(group, &[own]), "may not swap");
    assert_holds(&judged(group, &[most, above]), "may not swap");
    assert_open(&judged(group, &[most]), "/dev/sda2");
    assert_open(&judged("4:memory:/docker/1\n", &[own]), "/dev/sda2");
    assert_holds(
        &judged("0::/\n", &[("sys/fs/cgroup/memory.swap.max", "0")]),
        "may not swap",
    );
}

fn hygiene(untraceable: bool, no_core_dump: bool) -> HygieneReport {
    let problem = |holds: bool, why: &str| (!holds).then(|| why.to_owned());
    HygieneReport {
        untraceable: problem(untraceable, "the kernel refuses"),
        no_core_dump: problem(no_core_dump, "no limit can be set"),
    }
}

#[test]
fn a_handler_gets_a_dump_past_the_limit_but_not_of_an_undumpable_process() {
    let with = |pattern: &str| machine(&[("proc/sys/kernel/core_pattern", pattern)]);
    let (file, apport) = (with("core\n"), with("|/usr/share/apport/apport -p%p -- %E\n"));
    let systemd = with("|/usr/lib/systemd/systemd-coredump %P %u\n");
    for machine in [&file, &apport] {
        assert_holds(
            &core_dumps::own(machine.path(), &hygiene(true, true)),
            "none of this process",
        );
    }
    assert_holds(&core_dumps::own(file.path(), &hygiene(false, true)), "limit");
    assert_open(
        &core_dumps::own(apport.path(), &hygiene(false, true)),
        "/usr/share/apport/apport, which no limit stops (the kernel refuses)",
    );
    assert_open(
        &core_dumps::own(file.path(), &hygiene(false, false)),
        "no limit can be set",
    );

    assert_holds(
        &core_dumps::of_children(file.path(), &hygiene(true, true)),
        "limit of 0",
    );
    assert_holds(&core_dumps::of_children(systemd.path(), &hygiene(true, true)), "heeds");
    assert_open(
        &core_dumps::of_children(apport.path(), &hygiene(true, true)),
        "/usr/share/apport/apport",
    );
    assert_open(
        &core_dumps::of_children(file.path(), &hygiene(true, false)),
        "no limit can be set",
    );
}

#[test]
fn what_cant_be_seen_is_unknown() {
    let bare = machine(&[]);
    assert!(matches!(
        core_dumps::of_children(bare.path(), &hygiene(true, true)),
        Bar::Unknown(_)
    ));
    assert!(matches!(
        core_dumps::own(bare.path(), &hygiene(false, true)),
        Bar::Unknown(_)
    ));
    let folder = machine(&[("proc/swaps/file", "")]);
    assert!(matches!(
        swap::judge(folder.path(), &Locked::Limited(0)),
        Bar::Unknown(_)
    ));
}

#[test]
fn a_problem_says_what_helps() {
    let guard = |bar| Guard { way: "swap", bar };
    let report = MemoryReport {
        guards: vec![
            guard(Bar::Holds("locked".into())),
            guard(Bar::Open {
                why: "it is on".into(),
                remedy: "switch it off".into(),
            }),
            guard(Bar::Unknown("nobody tells".into())),
        ],
    };
    let problems: Vec<_> = report.problems().collect();
    assert_eq!(
        problems,
        ["swap: it is on; switch it off", "swap: not known, since nobody tells"]
    );
}

proptest! {
    #[test]
    fn no_text_of_the_system_panics(swaps: String, pattern: String, group: String) {
        let files = [("proc/swaps", swaps.as_str()), ("proc/sys/kernel/core_pattern", &pattern), ("proc/self/cgroup", &group)];
        let machine = machine(&files);
        let _ = swap::judge(machine.path(), &Locked::Limited(0));
        let _ = core_dumps::of_children(machine.path(), &hygiene(true, true));
    }
}
