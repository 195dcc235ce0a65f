//! The facts of the day: people, backups, keys by fingerprint, images by digest, addresses. What isn't known says so.

use domain::inventory::Artifact;
use domain::runbook::{Block, Fact, Section};
use domain::status::Status;
use domain::time::{Timestamp, bytes, rfc3339};

use super::Book;

/// Backups that are listed of each source; the newest ones matter on that day.
const LISTED: usize = 12;

pub(super) fn people(book: &Book<'_>) -> Section {
    let policy = book.settings.approvals;
    let contacts = &book.settings.contacts;
    let mut blocks = vec![Block::Facts(vec![Fact::known(
        "Restores and keys",
        format!("take {} people, the requester among them", policy.quorum.people()),
    )])];
    if contacts.is_empty() {
        blocks.push(Block::Facts(vec![Fact::unknown(
            "Contacts",
            "no [[contact]] is configured",
        )]));
    } else {
        let cell = |text: &Option<String>| text.clone().unwrap_or_else(|| "not given".into());
        let row = |person: &crate::settings::Contact| {
            let listed = person.at(book.now);
            let cells = [&listed.role, &listed.phone, &listed.email, &listed.hours].map(cell);
            std::iter::once(listed.name.clone()).chain(cells).collect()
        };
        blocks.push(Block::Table {
            head: vec!["Name", "Can", "Phone", "Mail", "Hours"],
            rows: contacts.iter().map(row).collect(),
        });
    }
    Section::new("people", "Who is called", blocks)
}

pub(super) fn stock(book: &Book<'_>) -> Section {
    let sources = book.inventory.sources.iter().map(|source| {
        let name = format!("{} ({})", source.name, source.kind);
        let seen = source
            .observed_at
            .map_or_else(|| "never read".into(), |at| format!("read {}", rfc3339(at)));
        fact(name, source.status, &format!("{}; {seen}", source.detail))
    });
    let windows = book.inventory.windows.iter().map(|window| {
        let end = if window.exact {
            ""
        } else {
            " (by the time its last segment arrived)"
        };
        vec![
            place(&window.source, window.repo),
            rfc3339(window.from),
            format!("{}{end}", rfc3339(window.to)),
            window.end_lsn.map_or_else(|| "not told".into(), |lsn| lsn.to_string()),
            window
                .timelines
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" → "),
        ]
    });
    let gaps = book.inventory.gaps.iter().map(|gap| {
        let end = gap.to.map_or_else(|| "today".into(), rfc3339);
        vec![place(&gap.source, gap.repo), rfc3339(gap.from), end, gap.missing()]
    });
    let mut blocks = vec![Block::Facts(sources.collect())];
    blocks.extend(table(
        vec!["Can be restored to", "From", "To", "End of WAL", "Timelines"],
        windows.collect(),
    ));
    blocks.extend(table(vec!["Can’t: a gap in", "From", "To", "Missing"], gaps.collect()));
    blocks.extend(table(
        vec!["Backup", "Source", "Kind", "Ended", "Size", "State"],
        backups(book),
    ));
    Section::new("stock", "What there is to restore from", blocks)
}

fn backups(book: &Book<'_>) -> Vec<Vec<String>> {
    let mut all: Vec<_> = book.inventory.backups.iter().collect();
    all.sort_by_key(|backup| std::cmp::Reverse(backup.stopped_at.or(backup.started_at)));
    let row = |backup: &&domain::backup::Backup| {
        vec![
            backup.label.clone(),
            place(&backup.source, backup.repo.unwrap_or_default()),
            backup.kind.word().into(),
            time(backup.stopped_at),
            backup.size_bytes.map_or_else(|| "not told".into(), bytes),
            match backup.status {
                Status::Ok => "ok".into(),
                other => format!("{}: {}", other.word(), backup.detail),
            },
        ]
    };
    all.iter().take(LISTED).map(row).collect()
}

pub(super) fn keys(book: &Book<'_>) -> Section {
    let keys = &book.keys;
    let mut facts = vec![fact("Proof", keys.status, &keys.detail)];
    facts.push(match &keys.in_use {
        Some(used) => match &used.fingerprint {
            Some(fingerprint) => Fact::known("In use", format!("{fingerprint}, from {}", used.source)),
            None => Fact::unknown("In use", format!("{}: {}", used.source, used.detail)),
        },
        None => Fact::unknown(
            "In use",
            "it isn’t configured where the running Ampora has its key from",
        ),
    });
    for replica in &keys.replicas {
        let held = match (&replica.version, &replica.fingerprint) {
            (Some(version), Some(fingerprint)) => format!("version {version}, {fingerprint}; {}", replica.detail),
            _ => replica.detail.clone(),
        };
        facts.push(fact(format!("Copy {}", replica.name), replica.status, &held));
    }
    if keys.versions.is_empty() {
        facts.push(Fact::unknown("Versions", "no version of the master key was read"));
    }
    let versions = keys.versions.iter().map(|version| {
        let current = if version.current { "current" } else { "" };
        vec![
            version.version.clone(),
            version.manager.clone(),
            version
                .fingerprint
                .as_ref()
                .map_or_else(|| "not read".into(), ToString::to_string),
            time(version.created_at),
            [version.state.as_str(), current].join(" ").trim().to_owned(),
        ]
    });
    let coverage = keys.coverage.iter().take(LISTED).map(|cell| {
        vec![
            cell.backup.clone(),
            cell.version.clone().unwrap_or_else(|| "none".into()),
            cell.today().word().into(),
            cell.detail.clone(),
        ]
    });
    let mut blocks = vec![
        Block::Text(
            "A key is named by its fingerprint: the first 16 bytes, in hex, of HMAC-SHA-256 with the key over muster/fingerprint/1. Equal \
             fingerprints are equal keys. No key stands in this document."
                .into(),
        ),
        Block::Facts(facts),
    ];
    blocks.extend(table(
        vec!["Version", "Lies in", "Fingerprint", "Made", "State"],
        versions.collect(),
    ));
    blocks.extend(table(
        vec!["Backup", "Needs version", "Known", "How"],
        coverage.collect(),
    ));
    Section::new("keys", "Master keys", blocks)
}

