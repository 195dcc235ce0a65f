//! What pgBackRest keeps by its own settings, asked of the real one.

use adapters::pgbackrest::RetentionError;
use domain::emergency::Retention;
use testkit::pgbackrest::Stanza;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_repository_is_told_and_the_others_are_unknown() {
    let stanza = Stanza::start().await;
    let source = stanza.source();
    assert_eq!(source.retention(1).await.expect("is told"), Retention::Fulls(9));
    assert!(matches!(source.retention(2).await, Err(RetentionError::OtherRepo)));
}
