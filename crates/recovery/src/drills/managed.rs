//! What AWS could restore of a managed database: any moment of a span of time, instead of backups with names.

use adapters::rds::{Instance, Rds};
use domain::backup::{Backup, Kind};
use domain::drill::{Candidate, Choice, Chosen, Failure, drawn};
use domain::plan::CopyOnRds;
use domain::status::Status;
use domain::time::{Timestamp, rfc3339};

use crate::plans::drill_on_rds as plans;
use crate::settings::Deployment;

/// A source, as it is now, and the copy that would be made of it.
#[derive(Clone)]
pub struct Managed {
    pub rds: Rds,
    pub source: Instance,
    pub copy: CopyOnRds,
    earliest: Option<Timestamp>,
    latest: Timestamp,
    /// Asked for by name.
    named: Option<(String, Timestamp)>,
}

/// A moment to restore to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The moment itself; for the latest what AWS told before it was asked, which it may go beyond.
    pub at: Timestamp,
    pub exact: bool,
}

impl Managed {
    /// Asks AWS. `None`: it keeps nothing that could be restored.
    ///
    /// # Errors
    /// In words, if it isn't known.
    pub async fn look(deployment: &Deployment, rds: &Rds, choice: &Choice) -> Result<Option<Self>, String> {
        let (_, wanted) = plans::configured(deployment, &rds.name)?;
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", rds.name);
        let found = rds.read().await.map_err(|error| named(&error))?;
        let source = rds.instance(&rds.instance).await.map_err(|error| named(&error))?;
        let source = source
            .ok_or_else(|| named(&"the instance is gone; what AWS retained of it is restored by its own console"))?;
        if let Some(cluster) = &source.cluster {
            return Err(named(&plans::in_cluster(&source.identifier, cluster)));
        }
        let Some(latest) = found.latest_restorable().filter(|_| source.retention_days > 0) else {
            return Ok(None);
        };
        Ok(Some(Self {
            copy: plans::copy(wanted, &source, found.region),
            rds: rds.clone(),
            source,
            earliest: found.automated.iter().filter_map(|backup| backup.earliest).min(),
            latest,
            named: asked(choice),
        }))
    }

    /// As one of the things a drill may choose. A moment is called by its time.
    #[must_use]
    pub fn candidate(&self) -> Candidate {
        let label = self.named.as_ref().map(|(label, _)| label.clone());
        Candidate {
            backup: Backup {
                source: self.rds.name.clone(),
                tool: "rds".into(),
                repo: None,
                label: label.unwrap_or_else(|| rfc3339(self.latest)),
                kind: Kind::Snapshot,
                parent: None,
                started_at: None,
                stopped_at: Some(self.latest),
                start_lsn: None,
                stop_lsn: None,
                size_bytes: None,
                stored_bytes: None,
                status: Status::Ok,
                detail: String::new(),
            },
            has_wal: true,
            reaches: Some(self.latest),
        }
    }

    /// The moment that was chosen, written down as what is restored.
    ///
    /// # Errors
    /// If AWS can't restore to it.
    pub fn moment(&self, choice: &Choice, chosen: &mut Chosen, draw: u64) -> Result<Moment, Failure> {
        let moment = match (choice, &self.named, self.earliest) {
            (Choice::Label { .. }, Some((_, at)), _) => Moment { at: *at, exact: true },
            (Choice::Random, _, Some(earliest)) => Moment {
                at: drawn(earliest, self.latest, draw),
                exact: true,
            },
            _ => Moment {
                at: self.latest,
                exact: false,
            },
        };
        let outside = |edge: Timestamp, side: &str| {
            let (at, edge) = (rfc3339(moment.at), rfc3339(edge));
            Failure::of_backup(
                "outside-window",
                format!("AWS can’t restore to {at}: the {side} restorable time is {edge}"),
            )
        };
        if moment.at > self.latest {
            return Err(outside(self.latest, "latest"));
        }
        if let Some(earliest) = self.earliest.filter(|earliest| moment.at < *earliest) {
            return Err(outside(earliest, "earliest"));
        }
        chosen.to_the_end = !moment.exact;
        chosen.stopped_at = Some(moment.at);
        if self.named.is_none() {
            chosen.label = rfc3339(moment.at);
        }
        Ok(moment)
    }
}

/// A time that was typed instead of a label.
#[must_use]
pub fn asked(choice: &Choice) -> Option<(String, Timestamp)> {
    let Choice::Label { label, .. } = choice else {
        return None;
    };
    let at = chrono::DateTime::parse_from_rfc3339(label.trim()).ok()?;
    Some((label.clone(), at.to_utc()))
}
