//! Any frame from a server: understood or refused, and whatever was understood is taken or refused by the agent.

use super::messages::ServerToAgent;
use super::{Agent, decode};

pub fn answer(bytes: &[u8]) {
    let Ok(mut message) = decode::<ServerToAgent>(bytes) else {
        return;
    };
    // What is for another agent is refused at once; this one is to look at everything.
    message.instance_uid = vec![7; 16];
    let mut agent = Agent::new([7; 16], "fuzz");
    if let Ok(heard) = agent.take(message)
        && let Some((offer, content)) = heard.offer
    {
        let _ = (offer.shown_hash(), offer.bytes());
        let said = agent.applied(&offer, content);
        assert!(
            said.remote_config_status
                .is_some_and(|status| status.last_remote_config_hash == offer.hash)
        );
    }
}
