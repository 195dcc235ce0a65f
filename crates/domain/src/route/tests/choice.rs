use super::*;

#[test]
fn the_best_way_comes_first() {
    let mut shelf = shelf();
    shelf.backups.push(backup("dump-2", Kind::Dump, 35));
    let order = |shelf: &Shelf| {
        shelf
            .to(40)
            .ways
            .iter()
            .map(|way| way.source.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(order(&shelf), ["pgbr-main", "dumps"], "the closest");

    shelf.windows.push(Window {
        repo: 2,
        exact: false,
        ..window(10, 50, &[1])
    });
    for backup in &mut shelf.backups[..3] {
        backup.repo = Some(2);
    }
    let copies: Vec<_> = shelf.backups[..3]
        .iter()
        .cloned()
        .map(|backup| Backup {
            repo: Some(1),
            ..backup
        })
        .collect();
    shelf.backups.extend(copies);
    let repos: Vec<_> = shelf.to(40).ways.iter().map(|way| way.repo).collect();
    assert_eq!(repos, [1, 2, 0], "the surest");

    let shut = |backup: &str| Coverage {
        backup: backup.into(),
        version: None,
        status: CoverageStatus::Missing,
        proven_at: None,
        detail: String::new(),
        warning: None,
        at: None,
    };
    shelf.coverage = vec![shut("incr-1")];
    assert_eq!(
        order(&shelf),
        ["dumps", "pgbr-main", "pgbr-main"],
        "what no key opens comes last"
    );
}

#[test]
fn a_way_tells_how_long_it_took_and_which_key_it_needs() {
    let mut shelf = shelf();
    let way = shelf.best(35);
    assert_eq!((way.takes, way.key), (None, None));
    let past = |source: &str, seconds| Past {
        source: source.into(),
        seconds,
    };
    shelf.past = vec![past("pgbr-main", 900), past("dumps", 60), past("pgbr-main", 600)];
    let version = |name: &str, status| Coverage {
        backup: "incr-1".into(),
        version: Some(name.into()),
        status,
        proven_at: None,
        detail: String::new(),
        warning: None,
        at: None,
    };
    shelf.coverage = vec![
        version("v2", CoverageStatus::Expected),
        version("v1", CoverageStatus::Proven),
    ];
    let way = shelf.best(35);
    assert_eq!(
        way.takes,
        Some(Took {
            min: 600,
            max: 900,
            of: 2
        })
    );
    assert_eq!(way.key.and_then(|key| key.version).as_deref(), Some("v1"));
}
