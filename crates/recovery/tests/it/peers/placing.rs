//! A key from a folder into a new place of each maker.

use std::sync::Arc;

use adapters::kubernetes::InUseSecret;
use domain::plan::PlaceName;
use domain::role::Role;
use domain::run::RunState;
use recovery::plans::{Wanted, Wish};
use recovery::runs::Run;
use recovery::settings::{Destination, InUse, Replica};
use recovery::{Error, approvals, runs};
use serde_json::json;

use super::wire::Wire;
use super::*;
use crate::managers::Mishap;
use crate::runs::{abandon, rewind, worked};
use crate::secrets;
use crate::site::Site;

/// A site with a place of this peer for new keys.
async fn site(peer: &Arc<Peer>, rights: Rights, mishap: Option<Mishap>) -> Site {
    secrets::listen();
    let mut site = Site::new().await;
    let known = Arc::clone(peer);
    let to = move |name: &PlaceName| {
        let path = format!("recovery/{}", name.as_str());
        let place = known.place(&path, rights);
        match mishap {
            Some(mishap) => Wire::to(place, known.place(&path, Rights::All), mishap),
            None => place,
        }
    };
    let destination = Destination::new("elsewhere".into(), peer.word(), to);
    site.configure(|settings| settings.deployments[0].key_destinations = vec![destination]);
    site
}

fn wish(name: &str) -> Wish {
    Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "2".into(),
        delivery: Wanted::Placed {
            destination: "elsewhere".into(),
            name: name.into(),
        },
    }
}

async fn refused(site: &Site, name: &str) -> String {
    let a = site.person("a", Role::Operator);
    match approvals::plan(&site.services, &a, &wish(name)).await {
        Err(Error::Invalid(reasons)) => reasons.join("\n"),
        other => panic!("{name}: {other:?}"),
    }
}

