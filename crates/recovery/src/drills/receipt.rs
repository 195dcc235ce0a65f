//! The receipt of a drill: everything an auditor needs, signed, for every verdict and for those that were cancelled.

use domain::audit::Outcome;
use domain::drill::Drill;
use domain::receipt::Statement;
use domain::role::Actor;
use serde_json::json;
use store::drills::receipt_key_used;

use super::instance::called;
use crate::audit::Act;
use crate::{Error, Services};

/// Signs it. `None`: this process has no key.
///
/// # Errors
/// If the store can't be asked for the position in the audit log, or doesn't take the key.
pub async fn sign(services: &Services, drill: &Drill, cancelled: bool) -> Result<Option<String>, Error> {
    let Some(signer) = &services.settings.drills.signer else {
        return Ok(None);
    };
    let now = services.clock.now();
    let head = services.store.audit_head().await?;
    let log = head.map(|(index, root)| json!({"index": index, "root": root}));
    let name = match (&drill.backup, &drill.instance) {
        (None, _) => "no backup was chosen".to_owned(),
        (Some(backup), Some(instance)) => called(instance, &backup.label),
        (Some(backup), None) => format!("{}/{}", backup.source, backup.label),
    };
    let sha256 = drill.backup.as_ref().and_then(|backup| backup.sha256);
    let predicate = json!({
        "muster": env!("CARGO_PKG_VERSION"),
        "signed_at": domain::time::rfc3339(now),
        "cancelled": cancelled,
        "audit_log": log,
        "drill": drill,
    });
    let statement = Statement::about(&name, sha256, predicate);
    let payload = serde_json::to_vec(&statement).expect("a statement has string keys");
    let receipt = serde_json::to_string(&signer.sign(&payload)).expect("an envelope has string keys");
    let mut tx = services.store.begin().await?;
    if receipt_key_used(&mut tx, &signer.key_id(), &signer.public_pem(), now).await? {
        let actor = Actor::job("drill");
        let act = Act::new(&actor, "receipt.key", signer.key_id());
        act.detail("public key", signer.public_pem())
            .fact(&mut tx, Outcome::Ok, now)
            .await?;
    }
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(Some(receipt))
}
