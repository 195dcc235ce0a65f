//! The site of `make bench`, made tiny by the same code: it can be filled, its pages can be read, and its log is whole.

use axum::http::StatusCode;

use crate::bench_site::{self, Scale, Site};

const TINY: Scale = Scale {
    deployments: 3,
    backups: 40,
    largest: 120,
    days: 40,
    requests: 8,
    audit_entries: 250,
};

#[tokio::test(flavor = "multi_thread")]
async fn each_page_of_a_site_of_many_deployments_is_there() {
    let database = testkit::postgres::database().await;
    let site = Site::make(database.options, TINY).await;
    let (services, visitor) = site.open(&[]).await;
    let overview = visitor.get("/").await;
    let overview = String::from_utf8_lossy(&overview.body).into_owned();
    for name in site.names() {
        assert!(overview.contains(name), "{name} isn’t on the overview");
        let own = visitor.get(&format!("/backups?deployment={name}")).await;
        assert!(
            String::from_utf8_lossy(&own.body).contains(name),
            "{name} isn’t on its page"
        );
    }
    for page in bench_site::pages(&site).await {
        let answer = visitor.get(&page.path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}: {}", page.name, page.path);
    }
    let tree = services
        .store
        .audit_tree()
        .await
        .expect("its roots are those written down");
    assert!(tree.size() >= site.scale.audit_entries as u64);
}
