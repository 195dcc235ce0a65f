//! AWS, as moto emulates it: a server that keeps what it is told, and checks signatures and policies where it is started strict.

mod access;
mod bucket;
mod chain;
mod hostile;
mod kms;
mod rds;
mod rights;
mod secrets;

use adapters::aws::{AccessKeys, Aws, AwsSettings, Call, Node, Service};
use testkit::moto::{self, Moto};
use url::Url;

fn keys(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> AccessKeys {
    AccessKeys {
        access_key_id: access_key_id.into(),
        secret_access_key: secret_access_key.into(),
        session_token: session_token.map(Into::into),
    }
}

fn reached(endpoint: Url, keys: AccessKeys) -> Aws {
    Aws::new(AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some(endpoint),
        keys: Some(keys),
        ..AwsSettings::default()
    })
    .unwrap()
}

/// Somebody whom a moto that isn't strict lets do everything.
fn anybody(moto: &Moto) -> Aws {
    reached(
        moto.endpoint(),
        keys(moto::ACCESS_KEY_ID, moto::SECRET_ACCESS_KEY, None),
    )
}

async fn told(aws: &Aws, service: Service, action: &str, parameters: &[(&str, &str)]) -> Node {
    let answer = aws.call(&Call::query(service, action, parameters)).await.unwrap();
    Node::parse(&answer).unwrap()
}

/// Calls that `user` makes before a strict moto checks anything.
const PREPARATION: u32 = Moto::CALLS_FOR_A_USER;

/// A user with this policy and nothing else.
async fn user(moto: &Moto, name: &str, policy: &str) -> AccessKeys {
    let (id, secret) = moto.user(name, policy).await;
    keys(&id, &secret, None)
}

/// A policy that allows these actions everywhere.
fn allowing(actions: &[&str]) -> String {
    let actions = actions.join("\",\"");
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["{actions}"],"Resource":"*"}}}}"#)
}
