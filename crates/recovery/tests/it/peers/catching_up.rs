//! Managers of each maker that are behind, caught up with the key in use.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use adapters::key_files::EnvFile;
use domain::drift::Verdict;
use domain::key;
use domain::role::{Actor, Role};
use domain::run::RunState;
use recovery::plans::Wish;
use recovery::runs::Run;
use recovery::settings::InUse;
use recovery::{Error, approvals, collect, runs};

use super::wire::Wire;
use super::*;
use crate::managers::Mishap;
use crate::runs::{abandon, rewind, worked};
use crate::secrets;
use crate::site::Site;

pub fn wish() -> Wish {
    Wish::KeyCatchUp {
        deployment: "demo".into(),
    }
}

/// A site whose manager is the secret `name` of this peer, and whose Ampora runs with key 4, under which the live database is wrapped. So
/// is its dump.
pub async fn site(peer: &Peer, name: &str, rights: Rights, mishap: Option<Mishap>) -> Site {
    secrets::listen();
    let mut site = Site::new().await;
    let env = site.folder.path().join("ampora.env");
    let text = format!("KeyProtection__MasterKey={}\n", &*key::to_setting(&master_key(4)));
    fs::write(&env, text).expect("writes");
    fs::set_permissions(&env, fs::Permissions::from_mode(0o600)).expect("our own file");
    let mut place = peer.place(name, rights);
    if let Some(mishap) = mishap {
        place = Wire::to(place, peer.place(name, Rights::All), mishap);
    }
    site.configure(|settings| {
        let key = settings.deployments[0].master_key.as_mut().expect("is configured");
        key.place = place;
        key.in_use = Some(InUse::EnvFile(EnvFile { path: env }));
    });
    site.rewrap(0..3, 4).await;
    site
}

/// The same with everything read that a Secret of Kubernetes takes, which a write leaves nothing of.
async fn collected(peer: &Peer, name: &str, rights: Rights, mishap: Option<Mishap>) -> Site {
    let site = site(peer, name, rights, mishap).await;
    if peer.kind == Kind::Kubernetes {
        site.dump_again().await;
        read_dumps(&site).await;
    }
    site
}

