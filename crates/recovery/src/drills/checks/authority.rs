//! Ampora's certificate authority: without its key no agent gets a certificate again, and without its certificate none is believed.

use adapters::sandbox::Certificates;
use domain::drill::{Check, names};
use domain::envelope::{Layout, Place};
use domain::key::MasterKey;

use super::{Look, qualified};
use adapters::dumps::Wrapped;
use zeroize::Zeroizing;

/// Agents that are named where many are strangers.
const NAMED: usize = 3;

pub async fn check(look: &mut Look<'_>) -> Check {
    for table in [&look.schema.authorities.table, &look.schema.agents.table] {
        if let Some(damaged) = look.damaged(names::AUTHORITY, table) {
            return damaged;
        }
    }
    let (keys, agents) = (&look.schema.authorities, &look.schema.agents);
    let found = match look.copy.certificates(&look.copied.database, keys, agents).await {
        Ok(found) => found,
        Err(error) => return Check::not_run(names::AUTHORITY, error.to_string()),
    };
    if let Some(lost) = lost(look, &found) {
        return lost;
    }
    let strangers = found.strangers();
    if !strangers.is_empty() {
        let named = strangers[..strangers.len().min(NAMED)].join(", ");
        let words = format!(
            "{} of {} agents have a certificate that no authority of the copy has signed: {named}",
            strangers.len(),
            found.agents.len()
        );
        return Check::broken(names::AUTHORITY, words);
    }
    let Some(key) = &look.opener else {
        return Check::not_run(
            names::AUTHORITY,
            format!(
                "its key can’t be opened before the check {} has found one that does",
                names::KEY
            ),
        );
    };
    for (state, certificate, sealed) in &found.authorities {
        let Some(opened) = open(&look.run.deployment.layout, key, sealed) else {
            return Check::broken(
                names::AUTHORITY,
                format!("the private key of its {state} certificate isn’t opened by the master key"),
            );
        };
        if let Err(reason) = Certificates::belongs(certificate, &opened) {
            return Check::broken(names::AUTHORITY, format!("{state}: {reason}"));
        }
    }
    let words = format!(
        "{} signing keys fit their certificates, and {} agents’ certificates verify",
        found.authorities.len(),
        found.agents.len()
    );
    Check::ok(names::AUTHORITY, words).because("agents", found.agents.len())
}

/// Fewer signing keys than production had, or none at all.
fn lost(look: &Look<'_>, found: &Certificates) -> Option<Check> {
    let table = qualified(&look.schema.authorities.table);
    let had = look
        .around
        .before
        .first()
        .and_then(|vitals| vitals.rows.get(&table))
        .map(|rows| rows.0);
    let has = u64::try_from(found.authorities.len()).unwrap_or(u64::MAX);
    let fact = |check: Check| check.because("signing keys in the copy", has);
    match had {
        Some(had) if had > has => Some(fact(Check::broken(
            names::AUTHORITY,
            format!("{has} of {had} signing keys of the authority came back: a row of {table} is lost"),
        ))),
        _ if has == 0 && !found.agents.is_empty() => Some(fact(Check::broken(
            names::AUTHORITY,
            "no signing key of the authority came back, and there are agents with certificates of it",
        ))),
        _ if has == 0 => Some(Check::not_run(names::AUTHORITY, format!("{table} has no rows"))),
        _ => None,
    }
}

pub fn open(layout: &Layout, key: &MasterKey, sealed: &Wrapped) -> Option<Zeroizing<Vec<u8>>> {
    let place = Place {
        table: &sealed.table,
        column: &sealed.column,
        id: &sealed.id,
        tenant: &sealed.tenant,
    };
    let (mut scratch, mut associated) = (Vec::new(), Vec::new());
    layout.associated_data(&place, &mut associated);
    layout.parse(&sealed.stored, &mut scratch)?.open(key, &associated)
}
