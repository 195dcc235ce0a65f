//! Looking at once, for somebody who waits: what one rule is judged by is read out of turn and kept as the collector keeps it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::role::Actor;
use domain::rules::Looks;
use futures::future::join_all;
use store::StoreError;
use tokio::sync::OwnedMutexGuard;

use super::subject::Subject;
use super::{look, standing};
use crate::settings::Deployment;
use crate::{Error, Services};

/// Somebody waits: what takes longer is left to the collector, and what was known of it stays.
const PATIENCE: Duration = Duration::from_secs(120);

/// Looks out of turn by deployment and what for, so that a button that is pressed often starts one look, and one more behind it.
static LINES: Mutex<BTreeMap<(String, &'static str), Arc<Line>>> = Mutex::new(BTreeMap::new());

#[derive(Debug, Default)]
struct Line {
    looking: Arc<tokio::sync::Mutex<()>>,
    /// Somebody waits whose look hasn't begun.
    waiting: AtomicBool,
}

/// A place in the line for a look out of turn, until its look begins.
#[derive(Debug)]
pub struct Turn(Arc<Line>);

impl Turn {
    /// `None`: somebody waits already, and is shown the same: that look begins later than now.
    #[must_use]
    pub fn take(deployment: &Deployment, what: &'static str) -> Option<Self> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        let line = Arc::clone(lines.entry((deployment.name.clone(), what)).or_default());
        let is_first = !line.waiting.swap(true, Ordering::SeqCst);
        is_first.then_some(Self(line))
    }

    /// Waits for the look before this one. The next may be asked for from then on, and begins when the answer is dropped.
    pub async fn comes(self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0.looking).lock_owned().await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.waiting.store(false, Ordering::SeqCst);
    }
}

/// What is looked at for these, the live database first: it makes the ends of windows exact.
pub(crate) fn subjects<'a>(deployment: &'a Deployment, looks: &[Looks]) -> Vec<Subject<'a>> {
    let mut all = Subject::of(deployment);
    all.retain(|subject| part_of(subject).is_some_and(|part| looks.contains(&part)));
    all
}

const fn part_of(subject: &Subject<'_>) -> Option<Looks> {
    match subject {
        Subject::Vitals => Some(Looks::Database),
        Subject::Traces => Some(Looks::Traces),
        Subject::Keys => Some(Looks::Keys),
        Subject::Source(_) => Some(Looks::Backups),
        Subject::Images(_) => Some(Looks::Images),
        Subject::Crl(_) => Some(Looks::Crl),
        Subject::Tls(_) | Subject::Escrow(_) | Subject::Bucket(_) | Subject::Kms(_) | Subject::Verified(_) => None,
    }
}

/// Looks at these now, keeps what was read, and judges anew.
///
/// # Errors
/// If the store can't be read, or doesn't take it.
pub async fn again(services: &Services, deployment: &Deployment, looks: &[Looks], actor: &Actor) -> Result<(), Error> {
    let (first, others): (Vec<_>, Vec<_>) = subjects(deployment, looks)
        .into_iter()
        .partition(|subject| matches!(subject, Subject::Vitals));
    for subject in &first {
        at_once(services, deployment, subject, actor).await?;
    }
    let read = join_all(
        others
            .iter()
            .map(|subject| at_once(services, deployment, subject, actor)),
    )
    .await;
    read.into_iter().collect::<Result<Vec<_>, _>>()?;
    standing::record(services, deployment).await
}

async fn at_once(
    services: &Services,
    deployment: &Deployment,
    subject: &Subject<'_>,
    actor: &Actor,
) -> Result<(), StoreError> {
    if matches!(subject, Subject::Keys) {
        if deployment.master_key.is_some() {
            look::prove(services, deployment, actor).await?;
        }
        return Ok(());
    }
    let limit = subject.pace().limit.min(PATIENCE);
    if let Ok(reading) = tokio::time::timeout(limit, look::look(services, deployment, subject)).await {
        look::keep(services, deployment, subject, reading?).await?;
    }
    Ok(())
}
