//! Agents on the copy: what the launcher starts is handed the master key, so two people have agreed to it first. Then an agent of Muster's own
//! visits it, with a short-lived certificate of the restored authority: it gets its configuration, and a rollout is pushed to it.

mod cluster;
mod here;

use std::time::Duration;

use adapters::opamp::{Address, Endpoint, Probe, ProbeError, Rollout, ServerIdentity, TestCertificate};
use adapters::sandbox::Sandbox;
use domain::audit::Outcome;
use domain::drill::{Check, CheckStatus, SERVED_BY, STAND_IN, names};
use domain::plan::Launch;
use domain::time::rfc3339;
use store::requests::Stored;

use super::{How, Look, authority};
use crate::approvals;
use crate::audit::Act;
use crate::plans::drill_with_key::{self, Launcher};
use crate::settings::Agents;

/// Until a launched server takes connections.
const START: Duration = Duration::from_mins(3);
/// For each answer of the server.
const PATIENCE: Duration = Duration::from_secs(30);
/// Ampora offers no plain HTTP, so nobody waits long for it.
const HTTP_PATIENCE: Duration = Duration::from_secs(10);
/// The state of the signing key that signs.
const ACTIVE: &str = "active";
/// Why no launcher is given a copy at AWS.
const ELSEWHERE: &str = "agents visit copies on Muster’s own host only: what is launched there may write, and an instance takes no role that may";
/// What a drill is told that launched no Ampora.
const NO_AMPORA: &str = "agents were served by a stand-in for Ampora, which shows what the copy holds and not that Ampora itself would start on it";

/// What the checks rest on: a launcher that people agreed to, and the probe's certificate.
struct Prepared {
    launcher: Launcher,
    launch: Launch,
    approval: Stored,
    certificate: TestCertificate,
    server: ServerIdentity,
}

pub async fn checks(look: &Look<'_>, sandbox: Option<&Sandbox>) -> Vec<Check> {
    match prepare(look).await {
        Ok(prepared) => visit(look, sandbox, &prepared).await,
        Err(why) => [names::AGENTS, names::ROLLOUT]
            .map(|name| Check::not_run(name, why.as_str()))
            .into(),
    }
}

/// Everything that has to be there before a key leaves Muster, or what is missing.
async fn prepare(look: &Look<'_>) -> Result<Prepared, String> {
    let run = look.run;
    if matches!(look.copied.how, How::Managed(_)) {
        return Err(ELSEWHERE.into());
    }
    let sandbox = run.deployment.drills.sandbox.as_ref();
    if let Agents::Not(why) = &sandbox.ok_or("no sandbox is configured")?.agents {
        return Err(why.clone());
    }
    let whole = run.with(|drill| {
        let found = drill.checks.iter().find(|check| check.name == names::AUTHORITY);
        found.is_some_and(|check| check.status == CheckStatus::Ok)
    });
    if !whole {
        return Err(format!(
            "no agent can be given a certificate: the check {} says why",
            names::AUTHORITY
        ));
    }
    let (launch, launcher) = drill_with_key::launcher(&run.deployment).await?;
    let approval = approvals::standing(&run.services, &run.deployment.name, &launch).await;
    let approval = approval.map_err(|error| error.to_string())?;
    let now = run.services.clock.now();
    let certificate = issue(look).await?;
    let server = ServerIdentity::make(now).map_err(|error| error.to_string())?;
    Ok(Prepared {
        launcher,
        launch,
        approval,
        certificate,
        server,
    })
}

/// A certificate of the active authority, noted in the drill before anybody can use it.
async fn issue(look: &Look<'_>) -> Result<TestCertificate, String> {
    let (run, schema) = (look.run, &look.schema);
    let found = look
        .copy
        .certificates(&look.copied.database, &schema.authorities, &schema.agents);
    let found = found.await.map_err(|error| error.to_string())?;
    let mut authorities = found.authorities.iter();
    let active = authorities.find(|(state, ..)| state.eq_ignore_ascii_case(ACTIVE));
    let (_, certificate, sealed) = active.ok_or("no signing key of the authority is active")?;
    let key = look.opener.as_ref().ok_or("no key opens the authority’s")?;
    let opened = authority::open(&run.deployment.layout, key, sealed).ok_or("the authority’s key isn’t opened")?;
    let pkcs8 = adapters::sandbox::Certificates::pkcs8(&opened);
    let issued = TestCertificate::issue(run.id(), certificate, &pkcs8, run.services.clock.now());
    let issued = issued.map_err(|error| error.to_string())?;
    run.with(|drill| {
        let facts = &issued.facts;
        drill.certificates.push(facts.clone());
        drill.warnings.push(format!(
            "a certificate of the real authority was issued for the probe: serial {}, good until {}; its key is gone with the drill, revoke it \
             in production if you want it on record there",
            facts.serial,
            rfc3339(facts.not_after)
        ));
    });
    Ok(issued)
}

