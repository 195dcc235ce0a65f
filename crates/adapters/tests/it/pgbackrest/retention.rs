//! What pgBackRest keeps by its own settings, asked of the real one.

use adapters::pgbackrest::{Making, RetentionError};
use domain::emergency::Retention;
use testkit::installation::{Installation, NEWEST};
use testkit::pgbackrest::Stanza;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_repository_is_told_and_the_others_are_unknown() {
    let stanza = Stanza::start().await;
    let source = stanza.source();
    assert_eq!(source.retention(1).await.expect("is told"), Retention::Fulls(9));
    assert!(matches!(source.retention(2).await, Err(RetentionError::OtherRepo)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_tells_where_backups_into_each_repository_are_made() {
    let stanza = Stanza::start_on(Installation::of(NEWEST)).await;
    let source = stanza.source();
    // Where all repositories have one value, it stands there once, as in older versions that mean the first one.
    assert_eq!(source.retention(1).await.expect("is told"), Retention::Fulls(9));
    for repo in [1, 2] {
        let path = stanza.repo(repo).join("backup/demo").display().to_string();
        assert_eq!(source.making(repo).await.expect("is told"), Making::Folder { path });
    }
    assert!(source.expires_by_itself().await.expect("is told"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_backups_are_made_is_told_of_the_first_repository() {
    let stanza = Stanza::start().await;
    let source = stanza.source();
    let path = stanza.repo(1).join("backup/demo").display().to_string();
    assert_eq!(source.making(1).await.expect("is told"), Making::Folder { path });
    assert_eq!(source.making(2).await.expect("is told"), Making::OtherRepo);
}
