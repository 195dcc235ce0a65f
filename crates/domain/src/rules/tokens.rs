//! Tokens that were redeemed can be redeemed again: redeeming deletes the row, and a restore brings it back.

use super::facts::{Facts, sign};
use super::steps::{literal, sql};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};

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
    let place = &facts.place;
    let delete = |table: &str, ids: Vec<String>| {
        let list = ids.join(", ");
        (!ids.is_empty()).then(|| format!("DELETE FROM {table} WHERE \"Id\" IN ({list});"))
    };
    let statements: Vec<_> = [
        delete(&place.tokens, tokens.iter().map(|one| literal(&one.id)).collect()),
        delete(&place.peers, peers.iter().map(|one| literal(&one.id)).collect()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let described = |kind: &'static str| {
        move |one: &crate::traces::Identity| {
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
            sql("Remove them; whoever still needs one gets a new one.", place, &statements.join("\n")),
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
