//! The servers, with one login for each set of rights.

use serde_json::{Value as Json, json};

use super::*;

pub async fn vault() -> Server {
    let bao = Bao::start().await;
    for name in ["describe", "read", "append", "create"] {
        bao.policy(name, &example(PAGE, &format!("hcl {name}"))).await;
    }
    let mut tokens = Vec::new();
    for rights in LIMITED {
        let token = json!({ "policies": rights.policies(), "ttl": "1h" });
        let made = bao.post("auth/token/create", token).await;
        let token = made["auth"]["client_token"].as_str().expect("a token");
        tokens.push((rights, token.to_owned()));
    }
    Server::Vault { bao, tokens }
}

pub async fn aws() -> Server {
    let users = u32::try_from(LIMITED.len() + 3).expect("few");
    let moto = Moto::start_strict(users * Moto::CALLS_FOR_A_USER);
    let mut keys = Vec::new();
    for rights in LIMITED.into_iter().chain([Rights::Nothing, Rights::Half, Rights::All]) {
        let policies = rights
            .policies()
            .iter()
            .map(|name| example(PAGE, &format!("json {name}")));
        let mut statements: Vec<_> = policies.flat_map(|policy| statements(&policy)).collect();
        match rights {
            Rights::All => statements.push(json!({ "Effect": "Allow", "Action": "secretsmanager:*" })),
            Rights::Nothing => statements.push(json!({ "Effect": "Allow", "Action": "s3:ListAllMyBuckets" })),
            Rights::Half => {
                statements.push(json!({ "Effect": "Deny", "Action": "secretsmanager:UpdateSecretVersionStage" }));
            }
            _ => {}
        }
        // moto knows no resources of this service but all.
        for statement in &mut statements {
            statement["Resource"] = "*".into();
        }
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        let (id, secret) = moto.user(&format!("{rights:?}"), &policy.to_string()).await;
        let pair = AccessKeys {
            access_key_id: id,
            secret_access_key: secret.into(),
            session_token: None,
        };
        keys.push((rights, pair));
    }
    Server::Aws { moto, keys }
}

fn statements(policy: &str) -> Vec<Json> {
    let policy: Json = serde_json::from_str(policy).expect("a policy is JSON");
    policy["Statement"].as_array().expect("statements").clone()
}
