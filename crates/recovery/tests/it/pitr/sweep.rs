//! The worker dies in every step, and behind it before that is written down: the run goes on, or a person is told what stands where; never
//! are there two restores.

use domain::approval::Decision;
use domain::ids::RunId;
use domain::run::{RunState, StepState};

use super::ground::Ground;
use crate::runs::{no_further, unbegun, unrecorded};

const DECIDE: usize = 5;
const LAST: usize = 13;

/// When the worker dies.
#[derive(Clone, Copy)]
pub enum Dies {
    /// The step has begun, and nothing of it is done.
    Before,
    Within,
    /// The step is done, and the database doesn't take that any more.
    Behind,
}

impl Ground {
    /// Works until step `left_at` has begun, or is done, then dies without a word.
    pub async fn abandon(&self, number: i64, run: RunId, (left_at, decide): (usize, usize), dies: Dies) {
        if left_at > decide {
            self.worked(run).await;
            self.decide(number, Decision::Promote).await;
        }
        match dies {
            Dies::Before => unbegun(&self.site, left_at, self.worked_until(run, |_| false, false)).await,
            Dies::Within => {
                let begun = |run: &store::runs::Run| !matches!(run.steps[left_at].1, StepState::Waiting);
                no_further(&self.site, left_at, self.worked_until(run, begun, false)).await;
            }
            Dies::Behind => unrecorded(&self.site, left_at, self.worked_until(run, |_| false, false)).await,
        }
        // What the step left behind is what the next worker finds.
        let steps = "UPDATE run_steps SET state = CASE WHEN ordinal = $2 THEN $3::jsonb ELSE $4::jsonb END WHERE run = $1 AND ordinal >= $2";
        let mut conn = self.site.own.connect().await;
        sqlx::query(steps)
            .bind(run.0)
            .bind(i32::try_from(left_at).expect("few steps"))
            .bind(r#"{"state":"running","since":"2026-01-01T00:00:00Z"}"#)
            .bind(r#"{"state":"waiting"}"#)
            .execute(&mut conn)
            .await
            .expect("rewinds");
        self.let_the_lease_run_out(run).await;
    }

    pub async fn let_the_lease_run_out(&self, run: RunId) {
        let mut conn = self.site.own.connect().await;
        let lease = "UPDATE runs SET state = '{\"state\":\"running\"}', finished_at = NULL, lease_until = clock_timestamp() - interval '1 s' WHERE id = $1";
        sqlx::query(lease)
            .bind(run.0)
            .execute(&mut conn)
            .await
            .expect("the lease runs out");
    }
}

async fn left_at(step: usize, dies: Dies) {
    let ground = Ground::new().await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.abandon(number, run, (step, DECIDE), dies).await;
    let mut seen = ground.worked(run).await;
    if matches!(seen.state, RunState::Paused { .. }) {
        ground.decide(number, Decision::Promote).await;
        seen = ground.worked(run).await;
    }
    let destructive = seen.steps[step].0.destructive;
    match &seen.state {
        RunState::Succeeded { .. } if !destructive => {
            assert!(!ground.events().await.contains(&lost), "step {step}");
            assert_eq!(ground.leftovers("data.muster-"), Vec::<String>::new(), "step {step}");
        }
        RunState::NeedsHuman { seen, .. } if destructive => {
            assert!(seen.contains("nobody knows how it ended"), "{seen}");
            assert!(seen.contains("the old cluster"), "{seen}");
        }
        other => panic!("left at step {step}: {other:?} {:?}", seen.steps),
    }
    assert!(ground.leftovers("data.before-").len() <= 1, "step {step}");
    assert!(seen.fence >= 2, "it was claimed anew");
}

/// A few at a time: each has servers of its own.
async fn sweep(steps: impl IntoIterator<Item = usize>, dies: Dies) {
    use futures::StreamExt as _;
    let all = futures::stream::iter(steps).map(|step| left_at(step, dies));
    all.buffer_unordered(3).collect::<Vec<()>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_before_the_decision_is_replaced() {
    sweep(0..=DECIDE, Dies::Within).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_behind_the_decision_is_replaced_or_a_person_is_told() {
    sweep(DECIDE + 1..LAST, Dies::Within).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_can_be_done_twice_or_isn_t() {
    // The decision itself is never done in one go: whoever decides wakes another worker.
    sweep((0..DECIDE).chain(DECIDE + 1..=LAST), Dies::Behind).await;
}
