//! Years of drills: the pages that list them stay as small as they were.

use domain::drill::Verdict;
use sqlx::AssertSqlSafe;

use super::over;
use crate::browser::Browser;
use crate::site::Site;

const MANY: &str = include_str!("../../../../crates/store/tests/it/many_drills.sql");
/// Rows of one page of the history.
const SHOWN: usize = 50;
/// Bytes of a page with that many rows, and the plots of 120 drills.
const LARGEST: usize = 400_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_drills_make_no_page_larger() {
    let site = Site::new().await;
    over(&site, 1, Verdict::Passed).await;
    let made = sqlx::raw_sql(AssertSqlSafe(MANY.to_owned()))
        .execute(&mut site.own.connect().await)
        .await;
    made.expect("takes them");
    let visitor = Browser::signed_in(&site, "vera", "viewer").await;
    for (address, expected) in [
        ("/drills", SHOWN),
        ("/drills?verdict=failed", SHOWN),
        ("/drills?source=source-1", SHOWN),
        ("/drills?text=backup-99", SHOWN),
        ("/drills?text=backup-9999", 1),
        ("/drills/compare", 0),
    ] {
        let page = visitor.get(address).await;
        let rows = page.text.matches("<tr id=\"drill-").count();
        assert_eq!((page.status.is_success(), rows), (true, expected), "{address}");
        assert!(page.text.len() < LARGEST, "{address}: {} bytes", page.text.len());
    }
}
