//! Sixty agents and the authorities that signed their certificates. Made before the database runs, since it takes the processor only.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::ca::{Authority, Leaf, random_id};

/// Kinds of agents by tenant: name, how many, and whether they run Windows.
const KINDS: [(&str, &str, u32, bool); 8] = [
    ("nordwind-energy", "turbine-edge", 14, false),
    ("nordwind-energy", "substation-gw", 8, true),
    ("nordwind-energy", "k8s-node", 8, false),
    ("kestrel-logistics", "depot-host", 9, true),
    ("kestrel-logistics", "vehicle-gw", 8, false),
    ("kestrel-logistics", "k8s-node", 3, false),
    ("fjord-health", "clinic-host", 6, true),
    ("fjord-health", "imaging-gw", 4, false),
];
/// One agent in so many still has a certificate of the authority before.
const OF_FORMER_AUTHORITY: usize = 4;
/// Agents that were compromised once: their former certificate is revoked.
const REVOKED: [usize; 2] = [3, 37];
/// Agents that haven't been heard of for a while.
const SILENT: [usize; 3] = [9, 28, 55];

/// Signing keys of each state, and all agents.
pub(crate) struct Fleet {
    pub authorities: Vec<SigningKey>,
    pub agents: Vec<Agent>,
}

/// One row of `ca_signing_keys`.
pub(crate) struct SigningKey {
    pub authority: Authority,
    pub state: &'static str,
    pub activated: Option<DateTime<Utc>>,
    pub trusted_until: Option<DateTime<Utc>>,
}

/// One agent with every certificate it ever had, the current one last.
pub(crate) struct Agent {
    pub instance: Uuid,
    pub tenant: &'static str,
    pub name: String,
    pub windows: bool,
    pub last_seen: DateTime<Utc>,
    pub certificates: Vec<Certificate>,
}

/// One row of `agent_certificates`.
pub(crate) struct Certificate {
    pub leaf: Leaf,
    pub signing_key: Uuid,
    pub revoked: Option<DateTime<Utc>>,
}

impl Fleet {
    pub fn generate(now: DateTime<Utc>) -> anyhow::Result<Self> {
        let days = |count| now - TimeDelta::days(count);
        let trusted_until = days(18) + TimeDelta::days(30);
        let authorities = vec![
            signing_key("Retired", days(431), Some(days(430)), Some(days(208)))?,
            signing_key("Trusted", days(239), Some(days(238)), Some(trusted_until))?,
            signing_key("Active", days(19), Some(days(18)), None)?,
            signing_key("Draft", days(2), None, None)?,
        ];
        let (former, current) = (&authorities[1].authority, &authorities[2].authority);
        let names = KINDS
            .iter()
            .flat_map(|(tenant, kind, count, windows)| (1..=*count).map(move |n| (*tenant, *kind, n, *windows)));
        let agents = names.enumerate().map(|(index, (tenant, kind, number, windows))| {
            let name = format!("{kind}-{number:02}");
            let instance = random_id();
            let certificates = certificates(index, &name, instance, former, current, now)?;
            Ok(Agent {
                instance,
                tenant,
                name,
                windows,
                last_seen: last_seen(index, now),
                certificates,
            })
        });
        let agents = agents.collect::<anyhow::Result<_>>()?;
        Ok(Self { authorities, agents })
    }
}

fn signing_key(
    state: &'static str,
    created: DateTime<Utc>,
    activated: Option<DateTime<Utc>>,
    trusted_until: Option<DateTime<Utc>>,
) -> anyhow::Result<SigningKey> {
    Ok(SigningKey {
        authority: Authority::generate(created)?,
        state,
        activated,
        trusted_until,
    })
}

fn certificates(
    index: usize,
    name: &str,
    instance: Uuid,
    former: &Authority,
    current: &Authority,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Certificate>> {
    // Spread over the time in which each authority signed.
    let spread = TimeDelta::minutes(407 * i64::try_from(index)?);
    let by = |authority: &Authority, issued, revoked| {
        let leaf = authority.issue(name, instance, issued)?;
        anyhow::Ok(Certificate {
            leaf,
            signing_key: authority.id,
            revoked,
        })
    };
    let mut certificates = Vec::new();
    if REVOKED.contains(&index) {
        certificates.push(by(
            former,
            now - TimeDelta::days(160) + spread,
            Some(now - TimeDelta::days(11) + spread / 2),
        )?);
    }
    certificates.push(if index % OF_FORMER_AUTHORITY == 1 {
        by(former, now - TimeDelta::days(200) + spread, None)?
    } else {
        by(current, now - TimeDelta::days(17) + spread, None)?
    });
    Ok(certificates)
}

fn last_seen(index: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let silence = if SILENT.contains(&index) {
        18_000 * index
    } else {
        index % 40
    };
    now - TimeDelta::seconds(i64::try_from(silence).unwrap_or(i64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_certificate_is_from_the_future_or_from_before_its_authority() {
        let now = Utc::now();
        let fleet = Fleet::generate(now).unwrap();
        assert_eq!(fleet.agents.len(), 60);
        for certificate in fleet.agents.iter().flat_map(|agent| &agent.certificates) {
            let signer = fleet
                .authorities
                .iter()
                .find(|key| key.authority.id == certificate.signing_key)
                .unwrap();
            assert!(signer.authority.created < certificate.leaf.issued && certificate.leaf.issued < now);
            assert!(certificate.revoked.is_none_or(|revoked| revoked < now));
        }
        assert_eq!(
            fleet
                .agents
                .iter()
                .flat_map(|agent| &agent.certificates)
                .filter(|c| c.revoked.is_some())
                .count(),
            2
        );
    }
}
