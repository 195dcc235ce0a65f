//! What the drills of a deployment have shown so far: the newest of each verdict, and their figures over time.

use std::collections::BTreeMap;

use domain::drill::{Drill, Measured, Rehearsals, Verdict};
use domain::ids::DrillId;
use serde_json::Value;

use crate::row::parse;
use crate::{Result, Store};

/// Puts a drill at the place of its verdict.
fn take(found: &mut Rehearsals, drill: Drill) {
    let place = match drill.verdict {
        Some(Verdict::Passed) => &mut found.passed,
        Some(Verdict::Failed) => &mut found.failed,
        Some(Verdict::EnvironmentBroken) => &mut found.environment_broken,
        None => return,
    };
    *place = Some(drill);
}

impl Store {
    /// The newest drill of each verdict.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_rehearsals(&self, deployment: &str) -> Result<Rehearsals> {
        let rows = sqlx::query!(
            r#"select newest.record as "record!"
               from unnest(array['passed', 'failed', 'environment_broken']) as verdict,
                    lateral (select record from drills
                             where deployment = $1 and drills.verdict = verdict.verdict and state = 'finished'
                             order by finished_at desc limit 1) as newest"#,
            deployment,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut found = Rehearsals::default();
        for row in rows {
            take(&mut found, parse(row.record, "drills", deployment)?);
        }
        Ok(found)
    }

    /// The same of every deployment that has any, by its name.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drills_rehearsals(&self) -> Result<BTreeMap<String, Rehearsals>> {
        let rows = sqlx::query!(
            r#"with recursive names as (
                 (select deployment from drills order by deployment limit 1)
                 union all
                 select (select deployment from drills where deployment > names.deployment order by deployment limit 1)
                 from names where names.deployment is not null)
               select names.deployment as "deployment!", newest.record as "record!"
               from names, unnest(array['passed', 'failed', 'environment_broken']) as verdict,
                    lateral (select record from drills
                             where drills.deployment = names.deployment and drills.verdict = verdict.verdict and state = 'finished'
                             order by finished_at desc limit 1) as newest"#,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut all: BTreeMap<String, Rehearsals> = BTreeMap::new();
        for row in rows {
            let drill = parse(row.record, "drills", &row.deployment)?;
            take(all.entry(row.deployment).or_default(), drill);
        }
        Ok(all)
    }

    /// What the newest drills with a verdict measured, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drills_measured(&self, deployment: &str, limit: i64) -> Result<Vec<Measured>> {
        let rows = sqlx::query!(
            r#"select id, verdict as "verdict!", finished_at as "at!", record -> 'figures' as "figures!"
               from drills
               where deployment = $1 and state = 'finished' and verdict is not null and finished_at is not null
               order by finished_at desc limit $2"#,
            deployment,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let measured = rows.into_iter().rev().map(|row| {
            Ok(Measured {
                id: DrillId(row.id),
                at: row.at,
                verdict: parse(Value::String(row.verdict), "drills", row.id)?,
                figures: parse(row.figures, "drills", row.id)?,
            })
        });
        measured.collect()
    }
}
