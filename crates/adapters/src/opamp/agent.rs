//! What an agent says, and what it makes of the answers. It knows no connection, so that every answer can be tried on it.

use std::collections::BTreeMap;

use prost::Message as _;

use super::error::ProbeError;
use super::messages::{
    AgentCapabilities, AgentConfigMap, AgentDescription, AgentDisconnect, AgentRemoteConfig, AgentToServer, AnyValue,
    EffectiveConfig, KeyValue, RemoteConfigStatus, RemoteConfigStatuses, ServerToAgent, ServerToAgentFlags, any_value,
};
use crate::manager::quoted;

/// Length of an agent's id.
const UID: usize = 16;
/// Longest hash of a configuration that is taken; a SHA-512 in hex has as much.
const LONGEST_HASH: usize = 128;

/// A configuration that a server offered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The server's name for this content; opaque.
    pub hash: Vec<u8>,
    /// Bytes of each file.
    pub files: BTreeMap<String, u64>,
}

impl Offer {
    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().sum()
    }

    /// The hash as people compare it: text where it is one, else in hex.
    #[must_use]
    pub fn shown_hash(&self) -> String {
        match std::str::from_utf8(&self.hash) {
            Ok(text) if text.chars().all(|char| char.is_ascii_graphic()) => text.to_owned(),
            _ => hex::encode(&self.hash),
        }
    }
}

/// An agent with nothing behind it.
#[derive(Clone, Debug)]
pub struct Agent {
    uid: [u8; UID],
    name: String,
    sequence: u64,
    status: Option<RemoteConfigStatus>,
    effective: Option<AgentConfigMap>,
}

/// What an answer holds for the agent.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Heard {
    pub offer: Option<(Offer, AgentConfigMap)>,
    /// The server wants to be told everything again.
    pub again: bool,
}

impl Agent {
    /// `name` is what it calls itself, and what stands in its certificate.
    #[must_use]
    pub fn new(uid: [u8; UID], name: &str) -> Self {
        Self {
            uid,
            name: name.into(),
            sequence: 0,
            status: None,
            effective: None,
        }
    }

    /// The first message, and the answer to a server that wants to be told everything.
    pub fn hello(&mut self) -> AgentToServer {
        let attribute = |key: &str, value: &str| KeyValue {
            key: key.into(),
            value: Some(AnyValue {
                value: Some(any_value::Value::StringValue(value.into())),
            }),
        };
        let description = AgentDescription {
            identifying_attributes: vec![
                attribute("service.name", "muster-drill"),
                attribute("service.instance.id", &self.name),
                attribute("service.version", env!("CARGO_PKG_VERSION")),
            ],
            non_identifying_attributes: vec![attribute("os.type", std::env::consts::OS)],
        };
        AgentToServer {
            agent_description: Some(description),
            remote_config_status: self.status.clone(),
            effective_config: self.effective(),
            ..self.nothing_new()
        }
    }

    /// Nothing changed; where the server can only answer, this lets it.
    pub fn nothing_new(&mut self) -> AgentToServer {
        let capabilities = [
            AgentCapabilities::ReportsStatus,
            AgentCapabilities::AcceptsRemoteConfig,
            AgentCapabilities::ReportsEffectiveConfig,
            AgentCapabilities::ReportsRemoteConfig,
        ];
        let sequence_num = self.sequence;
        self.sequence += 1;
        AgentToServer {
            instance_uid: self.uid.to_vec(),
            sequence_num,
            capabilities: capabilities
                .iter()
                .fold(0, |bits, one| bits | i32::from(*one).unsigned_abs())
                .into(),
            ..AgentToServer::default()
        }
    }

    /// Says that a configuration is in effect: this agent has nothing that could fail.
    pub fn applied(&mut self, offer: &Offer, content: AgentConfigMap) -> AgentToServer {
        self.status = Some(RemoteConfigStatus {
            last_remote_config_hash: offer.hash.clone(),
            status: RemoteConfigStatuses::Applied.into(),
            error_message: String::new(),
        });
        self.effective = Some(content);
        AgentToServer {
            remote_config_status: self.status.clone(),
            effective_config: self.effective(),
            ..self.nothing_new()
        }
    }

    /// The last message.
    pub fn goodbye(&mut self) -> AgentToServer {
        AgentToServer {
            agent_disconnect: Some(AgentDisconnect {}),
            ..self.nothing_new()
        }
    }

    /// Takes in what the server said.
    ///
    /// # Errors
    /// If it is meant for somebody else, is a refusal, or offers what no server may.
    pub fn take(&mut self, message: ServerToAgent) -> Result<Heard, ProbeError> {
        if let Some(error) = message.error_response {
            return Err(ProbeError::Told(quoted(&error.error_message)));
        }
        if message.instance_uid != self.uid {
            return Err(ProbeError::Message("an answer for another agent".into()));
        }
        if let Some(new) = message.agent_identification {
            let new = new.new_instance_uid.try_into();
            self.uid = new.map_err(|_| ProbeError::Message("a new id that hasn’t 16 bytes".into()))?;
        }
        let full = i32::from(ServerToAgentFlags::ReportFullState).unsigned_abs();
        Ok(Heard {
            offer: message.remote_config.map(offered).transpose()?.flatten(),
            again: message.flags & u64::from(full) != 0,
        })
    }

    fn effective(&self) -> Option<EffectiveConfig> {
        self.effective
            .clone()
            .map(|map| EffectiveConfig { config_map: Some(map) })
    }
}

/// `None`: an offer without content and hash, as some servers send it when there is nothing to offer.
fn offered(config: AgentRemoteConfig) -> Result<Option<(Offer, AgentConfigMap)>, ProbeError> {
    if config.encoded_len() == 0 {
        return Ok(None);
    }
    let hash = config.config_hash;
    if hash.is_empty() || hash.len() > LONGEST_HASH {
        let words = format!("a configuration with a hash of {} bytes", hash.len());
        return Err(ProbeError::Message(words));
    }
    let content = config.config.unwrap_or_default();
    let size = |body: &[u8]| u64::try_from(body.len()).unwrap_or(u64::MAX);
    let files = content
        .config_map
        .iter()
        .map(|(name, file)| (quoted(name), size(&file.body)));
    let offer = Offer {
        hash,
        files: files.collect(),
    };
    Ok(Some((offer, content)))
}

#[cfg(test)]
mod tests;
