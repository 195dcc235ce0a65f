//! Keys over time, from real proofs: what is written down of each, and what it says when they part, and when nobody could look.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use domain::role::{Actor, Role};
use domain::rotation::{Ended, Held, Lane, Span};
use domain::time::Timestamp;
use recovery::overview::{self, KeyHistory};
use recovery::{Clock, Services, collect};

use crate::site::{Site, master_key};

/// A site whose clock goes on only when it is told to.
struct Watched {
    site: Site,
    services: Services,
    now: Arc<AtomicI64>,
}

impl Watched {
    async fn new() -> Self {
        let site = Site::new().await;
        let now = Arc::new(AtomicI64::new(site.services.clock.now().timestamp()));
        let read = now.clone();
        let clock = move || DateTime::from_timestamp(read.load(Ordering::SeqCst), 0).expect("in range");
        let services = Services {
            clock: Clock::new(clock),
            ..site.services.clone()
        };
        Self { site, services, now }
    }

    fn hours_pass(&self, hours: i64) -> Timestamp {
        self.now.fetch_add(hours * 3_600, Ordering::SeqCst);
        self.services.clock.now()
    }

    /// Makes this version the current one, or the manager unreadable, and lets the collector prove and write down.
    async fn proven(&self, current: Option<&str>) {
        let (folder, aside) = (
            self.site.folder.path().join("keys"),
            self.site.folder.path().join("aside"),
        );
        if aside.exists() {
            fs::rename(&aside, &folder).expect("our own folder");
        }
        match current {
            Some(version) => fs::write(folder.join("current"), version).expect("our own file"),
            None => fs::rename(&folder, &aside).expect("our own folder"),
        }
        let deployment = &self.services.settings.deployments[0];
        let proven = collect::prove(&self.services, deployment, &Actor::job("collector")).await;
        proven.expect("is kept");
        self.written_down().await;
    }

    /// One round of the collector that makes no proof.
    async fn written_down(&self) {
        let deployment = &self.services.settings.deployments[0];
        collect::record(&self.services, deployment).await.expect("is kept");
    }

    async fn history(&self) -> KeyHistory {
        let reader = self.site.person("v", Role::Viewer);
        let read = overview::key_history(&self.services, &reader, "demo").await;
        read.expect("reads")
    }
}

fn held(spans: &[Span]) -> Vec<Held> {
    spans.iter().map(|span| span.held.clone()).collect()
}

fn key(number: u8) -> Held {
    Held::Key(master_key(number).fingerprint())
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_tell_when_they_parted_and_when_nobody_could_look() {
    let watched = Watched::new().await;
    watched.proven(Some("2")).await;
    watched.hours_pass(6);
    watched.written_down().await;
    watched.written_down().await;
    watched.proven(Some("2")).await;
    let parted = watched.hours_pass(6);
    watched.proven(Some("3")).await;
    watched.hours_pass(6);
    watched.proven(None).await;
    let unread = watched.services.clock.now();
    watched.hours_pass(6);
    watched.proven(Some("3")).await;
    let joined = watched.hours_pass(6);
    watched.proven(Some("2")).await;
    watched.hours_pass(2);

    let history = watched.history().await;
    let manager = history.lane(Lane::Manager);
    let [together, apart, unknown, again, joined_again] = manager else {
        panic!("{manager:#?}");
    };
    assert_eq!(held(manager)[..2], [key(2), key(3)]);
    assert_eq!((again.held.clone(), joined_again.held.clone()), (key(3), key(2)));
    assert!(
        matches!(&unknown.held, Held::Unknown(why) if !why.is_empty()),
        "{unknown:?}"
    );
    assert_eq!((together.until, apart.until, unknown.from), (parted, unread, unread));
    assert!(
        matches!(
            held(history.lane(Lane::Envelopes))[..],
            [Held::Key(_), Held::Unknown(_), Held::Key(_)]
        ),
        "without keys nothing is opened: {:#?}",
        history.lane(Lane::Envelopes)
    );
    assert!(
        history.lanes.iter().all(|(lane, _)| *lane != Lane::InUse),
        "nobody said where to look"
    );
    let [parting] = history.partings.as_slice() else {
        panic!("{:#?}", history.partings);
    };
    assert_eq!((parting.at, parting.ended), (parted, Ended::Joined(joined)));
    assert!(parting.unsure, "the manager could not be read in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_believed_until_its_limit_and_no_longer() {
    let watched = Watched::new().await;
    watched.proven(Some("2")).await;
    let start = watched.services.clock.now();
    watched.hours_pass(18);
    watched.written_down().await;
    let spans = watched.history().await;
    assert_eq!(held(spans.lane(Lane::Manager)), [key(2)]);
    assert_eq!(spans.lane(Lane::Manager)[0].looked, start, "writing down is no look");

    let now = watched.hours_pass(30);
    watched.written_down().await;
    let history = watched.history().await;
    let [known, unknown] = history.lane(Lane::Manager) else {
        panic!("{history:#?}");
    };
    assert_eq!(known.until, start + chrono::TimeDelta::hours(18));
    assert_eq!(
        (unknown.held.clone(), unknown.until),
        (Held::Unknown("nobody looked".into()), now)
    );
}