async fn visit(look: &Look<'_>, sandbox: Option<&Sandbox>, prepared: &Prepared) -> Vec<Check> {
    let run = look.run;
    let (Some(sandbox), Some(key)) = (sandbox, look.opener.as_ref()) else {
        return broken("there is nothing to start it in", "start the drill again");
    };
    if let Err(error) = announce(look, prepared).await {
        return broken(
            &error,
            "see whether Muster’s own database takes entries of the audit log",
        );
    }
    if prepared.launch.is_stand_in() {
        run.with(|drill| drill.warnings.push(NO_AMPORA.into()));
    }
    match &prepared.launcher {
        Launcher::Here(command) => here::visit(look, sandbox, (prepared, command), key).await,
        Launcher::InCluster(overlaid, overlay) => {
            cluster::visit(look, sandbox, (prepared, overlaid, overlay), key).await
        }
    }
}

/// Visits what takes agents there.
async fn visit_at(address: Address, prepared: &Prepared) -> Vec<Check> {
    let endpoint = prepared.certificate.client(&prepared.server).map(|tls| Endpoint {
        address,
        name: prepared.server.name().into(),
        tls: Some(tls),
    });
    match endpoint {
        Ok(endpoint) => ask(&endpoint, prepared).await,
        Err(error) => broken(&error.to_string(), "start the drill again"),
    }
}

/// The entry is there before the key leaves.
async fn announce(look: &Look<'_>, prepared: &Prepared) -> Result<(), String> {
    let (run, facts) = (look.run, &prepared.certificate.facts);
    let act = Act::new(&run.actor, "drill.hand-over-key", format!("drill {}", run.id()));
    let act = act
        .deployment(&run.deployment.name)
        .detail("request", prepared.approval.request.number)
        .detail("plan_sha256", prepared.approval.request.digest)
        .detail("program_sha256", prepared.launch.program_sha256)
        .detail("certificate_serial", &facts.serial)
        .detail("certificate_sha256", &facts.fingerprint);
    let written = async {
        let mut tx = run.services.store.begin().await?;
        act.fact(&mut tx, Outcome::Ok, run.services.clock.now()).await?;
        tx.commit().await.map_err(store::StoreError::from)?;
        Ok::<(), crate::Error>(())
    };
    written.await.map_err(|error| error.to_string())
}

async fn ask(endpoint: &Endpoint, prepared: &Prepared) -> Vec<Check> {
    let facts = &prepared.certificate.facts;
    let probe = Probe {
        endpoint,
        name: &facts.common_name,
        patience: PATIENCE,
    };
    let visited = probe.by_web_socket().await;
    let impatient = Probe {
        patience: HTTP_PATIENCE,
        ..probe
    };
    let by_http = match impatient.by_http().await {
        Ok(_) => "offered".to_owned(),
        Err(ProbeError::Status(status)) => format!("not offered: HTTP status {status}"),
        Err(error) => format!("not offered: {error}"),
    };
    let by = if prepared.launch.is_stand_in() {
        STAND_IN
    } else {
        "the launched server"
    };
    let noted = |check: Check| {
        check
            .because(SERVED_BY, by)
            .because("certificate", &facts.serial)
            .because("certificate SHA-256", &facts.fingerprint)
            .because("launcher approved by request", prepared.approval.request.number)
            .because("launcher SHA-256", prepared.launch.program_sha256)
            .because("plain HTTP", &by_http)
    };
    match visited {
        Ok(Rollout { before, after }) => {
            let words = format!(
                "an agent with a certificate of the restored authority was let in by {by}, and got its configuration: {} bytes in {} files",
                before.bytes(),
                before.files.len()
            );
            let connected = Check::ok(names::AGENTS, words).because("configuration", before.shown_hash());
            let pushed = match after {
                Ok(after) => Check::ok(
                    names::ROLLOUT,
                    format!("a rollout of {by} was applied and acknowledged"),
                )
                .because(SERVED_BY, by)
                .because("before", before.shown_hash())
                .because("after", after.shown_hash()),
                Err(error) => Check::broken(names::ROLLOUT, error.to_string()),
            };
            vec![noted(connected), pushed]
        }
        Err(error) => vec![
            noted(Check::broken(names::AGENTS, error.to_string())),
            Check::not_run(
                names::ROLLOUT,
                format!("no agent got its configuration, as the check {} says", names::AGENTS),
            ),
        ],
    }
}

fn broken(words: &str, remedy: &str) -> Vec<Check> {
    vec![
        Check::broken(names::AGENTS, words).remedied_by(remedy),
        Check::not_run(names::ROLLOUT, "no server ran on the copy"),
    ]
}
