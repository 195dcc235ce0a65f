//! The fault-injection matrix: a real database is brought into each fault; the finding of that fault appears within one collection and no
//! other error does, and it goes when the fault is repaired. With MUSTER_MATRIX set the matrix is printed into the documentation.

mod life;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use adapters::ampora::{Column, Schema};
use adapters::key_files::EnvFile;
use domain::finding::{Found, Severity};
use domain::key;
use domain::rules::{Looks, Rule, Silence};
use domain::traces::Traces;
use recovery::collect::Observed;
use recovery::findings;
use recovery::keys::Memory;
use recovery::settings::{Database, Deployment, InUse};
use testkit::ampora::Ampora;

use crate::site::{Site, master_key};

/// One fault: what breaks it, what is expected, what the recovery text says to do.
struct Fault {
    code: &'static str,
    what: &'static str,
    inject: &'static str,
    repair: &'static str,
    severity: Severity,
}

/// Faults that are brought about by SQL in the live database.
const FAULTS: [Fault; 9] = [
    Fault {
        code: "audit-rewound",
        what: "the audit events of the last three hours are gone",
        inject: r#"CREATE TABLE kept AS SELECT * FROM "audit_events" WHERE "Timestamp" > now() - interval '3 hours';
                   DELETE FROM "audit_events" WHERE "Id" IN (SELECT "Id" FROM kept)"#,
        repair: r#"INSERT INTO "audit_events" SELECT * FROM kept; DROP TABLE kept"#,
        severity: Severity::Error,
    },
    Fault {
        code: "effective-config-missing",
        what: "an agent that reports has no effective configuration",
        inject: r#"UPDATE "agents" SET "EffectiveConfig" = NULL, "LastSeenUtc" = now() WHERE "Name" = 'agent-2'"#,
        repair: r#"UPDATE "agents" SET "EffectiveConfig" = '{}' WHERE "Name" = 'agent-2'"#,
        severity: Severity::Warning,
    },
    Fault {
        code: "empty-database",
        what: "every table is empty",
        inject: r#"CREATE SCHEMA away; DO $$ DECLARE t text; BEGIN
                     FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                       EXECUTE format('CREATE TABLE away.%I AS SELECT * FROM public.%I', t, t); END LOOP;
                     FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                       EXECUTE format('TRUNCATE public.%I CASCADE', t); END LOOP; END $$"#,
        repair: r#"SET session_replication_role = replica; DO $$ DECLARE t text; BEGIN
                     FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'away'::regnamespace LOOP
                       EXECUTE format('INSERT INTO public.%I SELECT * FROM away.%I', t, t); END LOOP; END $$; DROP SCHEMA away CASCADE"#,
        severity: Severity::Error,
    },
    Fault {
        code: "first-login-becomes-admin",
        what: "the table of users is empty",
        inject: r#"CREATE TABLE kept AS SELECT * FROM "users"; DELETE FROM "users""#,
        repair: r#"INSERT INTO "users" SELECT * FROM kept; DROP TABLE kept"#,
        severity: Severity::Error,
    },
    Fault {
        code: "revoked-valid-again",
        what: "a revocation is undone",
        inject: r#"CREATE TABLE kept AS SELECT * FROM "agent_certificates" WHERE "RevokedUtc" IS NOT NULL;
                   UPDATE "agent_certificates" SET "RevokedUtc" = NULL"#,
        repair: "",
        severity: Severity::Error,
    },
    Fault {
        code: "tokens-alive-again",
        what: "a token that was redeemed is back",
        inject: r#"INSERT INTO "bootstrap_tokens" SELECT * FROM redeemed"#,
        repair: "",
        severity: Severity::Error,
    },
    Fault {
        code: "audit-sweep",
        what: "the archived audit events are deleted",
        inject: r#"CREATE TABLE swept AS SELECT * FROM "audit_event_archive"; TRUNCATE "audit_event_archive""#,
        repair: r#"INSERT INTO "audit_event_archive" SELECT * FROM swept; DROP TABLE swept"#,
        severity: Severity::Warning,
    },
    Fault {
        code: "ca-lost",
        what: "the table of signing keys is empty",
        inject: r#"CREATE TABLE kept_keys AS SELECT * FROM "ca_signing_keys"; SET session_replication_role = replica;
                   DELETE FROM "ca_signing_keys""#,
        repair: r#"INSERT INTO "ca_signing_keys" SELECT * FROM kept_keys; DROP TABLE kept_keys"#,
        severity: Severity::Error,
    },
    Fault {
        code: "hidden-rows",
        what: "Muster’s role may not pass by row-level security",
        inject: "ALTER ROLE {reader} NOBYPASSRLS",
        repair: "ALTER ROLE {reader} BYPASSRLS",
        severity: Severity::Warning,
    },
];

