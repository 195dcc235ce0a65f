//! One version of the master key for one person. The plan names the version and the fingerprint; the bytes are read when the approved
//! run happens, not before.

use domain::key::Fingerprint;
use domain::plan::{Advisory, Delivery, Pinned, Plan, RetrieveKey, Step};

use super::Planner;
use crate::Error;
use crate::keys;
use crate::settings::Reveal;

pub const SHOW: &str = "show";

impl Planner<'_> {
    pub(super) async fn retrieve_key(&self, version: &str, recipient: Option<&str>) -> Result<Plan, Error> {
        let mut reasons = Vec::new();
        let delivery = self.delivery(recipient).map_err(|reason| reasons.push(reason)).ok();
        let Some(settings) = &self.deployment.master_key else {
            return Err(Error::invalid("No secret manager is configured for the master key."));
        };
        let now = self.clock.now();
        let ring = keys::read_ring(self.deployment, self.memory, self.actor, now)
            .await
            .map_err(|reason| Error::Unavailable(format!("{reason}.")))?;
        let held = ring.held.iter().find(|held| held.version.as_deref() == Some(version));
        match held.map(|held| held.key.fingerprint()) {
            None => reasons.push(format!(
                "There is no readable version {version:?} in {}.",
                settings.place.manager.name()
            )),
            Some(Fingerprint::Weak) => {
                reasons.push("This version isn’t a random key; a fingerprint to agree on would give it away.".into())
            }
            Some(fingerprint @ Fingerprint::Keyed(_)) if reasons.is_empty() => {
                if let Some(delivery) = delivery {
                    return Ok(plan(
                        self,
                        settings.place.manager.name(),
                        version,
                        fingerprint,
                        delivery,
                    ));
                }
            }
            Some(Fingerprint::Keyed(_)) => {}
        }
        Err(Error::Invalid(reasons))
    }

    fn delivery(&self, recipient: Option<&str>) -> Result<Delivery, String> {
        match recipient.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                adapters::seal::check_recipient(text).map_err(|error| error.to_string())?;
                Ok(Delivery::Sealed { recipient: text.into() })
            }
            None if self.reveal == Reveal::Shown => Ok(Delivery::ShownOnce),
            None => Err("Name an age recipient (age1…): this site hands out keys sealed, not shown.".into()),
        }
    }
}

fn plan(planner: &Planner<'_>, manager: String, version: &str, fingerprint: Fingerprint, delivery: Delivery) -> Plan {
    let words = match &delivery {
        Delivery::ShownOnce => {
            "After a fresh login of the requester: reads the version and writes it into one response, which is gone after 60 s. \
             A response that is lost is used up all the same."
        }
        Delivery::Sealed { .. } => {
            "After a fresh login of the requester: reads the version and writes it, sealed to the recipient, into one response."
        }
    };
    let step = Step::new(SHOW, words).destructive();
    let warnings = vec!["Whoever sees this key can open every secret it wraps. The retrieval itself can’t be undone: only a rotation ends it.".into()];
    let pinned = RetrieveKey {
        deployment: planner.deployment.name.clone(),
        manager,
        version: version.into(),
        fingerprint,
        delivery,
        steps: vec![step],
    };
    let advisory = Advisory {
        data_loss: None,
        resurrections: Vec::new(),
        durations: Vec::new(),
        warnings,
    };
    Plan {
        pinned: Pinned::RetrieveKey(pinned),
        advisory,
        made_at: planner.clock.now(),
    }
}
