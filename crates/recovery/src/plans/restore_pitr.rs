//! "Same database, point in time": facts about the stanza, the host and the live cluster, resolved by [`domain::pitr`].

mod advisory;
mod afterwards;
mod place;
pub mod steps;
mod stock;

use adapters::pgbackrest::PgBackRest;
use chrono::DateTime;
use domain::ids::Big;
use domain::pitr::{self, Asked, Facts, Resolved};
use domain::plan::{Pinned, Plan, RestorePitr, Server};

use super::Planner;
use crate::Error;
use crate::settings::{RestoreHost, Source};

use afterwards::Hold;
pub use afterwards::on_host;
use place::Looked;
pub use place::check_place;
use stock::Shelf;
pub use stock::check_wal;

/// The word for the end of the archived WAL.
const LATEST: &str = "latest";

impl Planner<'_> {
    pub(super) async fn restore_pitr(
        &self,
        source: &str,
        at: &str,
        exclusive: bool,
        affects: &[String],
        in_place: bool,
    ) -> Result<Plan, Error> {
        let (stanza, host) = self.pitr_configured(source)?;
        let asked = Asked {
            at: moment(at)?,
            exclusive,
            affects: affects
                .iter()
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect(),
            in_place,
        };
        let now = self.clock.now();
        let mut looked = self.look_at(host, in_place).await?;
        if in_place {
            looked.place.size = host.host.sizes(&host.pgdata).await.ok();
        }
        let shelf = self.shelf(stanza, looked.vitals.as_ref()).await?;
        let facts = Facts {
            stock: shelf.stock(&looked, now),
            archives: &shelf.archives,
            place: &looked.place,
            own: self.own_cluster().await?,
        };
        let resolved = pitr::resolve(&asked, &facts);
        let resolved = resolved.map_err(|reasons| Error::Invalid(reasons.iter().map(ToString::to_string).collect()))?;
        let tool = on_host(host, &stanza.name, &stanza.stanza)?;
        let begins = (resolved.way.chain.as_slice(), resolved.way.repo);
        let made = Box::pin(tool.making(resolved.way.repo)).await.ok();
        let hold = Box::pin(afterwards::hold(host, (&tool, made.as_ref()), &shelf, begins, now)).await;
        if let Hold::Goes(refusal) = &hold {
            return Err(Error::invalid(refusal.to_string()));
        }
        let mut pinned = self.pin(stanza, host, &looked, &shelf, &resolved, &asked).await?;
        let by_hand = Box::pin(afterwards::by_hand(host, made.as_ref())).await;
        pinned.steps = steps::steps(&pinned, &host.tool, by_hand.as_deref());
        let mut advisory = self.pitr_advisory(&looked, &shelf, &resolved, now).await;
        advisory.warnings.extend(hold.warning());
        Ok(Plan {
            pinned: Pinned::from(pinned),
            advisory,
            made_at: now,
        })
    }

    fn pitr_configured(&self, source: &str) -> Result<(&PgBackRest, &RestoreHost), Error> {
        let found = self.deployment.sources.iter().find(|known| known.name() == source);
        let stanza = match found {
            Some(Source::PgBackRest(stanza)) => stanza,
            Some(other) => {
                return Err(Error::invalid(format!(
                    "{source} is a source of kind {}; the cluster itself is set back from a pgBackRest stanza only.",
                    other.kind()
                )));
            }
            None => return Err(Error::invalid(format!("There is no source {source:?}."))),
        };
        let host = self.deployment.host.as_ref().ok_or_else(|| {
            Error::invalid("No cluster to set back is configured: set pgdata and command under [deployment.restore].")
        })?;
        if !host.tool.iter().any(|word| word.starts_with("--config=")) {
            return Err(Error::invalid(
                "The command of [deployment.restore] has to name its configuration (--config=…), so that no other one is read by chance.",
            ));
        }
        if host.tool.iter().any(|word| word.contains(['\n', '\r', '\0'])) {
            return Err(Error::invalid(
                "The command of [deployment.restore] has a line break in it.",
            ));
        }
        Ok((stanza, host))
    }

    async fn pin(
        &self,
        stanza: &PgBackRest,
        host: &RestoreHost,
        looked: &Looked,
        shelf: &Shelf,
        resolved: &Resolved,
        asked: &Asked,
    ) -> Result<RestorePitr, Error> {
        let backup = resolved.way.backup().unwrap_or_default().to_owned();
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::Invalid(vec![format!("The backup {backup} can’t be read: {error}.")])
        };
        let manifest = stanza.manifest_sha256(resolved.way.repo, &backup).await;
        let manifest_sha256 = manifest.map_err(|error| unreadable(&error))?;
        let archive = shelf.archives.iter().find(|archive| archive.repo == resolved.way.repo);
        let directory = &looked.directory;
        let size = directory
            .control
            .segment_size
            .or(archive.map(|archive| archive.segment_size));
        Ok(RestorePitr {
            deployment: self.deployment.name.clone(),
            source: stanza.name.clone(),
            stanza: stanza.stanza.clone(),
            repo: resolved.way.repo,
            chain: resolved.way.chain.clone(),
            manifest_sha256,
            stop: resolved.stop,
            timelines: resolved.timelines.clone(),
            replay_from: resolved.replay_from,
            expected_end: resolved.expected_end,
            server: Server {
                host: host.host.name().to_owned(),
                pgdata: host.pgdata.clone(),
                system_identifier: directory.control.system_identifier,
                major: directory.major,
                bin_dir: directory.bin_dir.clone(),
                segment_size: Big(size.unwrap_or_default()),
                superuser: looked.superuser.clone(),
                database: looked.place.database.clone(),
                databases: looked.place.databases.clone(),
            },
            affects_other_databases: asked.affects.iter().cloned().collect(),
            in_place: resolved.kept,
            tool_version: looked.tool_version.clone(),
            stop_command: host.stop.clone().unwrap_or_default(),
            start_command: host.start.clone().unwrap_or_default(),
            steps: Vec::new(),
            backup,
        })
    }
}

/// `None`: the latest state.
fn moment(text: &str) -> Result<Option<domain::time::Timestamp>, Error> {
    if text.trim() == LATEST {
        return Ok(None);
    }
    DateTime::parse_from_rfc3339(text.trim())
        .map(|at| Some(at.to_utc()))
        .map_err(|_| {
            Error::invalid(format!(
                "{text:?} is no time with an offset, such as 2026-04-01T02:00:00Z, and not the word {LATEST}."
            ))
        })
}