/// A deployment on a healthy Ampora, with what earlier looks saw of it.
struct Patient {
    _site: Site,
    ampora: Ampora,
    deployment: Deployment,
    reader: String,
    env: std::path::PathBuf,
    traces: Traces,
}

impl Patient {
    async fn new() -> Self {
        let site = Site::new().await;
        let ampora = Ampora::new(&master_key(3)).await;
        let reader = format!("reader_{}", ampora.database.name);
        ampora
            .run(&format!(
                "CREATE ROLE {reader} BYPASSRLS; GRANT pg_read_all_data, pg_monitor TO {reader}"
            ))
            .await;
        let env = site.folder.path().join("ampora.env");
        run_with(&env, 3);
        let mut deployment = site.services.settings.deployments[0].clone();
        deployment.database = Some(Database {
            options: ampora.database.options.clone().options([("role", reader.as_str())]),
            schema: Schema {
                heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
                wrapped: vec![
                    Column::new("ca_signing_keys", "WrappedPrivateKey"),
                    Column::new("federation_peers", "WrappedOutboundSecret"),
                ],
                ..Schema::default()
            },
        });
        if let Some(key) = &mut deployment.master_key {
            key.in_use = Some(InUse::EnvFile(EnvFile { path: env.clone() }));
        }
        Self {
            _site: site,
            ampora,
            deployment,
            reader,
            env,
            traces: Traces::default(),
        }
    }

    /// One collection: everything is looked at, and judged.
    async fn collect(&mut self) -> Vec<(Rule, domain::rules::Judgement)> {
        let now = chrono::Utc::now();
        let mut before = Observed::never(&self.deployment);
        before.traces = before.traces.updated(Ok(self.traces.clone()), now);
        let actor = domain::role::Actor::job("matrix");
        let observed = findings::observe(&self.deployment, Some(before), &Memory::None, &actor, now).await;
        if let Some((traces, _)) = &observed.traces.last_good {
            self.traces = traces.clone();
        }
        findings::judge(&self.deployment, &observed, now)
    }

    async fn found(&mut self) -> Vec<(&'static str, Found)> {
        let judged = self.collect().await;
        judged
            .into_iter()
            .filter_map(|(rule, says)| Some((rule.code, says.ok()??)))
            .collect()
    }

    async fn codes(&mut self) -> Vec<&'static str> {
        self.found().await.into_iter().map(|(code, _)| code).collect()
    }

    async fn run(&self, statements: &str) {
        self.ampora.run(&statements.replace("{reader}", &self.reader)).await;
    }
}

/// Ampora's environment with this version of the key.
fn run_with(env: &std::path::Path, version: u8) {
    let setting = key::to_setting(&master_key(version));
    fs::write(env, format!("KeyProtection__MasterKey={}\n", setting.as_str())).expect("our own folder");
    fs::set_permissions(env, fs::Permissions::from_mode(0o600)).expect("our own file");
}

