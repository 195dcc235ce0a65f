//! A visit of the probe: it connects, gets its configuration, and stays for the rollout. Each wait has an end.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::line::Line;
use super::messages::AgentConfigMap;
use super::{Agent, Endpoint, Offer, ProbeError};

const NO_CONFIGURATION: &str = "offered no configuration";
const NO_ROLLOUT: &str = "pushed no rollout";
const NO_ACKNOWLEDGEMENT: &str = "didn’t acknowledge what was applied";

/// An agent that is to visit a server.
#[derive(Clone, Debug)]
pub struct Probe<'a> {
    pub endpoint: &'a Endpoint,
    /// What it calls itself.
    pub name: &'a str,
    /// Longest wait for each answer.
    pub patience: Duration,
}

/// What came of a rollout.
#[derive(Debug)]
pub struct Rollout {
    /// The configuration that the agent had before.
    pub before: Offer,
    /// The one that was pushed, applied and acknowledged.
    pub after: Result<Offer, ProbeError>,
}

/// One visit under way.
struct Visit<'a> {
    line: Line,
    agent: Agent,
    probe: &'a Probe<'a>,
}

impl Probe<'_> {
    /// Connects by WebSocket, and stays until a rollout is acknowledged.
    ///
    /// # Errors
    /// If the agent doesn't get as far as a configuration. What comes behind it is the rollout's own.
    pub async fn by_web_socket(&self) -> Result<Rollout, ProbeError> {
        let line = self
            .in_time("took no connection", Line::web_socket(self.endpoint))
            .await?;
        self.visit(line).await
    }

    /// The same over plain HTTP.
    ///
    /// # Errors
    /// As [`Self::by_web_socket`].
    pub async fn by_http(&self) -> Result<Rollout, ProbeError> {
        let line = self.in_time("took no connection", Line::http(self.endpoint)).await?;
        self.visit(line).await
    }

    async fn visit(&self, line: Line) -> Result<Rollout, ProbeError> {
        let uid = Uuid::from_bytes(rand::random());
        let uid = uuid::Builder::from_random_bytes(*uid.as_bytes()).into_uuid();
        let mut visit = Visit {
            line,
            agent: Agent::new(uid.into_bytes(), self.name),
            probe: self,
        };
        let before = visit.configuration().await;
        let rollout = match before {
            Ok((before, content)) => {
                let after = visit.rollout(&before, content).await;
                Ok(Rollout { before, after })
            }
            Err(error) => Err(error),
        };
        let Visit { line, mut agent, .. } = visit;
        // A server that hangs has said all it will.
        let _ = tokio::time::timeout(Duration::from_secs(2), line.close(&mut agent)).await;
        rollout
    }

    async fn in_time<T>(
        &self,
        what: &'static str,
        work: impl Future<Output = Result<T, ProbeError>>,
    ) -> Result<T, ProbeError> {
        let done = tokio::time::timeout(self.patience, work).await;
        done.unwrap_or(Err(ProbeError::Silent {
            what,
            after: self.patience,
        }))
    }
}

impl Visit<'_> {
    async fn configuration(&mut self) -> Result<(Offer, AgentConfigMap), ProbeError> {
        let hello = self.agent.hello();
        self.say(&hello).await?;
        self.until(NO_CONFIGURATION, |heard| heard).await
    }

    /// Applies what it has, and then what is pushed.
    async fn rollout(&mut self, before: &Offer, content: AgentConfigMap) -> Result<Offer, ProbeError> {
        let applied = self.agent.applied(before, content);
        self.say(&applied).await?;
        let other = |heard: Option<(Offer, AgentConfigMap)>| heard.filter(|(offer, _)| offer.hash != before.hash);
        let (after, content) = self.until(NO_ROLLOUT, other).await?;
        let applied = self.agent.applied(&after, content);
        self.say(&applied).await?;
        // Offered the same again, the server hasn't taken in that it was applied.
        let acknowledged = |heard: Option<(Offer, AgentConfigMap)>| {
            let same = heard.is_some_and(|(offer, _)| offer.hash == after.hash);
            (!same).then_some(())
        };
        self.until(NO_ACKNOWLEDGEMENT, acknowledged).await?;
        Ok(after)
    }

    async fn say(&mut self, message: &super::messages::AgentToServer) -> Result<(), ProbeError> {
        let said = self.line.say(message);
        self.probe.in_time("took no message", said).await
    }

    /// Listens until something is what it waits for.
    async fn until<T>(
        &mut self,
        what: &'static str,
        mut wanted: impl FnMut(Option<(Offer, AgentConfigMap)>) -> Option<T>,
    ) -> Result<T, ProbeError> {
        let after = self.probe.patience;
        let deadline = Instant::now() + after;
        loop {
            let heard = timeout_at(deadline, self.line.hear(&mut self.agent)).await;
            let message = heard.map_err(|_| ProbeError::Silent { what, after })??;
            let heard = self.agent.take(message)?;
            if let Some(found) = wanted(heard.offer) {
                return Ok(found);
            }
            if heard.again {
                let everything = self.agent.hello();
                self.say(&everything).await?;
            }
        }
    }
}
