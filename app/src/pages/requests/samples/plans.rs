//! Plans of all kinds.

use domain::ids::{Big, Sha256, SystemIdentifier};
use domain::key::Encoding;
use domain::plan::{
    Advisory, Ampora, Basis, DataLoss, Delivery, Former, KeyCatchUp, MeasuredIn, PhaseTime, Pinned, Placed, Plan,
    Range, Reach, Repoint, RestoreDump, Resurrection, RetrieveKey, Revived, Service, Setup, Step, Successor, Target,
    Workload,
};

use crate::pages::overview::samples::{HOSTILE, ago, fingerprint};

fn steps() -> Vec<Step> {
    let argv = "pg_restore --exit-on-error --no-owner --role=ampora --jobs=4 --host=/run/postgresql --port=5432 \
                --dbname=ampora_restored ampora-20261006T0130.dump";
    let words = |line: &str| line.split_whitespace().map(String::from).collect();
    vec![
        Step::new(
            "verify-dump",
            "Reads the dump again: it has to be, byte for byte, the one that was approved.",
        ),
        Step::new(
            "create-database",
            "Makes the empty database ampora_restored, marked as this run’s until it is whole.",
        )
        .running(vec![
            "CREATE DATABASE ampora_restored TEMPLATE template0 OWNER ampora".into(),
        ]),
        Step::new("restore", "Restores schema and data; stops at the first error.").running(words(argv)),
        Step::new(
            "check-rows",
            "Counts the rows of 3 tables: each has to have as many as the dump.",
        ),
        Step::new("check-key", "Every sampled envelope opens with key c41e 5f06."),
        Step::new(
            "complete",
            "Marks ampora_restored as whole. From here on Muster doesn’t touch it.",
        ),
    ]
}

/// A dump into a new database.
pub fn restore() -> Plan {
    let rows = [
        ("public.agents", 6_214),
        ("public.audit_events", 182_340),
        ("public.tenants", 12),
    ];
    let target = Target {
        server: "/run/postgresql:5432".into(),
        system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_117)),
        server_version: "15.18".into(),
        database: "ampora_restored".parse().expect("a plain name"),
        owner: "ampora".into(),
        encoding: "UTF8".into(),
        collate: "C.UTF-8".into(),
        ctype: "C.UTF-8".into(),
        provider: domain::locale::LocaleProvider::Libc,
    };
    let pinned = RestoreDump {
        deployment: "ampora-prod".into(),
        source: "dumps".into(),
        backup: "ampora-20261006T0130.dump".into(),
        dump_sha256: Sha256::of(&[b"dump"]),
        dump_bytes: Big(9_100_000),
        target,
        rows: rows.map(|(table, rows)| (table.to_owned(), Big(rows))).into(),
        settings: vec!["ALTER DATABASE ampora_restored SET statement_timeout TO '5min'".into()],
        key_fingerprint: Some(fingerprint('c')),
        tool_version: "15.18".into(),
        jobs: 4,
        steps: steps(),
    };
    let exact = |count| {
        Some(Range {
            min: count,
            max: Some(count),
        })
    };
    let advisory = Advisory {
        data_loss: Some(DataLoss {
            basis: Basis::Exact,
            restore_point: Some(ago(48 + 6_872)),
            seconds: exact(6_872),
            audit_events: exact(2_418),
            configurations: exact(3),
            agents: exact(0),
            certificates: exact(12),
            ..DataLoss::unknown(ago(48))
        }),
        resurrections: revived(),
        durations: vec![24, 31, 19],
        phases: PhaseTime::of(
            [("restore".to_owned(), 20), ("restore".to_owned(), 15)],
            MeasuredIn::Runs,
        ),
        warnings: vec!["The copy is 1 h 54 min older than production. Production itself isn’t touched.".into()],
    };
    Plan {
        pinned: pinned.into(),
        advisory,
        made_at: ago(48),
    }
}

/// A key, shown once.
pub fn key() -> Plan {
    let show = Step::new(
        "show",
        "After a fresh login of the requester: reads the version and writes it into one response.",
    );
    retrieval(Delivery::ShownOnce, vec![show.destructive()])
}

/// A key, as two shares.
pub fn shares() -> Plan {
    let show = Step::new("show", "After a fresh login of the requester: two shares, each sealed.");
    let recipients = ["age1one".into(), format!("age1other{HOSTILE}")];
    retrieval(Delivery::Split { recipients }, vec![show.destructive()])
}

/// A key, into a new place.
pub fn placed() -> Plan {
    let place = Placed {
        destination: "dr-vault".into(),
        manager: format!("vault secret/recovered/keys at https://vault.dr{HOSTILE}"),
        identity: "vault https://vault.dr secret/recovered/keys".into(),
        name: "keys".parse().expect("a plain name"),
        field: Some("master_key".into()),
        encoding: Encoding::Base64,
    };
    let steps = [
        ("verify", "Reads every fact again."),
        ("deliver", "Makes it."),
        ("read-back", "Reads it."),
    ];
    let steps = steps.map(|(name, detail)| Step::new(name, detail));
    retrieval(Delivery::Placed(place), steps.into())
}

