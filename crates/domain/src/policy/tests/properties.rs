use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::world::*;
use crate::backup::Kind;
use crate::policy::*;
use crate::status::Status;
use crate::time::Timestamp;

#[test]
fn the_names_are_those_of_the_documents_and_read_back() {
    let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    let serialised: Vec<_> = Rule::ALL
        .iter()
        .map(|rule| serde_json::to_value(rule).unwrap())
        .collect();
    assert_eq!(names, serialised);
    for rule in Rule::ALL {
        assert_eq!(rule.name().parse(), Ok(rule));
        assert!(rule.asks().ends_with('.'), "{rule}");
    }
    assert_eq!("wal-gap".parse::<Rule>(), Err(NoRule("wal-gap".into())));
}

#[test]
fn a_line_written_before_there_were_verdicts_is_unknown() {
    let old = serde_json::json!({"rule": "rpo", "status": "ok", "declared": null, "actual": null, "detail": ""});
    let line: PolicyLine = serde_json::from_value(old).unwrap();
    assert_eq!((line.verdict, line.since), (Standing::Unknown, None));
}

#[test]
fn a_deployment_that_keeps_everything_is_ok_throughout() {
    let lines = good().judged();
    assert_eq!(
        lines.iter().map(|line| line.rule.as_str()).collect::<Vec<_>>(),
        Rule::ALL.map(Rule::name)
    );
    for line in lines {
        assert_eq!(
            (line.verdict, line.counts()),
            (Standing::Ok, Some(Status::Ok)),
            "{line:?}"
        );
        assert!(line.declared.is_some() && line.actual.is_some(), "{line:?}");
    }
}

