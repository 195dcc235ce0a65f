//! What the stand-in says to one agent: first the configuration that is in effect, then one rollout.

use adapters::opamp::messages::{
    AgentRemoteConfig, AgentToServer, RemoteConfigStatuses, ServerCapabilities, ServerErrorResponse,
    ServerErrorResponseType, ServerToAgent,
};

use crate::{Copy, Manner};

/// One agent, over one connection or over many requests.
#[derive(Debug)]
pub(crate) struct Conversation {
    current: AgentRemoteConfig,
    next: AgentRemoteConfig,
    manner: Manner,
}

impl Conversation {
    pub fn new(copy: &Copy, manner: Manner) -> Self {
        Self {
            current: copy.current.clone(),
            next: copy.next.clone(),
            manner,
        }
    }

    /// The answer, which the protocol allows to each message.
    pub fn answer(&self, message: &AgentToServer) -> ServerToAgent {
        let capabilities = [
            ServerCapabilities::AcceptsStatus,
            ServerCapabilities::OffersRemoteConfig,
            ServerCapabilities::AcceptsEffectiveConfig,
        ];
        let answer = ServerToAgent {
            instance_uid: message.instance_uid.clone(),
            capabilities: capabilities
                .iter()
                .fold(0, |bits, one| bits | i32::from(*one).unsigned_abs())
                .into(),
            ..ServerToAgent::default()
        };
        if message.instance_uid.len() != 16 {
            return refusal(answer, "an instance_uid has 16 bytes");
        }
        ServerToAgent {
            remote_config: self.offer(message),
            ..answer
        }
    }

    fn offer(&self, message: &AgentToServer) -> Option<AgentRemoteConfig> {
        let applied = message
            .remote_config_status
            .as_ref()
            .filter(|status| status.status() == RemoteConfigStatuses::Applied);
        let Some(applied) = applied else {
            return message.agent_description.is_some().then(|| self.current.clone());
        };
        let has = |config: &AgentRemoteConfig| applied.last_remote_config_hash == config.config_hash;
        match self.manner {
            Manner::Idle => None,
            Manner::Forgetful => Some(self.next.clone()),
            Manner::Usual if has(&self.next) => None,
            Manner::Usual => Some(self.next.clone()),
        }
    }
}

fn refusal(answer: ServerToAgent, why: &str) -> ServerToAgent {
    ServerToAgent {
        error_response: Some(ServerErrorResponse {
            r#type: ServerErrorResponseType::BadRequest.into(),
            error_message: why.into(),
        }),
        ..answer
    }
}
