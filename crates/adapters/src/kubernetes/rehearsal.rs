//! A namespace of one drill: made and cut off before anything is in it, handed what the drill has for it, and deleted again, with everything,
//! by whoever comes to it. It carries Muster's label and the drill's id; nothing without them is ever deleted.
//!
//! Rights that are needed, in the whole cluster since the namespace is made anew each time: `create`, `get`, `list` and `delete` on
//! namespaces; `create` on networkpolicies, secrets and each kind of the overlay; `get` on its workloads. Never run against a real cluster.

mod objects;

use std::net::SocketAddr;
use std::time::Duration;

use domain::ids::DrillId;
use http::Request;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Preconditions};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;
use zeroize::Zeroizing;

use super::overlay::Overlay;
use super::secret::writing;
use super::{Cluster, KubernetesError, KubernetesSettings, server};

/// The Secret with what a drill hands over. Overlays name it.
pub const SECRET: &str = "muster-drill";
/// Whose namespaces these are.
const MANAGED: (&str, &str) = ("app.kubernetes.io/managed-by", "muster-drill");
/// Which drill's.
const DRILL: &str = "muster/drill";
const LOOK: Duration = Duration::from_millis(500);
/// Until everything in a deleted namespace has ended.
const END: Duration = Duration::from_mins(3);

/// Who may talk to what runs there, and whom it may talk to. Everything else is closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Openings {
    /// Where Muster's own connections come from, as the cluster sees them: a network in CIDR form.
    pub from: String,
    /// The restored copy.
    pub database: SocketAddr,
}

/// The namespace of one drill.
#[derive(Clone)]
pub struct Rehearsal {
    cluster: Cluster,
    drill: DrillId,
    namespace: String,
}

/// A namespace that a drill left, or still has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leftover {
    pub namespace: String,
    pub drill: DrillId,
}

impl Leftover {
    /// What its name begins with, if Muster named it.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.namespace.strip_suffix(&short(self.drill))?.strip_suffix('-')
    }
}

impl Rehearsal {
    /// The namespace of this drill: `base` and the beginning of its id. Asks the cluster nothing yet.
    ///
    /// # Errors
    /// If the cluster's configuration can't be used.
    pub async fn of(settings: &KubernetesSettings, base: &str, drill: DrillId) -> Result<Self, KubernetesError> {
        Ok(Self {
            cluster: Cluster::connect(settings).await?,
            drill,
            namespace: format!("{base}-{}", short(drill)),
        })
    }

    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Makes it, with nothing open but these, before anything is in it.
    ///
    /// # Errors
    /// If it is there already, or the cluster refuses: then there may be an empty namespace, which [`Self::remove`] removes.
    pub async fn make(&self, openings: &Openings) -> Result<(), KubernetesError> {
        let namespace = objects::namespace(&self.namespace, self.drill);
        self.create("/api/v1/namespaces", &namespace).await?;
        let policy = objects::policy(&self.namespace, openings);
        let path = format!(
            "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
            self.namespace
        );
        self.create(&path, &policy).await
    }

    /// Puts what the drill hands over into the Secret [`SECRET`].
    ///
    /// # Errors
    /// If the cluster refuses.
    pub async fn hand_over(&self, values: &[(&str, Zeroizing<Vec<u8>>)]) -> Result<(), KubernetesError> {
        let secret = objects::secret(&self.namespace, values);
        let path = format!("/api/v1/namespaces/{}/secrets", self.namespace);
        self.create(&path, &secret).await
    }

    /// Applies every object of the overlay.
    ///
    /// # Errors
    /// With the first that the cluster refuses.
    pub async fn apply(&self, overlay: &Overlay) -> Result<(), KubernetesError> {
        for (path, object) in overlay.placed(&self.namespace) {
            self.create(&path, &object).await?;
        }
        Ok(())
    }

    /// What of the overlay isn't ready yet, in words.
    ///
    /// # Errors
    /// If the cluster doesn't say.
    pub async fn unready(&self, overlay: &Overlay) -> Result<Vec<String>, KubernetesError> {
        let mut waiting = Vec::new();
        for (path, object) in overlay.placed(&self.namespace) {
            let (Some(kind), Some(name)) = (object["kind"].as_str(), object["metadata"]["name"].as_str()) else {
                continue;
            };
            if !matches!(kind, "Deployment" | "StatefulSet" | "Pod") {
                continue;
            }
            let what = format!("{kind} {}/{name}", self.namespace);
            let request = Request::get(format!("{path}/{name}")).body(Vec::new());
            let found: Value = self.send(&what, request).await?;
            waiting.extend(objects::lacks(&found).map(|why| format!("{kind} {name}: {why}")));
        }
        Ok(waiting)
    }

