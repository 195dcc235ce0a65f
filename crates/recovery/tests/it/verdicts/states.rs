use domain::drift::{Movement, Verdict};
use domain::status::Status;

use super::world::{FORMS, World, opens};

#[tokio::test(flavor = "multi_thread")]
async fn the_current_version_opens_everything() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1, 2], 2);
        world.wrap(0..50, 2).await;
        let keys = world.is(Verdict::InSync, Status::Ok).await;
        assert_eq!((keys.envelopes.sampled, keys.envelopes.opened), (50, 50));
        assert_eq!(opens(&keys), [Some((0, 50)), Some((50, 50))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manager_is_one_behind_the_key_in_use() {
    for form in FORMS {
        let mut world = World::new(form).await;
        world.manager(&[1, 2], 2);
        world.ampora(3, None);
        world.wrap(0..50, 3).await;
        let keys = world.is(Verdict::ManagerBehind, Status::Broken).await;
        assert_eq!(opens(&keys), [Some((0, 50)); 2]);
        let in_use = keys.in_use.expect("was read");
        assert_eq!((in_use.version, in_use.opens, in_use.of), (None, Some(50), Some(50)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manager_is_behind_if_its_current_version_once_opened_what_it_no_longer_does() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1], 1);
        world.wrap(0..50, 1).await;
        world.is(Verdict::InSync, Status::Ok).await;
        world.wrap(0..50, 2).await;
        let keys = world.is(Verdict::ManagerBehind, Status::Broken).await;
        assert_eq!((opens(&keys), keys.envelopes.opened), (vec![Some((0, 50))], 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_that_is_not_current_opens_everything() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1, 2], 1);
        world.wrap(0..50, 2).await;
        let keys = world.is(Verdict::ManagerBehind, Status::Broken).await;
        assert!(keys.detail.contains("newer version"), "{}", keys.detail);
        assert_eq!(opens(&keys), [Some((0, 50)), Some((50, 50))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manager_is_ahead() {
    for form in FORMS {
        let mut world = World::new(form).await;
        world.manager(&[1, 2], 2);
        world.wrap(0..50, 1).await;
        let keys = world.is(Verdict::ManagerAhead, Status::Broken).await;
        assert_eq!(opens(&keys), [Some((50, 50)), Some((0, 50))]);
        // Ampora has the new key, and rewrote nothing; the old one is in no manager any more.
        world.manager(&[2], 2);
        world.ampora(2, Some(1));
        world.is(Verdict::ManagerAhead, Status::Broken).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_under_two_versions_is_in_sync_if_either_is_current() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager_with(&[(1, 5), (2, 6), (3, 5)], 3);
        world.wrap(0..50, 5).await;
        world.is(Verdict::InSync, Status::Ok).await;
        world.manager_with(&[(1, 5), (2, 6), (3, 5)], 1);
        world.is(Verdict::InSync, Status::Ok).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_under_way_moves_and_then_is_stuck() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1, 2], 2);
        world.wrap(0..100, 1).await;
        world.is(Verdict::ManagerAhead, Status::Broken).await;
        world.wrap(0..40, 2).await;
        let moving = world.is(Verdict::Mixed, Status::Ok).await;
        assert_eq!(moving.envelopes.movement, Some(Movement::Moving));
        assert!(moving.detail.contains("40.0 %"), "{}", moving.detail);
        assert_eq!(opens(&moving), [Some((60, 100)), Some((40, 100))]);
        let pausing = world.prove_after(55).await;
        assert_eq!(pausing.envelopes.movement, Some(Movement::Moving), "{}", pausing.detail);
        let stuck = world.prove_after(6).await;
        assert_eq!((stuck.verdict, stuck.status), (Verdict::Mixed, Status::Broken));
        assert_eq!(stuck.envelopes.movement, Some(Movement::Stuck));
        assert_eq!(opens(&stuck), [Some((60, 100)), Some((40, 100))]);
        world.wrap(40..100, 2).await;
        world.is(Verdict::InSync, Status::Ok).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_rotation_that_nobody_saw_move_is_stuck() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1, 2], 2);
        world.wrap(0..60, 1).await;
        world.wrap(60..100, 2).await;
        let keys = world.is(Verdict::Mixed, Status::Broken).await;
        assert_eq!(keys.envelopes.movement, Some(Movement::Stuck));
        world.is(Verdict::Mixed, Status::Broken).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_to_a_key_that_the_manager_lacks_is_broken_while_it_moves() {
    for form in FORMS {
        let mut world = World::new(form).await;
        world.manager(&[1], 1);
        world.wrap(0..100, 1).await;
        world.is(Verdict::InSync, Status::Ok).await;
        world.wrap(0..30, 2).await;
        let unknown = world.is(Verdict::Mixed, Status::Broken).await;
        assert_eq!(unknown.envelopes.movement, Some(Movement::Moving));
        world.ampora(2, Some(1));
        world.wrap(30..60, 2).await;
        let known = world.is(Verdict::Mixed, Status::Broken).await;
        assert_eq!(known.envelopes.opened, 100);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_has() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1, 2], 2);
        world.wrap(0..50, 2).await;
        world.is(Verdict::InSync, Status::Ok).await;
        world.manager(&[8, 9], 9);
        let keys = world.is(Verdict::Foreign, Status::Broken).await;
        assert_eq!(opens(&keys), [Some((0, 50)); 2]);
        assert_eq!((keys.envelopes.sampled, keys.envelopes.opened), (50, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_fails_forgets_nothing_of_a_rotation() {
    let mut world = World::new(FORMS[0]).await;
    world.manager(&[1, 2], 2);
    world.wrap(0..100, 1).await;
    world.is(Verdict::ManagerAhead, Status::Broken).await;
    let database = world.deployment.database.take();
    world.is(Verdict::Unknown, Status::Unknown).await;
    world.deployment.database = database;
    world.wrap(0..40, 2).await;
    let keys = world.is(Verdict::Mixed, Status::Ok).await;
    assert_eq!(keys.envelopes.movement, Some(Movement::Moving));
}
