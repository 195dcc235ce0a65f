//! One version of the master key for one person, for two who need each other, or for a place where nothing was before. The plan names the
//! version and the fingerprint; the bytes are read when the approved run happens.

mod place;

use domain::key::Fingerprint;
use domain::plan::{Advisory, Delivery, Moved, Pinned, Plan, RetrieveKey, Step};
use domain::time::Timestamp;

use super::{Planner, Wanted, Wish};
use crate::settings::{Proof, Reveal};
use crate::{Error, keys};

pub(super) use place::READ_ONLY;
pub(crate) use place::in_use_elsewhere;

pub const SHOW: &str = "show";
pub const VERIFY: &str = "verify";
pub const DELIVER: &str = "deliver";
pub const READ_BACK: &str = "read-back";

const UNREAD: &str = "Values aren’t read at this site (proof = \"metadata\"), so the version is agreed on by its name alone. Its value is read once, \
     when the approved run hands it over; the audit log then has its fingerprint.";

impl Planner<'_> {
    pub(super) async fn retrieve_key(&self, version: &str, wanted: &Wanted) -> Result<Plan, Error> {
        let delivery = self.delivery(wanted).await;
        self.retrieve_by(version, delivery).await
    }

    /// Into the place that this deployment's Ampora will have its key from, when it is brought up anew.
    pub(super) async fn bring_key(&self, version: &str, destination: &str, name: &str) -> Result<Plan, Error> {
        let place = self.place(destination, name, Some(&self.deployment.name)).await;
        self.retrieve_by(version, place.map(Delivery::Placed)).await
    }

    async fn retrieve_by(&self, version: &str, delivery: Result<Delivery, Vec<String>>) -> Result<Plan, Error> {
        let settings = self.deployment.master_key.as_ref();
        let settings = settings.ok_or_else(|| Error::invalid("No secret manager is configured for the master key."))?;
        let manager = settings.place.manager.name();
        let (delivery, mut reasons) = match delivery {
            Ok(delivery) => (Some(delivery), Vec::new()),
            Err(reasons) => (None, reasons),
        };
        let now = self.clock.now();
        let key = match self.fingerprint(settings.proof, version, now).await {
            Ok(fingerprint) => Some(fingerprint),
            Err(Error::Invalid(more)) => {
                reasons.extend(more);
                None
            }
            Err(error) => return Err(error),
        };
        if key == Some(Fingerprint::Weak) {
            reasons.push("This version isn’t a random key; a fingerprint to agree on would give it away.".into());
        }
        let (Some(delivery), Some(fingerprint), true) = (delivery, key, reasons.is_empty()) else {
            return Err(Error::Invalid(reasons));
        };
        Ok(Plan {
            advisory: advisory(&delivery, &fingerprint),
            pinned: Pinned::RetrieveKey(RetrieveKey {
                deployment: self.deployment.name.clone(),
                steps: steps(&delivery, version),
                manager,
                version: version.into(),
                fingerprint,
                delivery,
            }),
            made_at: now,
        })
    }

    /// The key that is asked for. Where values aren't read, the version's name is all that can be agreed on: what it holds is read when an
    /// approved run hands it over, and never before.
    async fn fingerprint(&self, proof: Proof, version: &str, now: Timestamp) -> Result<Fingerprint, Error> {
        match proof {
            Proof::Metadata => keys::listed(self.deployment, version)
                .await
                .map(|_| Fingerprint::Unread),
            Proof::Values => {
                let key = keys::version(self.deployment, version, self.memory, self.actor, now).await;
                key.map(|key| key.fingerprint())
            }
        }
    }

    async fn delivery(&self, wanted: &Wanted) -> Result<Delivery, Vec<String>> {
        let recipient = |text: &str| adapters::seal::recipient(text).map_err(|error| error.to_string());
        match wanted {
            Wanted::Shown if self.settings.reveal == Reveal::Shown => Ok(Delivery::ShownOnce),
            Wanted::Shown => Err(vec![
                "Name an age recipient (age1…): this site hands out keys sealed, not shown.".into(),
            ]),
            Wanted::Sealed { recipient: text } => match recipient(text) {
                Ok(recipient) => Ok(Delivery::Sealed { recipient }),
                Err(reason) => Err(vec![reason]),
            },
            Wanted::Split { recipients } => two(recipients.each_ref().map(|text| recipient(text))),
            Wanted::Placed { destination, name } => self.place(destination, name, None).await.map(Delivery::Placed),
        }
    }
}

