//! Where a deployment and its backups are, as first aid needs it.

use domain::emergency::{Keeper, Site};
use domain::rules::Place;

use crate::settings::{Deployment, Source};

/// What deletes backups here, and what runs here.
pub fn site(deployment: &Deployment) -> Site {
    let usual = Place::default();
    let cluster = deployment.kubernetes.as_ref();
    Site {
        namespace: cluster.map_or(usual.namespace, |cluster| cluster.namespace.clone()),
        workload: cluster.map_or(usual.workload, |cluster| cluster.deployment.clone()),
        pgdata: deployment.host.as_ref().map(|host| host.pgdata.clone()),
        keepers: deployment.sources.iter().filter_map(keeper).collect(),
    }
}

fn keeper(source: &Source) -> Option<Keeper> {
    match source {
        Source::PgBackRest(stanza) => {
            let words = stanza.tool.typed_here().unwrap_or_default();
            let config = words.iter().find_map(|word| word.strip_prefix("--config="));
            Some(Keeper::PgBackRest {
                stanza: stanza.stanza.clone(),
                config: config.map(Into::into),
            })
        }
        Source::WalG(walg) => Some(Keeper::WalG {
            source: walg.name.clone(),
        }),
        Source::Dumps(dumps) => Some(Keeper::Dumps {
            source: dumps.place.name().into(),
            location: dumps.place.whereabouts(),
        }),
        Source::Rds(rds) => Some(Keeper::Rds {
            instance: rds.instance.clone(),
        }),
        Source::Unusable { .. } => None,
    }
}
