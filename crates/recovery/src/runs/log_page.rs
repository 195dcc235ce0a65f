//! A run's log, page by page or as a whole. Whoever watches wants its end; whoever asks why a tool failed may want any other part.

use domain::audit::Outcome;
use domain::ids::RunId;
use domain::role::{Action, Actor};
use domain::time::rfc3339;
use futures::{Stream, TryStreamExt as _, stream};
use store::StoreError;
use store::runs::StoredLine;

use crate::audit::Act;
use crate::{Error, Services};

/// Some lines of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogPage {
    pub lines: Vec<StoredLine>,
    /// Which page it is, from 1; `None` for the newest lines, however pages fall.
    pub page: Option<usize>,
    pub pages: usize,
    /// How many lines there are in all.
    pub of: usize,
}

/// One page of so many lines of a run's log; without `page` its last lines, which is where it goes on.
///
/// # Errors
/// Tool logs may quote rows, so viewers don't read them (operators, approvers and auditors do).
pub async fn log_page(
    services: &Services,
    actor: &Actor,
    run: RunId,
    page: Option<usize>,
    size: u16,
) -> Result<LogPage, Error> {
    actor.may(Action::ReadAudit, services.settings.approvals.roles)?;
    let of = services.store.run_log_size(run).await?;
    let size = i64::from(size.max(1));
    let of = usize::try_from(of).unwrap_or_default();
    let pages = of.div_ceil(usize::try_from(size).unwrap_or(1)).max(1);
    let page = page.map(|page| page.clamp(1, pages));
    let lines = match page {
        None => services.store.run_log_last(run, size).await?,
        Some(page) => {
            let offset = i64::try_from(page - 1).unwrap_or_default() * size;
            services.store.run_log_page(run, offset, size).await?
        }
    };
    Ok(LogPage { lines, page, pages, of })
}

/// Lines that are read at a time.
const PORTION: i64 = 1000;

/// The whole log of a request's run, line by line as `TIME STEP STREAM WORDS`; who takes it away stands in the audit log.
///
/// # Errors
/// As [`log_page`], or if there is no such run.
pub async fn whole_log(
    services: &Services,
    actor: &Actor,
    number: i64,
) -> Result<impl Stream<Item = Result<String, StoreError>> + use<>, Error> {
    let now = services.clock.now();
    let act = Act::new(actor, "run.log.export", format!("request {number}"));
    if let Err(forbidden) = actor.may(Action::ReadAudit, services.settings.approvals.roles) {
        act.refused(&services.store, &forbidden, now).await?;
        return Err(forbidden.into());
    }
    let missing = || Error::NotFound(format!("run of request {number}"));
    let stored = services.store.request(number).await?.ok_or_else(missing)?;
    let run = services.store.run_of_request(stored.request.id).await?;
    let run = run.ok_or_else(missing)?;
    let mut tx = services.store.begin().await?;
    let act = act.request(&stored.request).detail("run", run.id);
    act.fact(&mut tx, Outcome::Ok, now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    let (store, id) = (services.store.clone(), run.id);
    let names: Vec<_> = run.steps.into_iter().map(|(step, _)| step.name).collect();
    let portions = stream::try_unfold(0, move |after| {
        let store = store.clone();
        async move {
            let lines = store.run_log(id, after, PORTION).await?;
            Ok::<_, StoreError>(lines.last().map(|last| last.seq).map(|last| (lines, last)))
        }
    });
    Ok(portions
        .map_ok(move |lines| {
            let written: Vec<_> = lines.iter().map(|line| Ok(written(line, &names))).collect();
            stream::iter(written)
        })
        .try_flatten())
}

fn written(stored: &StoredLine, steps: &[String]) -> String {
    let line = &stored.line;
    let step = usize::try_from(line.step).ok().and_then(|step| steps.get(step));
    let (at, step) = (rfc3339(line.at), step.map_or("-", String::as_str));
    format!("{at} {step} {} {}\n", line.stream.word(), line.text)
}
