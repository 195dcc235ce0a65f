//! Which limits hold a server on this machine, and that those which don't are named.

use std::path::Path;

use adapters::sandbox::Limits;
use rustix::process::geteuid;

use super::place;

#[tokio::test]
async fn what_holds_a_server_here_is_told_and_so_is_what_does_not() {
    let mut sandboxes = place().sandboxes;
    sandboxes.limits = Limits {
        memory: 1 << 30,
        cpus: Some(2),
    };
    let hold = sandboxes.hold().await;
    let scopes = Path::new("/run/systemd/system").is_dir() && geteuid().is_root();
    assert_eq!(hold.together, scopes, "{hold:?}");
    let told = if scopes {
        ["2 processors", "by a scope of systemd"]
    } else {
        [
            "for each process, not for all together",
            "not by a number of processors",
        ]
    };
    assert!(told.iter().all(|words| hold.detail.contains(words)), "{hold:?}");
    // Where no number was wanted none is missed.
    sandboxes.limits.cpus = None;
    let hold = sandboxes.hold().await;
    assert!(!hold.detail.contains("processors"), "{hold:?}");
    assert!(hold.detail.contains("lowest priority"), "{hold:?}");
}
