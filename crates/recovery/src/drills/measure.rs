//! The figures of a drill: what was promised, what would have been expected, what came out.

use domain::drill::Figures;
use domain::vitals::Vitals;

use super::execution::Execution;
use crate::collect;

pub use domain::drill::{rpo, rto};

/// Writes down what was promised and predicted when the drill began.
pub async fn declare(run: &Execution, production: Option<&Vitals>) {
    let promises = &run.deployment.promises;
    let seconds = |span: Option<chrono::TimeDelta>| span.and_then(|span| u32::try_from(span.num_seconds()).ok());
    let (declared, promised) = (seconds(promises.rto), seconds(promises.rpo));
    let now = run.services.clock.now();
    let observed = collect::cached(&run.services.store, &run.deployment).await.ok();
    let window = observed
        .as_ref()
        .and_then(|observed| observed.best_window(now).map(|window| window.to));
    let newest = production.and_then(Vitals::newest_commit);
    let predicted = newest
        .zip(window)
        .and_then(|(newest, to)| u32::try_from((newest - to).num_seconds().max(0)).ok());
    let before = observed.and_then(|observed| {
        observed
            .measured()
            .into_iter()
            .max_by_key(|recovery| recovery.at)
            .map(|one| one.seconds)
    });
    run.with(|drill| {
        drill.figures = Figures {
            rto_declared: declared,
            rpo_declared: promised,
            rpo_predicted: predicted,
            rto_predicted: before,
            ..drill.figures.clone()
        };
    });
}
