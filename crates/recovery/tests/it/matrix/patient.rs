//! A deployment on a healthy Ampora that is brought into faults, and who follows its findings.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use adapters::ampora::{Column, Schema};
use adapters::key_files::EnvFile;
use domain::finding::{Found, Severity};
use domain::key;
use domain::role::Actor;
use domain::rules::{Judgement, Looks, Rule, Silence};
use domain::traces::Traces;
use recovery::collect::{self, Observed};
use recovery::keys::Memory;
use recovery::settings::{Database, Deployment, InUse};
use recovery::{Clock, Services, findings};
use testkit::ampora::Ampora;
use testkit::terminal::Terminal;

use super::expected;
use super::faults::{Fault, Heals};
use crate::site::{Site, master_key};

pub struct Patient {
    pub site: Site,
    pub ampora: Ampora,
    pub deployment: Deployment,
    /// The site's other deployments.
    pub others: Vec<Deployment>,
    pub reader: String,
    /// Ampora's environment.
    pub env: PathBuf,
    pub clock: Clock,
    traces: Traces,
}

impl Patient {
    /// In the cluster that all tests share.
    pub async fn new() -> Self {
        Self::over(Ampora::new(&master_key(3)).await).await
    }

    pub async fn over(ampora: Ampora) -> Self {
        let site = Site::new().await;
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
            replica: None,
            schema: schema(),
        });
        if let Some(key) = &mut deployment.master_key {
            key.in_use = Some(InUse::EnvFile(EnvFile { path: env.clone() }));
        }
        let mut patient = Self {
            site,
            ampora,
            deployment,
            others: Vec::new(),
            reader,
            env,
            clock: Clock::system(),
            traces: Traces::default(),
        };
        // From here on there is something that later looks are compared with.
        patient.collect().await;
        patient
    }

    /// One collection: everything is looked at, and judged.
    pub async fn collect(&mut self) -> Vec<(Rule, Judgement)> {
        let now = self.clock.now();
        let mut before = Observed::never(&self.deployment);
        before.traces = before.traces.updated(Ok(self.traces.clone()), now);
        let actor = Actor::job("matrix");
        // Kept off the small stack of a test, as everything that looks is.
        let observed = findings::observe(&self.deployment, Some(before), &Memory::None, &actor, now);
        let observed = Box::pin(observed).await;
        if let Some((traces, _)) = &observed.traces.last_good {
            self.traces = traces.clone();
        }
        let store = &self.site.services.store;
        let all: Vec<_> = [&self.deployment].into_iter().chain(&self.others).cloned().collect();
        let beside = Box::pin(findings::with_beside(store, &all, &self.deployment, observed, now)).await;
        findings::judge(&self.deployment, &beside.expect("reads"), now)
    }

    /// One collection of these that Muster's own database remembers, with what was remembered before.
    pub async fn remember(&mut self, looks: &[Looks]) -> Vec<(&'static str, Found)> {
        self.configure();
        self.site.services.clock = self.clock.clone();
        found(judged(&self.site.services, looks).await)
    }

    pub async fn found(&mut self) -> Vec<(&'static str, Found)> {
        found(self.collect().await)
    }

    pub async fn codes(&mut self) -> Vec<&'static str> {
        self.found().await.into_iter().map(|(code, _)| code).collect()
    }

    /// The finding of a fault, as the matrix has it, and no other error.
    pub async fn falls_ill(&mut self, code: &'static str) -> Found {
        only(code, self.found().await)
    }

    /// Nothing is found, and nothing that is set up is unknown.
    pub async fn is_well(&mut self, after: &str) {
        let told = |(rule, says): (Rule, Judgement)| match says {
            _ if is_of_past_runs(rule) => None,
            Ok(None) | Err(Silence::Unset(_)) => None,
            Ok(Some(found)) => Some(format!("{}: {}", rule.code, found.title)),
            Err(silence) => Some(format!("{}: {}", rule.code, silence.reason())),
        };
        let told: Vec<_> = self.collect().await.into_iter().filter_map(told).collect();
        assert_eq!(told, Vec::<String>::new(), "after {after}");
    }

    pub async fn run(&self, statements: &str) {
        self.ampora.run(&statements.replace("{reader}", &self.reader)).await;
    }

    /// What SQL has to do where the finding's own commands aren't enough.
    pub async fn heal(&self, fault: &Fault) {
        if let Heals::Sql(repair) = fault.repair {
            self.run(repair).await;
        }
    }

    /// The database's own machine.
    pub fn terminal(&self) -> Terminal {
        Terminal::beside(&self.ampora.database.options)
    }
}

/// The columns that this Ampora wraps, and its heartbeat.
pub fn schema() -> Schema {
    Schema {
        heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
        wrapped: vec![
            Column::new("ca_signing_keys", "WrappedPrivateKey"),
            Column::new("federation_peers", "WrappedOutboundSecret"),
        ],
        ..Schema::default()
    }
}

/// Nothing was rehearsed or restored here: whether it was, only Muster's own database remembers.
fn is_of_past_runs(rule: Rule) -> bool {
    matches!(rule.looks, [Looks::Drills | Looks::Restores])
}

/// One collection of these that Muster's own database remembers, and what is said of all that it knows.
pub async fn judged(services: &Services, looks: &[Looks]) -> Vec<(Rule, Judgement)> {
    let deployment = &services.settings.deployments[0];
    let actor = Actor::job("matrix");
    // Kept off the small stack of a test.
    let looked = Box::pin(collect::again(services, deployment, looks, &actor)).await;
    looked.expect("is kept");
    let (all, now) = (&services.settings.deployments, services.clock.now());
    let known = Box::pin(findings::known(&services.store, all, deployment, now)).await;
    findings::judge(deployment, &known.expect("reads"), now)
}

pub fn found(judged: Vec<(Rule, Judgement)>) -> Vec<(&'static str, Found)> {
    let found = judged.into_iter();
    found
        .filter(|(rule, _)| !is_of_past_runs(*rule))
        .filter_map(|(rule, says)| Some((rule.code, says.ok()??)))
        .collect()
}

/// The finding that the matrix has, among those that were found; no other error may be there.
pub fn only(code: &'static str, found: Vec<(&'static str, Found)>) -> Found {
    let errors = found.iter().filter(|(_, found)| found.severity == Severity::Error);
    let others: Vec<_> = errors.map(|(other, _)| *other).filter(|other| *other != code).collect();
    assert_eq!(others, Vec::<&str>::new(), "beside {code}");
    let codes: Vec<_> = found.iter().map(|(code, _)| *code).collect();
    let own = found.into_iter().find(|(one, _)| *one == code);
    let (_, own) = own.unwrap_or_else(|| panic!("{code}: only {codes:?} was found"));
    assert_eq!(own.severity, expected(code).severity, "{code}: {}", own.title);
    own
}

/// The commands of a finding for the database's own machine, in order, as they are printed.
pub fn commands(found: &Found) -> Vec<&str> {
    found.steps.iter().filter_map(|step| step.anywhere.as_deref()).collect()
}

/// Types these commands one after the other.
pub async fn follow(terminal: &Terminal, commands: &[&str]) {
    for command in commands {
        terminal.run(command).await.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Ampora's environment with this version of the key.
pub fn run_with(env: &Path, version: u8) {
    let setting = key::to_setting(&master_key(version));
    fs::write(env, format!("KeyProtection__MasterKey={}\n", setting.as_str())).expect("our own folder");
    fs::set_permissions(env, fs::Permissions::from_mode(0o600)).expect("our own file");
}