fn said(run: &Run) -> String {
    format!("{:?} {:?}", run.state, run.steps)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_with_the_rights_that_are_documented() {
    for kind in KINDS {
        let peer = Arc::new(Peer::start(kind).await);
        peer.limit(Rights::Create);
        let site = site(&peer, Rights::Create, None).await;
        let run = site.started(&wish("keys")).await;
        let done = worked(&site, run).await;
        assert!(
            matches!(done.state, RunState::Succeeded { .. }),
            "{kind:?}: {}",
            said(&done)
        );
        assert_eq!(peer.held("recovery/keys").await, "2*", "{kind:?}");
        assert!(refused(&site, "keys").await.contains("exists already"), "{kind:?}");
        secrets::nothing_is_kept(&site, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_the_write_there_are_never_two_and_nothing_is_written_over() {
    for kind in KINDS {
        let peer = Arc::new(Peer::start(kind).await);
        for (mishap, ends, there, says) in [
            (Mishap::LostRequest, "failed", "", "nothing is at the new place"),
            (Mishap::LostAnswer, "succeeded", "2*", "nothing was written again"),
            (Mishap::Overtaken, "refused", "8*", "exists already"),
            (Mishap::Replaced, "needs human", "8*", ""),
        ] {
            let site = site(&peer, Rights::All, Some(mishap)).await;
            let name = format!("{mishap:?}").to_lowercase();
            let run = site.started(&wish(&name)).await;
            let done = worked(&site, run).await;
            assert_eq!(done.state.word(), ends, "{kind:?} {mishap:?}: {}", said(&done));
            assert!(said(&done).contains(says), "{kind:?} {mishap:?}: {}", said(&done));
            let held = peer.held(&format!("recovery/{name}")).await;
            assert!(held.ends_with(there), "{kind:?} {mishap:?}: {held}");
            secrets::nothing_is_kept(&site, &[]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_its_worker_left_at_any_step_or_made_twice_is_made_once() {
    for kind in KINDS {
        let peer = Arc::new(Peer::start(kind).await);
        let site = site(&peer, Rights::Create, None).await;
        // Left there, and made again from there.
        for (left_at, again_from) in [(0, 0), (1, 1), (2, 2), (2, 1)] {
            let name = format!("keys-{left_at}-{again_from}");
            let run = site.started(&wish(&name)).await;
            abandon(&site, run, left_at).await;
            rewind(&site, run, again_from).await;
            let done = worked(&site, run).await;
            assert!(
                matches!(done.state, RunState::Succeeded { .. }),
                "{kind:?} {name}: {}",
                said(&done)
            );
            assert_eq!(peer.held(&format!("recovery/{name}")).await, "2*", "{kind:?} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_with_the_key_in_hand_says_nothing_of_it() {
    for kind in KINDS {
        let peer = Arc::new(Peer::start(kind).await);
        let site = site(&peer, Rights::All, Some(Mishap::Panic)).await;
        site.started(&wish("keys")).await;
        let events = Arc::new(store::events::Events::listen(&site.services.store));
        let died = tokio::spawn(runs::work(site.services.clone(), events, Default::default())).await;
        assert!(died.is_err_and(|died| died.is_panic()));
        assert!(secrets::heard("died with Value(redacted) in its hands"));
        secrets::nothing_is_kept(&site, &[]).await;
        assert_eq!(peer.held("recovery/keys").await, "", "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_denied_leaves_nothing_and_says_what_is_missing() {
    for (kind, says) in [
        (Kind::Vault, "a policy must allow"),
        (Kind::Aws, "secretsmanager:CreateSecret"),
        (Kind::Kubernetes, "cannot create"),
    ] {
        let peer = Arc::new(Peer::start(kind).await);
        // Whoever may only read what is there can tell that nothing is, and fails at the write.
        let rights = if kind == Kind::Vault {
            Rights::Create
        } else {
            Rights::Read
        };
        if let Server::Vault { bao, .. } = &peer.server {
            let rules = example(PAGE, "hcl create").replace("\"create\", \"read\"", "\"read\"");
            bao.policy("create", &rules).await;
        }
        peer.limit(Rights::Read);
        let site = site(&peer, rights, None).await;
        let run = site.started(&wish("keys")).await;
        let done = worked(&site, run).await;
        assert!(
            matches!(done.state, RunState::Failed { .. }),
            "{kind:?}: {}",
            said(&done)
        );
        assert!(said(&done).contains(says), "{kind:?}: {}", said(&done));
        assert_eq!(peer.held("recovery/keys").await, "", "{kind:?}");
        secrets::nothing_is_kept(&site, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_or_was_somebodys_is_refused() {
    for kind in KINDS {
        let peer = Arc::new(Peer::start(kind).await);
        let mut site = site(&peer, Rights::All, None).await;
        peer.fill("recovery/taken", &[5]).await;
        assert!(refused(&site, "taken").await.contains("exists already"), "{kind:?}");
        let used = ["source", "copy"].map(|name| peer.place(&format!("recovery/{name}"), Rights::Read));
        let [source, copy] = used;
        site.configure(|settings| {
            let key = settings.deployments[0].master_key.as_mut().expect("is configured");
            key.replicas = vec![Replica {
                name: "far".into(),
                place: copy,
            }];
            let mut other = settings.deployments[0].clone();
            other.name = "other".into();
            other.master_key.as_mut().expect("is configured").place = source;
            settings.deployments.push(other);
        });
        for (name, says) in [
            ("source", "the secret manager of other"),
            ("copy", "the replica far of demo"),
        ] {
            let reasons = refused(&site, name).await;
            assert!(reasons.contains(says), "{kind:?} {name}: {reasons}");
        }
        if kind == Kind::Kubernetes {
            let in_use = InUseSecret::new(peer.secret("recovery-running"), FIELD, None);
            site.configure(|settings| {
                let key = settings.deployments[0].master_key.as_mut().expect("is configured");
                key.in_use = Some(InUse::Kubernetes(in_use));
            });
            let reasons = refused(&site, "running").await;
            assert!(
                reasons.contains("where the running Ampora of demo has its key from"),
                "{reasons}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_and_can_come_back_is_in_the_way() {
    let peer = Arc::new(Peer::start(Kind::Vault).await);
    peer.fill("recovery/gone", &[5]).await;
    let Server::Vault { bao, .. } = &peer.server else {
        panic!("it is Vault")
    };
    bao.post("secret/delete/recovery/gone", json!({ "versions": [1] }))
        .await;
    let site = site(&peer, Rights::Create, None).await;
    assert!(refused(&site, "gone").await.contains("exists already"));
}
