//! Agents hold certificates of an authority that the database doesn't know: they connect, but not by mTLS.

use super::facts::{Facts, Read, sign};
use super::steps::{few, start, stop};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Evidence, Found, Rival, Severity, Step};
use crate::vitals::{Authority, Chains, Vitals};

pub(super) const RULE: Rule = Rule {
    code: "ca-lost",
    title: "The certificate authority of the agents is lost",
    symptom: "Agents can connect, but not by mTLS",
    looks: &[Looks::Database],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let vitals = facts.vitals()?;
    let chains = sign(&vitals.value.signs.chains)?;
    let authorities = sign(&vitals.value.signs.authorities)?;
    if chains.sampled == chains.unread {
        let none = "no agent has a certificate that could be read";
        return Err(if chains.sampled == 0 {
            Silence::Unset(none.into())
        } else {
            Silence::Unknown(none.into())
        });
    }
    Ok((chains.orphaned > 0).then(|| found(facts, &vitals, chains, authorities)))
}

fn found(facts: &Facts<'_>, vitals: &Read<'_, &Vitals>, chains: &Chains, authorities: &[Authority]) -> Found {
    let Chains {
        sampled,
        orphaned,
        unread,
    } = *chains;
    let all = vitals
        .value
        .signs
        .agents
        .known()
        .map_or_else(|_| "an unknown number".into(), ToString::to_string);
    let about_to_mint = if authorities.is_empty() {
        " The table of signing keys is empty: Ampora makes a new authority at its next start, which would sign nothing that is in the field."
    } else {
        ""
    };
    let few_only = orphaned * 10 < sampled;
    Found {
        severity: if few_only { Severity::Warning } else { Severity::Error },
        title: format!("{orphaned} of {sampled} agents hold certificates of an unknown authority"),
        cause: format!(
            "The authority that signed them isn’t in the database any more: it was lost with an older state, or in its place a new one was \
             made.{about_to_mint}"
        ),
        steps: steps(facts, authorities.is_empty()),
        evidence: evidence(vitals, chains, authorities, &all),
        rivals: vec![
            Rival {
                cause: "the wrong master key (wrong-master-key)".into(),
                ruled_out: "certificates are stored in clear; their signatures were checked without any key".into(),
            },
            Rival {
                cause: "the certificates are damaged".into(),
                ruled_out: format!("{} of {sampled} could be read", sampled - unread),
            },
        ],
        refutes: "A certificate among the signing keys whose public key verifies an agent’s certificate.".into(),
        cure: facts.way_back(RULE.code),
    }
}

fn steps(facts: &Facts<'_>, none_left: bool) -> Vec<Step> {
    let place = &facts.place;
    let mut steps = vec![stop(place)];
    steps.push(Step::told(
        "Look for a backup with the old authority first: a restore brings every agent back at once. Its fingerprint is in the vital signs of \
         the time before.",
    ));
    if none_left {
        steps.push(Step::told(
            "Without one: let Ampora make a new authority at its next start.",
        ));
    }
    steps.push(start(place));
    steps.extend([
        Step::told("Create a bootstrap token for each group of agents (Settings, Identities), 24 h of life at most."),
        Step::run(
            "Re-bootstrap in waves of at most 1 000 agents an instance: token into the agent’s configuration, restart, wait until the wave is back.",
            format!("kubectl -n {} logs deploy/{} --since=5m | grep -c Redeemed", place.namespace, place.workload),
            "journalctl -u ampora --since -5min | grep -c Redeemed",
        ),
        Step::told("Tick off each wave when its agents hold certificates of the new authority: the number of this finding falls with it."),
    ]);
    steps
}

fn evidence(vitals: &Read<'_, &Vitals>, chains: &Chains, authorities: &[Authority], all: &str) -> Vec<Evidence> {
    let known: Vec<_> = authorities
        .iter()
        .map(|authority| {
            format!(
                "{} ({}, since {})",
                &authority.fingerprint[..16.min(authority.fingerprint.len())],
                authority.state,
                authority.not_before.format("%Y-%m-%d")
            )
        })
        .collect();
    let known = match known.len() {
        0 => "none".into(),
        _ => few(known.iter().map(String::as_str)),
    };
    vec![
        vitals.evidence("agents", all),
        vitals.evidence(
            "agents’ certificates, tried on every known authority",
            format!("{} of {} are signed by none", chains.orphaned, chains.sampled),
        ),
        vitals.evidence("known authorities", known),
    ]
}