    /// Deletes the namespace and waits until it is gone. `false`: there is none of this drill.
    ///
    /// # Errors
    /// If it isn't this drill's by its labels, if the cluster refuses, or if it isn't gone within three minutes.
    pub async fn remove(&self) -> Result<bool, KubernetesError> {
        let api: Api<Namespace> = Api::all(self.cluster.client.clone());
        let what = format!("the namespace {}", self.namespace);
        let found = match self.cluster.ask(&what, api.get(&self.namespace)).await {
            Err(KubernetesError::Missing(_)) => return Ok(false),
            found => found?,
        };
        if drill_of(&found) != Some(self.drill) {
            return Err(KubernetesError::NotOurs(self.namespace.clone()));
        }
        let this_one = DeleteParams::default().preconditions(Preconditions {
            uid: found.metadata.uid.clone(),
            resource_version: None,
        });
        match self.cluster.ask(&what, api.delete(&self.namespace, &this_one)).await {
            Ok(_) | Err(KubernetesError::Missing(_)) => {}
            // It is being deleted already.
            Err(KubernetesError::Refused { code: 409, .. }) if found.metadata.deletion_timestamp.is_some() => {}
            Err(error) => return Err(error),
        }
        let deadline = Instant::now() + END;
        loop {
            match self.cluster.ask(&what, api.get_metadata(&self.namespace)).await {
                Err(KubernetesError::Missing(_)) => return Ok(true),
                Ok(_) if Instant::now() < deadline => sleep(LOOK).await,
                Ok(_) => return Err(KubernetesError::Lingers(self.namespace.clone())),
                Err(error) => return Err(error),
            }
        }
    }

    async fn create(&self, path: &str, object: &Value) -> Result<(), KubernetesError> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let what = format!("{} {name}", object["kind"].as_str().unwrap_or("the object"));
        // The body of a Secret is wiped neither here nor in the client, as its own documentation says of every request.
        let body = serde_json::to_vec(object).unwrap_or_default();
        let request = Request::post(format!(
            "{path}?fieldManager={}",
            writing().field_manager.unwrap_or_default()
        ))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body);
        self.send::<Value>(&what, request).await.map(drop)
    }

    async fn send<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        request: Result<Request<Vec<u8>>, http::Error>,
    ) -> Result<T, KubernetesError> {
        let request = request.map_err(|error| KubernetesError::Unreadable {
            what: what.into(),
            reason: error.to_string(),
        })?;
        let asked = self.cluster.ask(what, self.cluster.client.request(request));
        // The client would log an answer that it can't parse.
        asked.with_subscriber(NoSubscriber::default()).await
    }
}

/// The namespaces of drills in this cluster, whoever's they are.
///
/// # Errors
/// If the cluster doesn't say.
pub async fn leftovers(settings: &KubernetesSettings) -> Result<Vec<Leftover>, KubernetesError> {
    let cluster = Cluster::connect(settings).await?;
    let api: Api<Namespace> = Api::all(cluster.client.clone());
    let ours = ListParams::default().labels(&format!("{}={}", MANAGED.0, MANAGED.1));
    let found = cluster.ask("the namespaces of drills", api.list(&ours)).await?;
    let left = found.items.into_iter().filter_map(|namespace| {
        Some(Leftover {
            drill: drill_of(&namespace)?,
            namespace: namespace.metadata.name?,
        })
    });
    Ok(left.collect())
}

/// Where a cluster answers, as people read it.
#[must_use]
pub fn address(settings: &KubernetesSettings) -> String {
    server(settings).unwrap_or_else(|| "a cluster that no configuration names".into())
}

fn short(drill: DrillId) -> String {
    drill.0.simple().to_string()[..12].to_owned()
}

fn drill_of(namespace: &Namespace) -> Option<DrillId> {
    let labels = namespace.metadata.labels.as_ref()?;
    let ours = labels.get(MANAGED.0).is_some_and(|by| by == MANAGED.1);
    let drill = labels.get(DRILL)?.parse().ok()?;
    ours.then_some(DrillId(drill))
}
