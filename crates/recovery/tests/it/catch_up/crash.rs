//! What a crash leaves behind in the middle of catching up.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn half_a_write_that_a_crash_left_is_for_a_person() {
    let behind = Behind::new().await;
    let run = behind.site.started(&wish()).await;
    abandon(&behind.site, run, 1).await;
    put(&behind.keys, "2", 4, false);
    fs::write(behind.keys.dir.join("current"), "1").expect("writes");
    let done = worked(&behind.site, run).await;
    let RunState::NeedsHuman { seen, .. } = &done.state else {
        panic!("{:?} {:?}", done.state, done.steps)
    };
    assert!(
        seen.contains("version 2 is the key in use and isn’t the current one"),
        "{seen}"
    );
    assert_eq!(held(&behind.keys), "1=1* 2=4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_with_the_key_in_use_in_hand_says_nothing_of_it() {
    let behind = Behind::with(&[1], 4, |line| line.breaks(Mishap::Panic)).await;
    behind.site.started(&wish()).await;
    let events = Arc::new(store::events::Events::listen(&behind.site.services.store));
    let worker = recovery::runs::work(behind.site.services.clone(), events, Default::default());
    assert!(tokio::spawn(worker).await.is_err_and(|died| died.is_panic()));
    assert!(secrets::heard("died with Value(redacted) in its hands"));
    secrets::nothing_is_kept(&behind.site, &[]).await;
    assert_eq!(held(&behind.keys), "1=1*");
}
