//! What stops a delivery that was approved.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_after_the_approval_stops_the_delivery() {
    type Move = fn(&mut Site, &KeyFiles);
    let moves: [(Move, &str, &str); 4] = [
        (
            |site, _| {
                let keys = KeyFiles {
                    dir: site.folder.path().join("keys"),
                };
                put(&keys, "2", 9, false);
            },
            "",
            "fingerprint was",
        ),
        (
            |_, new| {
                fs::create_dir(&new.dir).expect("a folder");
                put(new, "1", 5, true);
            },
            "1=5*",
            "exists already",
        ),
        (
            |site, _| site.configure(|settings| settings.deployments[0].key_destinations.clear()),
            "",
            "no longer configured",
        ),
        (
            |site, new| {
                let dir = new.dir.clone();
                site.configure(|settings| {
                    let key = settings.deployments[0].master_key.as_mut().expect("is configured");
                    key.replicas = vec![Replica {
                        name: "new".into(),
                        place: place(KeyFiles { dir }),
                    }];
                });
            },
            "",
            "the replica new of demo",
        ),
    ];
    for (change, there, says) in moves {
        let (mut site, new) = site().await;
        let run = site.started(&wish("elsewhere", "keys")).await;
        change(&mut site, &new);
        let done = worked(&site, run).await;
        let RunState::Refused { reason, .. } = &done.state else {
            panic!("{:?} {:?}", done.state, done.steps)
        };
        assert!(reason.starts_with("stale: ") && reason.contains(says), "{reason}");
        assert_eq!(held(&new), there);
    }
}
