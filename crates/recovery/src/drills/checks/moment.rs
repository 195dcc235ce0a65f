//! Whether a copy that AWS restored to a moment is of that moment. AWS only says that it did; what was committed shortly before, as Muster has
//! read it in production, has to be there, and nothing of after it.

use adapters::sandbox::Lookup;
use domain::drill::{Check, names};
use domain::time::{Timestamp, rfc3339};
use domain::vitals::Vitals;

use super::{AROUND, Look};
use crate::drills::managed::Moment;

/// The newest of each kind that tells when something was committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Newest {
    heartbeat: Option<Timestamp>,
    event: Option<Timestamp>,
}

pub async fn check(look: &mut Look<'_>, moment: Moment) -> Check {
    match look.copy.in_recovery().await {
        Ok(false) => {}
        Ok(true) => return Check::broken(names::RECOVERY, "AWS calls it available, and it still recovers"),
        Err(error) => return Check::not_run(names::RECOVERY, error.to_string()),
    }
    let came_back = match came_back(look).await {
        Ok(came_back) => came_back,
        Err(error) => {
            let check = Check::not_run(names::RECOVERY, error.to_string());
            return match error.remedy() {
                Some(remedy) => check.remedied_by(remedy),
                None => check,
            };
        }
    };
    let newest = came_back.heartbeat.max(came_back.event);
    look.moment = Some(match moment.exact {
        true => moment.at,
        false => newest.map_or(moment.at, |newest| newest.max(moment.at)),
    });
    let (store, name) = (&look.run.services.store, &look.run.deployment.name);
    let around = store.vitals_around_time(name, moment.at, AROUND).await;
    let had = match around {
        Ok(around) => had(&around.before, moment.at),
        Err(error) => return Check::not_run(names::RECOVERY, error.to_string()),
    };
    judge(moment, came_back, had)
}

async fn came_back(look: &Look<'_>) -> Result<Newest, Lookup> {
    let database = &look.copied.database;
    let heartbeat = match &look.schema.heartbeat {
        Some(beat) => look.copy.newest(database, beat).await?,
        None => None,
    };
    let span = look.copy.audit(database, &look.schema.audit).await?;
    Ok(Newest {
        heartbeat,
        event: span.newest,
    })
}

/// What production had committed by then.
fn had(before: &[Vitals], at: Timestamp) -> Newest {
    let newest = |of: fn(&Vitals) -> Option<Timestamp>| before.iter().filter_map(of).filter(|time| *time <= at).max();
    Newest {
        heartbeat: newest(|vitals| vitals.heartbeat),
        event: newest(|vitals| vitals.newest_audit_event),
    }
}

fn judge(moment: Moment, came_back: Newest, had: Newest) -> Check {
    let kinds = [
        ("heartbeat", came_back.heartbeat, had.heartbeat),
        ("event of the audit log", came_back.event, had.event),
    ];
    let shown = |time: Option<Timestamp>| time.map_or_else(|| "none".into(), rfc3339);
    let with_facts = |check: Check| {
        let check = check.because("restored to", rfc3339(moment.at));
        kinds.iter().fold(check, |check, (kind, came_back, had)| {
            check
                .because(&format!("newest {kind} that came back"), shown(*came_back))
                .because(&format!("newest {kind} that production had by then"), shown(*had))
        })
    };
    for (kind, came_back, had) in kinds {
        if let Some(had) = had.filter(|had| came_back.is_none_or(|came_back| came_back < *had)) {
            let words = format!(
                "recovery-stopped-early: the newest {kind} that came back is {}, and production had one of {} by the moment that was asked for",
                shown(came_back),
                rfc3339(had)
            );
            return with_facts(Check::broken(names::RECOVERY, words));
        }
        if let Some(later) = came_back.filter(|time| moment.exact && *time > moment.at) {
            let words = format!(
                "recovery-went-too-far: a {kind} of {} came back, and {} was asked for",
                rfc3339(later),
                rfc3339(moment.at)
            );
            return with_facts(Check::broken(names::RECOVERY, words));
        }
    }
    if had == Newest::default() {
        let why = "production was never read before the moment that was asked for, so nobody can tell whether the copy is of it";
        return with_facts(Check::not_run(names::RECOVERY, why)).remedied_by("let `muster serve` observe production");
    }
    with_facts(Check::ok(
        names::RECOVERY,
        format!("what production had committed by {} came back", rfc3339(moment.at)),
    ))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::drill::CheckStatus;

    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        DateTime::from_timestamp(1_790_000_000 + second, 0)
    }

    fn judged(exact: bool, came_back: [Option<Timestamp>; 2], had: [Option<Timestamp>; 2]) -> (CheckStatus, String) {
        let moment = Moment {
            at: at(100).expect("in range"),
            exact,
        };
        let newest = |[heartbeat, event]: [Option<Timestamp>; 2]| Newest { heartbeat, event };
        let check = judge(moment, newest(came_back), newest(had));
        (check.status, check.detail)
    }

    #[test]
    fn a_moment_is_believed_only_with_what_was_committed_before_it_and_nothing_of_after_it() {
        let both = [at(90), at(80)];
        assert_eq!(judged(true, both, both).0, CheckStatus::Ok);
        assert_eq!(judged(true, both, [at(85), None]).0, CheckStatus::Ok);
        for early in [[at(89), at(80)], [at(90), at(79)], [None, at(80)]] {
            let (status, words) = judged(true, early, both);
            assert_eq!(status, CheckStatus::Broken);
            assert!(words.starts_with("recovery-stopped-early"), "{words}");
        }
        let (status, words) = judged(true, [at(101), at(80)], both);
        assert_eq!(status, CheckStatus::Broken);
        assert!(words.starts_with("recovery-went-too-far"), "{words}");
        // The latest may be later than AWS said before.
        assert_eq!(judged(false, [at(101), at(102)], both).0, CheckStatus::Ok);
        assert_eq!(judged(true, both, [None, None]).0, CheckStatus::NotRun);
    }
}
