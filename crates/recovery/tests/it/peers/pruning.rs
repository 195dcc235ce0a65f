//! A write that costs a version which a backup needs is refused, by each maker's own rule of what it keeps.

use domain::run::RunState;
use serde_json::json;

use super::catching_up::{read_dumps, refused, said, site, wish};
use super::*;
use crate::runs::worked;

/// Of ten versions, which is what Vault keeps: the eleventh takes the first away. The dump is wrapped under key 2.
#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_version_of_vault_never_takes_the_first_from_a_backup() {
    let peer = Peer::start(Kind::Vault).await;
    peer.fill(SOURCE, &[2, 1, 3, 5, 6, 7, 8, 9, 1, 3]).await;
    let site = site(&peer, SOURCE, Rights::Append, None).await;
    let unread = refused(&site).await;
    assert!(
        unread.contains("This write removes version 1") && unread.contains("isn’t known"),
        "{unread}"
    );
    read_dumps(&site).await;
    let needed = refused(&site).await;
    assert!(
        needed.contains("removes version 1, which kept backups need: ampora.dump"),
        "{needed}"
    );
    let Server::Vault { bao, .. } = &peer.server else {
        panic!("it is Vault")
    };
    bao.post("secret/metadata/ampora/prod", json!({ "max_versions": 11 }))
        .await;
    let run = site.started(&wish()).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{}", said(&done));
    assert_eq!(peer.held(SOURCE).await, "2 1 3 5 6 7 8 9 1 3 4*");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vault_pushes_out_and_no_backup_needs_is_given_up() {
    let peer = Peer::start(Kind::Vault).await;
    peer.fill(SOURCE, &[9, 2, 3, 5, 6, 7, 8, 1, 3, 1]).await;
    let site = site(&peer, SOURCE, Rights::Append, None).await;
    read_dumps(&site).await;
    let run = site.started(&wish()).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{}", said(&done));
    assert_eq!(peer.held(SOURCE).await, "2 3 5 6 7 8 1 3 1 4*");
}

/// AWS takes the label from the version before the current one, and may then delete it.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_aws_that_a_backup_needs_keeps_its_label() {
    let peer = Peer::start(Kind::Aws).await;
    peer.fill(SOURCE, &[2, 1]).await;
    let site = site(&peer, SOURCE, Rights::Append, None).await;
    read_dumps(&site).await;
    let needed = refused(&site).await;
    assert!(needed.contains("which kept backups need: ampora.dump"), "{needed}");
    assert_eq!(peer.held(SOURCE).await, "2 1*");
}

/// A Secret of Kubernetes holds one value: whatever is written takes the place of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_only_value_of_a_kubernetes_secret_is_kept_for_a_backup_that_needs_it() {
    let peer = Peer::start(Kind::Kubernetes).await;
    peer.fill(SOURCE, &[2]).await;
    let site = site(&peer, SOURCE, Rights::Append, None).await;
    read_dumps(&site).await;
    let needed = refused(&site).await;
    assert!(needed.contains("which kept backups need: ampora.dump"), "{needed}");
    assert_eq!(peer.held(SOURCE).await, "2*");
}
