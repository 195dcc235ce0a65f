//! OpAMP as others speak it: the client that OpenTelemetry publishes for Python, and the mock of a server that Elastic publishes for Node.
//! The first judges the stand-in for Ampora, the second Muster's probe. Neither speaks WebSocket.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::peer::{Peer, free_port, home};

/// A machine that is busy with a build starts Python slowly.
const PATIENCE: Duration = Duration::from_secs(120);

/// Takes a configuration and a rollout, reports each as applied, and prints what it saw.
const AGENT: &str = r#"
import sys
from opentelemetry._opamp.client import OpAMPClient
from opentelemetry._opamp.proto import opamp_pb2 as pb
endpoint, server, certificate, key = sys.argv[1:]
client = OpAMPClient(endpoint=endpoint, timeout_millis=20000, agent_identifying_attributes={"service.name": "python"},
    tls_certificate=server, tls_client_certificate=certificate, tls_client_key=key)
answer = client.send(client.build_full_state_message())
for step in ("configuration", "rollout"):
    assert answer.HasField("remote_config"), (step, answer)
    offer = answer.remote_config
    files = {name: file.body.decode() for name, file in offer.config.config_map.items()}
    print(step, offer.config_hash.hex(), sorted(files), sum(map(len, files.values())))
    status = client.update_remote_config_status(offer.config_hash, pb.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED)
    answer = client.send(client.build_remote_config_status_response_message(status))
assert not answer.HasField("remote_config") and not answer.HasField("error_response"), answer
client.send(client.build_agent_disconnect_message())
print("acknowledged")
"#;

/// Changes the offer as soon as somebody has reported the first as applied.
const SERVER: &str = r"
const [module, port, ...bodies] = process.argv.slice(1);
const {MockOpAMPServer} = require(module);
const offer = (body) => ({configMap: {'collector.yaml': {body: Buffer.from(body), contentType: 'text/yaml'}}});
const server = new MockOpAMPServer({hostname: '127.0.0.1', port: Number(port), testMode: true, agentConfigMap: offer(bodies[0])});
server.start();
setInterval(() => {
    if (server.testGetRequests().some(({a2s}) => a2s?.remoteConfigStatus)) server.setAgentConfigMap(offer(bodies[1]));
}, 50);
";

/// Has the Python client visit a server with this certificate and key (PEM), trusting `server` alone. Answers with what it printed.
///
/// # Panics
/// If it isn't installed, or isn't content.
pub async fn visit(endpoint: &str, server: &Path, certificate: &Path, key: &Path) -> String {
    let home = installed("opamp-client", "OpenTelemetry's OpAMP client");
    let child = Command::new(home.join("bin/python"))
        .env_clear()
        .args(["-I", "-c", AGENT, endpoint])
        .args([server, certificate, key])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, child)
        .await
        .expect("the client ends")
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the client isn't content:\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Elastic's mock, running.
pub struct MockServer {
    peer: Peer,
}

impl MockServer {
    /// Starts one that offers the first of `bodies` as the file `collector.yaml`, and the second once an agent has applied the first. Its log
    /// goes below `folder`.
    ///
    /// # Panics
    /// If it isn't installed or doesn't start.
    #[must_use]
    pub fn start(folder: &Path, bodies: [&str; 2]) -> Self {
        let home = installed("opamp-server", "Elastic's mock of an OpAMP server");
        let port = free_port();
        let module = home.join("node_modules/@elastic/mockopampserver").display().to_string();
        let port_word = port.to_string();
        let command = ["node", "-e", SERVER, &module, &port_word, bodies[0], bodies[1]];
        let peer = Peer::start(&command, port, &[], &folder.join("opamp-server.log"));
        Self { peer }
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.peer.address
    }
}

fn installed(name: &str, what: &str) -> PathBuf {
    let home = home(name);
    assert!(
        home.join(".installed").exists(),
        "{what} isn't in {}; run crates/xtask/setup.sh test",
        home.display()
    );
    home
}