pub(super) fn places(book: &Book<'_>) -> Section {
    let mut facts: Vec<_> = book.inventory.artifacts.iter().map(artifact).collect();
    facts.push(database(book));
    match book.vitals() {
        Ok(vitals) => {
            let counted = |what: &str| format!("{what} when it was read at {}", rfc3339(vitals.read_at));
            facts.push(Fact::known(
                "PostgreSQL",
                format!("{}, cluster {}", vitals.server_version, vitals.system_identifier),
            ));
            facts.push(match &vitals.migration_head {
                Some(head) => Fact::known("Migration head", counted(head)),
                None => Fact::unknown("Migration head", "no applied migration was read"),
            });
            if let Ok(authorities) = vitals.signs.authorities.known() {
                facts.extend(authorities.iter().map(|authority| {
                    Fact::known(
                        format!("Authority, {}", authority.state),
                        format!("{}, SHA-256 {}", authority.subject, authority.fingerprint),
                    )
                }));
            }
            facts.push(match vitals.newest_commit() {
                Some(at) => Fact::known("Newest known commit", rfc3339(at)),
                None => Fact::unknown("Newest known commit", "no commit is known by its time"),
            });
        }
        Err(why) => facts.push(Fact::unknown("The live database", why)),
    }
    facts.extend(images(book));
    let (_, namespace, workload) = book.kubectl();
    facts.push(match &book.deployment.kubernetes {
        Some(_) => Fact::known("Kubernetes", format!("namespace {namespace}, Deployment {workload}")),
        None => Fact::unknown(
            "Kubernetes",
            "no cluster is configured; the commands use the names of Ampora’s documentation",
        ),
    });
    let mut region = book.deployment.region.clone().into_iter();
    facts.extend(region.next().map(|region| Fact::known("Region", region)));
    Section::new(
        "places",
        "Everything else that must come back",
        vec![Block::Facts(facts)],
    )
}

fn images(book: &Book<'_>) -> Vec<Fact> {
    let reading = match book.images() {
        None => return vec![Fact::unknown("Image", "no image is configured")],
        Some(Err(why)) => return vec![Fact::unknown("Image", why)],
        Some(Ok(reading)) => reading,
    };
    let of_registry = |image: &adapters::registry::ImageReading| -> Vec<Fact> {
        let version = |version: &adapters::registry::VersionReading| {
            let name = format!("Image, {}", version.what);
            match &version.digest {
                Some(digest) => Fact::known(name, format!("{}@{digest} ({})", image.registry, image.reference)),
                None => Fact::unknown(name, version.detail.clone()),
            }
        };
        image.checked.iter().map(version).collect()
    };
    let mut facts = match reading.running_digest() {
        Some(digest) => vec![Fact::known("Image that runs", digest)],
        None => vec![Fact::unknown(
            "Image that runs",
            "neither the cluster nor the registry told its digest",
        )],
    };
    facts.extend(of_registry(&reading.image));
    facts.extend(reading.second.iter().flat_map(of_registry));
    facts
}

fn database(book: &Book<'_>) -> Fact {
    let Some(live) = &book.deployment.database else {
        return Fact::unknown("Database", "no live database is configured");
    };
    let options = &live.options;
    let socket = options.get_socket().map(|path| path.display().to_string());
    let server = socket.unwrap_or_else(|| options.get_host().to_owned());
    Fact::known(
        "Database",
        format!(
            "{} on {server}, port {}; Muster reads it as {}",
            book.database(),
            options.get_port(),
            options.get_username()
        ),
    )
}

fn artifact(artifact: &Artifact) -> Fact {
    fact(
        format!("{}, {}", artifact.kind.title(), artifact.name),
        artifact.status,
        &artifact.detail,
    )
}

fn fact(name: impl Into<String>, status: Status, detail: &str) -> Fact {
    match status {
        Status::Ok => Fact::known(name, format!("ok: {detail}")),
        Status::Broken => Fact::known(name, format!("broken: {detail}")),
        Status::Unknown => Fact::unknown(name, detail),
    }
}

fn table(head: Vec<&'static str>, rows: Vec<Vec<String>>) -> Option<Block> {
    (!rows.is_empty()).then_some(Block::Table { head, rows })
}

fn place(source: &str, repo: u32) -> String {
    domain::window::place(source, repo)
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "not told".into(), rfc3339)
}
