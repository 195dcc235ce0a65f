//! An overlay in a cluster: a namespace of the drill's own that is cut off before anything is in it, the copy behind certificates of this
//! drill, and the key in a Secret. The namespace is noted in the drill before it is made, so that it goes whatever ends the drill.

use std::io;
use std::net::SocketAddr;

use adapters::kubernetes::{KubernetesError, Openings, Overlay, Rehearsal};
use adapters::opamp::Address;
use adapters::sandbox::{Relay, Sandbox};
use domain::drill::Check;
use domain::key::{self, MasterKey};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Duration, Instant, sleep};
use zeroize::Zeroizing;

use super::here::not_launched;
use super::{Look, Prepared, START, broken, visit_at};
use crate::settings::Overlaid;

const LOOK: Duration = Duration::from_millis(500);
/// Where overlays mount the Secret.
const MOUNTED: &str = "/etc/muster-drill";
const REMEDY: &str = "look at the cluster, and at [deployment.sandbox] launcher.kubernetes";
const CUT_OFF: &str = "agents were served in a cluster, and the key lay in a Secret there until the drill ended; Muster can’t see whether that cluster \
     enforces the NetworkPolicy that cut it off";

/// What stopped it, for the check.
enum NotServed {
    Cluster(KubernetesError),
    /// What it waited for in vain.
    TooSlow(String),
}

impl From<KubernetesError> for NotServed {
    fn from(error: KubernetesError) -> Self {
        Self::Cluster(error)
    }
}

pub(super) async fn visit(
    look: &Look<'_>,
    sandbox: &Sandbox,
    (prepared, overlaid, overlay): (&Prepared, &Overlaid, &Overlay),
    key: &MasterKey,
) -> Vec<Check> {
    let run = look.run;
    let relay = sandbox
        .relay(overlaid.openings.database, run.services.clock.now())
        .await;
    let relay = match relay {
        Ok(relay) => relay,
        Err(error) => return not_launched(&error),
    };
    let rehearsal = match Rehearsal::of(&overlaid.cluster, &overlaid.namespace, run.id()).await {
        Ok(rehearsal) => rehearsal,
        Err(error) => return broken(&error.to_string(), REMEDY),
    };
    run.clears(rehearsal.clone());
    run.with(|drill| drill.warnings.push(CUT_OFF.into()));
    let values = handed_over(look, prepared, &relay, key);
    let openings = Openings {
        database: relay.address,
        ..overlaid.openings.clone()
    };
    let served = async {
        rehearsal.make(&openings).await?;
        rehearsal.hand_over(&values).await?;
        rehearsal.apply(overlay).await?;
        come_up(&rehearsal, overlay, &overlaid.agents).await
    };
    match served.await {
        Ok(address) => visit_at(Address::Port(address), prepared).await,
        Err(NotServed::Cluster(error)) => broken(&error.to_string(), REMEDY),
        Err(NotServed::TooSlow(why)) => broken(&why, REMEDY),
    }
}

/// The data of the Secret: the key, how the copy is reached, and what is shown to agents.
fn handed_over(
    look: &Look<'_>,
    prepared: &Prepared,
    relay: &Relay,
    key: &MasterKey,
) -> [(&'static str, Zeroizing<Vec<u8>>); 7] {
    let bytes = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
    let connection = connection(relay.address, &look.copied.database, look.copy.superuser());
    [
        ("master-key", bytes(&key::to_setting(key))),
        ("connection-string", bytes(&connection)),
        ("database-authority.pem", bytes(&relay.pass.authority)),
        ("database.pem", bytes(&relay.pass.certificate)),
        ("database.key", bytes(&relay.pass.key)),
        ("server.pem", bytes(&prepared.server.certificate_pem)),
        ("server.key", bytes(&prepared.server.key_pem)),
    ]
}

/// As Npgsql reads it, with the certificates where the Secret is mounted.
fn connection(at: SocketAddr, database: &str, user: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    format!(
        "Host={};Port={};Database={};Username={};SSL Mode=VerifyFull;Root Certificate={MOUNTED}/database-authority.pem;\
         SSL Certificate={MOUNTED}/database.pem;SSL Key={MOUNTED}/database.key",
        at.ip(),
        at.port(),
        quoted(database),
        quoted(user)
    )
}

/// Waits until everything is ready and takes connections.
async fn come_up(rehearsal: &Rehearsal, overlay: &Overlay, agents: &str) -> Result<SocketAddr, NotServed> {
    let (deadline, agents) = (
        Instant::now() + START,
        agents.replace("{namespace}", rehearsal.namespace()),
    );
    loop {
        let mut waiting = rehearsal.unready(overlay).await?;
        if waiting.is_empty() {
            match reach(&agents).await {
                Ok(address) => return Ok(address),
                Err(error) => waiting.push(format!("nothing takes connections at {agents}: {error}")),
            }
        }
        if Instant::now() > deadline {
            return Err(NotServed::TooSlow(format!(
                "it did not come up in time: {}",
                waiting.join("; ")
            )));
        }
        sleep(LOOK).await;
    }
}

async fn reach(agents: &str) -> io::Result<SocketAddr> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in lookup_host(agents).await? {
        match TcpStream::connect(address).await {
            Ok(_) => return Ok(address),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use adapters::npgsql::ConnectionString;

    use super::*;

    #[test]
    fn a_connection_string_leads_to_the_copy_whatever_it_is_called() {
        let text = connection("10.0.0.5:15432".parse().unwrap(), "a\";Host=evil", "o'brien");
        let read = ConnectionString::parse(&text).unwrap();
        assert_eq!((read.host(), read.port()), ("10.0.0.5", 15432));
        assert_eq!((read.database(), read.user()), ("a\";Host=evil", Some("o'brien")));
    }
}
