use chrono::{DateTime, Duration};
use domain::wal::Lsn;
use domain::window::Window;
use store::DumpReading;

use super::super::History;
use super::*;
use crate::keys::Beside;

fn at(seconds: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

fn window(to: i64) -> Window {
    Window {
        source: "stanza".into(),
        repo: 1,
        from: at(0),
        to: at(to),
        end_lsn: Some(Lsn(1)),
        timelines: vec![1],
        exact: true,
    }
}

fn observed() -> Observed {
    let reading = SourceReading {
        kind: "pgbackrest".into(),
        status: Status::Ok,
        detail: "ok".into(),
        backups: Vec::new(),
        windows: vec![window(90)],
        gaps: Vec::new(),
        dumps: vec![("a.dump".into(), cut_short())],
        repos: Vec::new(),
        managed: None,
        vanished: Vec::new(),
        archives: Vec::new(),
        systems: Vec::new(),
    };
    let source = Observation::never("stanza", 30).updated(Ok(reading), at(100));
    Observed {
        sources: vec![("pgbackrest".into(), source)],
        vitals: Observation::never("database", 30),
        keys: Observation::never("master key", 30),
        traces: Observation::never("traces", 30),
        crl: None,
        tls: None,
        images: None,
        escrows: Vec::new(),
        buckets: Vec::new(),
        kms: Vec::new(),
        verified: Vec::new(),
        history: History::default(),
        recoveries: Vec::new(),
        kept_for: None,
        drill: None,
        rehearsals: None,
        restored: None,
        set_back: None,
        drill_proofs: Vec::new(),
        beside: Beside::default(),
    }
}

fn cut_short() -> DumpReading {
    DumpReading {
        contents: Err("ends 1 byte early".into()),
        openings: Vec::new(),
        sampled: 0,
        unparsed: 0,
        read_at: at(100),
    }
}

#[test]
fn a_window_is_past_as_soon_as_its_source_is_silent_and_stays_at_hand() {
    let mut observed = observed();
    assert_eq!(observed.past_windows(at(110)), []);
    assert_eq!(observed.best_window(at(110)), Some(&window(90)));
    let (_, source) = &mut observed.sources[0];
    *source = source.clone().updated(Err("refused".into()), at(120));
    assert_eq!(observed.past_windows(at(121)), [window(90)]);
    assert_eq!(observed.best_window(at(121)), None);
}

#[test]
fn what_reading_a_dump_has_shown_stays_at_hand_too() {
    let mut observed = observed();
    let (_, source) = &mut observed.sources[0];
    *source = source.clone().updated(Err("refused".into()), at(120));
    assert_eq!(observed.dump("stanza", "a.dump"), Some(&cut_short()));
    assert_eq!(observed.dump("stanza", "b.dump"), None);
    assert_eq!(observed.dump("elsewhere", "a.dump"), None);
}
