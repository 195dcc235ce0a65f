//! What reading the vital signs costs the live database: processor time of its backends for a fleet of 10 000 agents, at the pace at which
//! the collector reads. A share of one core, so that it means the same on every machine; the aim is 1 %.

use std::fs;
use std::path::Path;

use adapters::ampora::{AmporaDb, Column, Schema};
use domain::ids::Sha256;
use domain::key::MasterKey;
use testkit::ampora::Ampora;
use testkit::postgres::ThrowawayCluster;
use zeroize::Zeroizing;

/// Readings that the time is taken over.
const READINGS: u32 = 40;
/// Seconds between two readings of the vital signs, and of what a rewind would lose or revive.
const VITALS_EVERY: f64 = 30.0;
const TRACES_EVERY: f64 = 60.0;
/// Ticks of a second in `/proc`: `USER_HZ`, 100 on every architecture (proc_pid_stat(5)).
const TICKS: f64 = 100.0;

/// 10 000 agents with their certificates, and a year of audit events.
const FLEET: &str = r#"
    INSERT INTO "agents" ("InstanceUid", "TenantId", "Name", "CertificateFingerprint", "CertificatePem", "AgentVersion", "Attributes",
        "Capabilities", "EffectiveConfig", "EffectiveConfigHash", "Healthy", "EnrolledUtc", "LastSeenUtc")
    SELECT md5('fleet' || n)::uuid, "TenantId", 'fleet-' || n, md5('fleet' || n) || md5(n::text), "CertificatePem", "AgentVersion", "Attributes",
        "Capabilities", "EffectiveConfig", "EffectiveConfigHash", "Healthy", "EnrolledUtc", now() - n * interval '9 ms'
    FROM "agents", generate_series(1, 10000) AS n WHERE "Name" = 'agent-2';
    INSERT INTO "audit_events" ("TenantId", "Actor", "ActorRole", "EntityType", "EntityId", "Action", "Timestamp")
    SELECT md5('north')::uuid, 'subject-1', 'Admin', 'Configuration', md5('configuration')::uuid, 'Edited', now() - n * interval '26 s'
    FROM generate_series(1, 300000) AS n;
    ANALYZE;
"#;

/// Milliseconds of processor time for one reading of each, connection included.
pub struct Cost {
    pub vitals: f64,
    pub traces: f64,
}

impl Cost {
    /// Of one core, in per cent.
    pub fn share(&self) -> f64 {
        (self.vitals / VITALS_EVERY + self.traces / TRACES_EVERY) / 10.0
    }

    pub fn text(&self) -> String {
        format!(
            "| agents | vital signs, ms of CPU | every | traces, ms of CPU | every | of one core | aim |\n\
             |---:|---:|---:|---:|---:|---:|---:|\n\
             | 10000 | {:.1} | {VITALS_EVERY} s | {:.1} | {TRACES_EVERY} s | {:.2} % | 1 % |\n",
            self.vitals,
            self.traces,
            self.share()
        )
    }
}

/// Makes the fleet and measures.
pub async fn cost(cluster: &ThrowawayCluster) -> Cost {
    let key = MasterKey::new(Zeroizing::new(Sha256::of(&[b"bench"]).0));
    let ampora = Ampora::in_database(cluster.database().await, &key).await;
    ampora.run(FLEET).await;
    let schema = Schema {
        heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
        ..Schema::default()
    };
    let data = cluster.cluster().data_dir();
    let connect = || AmporaDb::new(ampora.database.options.clone(), schema.clone());
    let vitals = spent(&data, async || {
        let database = connect();
        database.vitals().await.expect("reads");
        database.close().await;
    });
    let vitals = vitals.await;
    let traces = spent(&data, async || {
        let database = connect();
        database.traces().await.expect("reads");
        database.close().await;
    });
    Cost {
        vitals,
        traces: traces.await,
    }
}

/// Milliseconds that the server's processes spent on one reading. Each reading has a connection of its own, as the collector's have, so
/// its backend ends with it and is counted by the postmaster.
async fn spent(data: &Path, mut reading: impl AsyncFnMut()) -> f64 {
    reading().await;
    let before = children(data);
    for _ in 0..READINGS {
        reading().await;
    }
    // A backend takes a moment to end after its connection has.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    (children(data) - before) / f64::from(READINGS)
}

/// Processor time of ended children of the postmaster, in milliseconds: `cutime` and `cstime` of proc_pid_stat(5).
fn children(data: &Path) -> f64 {
    let file = fs::read_to_string(data.join("postmaster.pid")).expect("a running server");
    let pid = file.lines().next().expect("its first line");
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is there");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in brackets");
    let fields: Vec<_> = fields.split(' ').collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
    (ticks(13) + ticks(14)) / TICKS * 1000.0
}
