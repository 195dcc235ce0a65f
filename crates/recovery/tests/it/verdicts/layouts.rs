use domain::drift::Verdict;
use domain::envelope::{self, Encoding, Layout, NONCE};
use domain::status::Status;

use super::world::{FORMS, Form, World, opens};
use crate::site::master_key;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_table_proves_nothing() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1], 1);
        world.is(Verdict::Unknown, Status::Unknown).await;
        world.wrap(0..3, 1).await;
        world.is(Verdict::InSync, Status::Ok).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_no_envelopes_prove_nothing() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1], 1);
        let plain = b"-----BEGIN PRIVATE KEY----- in clear, for some reason".to_vec();
        world.put((0..50).map(|id| (id, plain.clone()))).await;
        let keys = world.is(Verdict::Unknown, Status::Unknown).await;
        assert_eq!((keys.envelopes.sampled, keys.envelopes.unparsed), (50, 50));
        world.wrap(0..49, 1).await;
        world.is(Verdict::Unknown, Status::Unknown).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_flipped_bit_among_a_thousand_is_damage_and_no_drift() {
    for form in FORMS {
        let world = World::new(form).await;
        world.manager(&[1], 1);
        world.wrap(0..1000, 1).await;
        let whole = form.sealed(617, 1);
        for at in (0..whole.len()).step_by(3) {
            let mut spoilt = whole.clone();
            // In text the lowest bit, so that it stays text.
            spoilt[at] ^= if form == Form::Usual { 1 << (at % 8) } else { 1 };
            world.put([(617, spoilt)]).await;
            let keys = world.is(Verdict::InSync, Status::Ok).await;
            assert_eq!(keys.envelopes.damaged, 1, "byte {at} of {form:?}: {}", keys.detail);
            // What is wrong in the key id alone opens all the same.
            let opened = 999 + u32::from(form == Form::Usual && (1..9).contains(&at));
            let parsed = 1000 - keys.envelopes.unparsed;
            assert_eq!(keys.envelopes.sampled, 1000);
            assert_eq!(opens(&keys), [Some((opened, parsed))], "byte {at} of {form:?}");
            let [damaged] = keys.envelopes.damage.as_slice() else {
                panic!("byte {at}: {:?}", keys.envelopes.damage)
            };
            assert_eq!(damaged.value.id, "617");
            let [finding] = world.found(&keys).try_into().expect("one finding");
            assert_eq!(finding.code, "envelope-damage");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_a_key_used_twice_is_told_and_a_copied_row_is_not() {
    let world = World::new(Form::Usual).await;
    world.manager(&[1], 1);
    world.wrap(0..10, 1).await;
    world.put([(10, Form::Usual.sealed(3, 1))]).await;
    let copied = world.is(Verdict::InSync, Status::Ok).await;
    assert_eq!(copied.envelopes.nonces_reused, 0);
    let reused = |secret: &[u8]| envelope::seal(&master_key(1), [7; NONCE], secret);
    world.put([(11, reused(b"one secret")), (12, reused(b"another"))]).await;
    let keys = world.is(Verdict::InSync, Status::Ok).await;
    let [finding] = world.found(&keys).try_into().expect("one finding");
    assert_eq!(finding.code, "nonce-reuse");
    for row in ["of 11", "of 12"] {
        assert!(finding.evidence[0].value.contains(row), "{:?}", finding.evidence);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_has_is_told_by_its_id_before_the_layout_is_proven_and_not_without_one() {
    let world = World::new(Form::Usual).await;
    world.manager(&[1], 1);
    world.wrap(0..5, 9).await;
    world.is(Verdict::Foreign, Status::Broken).await;
    let nameless = World::new(Form::Other).await;
    nameless.manager(&[1], 1);
    nameless.wrap(0..5, 9).await;
    nameless.is(Verdict::Unknown, Status::Unknown).await;
}

/// Layouts that differ from the one in use, all of which make sense of the bytes.
fn wrong(form: Form) -> Vec<Layout> {
    let layout = |encoding, fields: &[&str], aad| {
        let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
        Layout::new(encoding, &fields, aad).expect("a layout")
    };
    match form {
        Form::Usual => vec![
            layout(
                Encoding::Bytea,
                &["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"],
                Some("{table}"),
            ),
            layout(
                Encoding::Bytea,
                &["scheme:1", "key_id:8", "tag:16", "nonce:12", "ciphertext"],
                None,
            ),
            layout(
                Encoding::Bytea,
                &["scheme:1", "nonce:12", "key_id:8", "tag:16", "ciphertext"],
                None,
            ),
            layout(Encoding::Bytea, &["key_id:8", "nonce:12", "tag:16", "ciphertext"], None),
            layout(Encoding::Bytea, &["ciphertext", "nonce:12", "tag:16"], None),
            layout(Encoding::Base64, &["nonce:12", "tag:16", "ciphertext"], None),
        ],
        Form::Other => vec![
            Layout::default(),
            layout(
                Encoding::Base64,
                &["nonce:12", "scheme:2", "ciphertext", "tag:16"],
                None,
            ),
            layout(
                Encoding::Base64,
                &["nonce:12", "scheme:2", "ciphertext", "tag:16"],
                Some("{table}.{column}/{id}"),
            ),
            layout(
                Encoding::Base64,
                &["key_id:8", "nonce:12", "tag:16", "ciphertext"],
                None,
            ),
            layout(Encoding::Bytea, &["key_id:8", "nonce:12", "tag:16", "ciphertext"], None),
        ],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_layout_never_blames_the_right_key() {
    for form in FORMS {
        let mut world = World::new(form).await;
        world.manager(&[1, 2], 2);
        for rows in [1, 2, 50] {
            world.wrap(0..rows, 2).await;
            for layout in wrong(form) {
                world.deployment.layout = layout;
                world.is(Verdict::Unknown, Status::Unknown).await;
            }
        }
        world.deployment.layout = form.layout();
        world.is(Verdict::InSync, Status::Ok).await;
    }
}
