//! The pages that are asked for: each kind of page, plain and filtered, of a deployment in the middle of the list.

use recovery::collect;

use super::Site;
use super::settings::{LARGEST, SOURCES};

/// One page.
#[derive(Clone, Debug)]
pub struct Page {
    pub name: &'static str,
    pub path: String,
}

/// What is asked for of a deployment, `{}` standing for its name.
const OF_DEPLOYMENT: [(&str, &str); 6] = [
    ("overview of one", "/?deployment={}"),
    ("backups", "/backups?deployment={}"),
    (
        "backups, filtered, sorted, page 3",
        "/backups?deployment={}&kind=incr&status=ok&text=2&sort=-started&page=3",
    ),
    ("backups over a year", "/backups?deployment={}&range=1y"),
    ("keys", "/keys?deployment={}"),
    ("requests, filtered", "/requests?deployment={}&state=consumed"),
];

/// Every kind of page.
pub async fn pages(site: &Site) -> Vec<Page> {
    let page = |name, path: &str| Page {
        name,
        path: path.into(),
    };
    let names = site.names();
    let middle = names[names.len() / 2 - 1];
    let mut pages = vec![page("overview", "/")];
    pages.extend(OF_DEPLOYMENT.map(|(name, path)| page(name, &path.replace("{}", middle))));
    for (name, (source, _)) in [("one backup", SOURCES[0]), ("one dump", SOURCES[2])] {
        let label = label(site, middle, source).await;
        pages.push(page(name, &format!("/backups/{source}/{label}?deployment={middle}")));
    }
    pages.extend([page("requests", "/requests"), page("one request", "/requests/1")]);
    pages.extend(log(site, middle).await);
    if names.contains(&LARGEST) {
        pages.extend([
            page("largest: overview", &format!("/?deployment={LARGEST}")),
            page("largest: backups", &format!("/backups?deployment={LARGEST}")),
            page("largest: keys", &format!("/keys?deployment={LARGEST}")),
        ]);
    }
    pages
}

/// The log from its end, from its middle, and by what it is searched for.
async fn log(site: &Site, deployment: &str) -> Vec<Page> {
    let size = site
        .services
        .store
        .audit_head()
        .await
        .expect("reads")
        .map_or(0, |(index, _)| index);
    let entry = site
        .services
        .store
        .audit_entry_at(size / 2)
        .await
        .expect("reads")
        .expect("an entry");
    let before = entry.number;
    let page = |name, path| Page { name, path };
    vec![
        page("audit", "/audit".into()),
        page("audit, from its middle", format!("/audit?before={before}")),
        page("audit of one deployment", format!("/audit?deployment={deployment}")),
        page(
            "audit, refusals about keys",
            "/audit?action=key.&outcome=refused".into(),
        ),
        page("audit, one person", "/audit?person=person+7".into()),
        page("one audit entry", format!("/audit/{}", entry.entry.id)),
    ]
}

/// The newest backup of a source.
async fn label(site: &Site, deployment: &str, source: &str) -> String {
    let settings = site.services.settings.deployment(deployment).expect("is configured");
    let observed = collect::cached(&site.services.store, settings).await.expect("reads");
    let (_, found) = observed
        .sources
        .iter()
        .find(|(_, seen)| seen.source == source)
        .expect("is configured");
    let (reading, _) = found.last_good.as_ref().expect("was read");
    reading.backups.last().expect("has backups").label.clone()
}
