//! Verdicts from managers of each maker: what they hold, what they withhold, and when they aren't there.

use domain::drift::Verdict;
use domain::inventory::Keys;
use domain::status::Status;

use super::*;
use crate::verdicts::world::{Form, World, opens};

/// A world whose key is asked for at this place.
async fn world(place: KeyPlace) -> World {
    let mut world = World::new(Form::Usual).await;
    moved(&mut world, place);
    world
}

fn moved(world: &mut World, place: KeyPlace) {
    world.deployment.master_key.as_mut().expect("is configured").place = place;
}

fn states(keys: &Keys) -> Vec<&str> {
    keys.versions.iter().map(|version| version.state.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_versions_hold_decides() {
    for kind in [Kind::Vault, Kind::Aws] {
        let peer = Peer::start(kind).await;
        peer.fill(SOURCE, &[1, 2]).await;
        let world = world(peer.place(SOURCE, Rights::Read)).await;
        world.wrap(0..50, 2).await;
        let keys = world.is(Verdict::InSync, Status::Ok).await;
        assert_eq!(opens(&keys), [Some((0, 50)), Some((50, 50))], "{kind:?}");
        assert_eq!(states(&keys), ["previous", "current"], "{kind:?}");
        world.wrap(0..50, 1).await;
        let keys = world.is(Verdict::ManagerAhead, Status::Broken).await;
        assert_eq!(opens(&keys), [Some((50, 50)), Some((0, 50))], "{kind:?}");
        world.wrap(0..20, 2).await;
        let keys = world.is(Verdict::Mixed, Status::Ok).await;
        assert_eq!(opens(&keys), [Some((30, 50)), Some((20, 50))], "{kind:?}: it moves");
        world.wrap(0..50, 9).await;
        let keys = world.is(Verdict::ManagerBehind, Status::Broken).await;
        assert_eq!(
            opens(&keys),
            [Some((0, 50)), Some((0, 50))],
            "{kind:?}: it opened them before"
        );
    }
}

/// As a rotation leaves it that was never finished.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_aws_that_isn_t_current_yet_may_be_the_one_in_use() {
    let peer = Peer::start(Kind::Aws).await;
    peer.fill(SOURCE, &[1]).await;
    let half = peer.place(SOURCE, Rights::Half);
    let current = half.manager.describe().await.expect("described").versions[0]
        .name
        .clone();
    half.manager
        .append(&new_value(&half, 2), &current)
        .await
        .expect_err("may add it, and not make it current");
    let world = world(peer.place(SOURCE, Rights::Read)).await;
    world.wrap(0..50, 2).await;
    let keys = world.is(Verdict::ManagerBehind, Status::Broken).await;
    assert_eq!(opens(&keys), [Some((0, 50)), Some((50, 50))]);
    assert!(keys.detail.contains("newer version"), "{}", keys.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_and_who_isn_t_there_is_unknown_and_says_which() {
    for kind in KINDS {
        let peer = Peer::start(kind).await;
        peer.fill(SOURCE, &[1]).await;
        let mut world = world(peer.place(SOURCE, Rights::Read)).await;
        world.wrap(0..50, 1).await;
        world.is(Verdict::InSync, Status::Ok).await;

        if kind != Kind::Kubernetes {
            moved(&mut world, peer.place(SOURCE, Rights::Describe));
            let keys = world.is(Verdict::Unknown, Status::Unknown).await;
            assert_eq!((states(&keys), opens(&keys)), (vec!["denied"], vec![None]), "{kind:?}");
            assert_eq!(keys.envelopes.opened, 0, "{kind:?}");
        }

        moved(&mut world, peer.place("ampora/none", Rights::All));
        let absent = world.is(Verdict::Unknown, Status::Unknown).await;
        assert!(absent.detail.contains(" has no "), "{kind:?}: {}", absent.detail);

        if let Server::Kubernetes { api, .. } = &peer.server {
            api.forbid("secrets");
        }
        let refused = match kind {
            Kind::Vault => peer.place(SOURCE, Rights::Create),
            Kind::Aws => peer.place(SOURCE, Rights::Nothing),
            Kind::Kubernetes => peer.place(SOURCE, Rights::Read),
        };
        moved(&mut world, refused);
        let denied = world.is(Verdict::Unknown, Status::Unknown).await;
        assert!(denied.detail.contains(" refuses: "), "{kind:?}: {}", denied.detail);
        assert_eq!((denied.versions.len(), denied.envelopes.sampled), (0, 0), "{kind:?}");

        moved(&mut world, peer.place(SOURCE, Rights::Read));
        match &peer.server {
            Server::Kubernetes { api, .. } => api.stop(),
            _ => drop(peer),
        }
        let down = world.is(Verdict::Unknown, Status::Unknown).await;
        assert!(down.detail.contains("can’t be reached"), "{kind:?}: {}", down.detail);
    }
}
