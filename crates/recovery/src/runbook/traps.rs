//! What has made such a restore fail, each with what keeps it from happening.

use domain::runbook::{Block, Section};

const TRAPS: [&str; 12] = [
    "Ampora on an empty or wrong database makes a new authority and gives the first login Admin. Gate: signing keys and tenants above zero, the expected migration head, before the first replica.",
    "A newer image migrates the copy at its first start, and there is no way back. Gate: the digest that fits the backup, AMPORA_AUTO_MIGRATE=0.",
    "Row counts pass with a wrong key. Gate: one wrapped value of ca_signing_keys opens.",
    "More than one key id among the wrapped values, or a previous key that is still set, is a rotation that didn’t end: keep both keys until one opens everything.",
    "A restore rewinds revocations, redeemed tokens, peers, access tokens and, with the cluster, role passwords. Agents stay out until each is undone again.",
    "The retention sweep runs within 60 minutes of Ampora’s start: look at old audit events before, or set ArchiveDays long.",
    "Zero tenants may be row-level security hiding them from the role that asks. Look as a role with BYPASSRLS before calling a restore failed.",
    "A dump without --create drops ALTER DATABASE settings, and holds no roles: those come from pg_dumpall --globals-only.",
    "Trust Server Certificate is obsolete in recent Npgsql, and Require doesn’t validate: connection strings say VerifyFull.",
    "A copy that is only looked at holds live authority keys, peer and Git credentials: without its network cut it polls Git, calls peers and publishes revocation lists.",
    "An outage over 15 minutes lets the revocation list go out of date; how agents take that isn’t documented.",
    "Old master keys have to outlive the oldest backup that needs them: no version is deleted while a backup of its time is kept.",
];

pub(super) fn section() -> Section {
    let traps = TRAPS.map(|trap| Block::Trap(trap.into()));
    Section::new("traps", "Traps", traps.into())
}