/// The key in use for a manager that is behind; version 1 is lost by it.
pub fn catch_up() -> Plan {
    let steps = [
        ("prove", "Proves the key in use."),
        ("write", "Writes it behind version 2."),
        ("read-back", "Reads it."),
        ("prove-again", "Proves once more."),
    ];
    Plan {
        pinned: Pinned::KeyCatchUp(KeyCatchUp {
            deployment: "ampora-prod".into(),
            manager: "vault secret/ampora at https://vault".into(),
            identity: "vault https://vault secret/ampora".into(),
            expected: "2".into(),
            fingerprint: fingerprint('c'),
            source: format!("/etc/ampora/ampora.env{HOSTILE}"),
            held_as: Some("3".into()),
            pruned: vec!["1".into()],
            field: None,
            encoding: Encoding::Hex,
            steps: steps.map(|(name, detail)| Step::new(name, detail)).into(),
        }),
        advisory: Advisory {
            warnings: vec!["Before a key of Ampora is changed: scale Ampora to 0.".into()],
            ..Advisory::default()
        },
        made_at: ago(48),
    }
}

/// Ampora pointed at a restored database; the old server doesn't answer.
pub fn repoint() -> Plan {
    let steps = [
        ("verify", "Reads every fact again."),
        ("stop-ampora", "Scales to 0."),
        ("close-old-database", "Makes sure that it doesn’t answer."),
        ("start-one", "Starts one."),
    ];
    Plan {
        pinned: Pinned::from(Repoint {
            deployment: "ampora-prod".into(),
            ampora: Ampora {
                name: "Deployment ampora/ampora-web".into(),
                variables: vec!["ConnectionStrings__Ampora".into()],
                setup: Setup::Workload(Workload {
                    cluster: "https://10.0.0.1:6443".into(),
                    uid: "8a6e0804-2bd0-4672-b79d-d97027f9071a".into(),
                    container: "ampora-web".into(),
                    replicas: 3,
                    secret: "ampora-database-ampora-restored".into(),
                }),
            },
            from: Former {
                server: format!("olddb:5432{HOSTILE}"),
                database: "ampora".into(),
                reach: Reach::Gone,
            },
            to: Successor {
                server: "newdb:5432".into(),
                system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_117)),
                server_version: "18.1".into(),
                database: "ampora_restored".parse().expect("a plain name"),
                tenants: Big(12),
                authorities: Big(2),
                migration_head: Some("20260901_AddPeers".into()),
                key: fingerprint('c'),
            },
            steps: steps.map(|(name, detail)| Step::new(name, detail)).into(),
        }),
        advisory: Advisory {
            durations: vec![140],
            warnings: vec!["There is no way back once Ampora writes.".into()],
            ..Advisory::default()
        },
        made_at: ago(48),
    }
}

/// The same where Ampora is a service of a machine.
pub fn repoint_of_service() -> Plan {
    let mut plan = repoint();
    if let Pinned::Repoint(change) = &mut plan.pinned {
        let systemctl = |verb: &str| ["systemctl", verb, "ampora"].map(str::to_owned).to_vec();
        change.ampora.name = "service of /etc/ampora/ampora.env on app1".into();
        change.ampora.setup = Setup::Service(Service {
            host: "app1".into(),
            env_file: "/etc/ampora/ampora.env".into(),
            owner: format!("ampora{HOSTILE}"),
            stop: systemctl("stop"),
            start: systemctl("start"),
            status: Some(systemctl("is-active")),
        });
        change.steps.retain(|step| step.name != "start-one");
        change.steps.push(Step::new("start-all", "Starts it."));
    }
    plan
}

/// One that is sure, and a kind of which nobody knows.
fn revived() -> Vec<Resurrection> {
    let certificate = Resurrection {
        kind: Revived::RevokedCertificate,
        id: Some("7f3c".repeat(16)),
        name: Some("4D2A".into()),
        until: Some(ago(-86_400)),
        certain: true,
        detail: "ended at 2026-10-12T01:00:00Z".into(),
    };
    vec![
        certificate,
        Resurrection::unlisted(Revived::RemovedPeer, "Muster didn’t look yet"),
    ]
}

fn retrieval(delivery: Delivery, steps: Vec<Step>) -> Plan {
    Plan {
        pinned: Pinned::RetrieveKey(RetrieveKey {
            deployment: "ampora-prod".into(),
            manager: "file /etc/muster/keys".into(),
            version: "2".into(),
            fingerprint: fingerprint('7'),
            delivery,
            steps,
        }),
        advisory: Advisory {
            warnings: vec!["Whoever sees this key can open every secret it wraps.".into()],
            ..Advisory::default()
        },
        made_at: ago(48),
    }
}
