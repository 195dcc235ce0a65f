//! Tokens that were redeemed can be redeemed again: redeeming deletes the row, and a restore brings it back.

use super::facts::{Facts, sign};
use super::place::Names;
use super::restored::are_open;
use super::steps::{literal, sql};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};
use crate::plan::Revived;
use crate::traces::Identity;

pub(super) const RULE: Rule = Rule {
    code: "tokens-alive-again",
    title: "Redeemed tokens are alive again",
    symptom: "A bootstrap token works a second time",
    looks: &[Looks::Database, Looks::Traces],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let traces = facts.traces()?;
    let tokens = sign(&traces.value.revived_tokens)?;
    let peers = traces.value.revived_peers.known().map_or(&[][..], Vec::as_slice);
    if tokens.is_empty() && peers.is_empty() {
        return Ok(None);
    }
    if are_open(facts, tokens, Revived::RedeemedToken) && are_open(facts, peers, Revived::RemovedPeer) {
        return Err(Silence::Explained("restore-not-settled"));
    }
    let described = |kind: &'static str| {
        move |one: &Identity| {
            let until = one.until.map_or_else(String::new, |at| {
                format!(", good until {}", at.format("%Y-%m-%d %H:%M UTC"))
            });
            traces.evidence(format!("{kind} {}", one.id), format!("was gone and is back{until}"))
        }
    };
    let evidence = tokens
        .iter()
        .map(described("token"))
        .chain(peers.iter().map(described("peer")));
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("{} redeemed tokens and {} removed peers are alive again", tokens.len(), peers.len()),
        cause: "A restore to an earlier point brought back rows that were used up or removed since. Whoever holds such a token gets a certificate for it.".into(),
        steps: vec![
            Step::told("Keep Ampora from its agents until they are gone again."),
            sql("Remove them; whoever still needs one gets a new one.", &facts.place, &statements(&facts.place.names, &ids(tokens), &ids(peers))),
        ],
        evidence: evidence.take(20).collect(),
        rivals: vec![Rival {
            cause: "a new token was made".into(),
            ruled_out: "these carry the ids of tokens that were seen before and were gone".into(),
        }],
        refutes: "Rows of these ids missing from the table.".into(),
        cure: None,
    }))
}

fn ids(alive: &[Identity]) -> Vec<&str> {
    alive.iter().map(|one| one.id.as_str()).collect()
}

/// Ends what is alive again, in the way in which Ampora itself ends it.
pub(super) fn statements(names: &Names, tokens: &[&str], peers: &[&str]) -> String {
    let listed = |ids: &[&str]| ids.iter().map(|id| literal(id)).collect::<Vec<_>>().join(", ");
    let delete = |table: &str, id: &str, ids: &[&str]| format!("DELETE FROM {table} WHERE {id} IN ({});", listed(ids));
    let of_tokens = || match &names.redeemed {
        Some(redeemed) => format!(
            "UPDATE {} SET {redeemed} = now() WHERE {} IN ({});",
            names.tokens,
            names.token,
            listed(tokens)
        ),
        None => delete(&names.tokens, &names.token, tokens),
    };
    let of_tokens = (!tokens.is_empty()).then(of_tokens);
    let of_peers = (!peers.is_empty()).then(|| delete(&names.peers, &names.peer, peers));
    of_tokens.into_iter().chain(of_peers).collect::<Vec<_>>().join("\n")
}
