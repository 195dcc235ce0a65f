use prost::Message as _;

use super::super::messages::{AgentConfigFile, AgentIdentification, ServerErrorResponse};
use super::*;

const ID: [u8; UID] = [7; UID];

fn answer(hash: &[u8]) -> ServerToAgent {
    let file = AgentConfigFile {
        body: b"receivers: {}".to_vec(),
        content_type: "text/yaml".into(),
    };
    let config_map = BTreeMap::from([("collector.yaml".to_owned(), file)]);
    ServerToAgent {
        instance_uid: ID.to_vec(),
        remote_config: Some(AgentRemoteConfig {
            config: Some(AgentConfigMap { config_map }),
            config_hash: hash.to_vec(),
        }),
        ..ServerToAgent::default()
    }
}

#[test]
fn an_offer_is_taken_and_reported_as_applied() {
    let mut agent = Agent::new(ID, "muster-drill 1");
    assert_eq!(agent.hello().sequence_num, 0);
    let (offer, content) = agent.take(answer(b"abc")).expect("an answer").offer.expect("an offer");
    assert_eq!((offer.bytes(), offer.shown_hash()), (13, "abc".to_owned()));
    let said = agent.applied(&offer, content);
    let status = said.remote_config_status.expect("a status");
    assert_eq!(status.status(), RemoteConfigStatuses::Applied);
    assert_eq!(
        (status.last_remote_config_hash, said.sequence_num),
        (b"abc".to_vec(), 1)
    );
    assert!(said.effective_config.is_some());
    // A server that lost its memory is told everything.
    assert!(agent.hello().remote_config_status.is_some());
}

#[test]
fn refusals_and_answers_for_others_say_what_they_are() {
    let mut agent = Agent::new(ID, "x");
    let refused = ServerToAgent {
        error_response: Some(ServerErrorResponse {
            r#type: 99,
            error_message: "no\u{1b}[2J such\ntenant".repeat(100),
        }),
        ..answer(b"abc")
    };
    let words = agent.take(refused).expect_err("a refusal").to_string();
    assert!(words.len() < 400 && !words.contains(['\u{1b}', '\n']), "{words}");
    let other = ServerToAgent {
        instance_uid: vec![1; 16],
        ..answer(b"abc")
    };
    assert!(agent.take(other).is_err());
    for hash in [&[][..], &[0; 129]] {
        assert!(agent.take(answer(hash)).is_err(), "{} bytes", hash.len());
    }
}

#[test]
fn a_new_id_is_used_from_then_on() {
    let mut agent = Agent::new(ID, "x");
    let renamed = |uid: &[u8]| ServerToAgent {
        agent_identification: Some(AgentIdentification {
            new_instance_uid: uid.to_vec(),
        }),
        ..answer(b"abc")
    };
    assert!(agent.take(renamed(&[1; 15])).is_err());
    agent.take(renamed(&[2; 16])).expect("an answer");
    assert_eq!(agent.nothing_new().instance_uid, [2; 16]);
}

#[test]
fn what_it_says_reads_back() {
    let said = Agent::new(ID, "x").hello();
    let back: AgentToServer = super::super::decode(&super::super::encode(&said)).expect("reads");
    assert_eq!(back, said);
    // Without the header, as agents of old sent it.
    assert_eq!(
        super::super::decode::<AgentToServer>(&said.encode_to_vec()).expect("reads"),
        said
    );
}
