//! Drills that begin by themselves: due times by cron expression and time zone. What was missed while Muster was down is made up for once,
//! and never beside a restore.

use std::str::FromStr as _;

use croner::Cron;
use domain::drill::Trigger;
use domain::role::Actor;
use domain::time::Timestamp;
use store::drills::drill_schedule_move;
use tokio_util::sync::CancellationToken;

use crate::settings::{Deployment, Schedule};
use crate::{Error, Services};

/// How often the clock is looked at.
const LOOK: std::time::Duration = std::time::Duration::from_secs(20);
/// Due times that are counted back at most: a schedule of each minute that was down for a year has many.
const MOST_MISSED: usize = 1000;

/// A due time, in the zone that the schedule is written in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextRun {
    pub at: Timestamp,
    /// `Thu 1 Jan 2027, 03:00 CET`.
    pub local: String,
}

/// The next due times after `now`.
///
/// # Errors
/// If the expression isn't one, in words.
pub fn next_runs(schedule: &Schedule, now: Timestamp, count: usize) -> Result<Vec<NextRun>, String> {
    let cron = cron(schedule)?;
    let local = now.with_timezone(&schedule.zone);
    let runs = cron.iter_after(local).take(count);
    Ok(runs
        .map(|at| NextRun {
            at: at.to_utc(),
            local: at.format("%a %-d %b %Y, %H:%M %Z").to_string(),
        })
        .collect())
}

fn cron(schedule: &Schedule) -> Result<Cron, String> {
    Cron::from_str(&schedule.cron).map_err(|error| format!("{:?} is no cron expression: {error}", schedule.cron))
}

/// The latest time that was due behind `from` and isn't in the future.
fn due(schedule: &Schedule, from: Timestamp, now: Timestamp) -> Result<Option<Timestamp>, String> {
    let cron = cron(schedule)?;
    let missed = cron.iter_after(from.with_timezone(&schedule.zone)).take(MOST_MISSED);
    Ok(missed.map(|at| at.to_utc()).take_while(|at| *at <= now).last())
}

/// Queues drills as they come due, until it is stopped. Several workers may do it at once: of each due time one drill comes.
pub async fn follow(services: Services, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for deployment in &services.settings.deployments {
            if let Err(error) = look(&services, deployment).await {
                tracing::warn!(
                    error = error.chain(),
                    deployment = deployment.name,
                    "the schedule of drills could not be followed"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Queues a drill if one is due.
///
/// # Errors
/// If the store can't be asked, or the expression isn't one.
pub async fn look(services: &Services, deployment: &Deployment) -> Result<bool, Error> {
    let Some(schedule) = &deployment.drills.schedule else {
        return Ok(false);
    };
    let now = services.clock.now();
    let from = services.store.drill_schedule(&deployment.name, now).await?;
    let Some(at) = due(schedule, from, now).map_err(Error::invalid)? else {
        return Ok(false);
    };
    // Looked at again once the restore is over: the time stays due.
    if services.store.restores_underway(&deployment.name).await? {
        return Ok(false);
    }
    let mut tx = services.store.begin().await?;
    if !drill_schedule_move(&mut tx, &deployment.name, from, at).await? {
        return Ok(false);
    }
    let actor = Actor::job("schedule");
    super::queue_in(
        services,
        &actor,
        &deployment.name,
        schedule.choice.clone(),
        Trigger::Schedule,
        &mut tx,
    )
    .await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::drill::Choice;

    use super::*;

    fn schedule(cron: &str, zone: chrono_tz::Tz) -> Schedule {
        Schedule {
            cron: cron.into(),
            zone,
            choice: Choice::Random,
        }
    }

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn a_quarter_has_one_drill_at_the_hour_of_its_own_zone() {
        let runs = next_runs(
            &schedule("0 3 1 1,4,7,10 *", chrono_tz::Europe::Berlin),
            at("2026-11-23T00:00:00Z"),
            5,
        );
        let runs: Vec<_> = runs
            .expect("an expression")
            .into_iter()
            .map(|run| run.at.to_rfc3339())
            .collect();
        // Summer time begins between the first and the second.
        assert_eq!(runs[0], "2027-01-01T02:00:00+00:00");
        assert_eq!(runs[1], "2027-04-01T01:00:00+00:00");
        assert_eq!(runs.len(), 5);
    }

    #[test]
    fn of_several_missed_times_the_last_is_due_and_none_twice() {
        let hourly = schedule("0 * * * *", chrono_tz::UTC);
        let found = due(&hourly, at("2026-11-23T00:30:00Z"), at("2026-11-23T05:10:00Z")).expect("an expression");
        assert_eq!(found, Some(at("2026-11-23T05:00:00Z")));
        assert_eq!(
            due(&hourly, at("2026-11-23T05:00:00Z"), at("2026-11-23T05:59:00Z")),
            Ok(None)
        );
    }

    #[test]
    fn what_is_no_expression_is_said_so() {
        assert!(
            next_runs(
                &schedule("every now and then", chrono_tz::UTC),
                at("2026-11-23T00:00:00Z"),
                1
            )
            .is_err()
        );
    }
}
