//! A tool that writes more than a run keeps: both ends of its words can be read, what is missing is said, and its password is in none of them.

use domain::role::Role;
use domain::run::RunState;
use recovery::runs::{LogStream, StoredLine, log_page};
use secrecy::SecretString;
use store::runs::LOG_LIMIT;

use crate::dump_faults::{behind, packaged};
use crate::runs::{approved, worked};
use crate::site::Site;

/// Begins with bytes that stand nowhere else in what the tool writes.
const PASSWORD: &str = "QZJ correct horse battery staple";

/// 110 MB, with the password in each line, so that it lies across the borders of what is read at once; and once it comes in two halves.
const FLOOD: &str = r#"
printf 'in halves: %s' "${PGPASSWORD%battery staple}" >&2; sleep 1; echo 'battery staple' >&2
seq -f "line %.0f password=$PGPASSWORD $(printf '%3900s' | tr ' ' x)" 1 28000
exec pg_restore "$@"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_read_at_both_ends_and_never_tells_the_password() {
    let mut site = Site::new().await;
    behind(&mut site, &packaged(), FLOOD);
    site.configure(|settings| {
        let restore = settings.deployments[0].restore.as_mut().expect("configured");
        restore.password = Some(SecretString::from(PASSWORD));
    });
    let database = format!("{}_flood", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{:?}", done.state);

    let reader = site.person("a", Role::Operator);
    let read = async |page| {
        log_page(&site.services, &reader, run, page, 20_000)
            .await
            .expect("reads")
    };
    let first = read(Some(1)).await;
    let mut all = first.lines;
    for page in 2..=first.pages {
        all.extend(read(Some(page)).await.lines);
    }
    assert_eq!(all.len(), first.of);
    says(&all, "in halves: redacted");
    says(&all, &format!("line 1 password=redacted {}", "x".repeat(3900)));
    says(&all, "The log ends here for what tools write: a run keeps 100 MiB.");
    says(&all, " lines of the tool were left out here. Its last 200 follow.");
    let kept: usize = all.iter().map(|stored| stored.line.text.len()).sum();
    let limit = usize::try_from(LOG_LIMIT).expect("small");
    assert!((limit - 4096..limit + 1024 * 1024).contains(&kept), "{kept}");
    let leak = all
        .iter()
        .find(|stored| stored.line.text.contains("QZJ") || stored.line.text.contains("battery"));
    assert_eq!(leak, None);

    let end = read(None).await.lines;
    assert_eq!(end.last(), all.last());
    let last_words =
        |stored: &StoredLine| stored.line.stream == LogStream::Err && stored.line.text.starts_with("pg_restore: ");
    assert!(end.iter().any(last_words), "{:?}", end.last());
}

fn says(lines: &[StoredLine], words: &str) {
    let times = lines.iter().filter(|stored| stored.line.text.contains(words)).count();
    assert_eq!(times, 1, "{words}");
}