/// One fact that can't be learned, and the rules that can't do without it.
type Blind = (fn(&mut World), &'static [Rule]);

const BLIND: [Blind; 14] = [
    (
        |w| {
            w.backups.clear();
            w.windows.clear();
            w.facts.backups_unread = Some("timeout".into());
        },
        &[Rule::FullBackupAge, Rule::FullRetention, Rule::WalGaps, Rule::Rpo],
    ),
    (
        |w| w.backups.iter_mut().for_each(|backup| backup.status = Status::Unknown),
        &[Rule::FullBackupAge, Rule::FullRetention],
    ),
    (|w| w.facts.archiver = unknown(), &[Rule::WalArchiving]),
    (|w| w.facts.lags[0].oldest_unarchived = unknown(), &[Rule::WalArchiving]),
    (|w| w.facts.upgrades = unknown(), &[Rule::PreUpgradeSnapshot]),
    (|w| w.facts.observed_since = None, &[Rule::PreUpgradeSnapshot]),
    (|w| w.facts.audit = unknown(), &[Rule::AuditRetention]),
    (|w| w.facts.repos[0].cipher = None, &[Rule::BackupKeyEscrow]),
    (
        |w| w.facts.places.iter_mut().for_each(|place| place.immutable = unknown()),
        &[Rule::BackupImmutable],
    ),
    (
        |w| w.facts.places.iter_mut().for_each(|place| place.site = None),
        &[Rule::SecondSite],
    ),
    (
        |w| {
            w.facts.key.as_mut().unwrap().status = Status::Unknown;
            w.facts.replicas[0].status = Status::Unknown;
        },
        &[Rule::KeyEscrow, Rule::KeyReplication],
    ),
    (|w| w.facts.tls = Some(unknown()), &[Rule::TlsExpiry]),
    (|w| w.facts.images = Some(unknown()), &[Rule::ImagePullable]),
    (
        |w| {
            w.facts.drill = None;
            w.facts.observed_since = None;
            w.facts.recoveries.clear();
        },
        &[Rule::DrillFreshness, Rule::Rto],
    ),
];

#[test]
fn every_rule_has_a_fact_that_it_can_t_do_without() {
    for rule in Rule::ALL {
        assert!(BLIND.iter().any(|(_, rules)| rules.contains(&rule)), "{rule}");
    }
}

proptest! {
    /// Whatever else is blind, switched off or undeclared: a rule that lacks its facts never says ok, and one that has them isn't touched.
    #[test]
    fn nothing_is_ok_that_isn_t_known(
        blind in subsequence((0..BLIND.len()).collect::<Vec<_>>(), 0..=BLIND.len()),
        off in subsequence(Rule::ALL.to_vec(), 0..=16),
        declared: bool,
    ) {
        let mut world = good();
        for index in &blind {
            BLIND[*index].0(&mut world);
        }
        if !declared {
            world.promises = Promises::default();
        }
        world.promises.off = off.iter().copied().collect();
        for (rule, line) in Rule::ALL.into_iter().zip(world.judged()) {
            let lacks = blind.iter().any(|index| BLIND[*index].1.contains(&rule));
            let expected = if off.contains(&rule) {
                Standing::Off
            } else if !declared && rule.setting().is_some() {
                Standing::Unset
            } else if lacks {
                Standing::Unknown
            } else {
                Standing::Ok
            };
            // A blinded neighbour may take a fact away that this rule could have used, but gives it none.
            prop_assert!(line.verdict == expected || (line.verdict == Standing::Unknown && expected == Standing::Ok), "{:?}", line);
            prop_assert_eq!(line.counts().is_none(), matches!(line.verdict, Standing::Off | Standing::Unset));
            prop_assert_eq!(line.status, line.counts().unwrap_or(Status::Unknown));
        }
    }

    /// Seen from before everything happened, no rule that tells an age is ok.
    #[test]
    fn nothing_from_the_future_is_ok(seconds in 6i64..100_000_000_000) {
        let mut world = good();
        let later = TimeDelta::seconds(seconds);
        let at = NOW + later;
        world.backups = vec![backup("next", Kind::Full, at)];
        world.windows = vec![window(at, at)];
        world.facts.newest_commit = known(at);
        world.facts.lags[0].oldest_unarchived = known(Some(at));
        world.facts.audit = known(AuditSpan { oldest: Some(at), newest: Some(at) });
        world.facts.drill = Some(PassedDrill { at });
        world.facts.recoveries[0].at = at;
        let timed = [
            Rule::FullBackupAge, Rule::FullRetention, Rule::WalArchiving, Rule::PreUpgradeSnapshot, Rule::AuditRetention,
            Rule::DrillFreshness, Rule::Rpo, Rule::Rto,
        ];
        for rule in timed {
            let line = world.line(rule);
            prop_assert_eq!(line.verdict, Standing::Unknown);
            prop_assert!(line.detail.starts_with("a clock is off: "), "{:?}", line);
        }
    }

    /// Any times and any limits: every rule answers, none panics.
    #[test]
    fn every_rule_answers(
        times in prop::collection::vec(-8_000_000_000_000i64..8_000_000_000_000, 12),
        limit in any::<i64>().prop_map(|ms| TimeDelta::milliseconds(ms.max(-i64::MAX))),
        exact: bool,
    ) {
        let at = |index: usize| Timestamp::from_timestamp(times[index], 0).unwrap();
        let mut world = good();
        world.backups = vec![backup("a", Kind::Full, at(0)), backup("b", Kind::Dump, at(1))];
        world.windows = vec![crate::window::Window { exact, ..window(at(2), at(3)) }];
        world.facts.newest_commit = known(at(4));
        world.facts.lags[0].oldest_unarchived = known(Some(at(5)));
        world.facts.oldest_evidence = Some(at(6));
        world.facts.observed_since = Some(at(7));
        world.facts.audit = known(AuditSpan { oldest: Some(at(8)), newest: Some(at(9)) });
        world.facts.managed = vec![ManagedSpan { source: "rds".into(), latest: at(10), retention_days: u32::MAX }];
        world.facts.vanished = vec![Vanished { source: "s".into(), label: "l".into(), kind: Kind::Full, stopped_at: at(11), gone_at: at(0) }];
        let p = &mut world.promises;
        for promise in [&mut p.full_backup_age, &mut p.full_retention, &mut p.wal_lag, &mut p.rpo, &mut p.audit_retention, &mut p.drill_every] {
            *promise = Some(limit);
        }
        prop_assert_eq!(world.judged().len(), 16);
    }
}