/// Reads the dump, so that it is known which key opens it.
pub async fn read_dumps(site: &Site) {
    let (services, stop) = (&site.services, tokio_util::sync::CancellationToken::new());
    let collector = tokio::spawn(collect::run(services.clone(), stop.clone()));
    let deployment = &services.settings.deployments[0];
    let read = tokio::time::timeout(std::time::Duration::from_secs(60), async {
        loop {
            let observed = collect::cached(&services.store, deployment).await.expect("reads");
            let read = observed
                .sources
                .iter()
                .filter_map(|(_, source)| source.last_good.as_ref());
            if read.flat_map(|(reading, _)| &reading.dumps).count() > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    read.await.expect("the dump is read");
    stop.cancel();
    collector.await.expect("it ends when asked");
}

pub async fn refused(site: &Site) -> String {
    let a = site.person("a", Role::Operator);
    match approvals::plan(&site.services, &a, &wish()).await {
        Err(Error::Invalid(reasons)) => reasons.join("\n"),
        other => panic!("{other:?}"),
    }
}

pub fn said(run: &Run) -> String {
    format!("{:?} {:?}", run.state, run.steps)
}

/// What the secret holds after key 4 was written behind key 1.
const fn caught_up(kind: Kind) -> &'static str {
    match kind {
        Kind::Vault | Kind::Aws => "1 4*",
        Kind::Kubernetes => "4*",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_caught_up_with_the_rights_that_are_documented() {
    for kind in KINDS {
        let peer = Peer::start(kind).await;
        peer.fill(SOURCE, &[1]).await;
        peer.limit(Rights::Append);
        let site = collected(&peer, SOURCE, Rights::Append, None).await;
        let deployment = &site.services.settings.deployments[0];
        let proven = collect::prove(&site.services, deployment, &Actor::job("test")).await;
        assert_eq!(proven.expect("proves").verdict, Verdict::ManagerBehind, "{kind:?}");
        let run = site.started(&wish()).await;
        let done = worked(&site, run).await;
        assert!(
            matches!(done.state, RunState::Succeeded { .. }),
            "{kind:?}: {}",
            said(&done)
        );
        assert_eq!(peer.held(SOURCE).await, caught_up(kind), "{kind:?}");
        let proven = collect::prove(&site.services, deployment, &Actor::job("test")).await;
        assert_eq!(proven.expect("proves").verdict, Verdict::InSync, "{kind:?}");
        assert!(refused(&site).await.contains("nothing to catch up"), "{kind:?}");
        secrets::nothing_is_kept(&site, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_the_write_it_takes_effect_once_or_not_at_all() {
    for kind in KINDS {
        let peer = Peer::start(kind).await;
        for (mishap, ends, there, says) in [
            (Mishap::LostRequest, "failed", "1*", "nothing was written"),
            (Mishap::LostAnswer, "succeeded", "4*", "nothing was written again"),
            (Mishap::Overtaken, "refused", "8*", "another current version by now"),
            (Mishap::Replaced, "needs human", "8*", ""),
        ] {
            let name = format!("ampora/{mishap:?}").to_lowercase();
            peer.fill(&name, &[1]).await;
            let site = collected(&peer, &name, Rights::All, Some(mishap)).await;
            let run = site.started(&wish()).await;
            let done = worked(&site, run).await;
            assert_eq!(done.state.word(), ends, "{kind:?} {mishap:?}: {}", said(&done));
            assert!(said(&done).contains(says), "{kind:?} {mishap:?}: {}", said(&done));
            let held = peer.held(&name).await;
            assert!(held.ends_with(there), "{kind:?} {mishap:?}: {held}");
            secrets::nothing_is_kept(&site, &[]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catch_up_that_its_worker_left_at_any_step_or_made_twice_is_made_once() {
    for kind in KINDS {
        let peer = Peer::start(kind).await;
        // Left there, and made again from there.
        for (left_at, again_from) in [(0, 0), (1, 1), (2, 2), (3, 3), (2, 1), (3, 2)] {
            let name = format!("ampora/{left_at}-{again_from}");
            peer.fill(&name, &[1]).await;
            let site = collected(&peer, &name, Rights::All, None).await;
            let run = site.started(&wish()).await;
            abandon(&site, run, left_at).await;
            rewind(&site, run, again_from).await;
            let done = worked(&site, run).await;
            assert!(
                matches!(done.state, RunState::Succeeded { .. }),
                "{kind:?} {name}: {}",
                said(&done)
            );
            assert_eq!(peer.held(&name).await, caught_up(kind), "{kind:?} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_denied_changes_nothing_and_says_what_is_missing() {
    for (kind, says) in [
        (Kind::Vault, "a policy must allow"),
        (Kind::Aws, "secretsmanager:PutSecretValue"),
        (Kind::Kubernetes, "cannot update"),
    ] {
        let peer = Peer::start(kind).await;
        peer.fill(SOURCE, &[1]).await;
        peer.limit(Rights::Read);
        let site = collected(&peer, SOURCE, Rights::Read, None).await;
        let run = site.started(&wish()).await;
        let done = worked(&site, run).await;
        assert!(
            matches!(done.state, RunState::Failed { .. }),
            "{kind:?}: {}",
            said(&done)
        );
        assert!(said(&done).contains(says), "{kind:?}: {}", said(&done));
        assert_eq!(peer.held(SOURCE).await, "1*", "{kind:?}");
        secrets::nothing_is_kept(&site, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_with_the_key_in_use_in_hand_says_nothing_of_it() {
    for kind in KINDS {
        let peer = Peer::start(kind).await;
        peer.fill(SOURCE, &[1]).await;
        let site = collected(&peer, SOURCE, Rights::All, Some(Mishap::Panic)).await;
        site.started(&wish()).await;
        let events = Arc::new(store::events::Events::listen(&site.services.store));
        let worker = runs::work(site.services.clone(), events, Default::default());
        assert!(tokio::spawn(worker).await.is_err_and(|died| died.is_panic()));
        assert!(secrets::heard("died with Value(redacted) in its hands"));
        secrets::nothing_is_kept(&site, &[]).await;
        assert_eq!(peer.held(SOURCE).await, "1*", "{kind:?}");
    }
}

/// AWS takes two calls. Between them the version is there and isn't current.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_aws_that_was_added_and_not_made_current_is_told_and_made_current_by_another_request() {
    let peer = Peer::start(Kind::Aws).await;
    peer.fill(SOURCE, &[1]).await;
    let mut site = site(&peer, SOURCE, Rights::Half, None).await;
    let run = site.started(&wish()).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Failed { .. }), "{}", said(&done));
    for says in [
        "secretsmanager:UpdateSecretVersionStage",
        "what was written is version",
        "isn’t current",
    ] {
        assert!(said(&done).contains(says), "{says} in {}", said(&done));
    }
    assert_eq!(peer.held(SOURCE).await, "1* 4");
    allow(&mut site, &peer);
    let run = site.started(&wish()).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{}", said(&done));
    assert_eq!(peer.held(SOURCE).await, "1 4*", "no third version");
    secrets::nothing_is_kept(&site, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_takes_over_between_the_two_calls_of_aws_makes_the_second() {
    let peer = Peer::start(Kind::Aws).await;
    peer.fill(SOURCE, &[1]).await;
    let mut site = site(&peer, SOURCE, Rights::Half, Some(Mishap::Halfway)).await;
    let run = site.started(&wish()).await;
    let events = Arc::new(store::events::Events::listen(&site.services.store));
    let worker = runs::work(site.services.clone(), events, Default::default());
    assert!(tokio::spawn(worker).await.is_err_and(|died| died.is_panic()));
    assert_eq!(peer.held(SOURCE).await, "1* 4");
    allow(&mut site, &peer);
    rewind(&site, run, 1).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{}", said(&done));
    assert_eq!(peer.held(SOURCE).await, "1 4*", "no third version");
}

/// Gives the rights that were missing.
fn allow(site: &mut Site, peer: &Peer) {
    site.configure(|settings| {
        let key = settings.deployments[0].master_key.as_mut().expect("is configured");
        key.place = peer.place(SOURCE, Rights::Append);
    });
}
