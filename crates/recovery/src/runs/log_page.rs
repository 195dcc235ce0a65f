//! A run's log, page by page. Whoever watches wants its end; whoever asks why a tool failed may want any other part.

use domain::ids::RunId;
use domain::role::{Action, Actor};
use store::runs::StoredLine;

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
