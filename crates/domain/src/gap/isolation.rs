//! Whether tenants are kept apart in a restored database. Flags and policies that look right prove little: a role that got BYPASSRLS, or a
//! table that lost FORCE, shows rows of every tenant. So what Ampora's own role sees is looked at.

use super::{Comparison, GapReport, Outcome};
use crate::vitals::{RowSecurity, Vitals};

/// What Ampora's role sees with one tenant set, table by table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Isolation {
    /// Ampora's role: the owner of the database.
    pub role: String,
    /// Why policies don't hold this role on any table: `SUPERUSER` or `BYPASSRLS`.
    pub exempt: Option<String>,
    /// Tables with a tenant's id in a column.
    pub tables: Vec<(String, Sight)>,
}

/// What was seen in one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sight {
    /// Of each tenant that was set its own rows, and nobody else's.
    Own,
    /// Rows of other tenants too, though row security is on.
    Others,
    /// The same, because the table belongs to the role and isn't forced.
    OthersAsOwner,
    /// Row security is off.
    Unguarded,
    /// Nothing was proven; why.
    Unproven(String),
}

impl Isolation {
    fn of(&self, wanted: &Sight) -> Vec<&str> {
        let seen = self.tables.iter().filter(|(_, sight)| sight == wanted);
        seen.map(|(table, _)| table.as_str()).collect()
    }

    /// The first reason of all why something wasn't proven.
    fn unproven(&self) -> Option<(&str, &str)> {
        self.tables.iter().find_map(|(table, sight)| match sight {
            Sight::Unproven(why) => Some((table.as_str(), why.as_str())),
            _ => None,
        })
    }
}

impl GapReport {
    /// With what Ampora's role sees in the restored database, or why that wasn't looked at. Belongs behind [`Self::compared`].
    #[must_use]
    pub fn isolated(mut self, found: Option<&Vitals>, seen: Result<&Isolation, &str>) -> Self {
        let (found, outcome, detail) = match seen {
            Ok(seen) => judged(self.before.as_ref().and_then(guarded), found.and_then(guarded), seen),
            Err(why) => ("not looked at".into(), Outcome::Unknown, why.into()),
        };
        self.comparisons.push(Comparison {
            what: "rows of other tenants".into(),
            known: "none may be seen by Ampora’s role".into(),
            found,
            outcome,
            detail,
        });
        self
    }
}

fn guarded(vitals: &Vitals) -> Option<&RowSecurity> {
    vitals.signs.row_security.known().ok()
}

fn judged(was: Option<&RowSecurity>, is: Option<&RowSecurity>, seen: &Isolation) -> (String, Outcome, String) {
    let role = &seen.role;
    let fewer = |count: fn(&RowSecurity) -> u64| Some(count(is?) < count(was?));
    let (lost_guard, lost_force) = (fewer(|one| one.tables.0), fewer(|one| one.forced.0));
    let (others, as_owner, unguarded) = (
        seen.of(&Sight::Others),
        seen.of(&Sight::OthersAsOwner),
        seen.of(&Sight::Unguarded),
    );
    let mut broken = Vec::new();
    if !others.is_empty() {
        let why = match &seen.exempt {
            Some(attribute) => format!("no policy holds {role}, it has {attribute}: take that from it"),
            None => "their policies let them through: compare pg_policies with production’s".into(),
        };
        broken.push(format!("{}: {why}", others.join(", ")));
    }
    if !as_owner.is_empty() && lost_force == Some(true) {
        let why = format!("they belong to {role} and aren’t forced any more: ALTER TABLE … FORCE ROW LEVEL SECURITY");
        broken.push(format!("{}: {why}", as_owner.join(", ")));
    }
    if !unguarded.is_empty() && lost_guard == Some(true) {
        let why = "some of them lost row security: ALTER TABLE … ENABLE ROW LEVEL SECURITY";
        broken.push(format!("{}: {why}", unguarded.join(", ")));
    }
    if !broken.is_empty() {
        let found = format!("{role} sees them with another tenant set");
        let detail = format!("{}. Don’t start Ampora before that is mended", broken.join("; "));
        return (found, Outcome::Broken, detail);
    }
    unharmed(seen, lost_force.is_some(), &as_owner)
}

/// Nothing was lost: what is proven, and what isn't.
fn unharmed(seen: &Isolation, compared: bool, as_owner: &[&str]) -> (String, Outcome, String) {
    let role = &seen.role;
    let own = seen.of(&Sight::Own).len();
    if !as_owner.is_empty() {
        let found = format!("{role} owns {} tables that aren’t forced", as_owner.len());
        let detail =
            "so no policy holds it there, and Ampora alone keeps tenants apart: FORCE ROW LEVEL SECURITY would";
        return match compared {
            true => (found, Outcome::Same, format!("as in production, {detail}")),
            false => (
                found,
                Outcome::Unknown,
                format!("{detail}; how it was in production isn’t known"),
            ),
        };
    }
    match seen.unproven() {
        Some((table, why)) => (
            format!("none in {own} tables"),
            Outcome::Unknown,
            format!("not every table could be looked at; {table}: {why}"),
        ),
        None if own == 0 => (
            "not looked at".into(),
            Outcome::Unknown,
            "not run: no table with a tenant’s id has row security, so hard isolation is off".into(),
        ),
        None => (
            format!("none in {own} tables"),
            Outcome::Same,
            format!("{role} was asked in each table with two tenants set, one after the other"),
        ),
    }
}

#[cfg(test)]
mod tests;
