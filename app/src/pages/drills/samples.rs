//! Drills made up for the tests of the pages: each verdict, each state, hostile words.

use chrono::TimeDelta;
use domain::backup::Kind;
use domain::drill::{
    Check, Choice, Chosen, Drill, Failure, Figures, Freshness, Isolation, IsolationKind, Measured, Phase, PhaseName,
    PhaseStatus, Rehearsals, TemporaryInstance, Trigger, Verdict, names,
};
use domain::ids::{Big, DrillId, Person, Sha256};
use domain::time::Timestamp;
use recovery::drills::{
    DrillLine, DrillState, LogPage, NextRun, Planned, Seen, Standing, StoredDrill, StoredDrillLine,
};
use recovery::runs::LogStream;
use uuid::Uuid;

use crate::pages::overview::samples::{DAY, HOSTILE, ago};

pub fn id(number: u128) -> DrillId {
    DrillId(Uuid::from_u128(0x4000_8000_0000_0000_0000 + number))
}

fn queued(number: u128, days: i64) -> Drill {
    let person = Person {
        issuer: "https://idp.example".into(),
        subject: "a".into(),
    };
    let asked = (Trigger::Person, person, "operator-a".to_owned());
    Drill::queued(id(number), "ampora-prod", Choice::Latest, asked, ago(days * DAY + 400))
}

fn phase(name: PhaseName, at: Timestamp, seconds: i64, status: PhaseStatus) -> Phase {
    Phase {
        name,
        started_at: at,
        finished_at: (status != PhaseStatus::Running).then(|| at + TimeDelta::seconds(seconds)),
        status,
        detail: "38.4 GB, 58 MB/s".into(),
        failure: None,
    }
}

fn begun(number: u128, days: i64, steps: &[(PhaseName, i64)]) -> Drill {
    let mut drill = queued(number, days);
    let began = ago(days * DAY + 380);
    let mut at = began;
    drill.started_at = Some(began);
    for (name, seconds) in steps {
        drill.phases.push(phase(*name, at, *seconds, PhaseStatus::Ok));
        at += TimeDelta::seconds(*seconds);
    }
    drill.backup = Some(Chosen {
        source: "pgbr-main".into(),
        tool: "pgbackrest".into(),
        repo: Some(1),
        label: "20261005-220003F".into(),
        kind: Kind::Full,
        stopped_at: Some(ago(DAY)),
        sha256: Some(Sha256::of(&[b"manifest"])),
        size_bytes: Some(38_400_000_000),
        to_the_end: true,
    });
    drill.figures = Figures {
        rto_declared: Some(3_600),
        rpo_declared: Some(900),
        rto_predicted: Some(2_200),
        rpo_predicted: Some(131),
        ..Figures::default()
    };
    drill
}

const STEPS: [(PhaseName, i64); 7] = [
    (PhaseName::Choose, 3),
    (PhaseName::Prepare, 1),
    (PhaseName::Fetch, 662),
    (PhaseName::Wal, 466),
    (PhaseName::Start, 312),
    (PhaseName::Check, 150),
    (PhaseName::TearDown, 34),
];

fn finished(mut drill: Drill, verdict: Verdict) -> Drill {
    drill.finished_at = drill.phases.last().and_then(|last| last.finished_at);
    drill.verdict = Some(verdict);
    drill.isolation = Isolation {
        kind: IsolationKind::Namespaces,
        detail: "own files, processes and network: tried".into(),
    };
    drill
}

pub fn passed(number: u128, days: i64) -> Drill {
    let mut drill = finished(begun(number, days, &STEPS), Verdict::Passed);
    drill.checks = [
        names::RECOVERY,
        names::SERVER,
        names::TABLES,
        names::ROWS,
        names::KEY,
        names::AUTHORITY,
    ]
    .map(|name| Check::ok(name, "as it should be"))
    .into();
    drill
        .checks
        .push(Check::not_run(names::AGENTS, "no launcher is configured"));
    drill.figures.rto_seconds = Some(2_200);
    drill.figures.rpo_seconds = Some(118);
    drill.figures.rpo_detail = "by heartbeats".into();
    drill.figures.restored_bytes = Some(Big(38_400_000_000));
    drill.figures.tables = Some(184);
    drill.key_fingerprint = Some("7d2c91ab7d2c91ab7d2c91ab7d2c91ab".into());
    drill.key_version = Some("3".into());
    drill
}

/// Of a managed database.
pub fn managed(number: u128, days: i64) -> Drill {
    let mut drill = passed(number, days);
    let names = [
        PhaseName::Choose,
        PhaseName::Prepare,
        PhaseName::Create,
        PhaseName::Available,
        PhaseName::Connect,
        PhaseName::Check,
        PhaseName::TearDown,
    ];
    for (phase, name) in drill.phases.iter_mut().zip(names) {
        phase.name = name;
    }
    drill.isolation = Isolation {
        kind: IsolationKind::Elsewhere,
        detail: "the copy is an instance of its own at AWS".into(),
    };
    if let Some(backup) = drill.backup.as_mut() {
        (backup.source, backup.label) = ("managed".into(), "2026-11-20T10:00:00Z".into());
    }
    drill.instance = Some(TemporaryInstance {
        source: "managed".into(),
        region: "eu-central-1".into(),
        of: "ampora-prod".into(),
        of_resource_id: "db-SOURCE".into(),
        name: TemporaryInstance::name_of(drill.id),
        resource_id: Some("db-COPY".into()),
        arn: Some("arn:aws:rds:eu-central-1:123456789012:db:copy".into()),
        restored_to: None,
        asked_at: ago(days * DAY),
        gone_at: drill.finished_at,
    });
    drill
}

