//! The worker dies in every step: the run goes on, or a person is told what stands where; never are there two restores.

use domain::approval::Decision;
use domain::ids::RunId;
use domain::run::{RunState, StepState};

use super::ground::Ground;

const DECIDE: usize = 5;
const STEPS: usize = 12;

impl Ground {
    /// Works until step `left_at` has begun, then dies without a word.
    async fn abandon(&self, number: i64, run: RunId, left_at: usize) {
        if left_at > DECIDE {
            self.worked(run).await;
            self.decide(number, Decision::Promote).await;
        }
        let begun = |run: &store::runs::Run| !matches!(run.steps[left_at].1, StepState::Waiting);
        self.worked_until(run, begun, false).await;
        // The step may have been done in the meantime: the next worker must find it begun, with whatever it left.
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

async fn left_at(step: usize) {
    let ground = Ground::new().await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.abandon(number, run, step).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_before_the_decision_is_replaced() {
    futures::future::join_all((0..=DECIDE).map(left_at)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_behind_the_decision_is_replaced_or_a_person_is_told() {
    futures::future::join_all((DECIDE + 1..STEPS).map(left_at)).await;
}
