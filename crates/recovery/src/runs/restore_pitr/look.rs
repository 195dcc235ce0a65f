//! Looking through a database that was set back: is it Ampora's, is it whole, does a key open it. Asked alike of the copy and of the
//! restored cluster.

use std::collections::BTreeSet;

use adapters::ampora::AmporaDb;
use adapters::database_host::{HostError, Socket};
use adapters::postgres::{literal, quote, relation};
use domain::gap::Isolation;
use sqlx_options::PgConnectOptions;

use super::Site;
use crate::keys;
use crate::runs::execution::StepError;
use crate::settings::sqlx_options;

/// What was found, for a person who decides.
pub(super) struct Look {
    pub sentences: Vec<String>,
    /// What forbids to go on.
    pub against: Vec<String>,
}

impl Site<'_> {
    /// Looks through the database by its superuser, over a socket of the host.
    pub(super) async fn look_through(&self, at: &Socket) -> Result<Look, StepError> {
        let mut look = Look {
            sentences: Vec::new(),
            against: Vec::new(),
        };
        let databases = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1";
        let databases = self.ask(at, "postgres", databases).await?;
        let databases: BTreeSet<_> = databases.lines().collect();
        let named: BTreeSet<_> = self.plan.affects_other_databases.iter().map(String::as_str).collect();
        let own = self.plan.server.database.as_str();
        if !databases.contains(own) {
            look.against.push(format!(
                "it holds no database {own}: the target is too early, or it is another cluster"
            ));
            return Ok(look);
        }
        // Named as it is found: a cluster that could not be asked may hold what nobody thought of.
        let unnamed: Vec<_> = databases
            .iter()
            .filter(|name| **name != own && !named.contains(*name))
            .copied()
            .collect();
        if self.plan.server.databases.is_none() && !unnamed.is_empty() {
            look.against.push(format!(
                "it holds other databases, which the request doesn’t name: {}",
                unnamed.join(", ")
            ));
        }
        self.look_at_tables(at, &mut look).await?;
        look.sentences.push(self.try_keys(at).await?);
        Ok(look)
    }

    async fn look_at_tables(&self, at: &Socket, look: &mut Look) -> Result<(), StepError> {
        let schema = self
            .deployment
            .database
            .as_ref()
            .map(|database| database.schema.clone())
            .unwrap_or_default();
        for (table, must) in [
            (schema.tenants.as_str(), true),
            (schema.authorities.table.as_str(), true),
        ] {
            match self.count(at, table).await? {
                Some(0) if must => look
                    .against
                    .push(format!("{table} is empty: the target is too early, or rows are hidden")),
                Some(rows) => look.sentences.push(format!("{rows} rows in {table}")),
                None => look
                    .against
                    .push(format!("there is no table {table}: the target is too early")),
            }
        }
        let newest = [
            ("migration head", &schema.migrations.table, &schema.migrations.column),
            ("newest audit event", &schema.audit.table, &schema.audit.at),
        ];
        for (what, table, column) in newest {
            if self.count(at, table).await?.is_some() {
                let statement = format!("SELECT max({}) FROM {}", quote(column), relation(table));
                let value = self.ask(at, &self.plan.server.database, &statement).await?;
                let value = if value.is_empty() { "none".into() } else { value };
                look.sentences.push(format!("{what} {value}"));
            }
        }
        Ok(())
    }

    /// Rows of a table; `None` if it isn't there.
    async fn count(&self, at: &Socket, table: &str) -> Result<Option<i64>, StepError> {
        let database = self.plan.server.database.as_str();
        let there = format!("SELECT to_regclass({}) IS NOT NULL", literal(&relation(table)));
        if self.ask(at, database, &there).await? != "t" {
            return Ok(None);
        }
        let rows = self
            .ask(at, database, &format!("SELECT count(*) FROM {}", relation(table)))
            .await?;
        let odd = || StepError::Failed(format!("counting {table} gave {rows:?}"));
        rows.parse().map(Some).map_err(|_| odd())
    }

    async fn ask(&self, at: &Socket, database: &str, statement: &str) -> Result<String, StepError> {
        let asked = self.host().sql(at, database, statement).await;
        asked.map_err(|error: HostError| StepError::Failed(error.to_string()))
    }

    /// What Ampora's role sees of other tenants: looked at from here, so the socket has to be on this machine.
    pub(super) async fn isolation(&self, at: &Socket) -> Result<Isolation, String> {
        if self.host().is_elsewhere() {
            return Err("not run, since the server’s socket can’t be reached from here".into());
        }
        let superuser = self.superuser(at);
        let seen = adapters::ampora::isolation(&superuser, &superuser).await;
        seen.map_err(|error| format!("not run, {error}"))
    }

    fn superuser(&self, at: &Socket) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&at.folder)
            .port(at.port.parse().unwrap_or(5432))
            .username(&at.superuser)
            .database(&self.plan.server.database)
    }

    /// Which key opens its envelopes: tried here, so the copy has to be on this machine.
    async fn try_keys(&self, at: &Socket) -> Result<String, StepError> {
        let Some(database) = self
            .deployment
            .database
            .as_ref()
            .filter(|_| self.deployment.master_key.is_some())
        else {
            return Ok("keys: not run, no secret manager or schema is configured".into());
        };
        if self.host().is_elsewhere() {
            return Ok("keys: not run, since the copy’s socket can’t be reached from here".into());
        }
        let options = self.superuser(at);
        let now = self.run.services.clock.now();
        let ring = keys::read_ring(self.deployment, &self.run.memory(), &self.run.actor, now).await;
        let ring = match ring {
            Ok(ring) => ring,
            Err(reason) => return Ok(format!("keys: not run, {reason}")),
        };
        let db = AmporaDb::new(options, database.schema.clone());
        let tried = keys::try_live(&self.deployment.layout, &ring, &db).await;
        db.close().await;
        let tried = match tried {
            Ok(tried) => tried,
            Err(error) => return Ok(format!("keys: not run, {error}")),
        };
        let all = tried.parsed() + tried.unparsed;
        let best = (0..ring.held.len()).max_by_key(|key| tried.opened_by(*key));
        Ok(match best {
            Some(key) if tried.opened_by(key) > 0 => {
                format!(
                    "key {} opens {} of {all} envelopes",
                    ring.held[key].name(),
                    tried.opened_by(key)
                )
            }
            _ => format!("no key at hand opens any of {all} envelopes"),
        })
    }
}