pub fn failed(number: u128, days: i64) -> Drill {
    let mut drill = finished(begun(number, days, &STEPS), Verdict::Failed);
    drill.checks = vec![
        Check::ok(names::SERVER, "it starts"),
        Check::broken(names::KEY, "version 3 opens 0 of 214").because("current version", "3"),
        Check::not_run(names::AUTHORITY, "needs the key"),
        Check::ok(format!("{}no tenant without owner", names::SITE), "0 rows"),
    ];
    drill.failure = Some(Failure::of_backup("check:key", "key: version 3 opens 0 of 214"));
    drill.figures.rpo_seconds = Some(118);
    drill
}

pub fn environment_broken(number: u128, days: i64) -> Drill {
    let mut drill = finished(begun(number, days, &STEPS[..3]), Verdict::EnvironmentBroken);
    let failure = Failure::of_environment(
        "missing-extension",
        "the sandbox lacks pg_partman",
        "install postgresql-16-partman",
    );
    if let Some(last) = drill.phases.last_mut() {
        last.status = PhaseStatus::Broken;
        last.failure = Some(failure.clone());
    }
    drill.failure = Some(failure);
    drill
}

/// Everything that can be named is named to deceive.
pub fn hostile(number: u128) -> Drill {
    let mut drill = failed(number, 3);
    drill.deployment = HOSTILE.into();
    drill.by_name = HOSTILE.into();
    drill.warnings = vec![HOSTILE.into()];
    drill.isolation.detail = HOSTILE.into();
    drill.failure = Some(Failure::of_environment(HOSTILE, HOSTILE, HOSTILE));
    drill.checks.push(
        Check::broken(format!("{}{HOSTILE}", names::SITE), HOSTILE)
            .because(HOSTILE, HOSTILE)
            .remedied_by(HOSTILE),
    );
    if let Some(backup) = drill.backup.as_mut() {
        (backup.label, backup.source) = (HOSTILE.into(), HOSTILE.into());
    }
    for phase in &mut drill.phases {
        phase.detail = HOSTILE.into();
    }
    drill
}

pub fn running(number: u128) -> Drill {
    let mut drill = begun(number, 0, &STEPS[..2]);
    let at = ago(30);
    drill.phases.push(phase(PhaseName::Fetch, at, 0, PhaseStatus::Running));
    drill
}

pub fn waiting(number: u128) -> Drill {
    queued(number, 0)
}

pub fn stored(drill: Drill, state: DrillState) -> StoredDrill {
    let receipt =
        r#"{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"ab","sig":"AA=="}]}"#;
    StoredDrill {
        worker: drill.started_at.map(|_| "drill-1:77".to_owned()),
        receipt: state.is_over().then(|| receipt.to_owned()),
        cancel_wanted: false,
        drill,
        state,
    }
}

pub fn seen(drill: Drill, state: DrillState) -> Seen {
    Seen {
        stored: stored(drill, state),
        before: Some(id(90)),
        ahead: 1,
        usual: STEPS.into(),
        measured: measured(),
    }
}

pub fn measured() -> Vec<Measured> {
    let one = |drill: Drill| Measured {
        id: drill.id,
        at: drill.finished_at.unwrap_or(drill.queued_at),
        verdict: drill.verdict.unwrap_or(Verdict::Failed),
        figures: drill.figures,
    };
    [
        passed(91, 200),
        environment_broken(92, 120),
        passed(93, 60),
        passed(94, 30),
        failed(95, 2),
    ]
    .map(one)
    .into()
}

pub fn log() -> LogPage {
    let line = |seq, text: &str| StoredDrillLine {
        seq,
        line: DrillLine {
            at: ago(15),
            phase: "fetch".into(),
            stream: LogStream::Err,
            text: text.into(),
        },
    };
    LogPage {
        lines: vec![
            line(1, "restore file 1 of 900"),
            line(4, HOSTILE),
            line(7, "password=redacted"),
        ],
        page: 2,
        pages: 3,
        of: 431,
    }
}

pub fn standing(name: &str, freshness: Freshness, rehearsals: Rehearsals) -> Standing {
    let next = (0..5).map(|n| NextRun {
        at: ago(-DAY * (30 + 90 * n)),
        local: format!("Fri 1 Jan 202{}, 03:00 CET", 7 + n),
    });
    Standing {
        deployment: name.into(),
        rehearsals,
        freshness,
        every: Some(TimeDelta::days(90)),
        schedule: Some(Planned {
            cron: "0 3 1 1,4,7,10 *".into(),
            zone: "Europe/Berlin".into(),
            choice: "a random one".into(),
            next: Ok(next.collect()),
        }),
    }
}
