//! What the keys were tried on, as text: counts, columns, key ids, and what is wrong with single values.

use domain::drift::{Movement, Shares};
use domain::inventory::{ColumnCount, Envelopes, KeyIdCount};
use domain::status::Status;

use crate::print::table::aligned;

pub fn text(seen: &Envelopes) -> String {
    let mut rows = vec![line(
        None,
        "sampled",
        format!("{}, {} opened, {} unreadable", seen.sampled, seen.opened, seen.unparsed),
    )];
    rows.extend(seen.columns.iter().map(column));
    rows.extend(seen.key_ids.iter().map(key_id));
    rows.extend(seen.movement.map(|movement| rotation(movement, seen.shares.as_ref())));
    rows.extend(damage(seen));
    rows.extend(nonces(seen));
    aligned(&rows)
}

fn line(status: Option<Status>, what: &str, says: String) -> [String; 3] {
    [status.map_or("-", Status::word).into(), what.into(), says]
}

fn column(column: &ColumnCount) -> [String; 3] {
    let ColumnCount {
        column,
        rows,
        sampled,
        unparsed,
    } = column;
    line(
        None,
        column,
        format!("{rows} rows, {sampled} tried, {unparsed} unreadable"),
    )
}

fn key_id(count: &KeyIdCount) -> [String; 3] {
    let name = count
        .key_id
        .as_ref()
        .map_or_else(|| "no key id".into(), |id| format!("key id {id}"));
    line(None, &name, format!("{} envelopes", count.count))
}

fn rotation(movement: Movement, shares: Option<&Shares>) -> [String; 3] {
    let (status, says) = match movement {
        Movement::Moving => (Status::Ok, "moving"),
        Movement::Stuck => (Status::Broken, "stuck"),
    };
    let of = shares.iter().flat_map(|shares| &shares.of);
    let of: Vec<_> = of
        .map(|(key, share)| format!("{key} {}.{} %", share / 10_000, share / 1_000 % 10))
        .collect();
    line(Some(status), "rotation", format!("{says}: {}", of.join(", ")))
}

/// A spoilt value is no drift: the others of its key open.
fn damage(seen: &Envelopes) -> Option<[String; 3]> {
    if seen.damaged == 0 {
        return None;
    }
    let named = seen.damage.iter().map(|damaged| {
        let value = &damaged.value;
        format!("{}.{} {}: {}", value.table, value.column, value.id, damaged.what)
    });
    let named: Vec<_> = named.collect();
    Some(line(None, "damaged", format!("{}: {}", seen.damaged, named.join("; "))))
}

fn nonces(seen: &Envelopes) -> Option<[String; 3]> {
    if seen.nonces_reused == 0 {
        return None;
    }
    let named = seen.nonce_reuse.iter().map(|reuse| {
        let values: Vec<_> = reuse
            .values
            .iter()
            .map(|it| format!("{}.{} {}", it.table, it.column, it.id))
            .collect();
        format!("{}: {}", reuse.key, values.join(", "))
    });
    let says = format!(
        "{} of {} compared: {}",
        seen.nonces_reused,
        seen.nonces_compared,
        named.collect::<Vec<_>>().join("; ")
    );
    Some(line(Some(Status::Broken), "nonces used twice", says))
}