/// Two recipients who are two.
fn two(recipients: [Result<String, String>; 2]) -> Result<Delivery, Vec<String>> {
    match recipients {
        [Ok(one), Ok(other)] if one == other => Err(vec![
            "Both shares would go to one recipient, who could join them alone: name two different ones.".into(),
        ]),
        [Ok(one), Ok(other)] => Ok(Delivery::Split {
            recipients: [one, other],
        }),
        both => {
            let refused = both.into_iter().enumerate().filter_map(|(index, recipient)| {
                let reason = recipient.err()?;
                Some(format!("Share {}: {reason}", index + 1))
            });
            Err(refused.collect())
        }
    }
}

fn steps(delivery: &Delivery, version: &str) -> Vec<Step> {
    let show = |words: &str| vec![Step::new(SHOW, words).destructive()];
    match delivery {
        Delivery::ShownOnce => show(
            "After a fresh login of the requester: reads the version and writes it into one response, which is gone after 60 s. \
             A response that is lost is used up all the same.",
        ),
        Delivery::Sealed { .. } => show(
            "After a fresh login of the requester: reads the version and writes it, sealed to the recipient, into one response.",
        ),
        Delivery::Split { .. } => show(
            "After a fresh login of the requester: reads the version, draws a random pad for this once, and writes two shares, the pad and \
             the pad over the key, each sealed to its recipient, into one response.",
        ),
        // None of these is destructive in the sense that a worker must not repeat it after a crash. What `deliver` writes it writes only
        // where nothing is, by the manager's own word, so a second time can't overwrite the first; and it looks first at what an
        // interrupted try left there. Anything but the approved key there takes a person, whatever the flag says.
        Delivery::Placed(place) => vec![
            Step::new(
                VERIFY,
                "Reads every fact of this plan again: the version is still the approved key, and nothing is at the new place.",
            ),
            Step::new(
                DELIVER,
                format!(
                    "Reads version {version} and makes {} of it, which must not be there. Nothing is ever written over.",
                    place.manager
                ),
            ),
            Step::new(
                READ_BACK,
                "Reads the new place and compares the fingerprint with the approved one.",
            ),
        ],
    }
}

fn advisory(delivery: &Delivery, fingerprint: &Fingerprint) -> Advisory {
    let warning = match delivery {
        Delivery::ShownOnce | Delivery::Sealed { .. } => {
            "Whoever sees this key can open every secret it wraps. The retrieval itself can’t be undone: only a rotation ends it."
        }
        Delivery::Split { .. } => {
            "Whoever joins both shares can open every secret the key wraps. The retrieval itself can’t be undone: only a rotation ends it."
        }
        Delivery::Placed(_) => {
            "Whoever can read the new place can open every secret the key wraps, and Muster doesn’t watch it. Only a rotation ends that."
        }
    };
    let mut warnings = vec![warning.to_owned()];
    if *fingerprint == Fingerprint::Unread {
        warnings.push(UNREAD.into());
    }
    Advisory {
        warnings,
        ..Advisory::default()
    }
}

/// Plans the same retrieval again and names what is no longer as it was approved.
///
/// # Errors
/// [`Error::Stale`] if a pinned fact moved, [`Error::Invalid`] if it can't be planned at all any more.
pub async fn check_retrieval(planner: &Planner<'_>, approved: &RetrieveKey) -> Result<(), Error> {
    let wish = Wish::RetrieveKey {
        deployment: approved.deployment.clone(),
        version: approved.version.clone(),
        delivery: Wanted::of(&approved.delivery),
    };
    let plan = planner.plan(&wish).await?;
    let moved = Pinned::RetrieveKey(approved.clone()).moved(&plan.pinned);
    if moved.is_empty() {
        Ok(())
    } else {
        Err(Error::Stale(moved.iter().map(Moved::sentence).collect()))
    }
}
