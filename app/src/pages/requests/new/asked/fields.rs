//! A wish as the fields of a form that posts it, or of an address that leads to its plan.

use leptos_router::params::ParamsMap;
use recovery::plans::{Wanted, Wish};

use super::{Kind, To};
use crate::components::Address;

/// A wish of this kind as fields of a form, or of an address.
#[must_use]
pub fn fields(kind: Kind, wish: Wish) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("kind", kind.name().to_owned()),
        ("deployment", wish.deployment().to_owned()),
    ];
    match wish {
        Wish::RestoreDump {
            source,
            backup,
            database,
            ..
        } => {
            fields.extend([("source", source), ("backup", backup), ("database", database)]);
        }
        Wish::RestorePitr {
            source,
            at,
            exclusive,
            affects,
            in_place,
            ..
        } => {
            fields.extend([("source", source), ("at", at), ("affects", affects.join(" "))]);
            fields.extend(exclusive.then(|| ("exclusive", "on".to_owned())));
            fields.extend(in_place.then(|| ("in_place", "on".to_owned())));
        }
        Wish::RetrieveKey { version, delivery, .. } => {
            fields.push(("version", version));
            fields.extend(delivered(delivery));
        }
        Wish::KeyCatchUp { .. } => {}
        Wish::FullDisaster(wished) => fields.extend([
            ("source", wished.source),
            ("backup", wished.backup),
            ("database", wished.database),
            ("version", wished.version),
            ("destination", wished.destination),
            ("name", wished.name),
        ]),
        Wish::DrillWithKey { days, .. } => fields.push(("days", days.to_string())),
        Wish::DrillOnRds { source, days, .. } => fields.extend([("source", source), ("days", days.to_string())]),
        Wish::RestoreRds {
            source, at, instance, ..
        } => fields.extend([("source", source), ("at", at), ("instance", instance)]),
        Wish::Repoint {
            database, old_is_gone, ..
        } => {
            fields.push(("database", database));
            fields.extend(old_is_gone.then(|| ("old_is_gone", "on".to_owned())));
        }
    }
    fields
}

/// The page with the plan that is made of a wish.
#[must_use]
pub fn planned(kind: Kind, wish: Wish) -> Address {
    let page = Address::new("/requests/new", ParamsMap::new());
    let fields = fields(kind, wish).into_iter();
    fields
        .fold(page, |page, (name, value)| page.with(name, value))
        .with("step", "plan")
}

/// What says how a key is to leave.
fn delivered(wanted: Wanted) -> Vec<(&'static str, String)> {
    match wanted {
        Wanted::Shown => Vec::new(),
        Wanted::Sealed { recipient } => vec![("recipient", recipient)],
        Wanted::Split {
            recipients: [one, other],
        } => vec![
            ("to", To::Split.name().into()),
            ("recipient", one),
            ("recipient_2", other),
        ],
        Wanted::Placed { destination, name } => vec![
            ("to", To::Placed.name().into()),
            ("destination", destination),
            ("name", name),
        ],
    }
}