/// The SQL of a finding's recovery, without the call of psql around it.
fn cure(found: &Found) -> String {
    let commands = found.steps.iter().filter_map(|step| step.anywhere.as_deref());
    let scripts = commands.filter_map(|command| {
        let script = command
            .split_once("<<'SQL'\n")
            .map(|(_, rest)| rest.trim_end_matches("\nSQL"));
        let inline = || Some(command.split_once(" -c '")?.1.trim_end_matches('\''));
        script.or_else(inline)
    });
    scripts.collect::<Vec<_>>().join(";\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_gives_its_finding_and_no_other_error_and_goes_with_it() {
    let mut patient = Patient::new().await;
    patient.collect().await;
    patient
        .run(r#"CREATE TABLE redeemed AS SELECT * FROM "bootstrap_tokens" LIMIT 1; DELETE FROM "bootstrap_tokens" WHERE "Id" IN (SELECT "Id" FROM redeemed)"#)
        .await;
    assert_eq!(
        patient.codes().await,
        Vec::<&str>::new(),
        "the healthy system shows none"
    );
    let mut rows = Vec::new();
    for fault in &FAULTS {
        patient.run(fault.inject).await;
        let found = patient.found().await;
        let (_, own) = found.iter().find(|(code, _)| *code == fault.code).unwrap_or_else(|| {
            panic!(
                "{}: found {:?}",
                fault.code,
                found.iter().map(|one| one.0).collect::<Vec<_>>()
            )
        });
        assert_eq!(own.severity, fault.severity, "{}: {}", fault.code, own.title);
        let others = found
            .iter()
            .filter(|(code, found)| *code != fault.code && found.severity == Severity::Error);
        assert_eq!(
            others.map(|one| one.0).collect::<Vec<_>>(),
            Vec::<&str>::new(),
            "{}",
            fault.code
        );
        let healed_by = if fault.repair.is_empty() {
            "its own recovery text"
        } else {
            "SQL"
        };
        match fault.repair {
            // Nothing but what the finding itself says to do.
            "" => patient.run(&cure(own)).await,
            repair => patient.run(repair).await,
        }
        assert_eq!(patient.codes().await, Vec::<&str>::new(), "{} is repaired", fault.code);
        rows.push(format!(
            "| `{}` | {} | {} | {healed_by} |",
            fault.code,
            fault.what,
            fault.severity.word()
        ));
    }
    print(&rows);
}

/// Into docs/failure-modes.md, between its marks.
fn print(rows: &[String]) {
    const BEGIN: &str = "<!-- matrix: printed by the test -->\n";
    const END: &str = "<!-- end of the matrix -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/failure-modes.md");
    let text = fs::read_to_string(path).expect("the documentation is there");
    let (head, rest) = text.split_once(BEGIN).expect("the mark is there");
    let (_, tail) = rest.split_once(END).expect("the end mark is there");
    let table = format!(
        "| Finding | Fault | Severity | Healed by |\n|---|---|---|---|\n{}\n",
        rows.join("\n")
    );
    let printed = format!("{head}{BEGIN}{table}{END}{tail}");
    if std::env::var_os("MUSTER_MATRIX").is_some() {
        fs::write(path, printed).expect("the checkout is ours");
    } else {
        assert_eq!(text, printed, "run this test with MUSTER_MATRIX=1 to print the matrix");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_with_the_version_that_fits_and_no_lost_authority() {
    let mut patient = Patient::new().await;
    patient.collect().await;
    run_with(&patient.env, 1);
    let found = patient.found().await;
    assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), ["wrong-master-key"]);
    assert!(found[0].1.cause.contains("Version 3"), "{}", found[0].1.cause);

    // A second fault at the same time: both are told.
    patient.run(FAULTS[0].inject).await;
    assert_eq!(patient.codes().await, ["wrong-master-key", "audit-rewound"]);
    patient.run(FAULTS[0].repair).await;
    run_with(&patient.env, 3);
    assert_eq!(patient.codes().await, Vec::<&str>::new());

    let env = fs::read_to_string(&patient.env).expect("ours");
    let previous = key::to_setting(&master_key(2));
    fs::write(
        &patient.env,
        format!("{env}KeyProtection__PreviousMasterKey={}\n", previous.as_str()),
    )
    .expect("ours");
    assert_eq!(patient.codes().await, ["previous-master-key-set"]);
    run_with(&patient.env, 3);
    assert_eq!(patient.codes().await, Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_made_anew_is_a_lost_one() {
    let mut patient = Patient::new().await;
    patient.collect().await;
    patient.ampora.lose_authority(&master_key(3)).await;
    assert_eq!(patient.codes().await, ["ca-lost"]);
    patient.ampora.return_authority().await;
    assert_eq!(patient.codes().await, Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_leaves_nothing_green() {
    let mut patient = Patient::new().await;
    patient.collect().await;
    let database = patient.deployment.database.as_mut().expect("configured");
    database.options = database.options.clone().database("nowhere_at_all");
    for (rule, says) in patient.collect().await {
        let looks_there = rule.code == "wrong-master-key"
            || rule
                .looks
                .iter()
                .any(|look| matches!(look, Looks::Database | Looks::Traces));
        if looks_there {
            assert!(
                matches!(says, Err(Silence::Unknown(_) | Silence::Unset(_))),
                "{}: {says:?}",
                rule.code
            );
        }
    }
}
